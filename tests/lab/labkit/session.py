# SPDX-License-Identifier: GPL-3.0-or-later
"""One lab from start to end."""

import os
import pathlib
import pwd
import shlex
import signal
import subprocess
import sys
import tempfile

from labkit import bus, cgroups, network
from labkit.control import Control, write_commands
from labkit.helper import AS_UNIT, Helper, HelperFailed

LOG_LINES = 60          # of the helper's log, shown when something failed


class LabFailed(Exception):
    pass


class Session:
    def __init__(self, source, arguments):
        self._source = source
        self._arguments = arguments
        self._hosts = not arguments.host_network
        self._helper = None
        self._command = None
        self._ended = None

    def run(self):
        """Builds the lab, runs the command, takes all apart; returns the command's exit status."""
        signal.signal(signal.SIGTERM, self._end)
        signal.signal(signal.SIGHUP, self._end)
        outside = pathlib.Path(tempfile.mkdtemp(prefix="weir-lab."))
        try:
            # What is in memory alone cannot stay behind.
            network.run("mount", "-t", "tmpfs", "-o", "mode=755", "weir-lab", str(outside))
            self._lab = outside
            self._log = open(self._lab / "helper.log", "w", buffering=1)
            self._other_log = open(self._lab / "bus.log", "w", buffering=1)
            self._cgroup = cgroups.Cgroup(outside.name)
            try:
                self._build()
            except (HelperFailed, OSError, RuntimeError, subprocess.CalledProcessError) as error:
                self._show_logs()
                raise LabFailed(error) from error
            return self._run_command()
        finally:
            self._end_processes()
            if hasattr(self, "_cgroup"):
                self._cgroup.remove()
            subprocess.run(["umount", "--lazy", str(outside)])
            outside.rmdir()

    def _end(self, number, _):
        """Asked to end: so is the command, and what follows is the ordinary way out."""
        self._ended = 128 + number
        if self._command:
            self._command.send_signal(number)
        else:
            raise KeyboardInterrupt

    def _build(self):
        arguments, lab = self._arguments, self._lab
        bus.make_users(lab, arguments.person)
        if self._hosts:
            network.build_hosts(lab)
        weir = pwd.getpwnam("weir")
        network.mount_bpffs(weir.pw_uid, weir.pw_gid)
        build = self._bind(arguments.build, "build")    # so that the helper's user can reach it wherever it is
        state = self._bind(arguments.state_dir, "state") if arguments.state_dir else lab / "state"
        pins = self._bind(pathlib.Path("/sys/fs/bpf/weir"), "bpf")    # where the helper's user can walk to, as in the unit
        state.mkdir(exist_ok=True, mode=0o700)
        os.chown(state, weir.pw_uid, weir.pw_gid)

        bin_directory, control, log = lab / "bin", lab / "control", lab / "helper.log"
        path = f"{bin_directory}:{os.environ.get('PATH', '')}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        plain = {"PATH": path, "LANG": "C.UTF-8", **{key: value for key, value in os.environ.items()
                                                      if key.endswith("SAN_OPTIONS") or key.startswith("QT_LOGGING")}}
        self._bus, address = bus.start_bus(lab, self._source, self._other_log)
        plain["DBUS_SYSTEM_BUS_ADDRESS"] = address
        self._polkitd = bus.start_polkitd(lab, self._source, arguments.person, self._other_log, plain)

        self._environment = {**os.environ, **(network.variables() if self._hosts else {}), "PATH": path,
                             "DBUS_SYSTEM_BUS_ADDRESS": address, "WEIR_STATE_DIR": str(state), "WEIR_BPF_DIR": str(pins), "WEIR_BUILD": str(build),
                             "WEIR_LAB": str(lab), "WEIR_SOURCE": str(self._source), "WEIR_LAB_CGROUP": str(self._cgroup.path or "")}
        binary = self._bind(arguments.helper.resolve(), "helper") if arguments.helper else build / "helper/weir-helper"
        options = ["--state-dir", str(state), "--bpf-dir", str(pins)]
        if self._hosts:     # with the host's own network its own services are meant
            options += ["--cgroup", str(self._cgroup.path or "none")]
        if arguments.attach:
            options += ["--attach", arguments.attach]
        options += shlex.split(arguments.helper_args)
        self._enter = ["nsenter", "--net=/run/netns/server", "--"] if self._hosts else []
        self._helper = Helper(str(binary), options, self._enter, self._log, plain)
        write_commands(bin_directory, build, control, log, self._hosts, [*self._enter, *AS_UNIT], self._cgroup.path)
        self._control = Control(control, self._helper)
        if not arguments.no_helper:
            if not binary.exists():
                raise FileNotFoundError(f"no helper in {arguments.build}; ./dev build makes it")
            self._helper.start()

    def _bind(self, source, name):
        target = self._lab / name
        target.touch() if source.is_file() else target.mkdir()
        network.run("mount", "--bind", str(source), str(target))
        return target

    def _run_command(self):
        try:
            self._command = subprocess.Popen([*self._enter, *self._arguments.command], env=self._environment)
        except OSError as error:
            raise LabFailed(f"{self._arguments.command[0]}: {error.strerror}") from error
        signal.signal(signal.SIGINT, signal.SIG_IGN)    # from the terminal it is the command's to handle
        status = self._command.wait()
        status = status if status >= 0 else 128 - status
        return self._ended or self._verdict(status)

    def _verdict(self, status):
        """The command's status, unless the helper behaved badly."""
        complaints = [f"the helper ended by itself with status {crash}" for crash in self._helper.crashes]
        try:
            ended = self._helper.stop()
            if ended not in (None, 0):
                complaints.append(f"the helper ended with status {ended} when stopped")
        except HelperFailed as error:
            complaints.append(str(error))
        if status != 0 or complaints:
            self._show_logs()
        for complaint in complaints:
            print(f"lab: {complaint}", file=sys.stderr)
        return status or (1 if complaints else 0)

    def _show_logs(self):
        for name in ("bus.log", "helper.log"):
            lines = (self._lab / name).read_text(errors="replace").splitlines()
            for line in lines[-LOG_LINES:]:
                print(f"lab: {name}: {line}", file=sys.stderr)

    def _end_processes(self):
        """Everything in this lab's mount namespace but this process and its parents."""
        ours = os.readlink("/proc/self/ns/mnt")
        spared = {1, os.getpid(), os.getppid()}
        if self._helper:
            try:
                self._helper.stop(seconds=5)
            except HelperFailed as error:
                print(f"lab: {error}", file=sys.stderr)
        for entry in pathlib.Path("/proc").iterdir():
            if not entry.name.isdigit() or int(entry.name) in spared:
                continue
            try:
                if os.readlink(entry / "ns/mnt") == ours:
                    os.kill(int(entry.name), signal.SIGKILL)
            except OSError:
                continue            # it ended meanwhile
