# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's commands: small programs on the PATH, and the socket by which some of them reach the lab."""

import shlex
import socket
import threading

from labkit.helper import HelperFailed

# Asks the lab and prints its answer.
ASK = """#!/usr/bin/python3
import socket, sys
lab = socket.socket(socket.AF_UNIX)
lab.connect("{socket}")
lab.sendall("\\0".join(["{verb}", *sys.argv[1:]]).encode())
lab.shutdown(socket.SHUT_WR)
status, _, text = lab.makefile().read().partition("\\n")
print(text, end="\\n" if text else "", file=sys.stderr if int(status) else sys.stdout)
sys.exit(int(status))
"""
ENTER_HOST = """#!/bin/sh
exec nsenter --net=/run/netns/{host} -- "$@"
"""
STAY = """#!/bin/sh
exec "$@"
"""
AS_USER = """#!/bin/sh
# as-user NAME COMMAND…
[ $# -ge 2 ] || {{ echo "usage: as-user NAME COMMAND…" >&2; exit 2; }}
user=$1
shift
export USER="$user" LOGNAME="$user" HOME="$(getent passwd "$user" | cut -d: -f6)"
exec setpriv --reuid "$user" --regid "$(id -g "$user")" --init-groups --inh-caps=-all -- "$@"
"""
AS_HELPER = """#!/bin/sh
# as-helper COMMAND…: on the server, with the user and the capabilities of the helper, and no more
exec {words} -- "$@"
"""
IN_SERVICE = """#!/bin/sh
# in-service UNIT COMMAND…: in the cgroup that a service manager would give the unit
[ $# -ge 2 ] || {{ echo "usage: in-service UNIT COMMAND…" >&2; exit 2; }}
[ -n "{cgroup}" ] || {{ echo "in-service: this machine has no cgroup v2 that can be written" >&2; exit 1; }}
unit={cgroup}/system.slice/$1
shift
mkdir -p "$unit" && echo $$ >"$unit/cgroup.procs" || exit 1
exec "$@"
"""
PROGRAM = """#!/bin/sh
exec "{program}" "$@"
"""
SHOW_LOG = """#!/bin/sh
exec cat "{log}"
"""


def write_commands(directory, build, control, log, hosts, as_helper, cgroup):
    directory.mkdir()
    scripts = {
        "on-server": ENTER_HOST.format(host="server") if hosts else STAY,
        "on-client": ENTER_HOST.format(host="client") if hosts else STAY,
        "as-user": AS_USER.format(),
        "as-helper": AS_HELPER.format(words=shlex.join(as_helper)),
        "in-service": IN_SERVICE.format(cgroup=cgroup or ""),
        "weir-helper": PROGRAM.format(program=build / "helper/weir-helper"),
        "weirctl": PROGRAM.format(program=build / "app/cli/weirctl"),
        "weir": PROGRAM.format(program=build / "app/gui/weir"),
        "helper-log": SHOW_LOG.format(log=log),
    }
    for verb in Control.VERBS:
        scripts[f"helper-{verb}"] = ASK.format(socket=control, verb=verb)
    for name, text in scripts.items():
        (directory / name).write_text(text)
        (directory / name).chmod(0o755)


class Control:
    """Answers helper-pid and its like: an exit status, a line end, what to print."""

    VERBS = ("pid", "restart", "stop", "start", "kill", "use")

    def __init__(self, path, helper):
        self._helper = helper
        self._one_at_a_time = threading.Lock()
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(str(path))
        path.chmod(0o666)
        self._socket.listen(64)
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            caller, _ = self._socket.accept()
            threading.Thread(target=self._answer, args=(caller,), daemon=True).start()

    def _answer(self, caller):
        with caller:
            verb, *words = caller.makefile().read().split("\0")
            try:
                text, status = getattr(self, verb)(*words), 0
            except (HelperFailed, TypeError) as error:
                text, status = f"helper-{verb}: {error}", 1
            caller.sendall(f"{status}\n{'' if text is None else text}".encode())

    def pid(self):
        return self._helper.wait_until_ready()

    def restart(self):
        with self._one_at_a_time:
            self._helper.stop()
            return self._helper.start()

    def stop(self):
        """Prints the exit status."""
        with self._one_at_a_time:
            return self._helper.stop()

    def kill(self):
        """Unlike a plain kill -9: no other one is started."""
        with self._one_at_a_time:
            self._helper.kill()

    def start(self):
        with self._one_at_a_time:
            return self._helper.start()

    def use(self, binary=None):
        self._helper.binary = binary or self._helper.default_binary
