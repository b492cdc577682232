# SPDX-License-Identifier: GPL-3.0-or-later
"""Mounts and processes of a lab's own, so that nothing stays of it, even after SIGKILL."""

import ctypes
import os
import signal
import sys

CLONE_NEWNS = 0x00020000
CLONE_NEWPID = 0x20000000
MS_REC, MS_PRIVATE = 0x4000, 1 << 18
PR_SET_PDEATHSIG = 1

libc = ctypes.CDLL(None, use_errno=True)


def _check(result, what):
    if result != 0:
        raise OSError(ctypes.get_errno(), f"{what}: {os.strerror(ctypes.get_errno())}")


def die_with_parent():
    _check(libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0), "prctl")


def _forward_and_wait(child, reap_orphans=False):
    """Hands signals on to the child, waits for it and returns its exit status as a shell would give it."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, _: os.kill(child, received))
    signal.signal(signal.SIGINT, signal.SIG_IGN)    # the terminal sends it to the child, too
    while True:
        ended, status = os.waitpid(-1 if reap_orphans else child, 0)
        if ended == child:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else 128 - code


def _child(work):
    status = 125
    try:
        status = work()
    except KeyboardInterrupt:
        status = 130
    except OSError as error:
        print(f"lab: {error}", file=sys.stderr)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _init(work):
    """Process 1 of the lab: reaps orphans; when it ends the kernel ends everything else."""
    die_with_parent()
    _check(libc.mount(b"proc", b"/proc", b"proc", 0, None), "mount /proc")
    worker = os.fork()
    if worker == 0:
        _child(work)
    return _forward_and_wait(worker, reap_orphans=True)


def run_isolated(work, processes):
    """Runs `work` with private mounts and, if asked, private processes; returns its exit status."""
    _check(libc.unshare(CLONE_NEWNS | (CLONE_NEWPID if processes else 0)), "unshare")
    _check(libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None), "make mounts private")
    child = os.fork()
    if child == 0:
        if processes:
            _child(lambda: _init(work))
        die_with_parent()
        _child(work)
    return _forward_and_wait(child)
