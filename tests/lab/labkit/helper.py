# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts the helper as its unit would, and starts it again when it was killed, as systemd would."""

import re
import signal
import subprocess
import threading
import time

CAPABILITIES = "-all,+net_admin,+bpf"
AS_UNIT = ["setpriv", "--reuid=weir", "--regid=weir", "--init-groups", f"--inh-caps={CAPABILITIES}", f"--ambient-caps={CAPABILITIES}",
           f"--bounding-set={CAPABILITIES}", "--no-new-privs"]
NAME = "org.weir.Weir1"
GIVE_UP_AFTER = 5       # quick deaths in a row


class HelperFailed(Exception):
    pass


class Helper:
    def __init__(self, binary, arguments, enter, log, environment):
        self.binary = self.default_binary = binary
        self._arguments = arguments
        self._enter = enter                     # words before a command that put it on the server
        self._log = log
        self._environment = environment
        self._changed = threading.Condition()
        self._wanted = False
        self._process = None
        self._ready = False
        self._given_up = False
        self.crashes = []                       # how it died when nobody killed it
        self.last_status = None
        threading.Thread(target=self._supervise, daemon=True).start()

    def start(self):
        """Returns when the helper answers on the bus."""
        with self._changed:
            self._wanted, self._given_up = True, False
            self._changed.notify_all()
        return self.wait_until_ready()

    def stop(self, seconds=30):
        """Ends it in order and returns its exit status; None when none ran."""
        with self._changed:
            self._wanted = False
            process = self._process
            if process is None:
                return None
            process.send_signal(signal.SIGTERM)
            if not self._changed.wait_for(lambda: self._process is not process, seconds):
                process.kill()
                self._changed.wait_for(lambda: self._process is not process)
                raise HelperFailed(f"the helper did not end within {seconds} s of SIGTERM")
            return self.last_status

    def kill(self):
        """SIGKILL, and it stays down."""
        with self._changed:
            self._wanted = False
            process = self._process
            if process is not None:
                process.kill()
                self._changed.wait_for(lambda: self._process is not process)

    def wait_until_ready(self, seconds=60):
        """Pid of a helper that answers on the bus."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._ready or self._given_up or not self._wanted, seconds):
                raise HelperFailed(f"the helper does not answer after {seconds} s")
            if not self._ready:
                raise HelperFailed(f"no helper: the last one ended with status {self.last_status}")
            return self._process.pid

    def _supervise(self):
        quick_deaths = 0
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._wanted)
                try:
                    self._process = subprocess.Popen(
                        [*self._enter, *AS_UNIT, "--", self.binary, *self._arguments],
                        stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log, env=self._environment, cwd="/",
                        start_new_session=True)
                except OSError as error:
                    self.last_status, self._wanted = str(error), False
                    self._changed.notify_all()
                    continue
                process = self._process
            began = time.monotonic()
            threading.Thread(target=self._announce, args=(process,), daemon=True).start()
            status = process.wait()
            with self._changed:
                self._process, self._ready, self.last_status = None, False, status
                self._log.write(f"lab: the helper ended with status {status}\n")
                self._log.flush()
                if status == 0:
                    self._wanted = False
                elif self._wanted and status != -signal.SIGKILL:
                    self.crashes.append(status)
                quick_deaths = quick_deaths + 1 if time.monotonic() - began < 2 and status != -signal.SIGKILL else 0
                if quick_deaths >= GIVE_UP_AFTER:
                    self._wanted, self._given_up, quick_deaths = False, True, 0
                self._changed.notify_all()
                if self._wanted and quick_deaths:
                    self._changed.wait(0.2)     # as RestartSec= would

    def _announce(self, process):
        """Marks it ready once this very process owns the name and answers a call."""
        while process.poll() is None:
            self._call("wait", "--timeout", "1", NAME)
            owner = self._call("call", "--dest", "org.freedesktop.DBus", "--object-path", "/org/freedesktop/DBus",
                               "--method", "org.freedesktop.DBus.GetConnectionUnixProcessID", NAME)
            if not owner or int(re.search(r"(\d+),?\)", owner).group(1)) != process.pid:
                continue
            if self._call("call", "--dest", NAME, "--object-path", "/org/weir/Weir1", "--method", f"{NAME}.Manager.GetStatus"):
                with self._changed:
                    if self._process is process:
                        self._ready = True
                        self._changed.notify_all()
                return

    def _call(self, verb, *words):
        done = subprocess.run(["gdbus", verb, "--system", *words], env=self._environment, capture_output=True, text=True)
        return done.stdout if done.returncode == 0 else ""
