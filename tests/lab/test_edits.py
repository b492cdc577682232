# SPDX-License-Identifier: GPL-3.0-or-later
"""A thousand additions, edits and removals of overlapping watches under load: each watch equals its own account.

Datagrams of known size are sent and received on 64 ports without pause. Every datagram is entered for the watches that hold its
port at that moment. The ports that a change adds to a watch or takes from it rest while the change is made; all others, those that
the watch keeps among them, go on.
"""

import os
import random
import socket
import sys
import threading
import time
import unittest

sys.dont_write_bytecode = True
from labkit.trial import Conversation, counted, frame_size, rows, run, wait_for_sample, weirctl  # noqa: E402

SERVER4, SERVER6, CLIENT4, CLIENT6 = (os.environ[name] for name in ("SERVER4", "SERVER6", "CLIENT4", "CLIENT6"))
CHANGES = int(os.environ.get("WEIR_LAB_CHANGES", 1000))
PORTS = range(20000, 20064)
PAYLOAD, BATCH = 200, 8


class Port:
    """One port's conversation and its lock: who holds the lock may send, or change who counts it."""

    def __init__(self, number):
        ends = (SERVER6, CLIENT6) if number % 2 else (SERVER4, CLIENT4)
        self.number = number
        self.lock = threading.Lock()
        self.conversation = Conversation(socket.SOCK_DGRAM, ends[0], number, ends[1])
        self.conversation.server_end.settimeout(10)
        self.frame = frame_size(self.conversation.family, PAYLOAD)
        self.watches = set()

    def exchange(self):
        """A batch each way; the one received is counted when it was read, the one sent when send returned."""
        datagram = bytes(PAYLOAD)
        for _ in range(BATCH):
            self.conversation.client_end.send(datagram)
        for _ in range(BATCH):
            self.conversation.server_end.recv(PAYLOAD)
        for _ in range(BATCH):
            self.conversation.server_end.send(datagram)
        for _ in range(BATCH):
            self.conversation.client_end.recv(PAYLOAD)
        for watch in self.watches:
            watch.enter(self.frame)


class Watch:
    def __init__(self, name, ports):
        self.name, self.ports, self.paused = name, frozenset(ports), False
        self._lock = threading.Lock()
        self.packets = self.bytes = 0

    def enter(self, frame):
        with self._lock:
            self.packets += BATCH
            self.bytes += BATCH * frame

    def expected(self):
        return self.bytes, self.bytes, self.packets, self.packets


def words(ports):
    """A port list with ranges, as people write it."""
    ordered, parts = sorted(ports), []
    for port in ordered:
        if parts and parts[-1][1] == port - 1:
            parts[-1][1] = port
        else:
            parts.append([port, port])
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in parts)


class Editor(threading.Thread):
    """Changes watches of its own, which overlap those of all others."""

    def __init__(self, name, ports, changes, seed):
        super().__init__(daemon=True)
        self._prefix, self._ports, self._changes = name, ports, changes
        self._random = random.Random(seed)
        self.live, self.removed, self.failure = [], [], None
        self.done = dict.fromkeys(("add", "edit", "pause", "resume", "note", "remove"), 0)

    def run(self):
        try:
            for number in range(self._changes):
                self._change(number)
        except Exception as failure:      # shown by the test
            self.failure = failure

    def _choose_ports(self):
        begin = self._random.randrange(len(self._ports))
        chosen = set(list(self._ports.values())[begin:begin + self._random.randrange(1, 24)])
        return chosen | {self._ports[self._random.choice(list(self._ports))]}

    def _change(self, number):
        verb = self._random.choice(("add", "edit", "edit", "edit", "pause", "note", "remove")) if len(self.live) > 4 else "add"
        if verb == "add":
            watch = Watch(f"{self._prefix} {number}", self._choose_ports())
            with Rest(watch.ports):
                weirctl("watch", "add", watch.name, "--ports", words(p.number for p in watch.ports), "--protocol", self._random.choice(("udp", "both")))
                self._enter(watch, watch.ports)
            self.live.append(watch)
        elif verb == "edit":
            watch, ports = self._random.choice(self.live), frozenset(self._choose_ports())
            with Rest(watch.ports ^ ports):
                weirctl("watch", "edit", watch.name, "--ports", words(p.number for p in ports))
                if not watch.paused:
                    self._leave(watch, watch.ports - ports)
                    self._enter(watch, ports - watch.ports)
            watch.ports = ports
        elif verb == "note":
            weirctl("watch", "edit", self._random.choice(self.live).name, "--note", f"change {number}")
        elif verb == "pause":
            watch = self._random.choice(self.live)
            verb = "resume" if watch.paused else "pause"
            with Rest(watch.ports):
                weirctl("watch", verb, watch.name)
                (self._enter if watch.paused else self._leave)(watch, watch.ports)
            watch.paused = not watch.paused
        else:
            # It can be restored for ten minutes, with what passed meanwhile: its account goes on.
            watch = self.live.pop(self._random.randrange(len(self.live)))
            weirctl("watch", "remove", watch.name)
            self.removed.append(watch)
        self.done[verb] += 1

    @staticmethod
    def _enter(watch, ports):
        for port in ports:
            port.watches.add(watch)

    @staticmethod
    def _leave(watch, ports):
        for port in ports:
            port.watches.discard(watch)


class Rest:
    """Lets these ports rest; taken in order, so that two changes cannot wait for each other."""

    def __init__(self, ports):
        self._ports = sorted(ports, key=lambda port: port.number)

    def __enter__(self):
        for port in self._ports:
            port.lock.acquire()

    def __exit__(self, *_):
        for port in self._ports:
            port.lock.release()


class Edits(unittest.TestCase):
    def test_each_watch_equals_its_own_account_after_a_thousand_changes_under_load(self):
        ports = {number: Port(number) for number in PORTS}
        for port in ports.values():
            self.addCleanup(port.conversation.close)
        stop, rounds, failures = threading.Event(), [0], []

        def load():
            try:
                while not stop.is_set():
                    for port in ports.values():
                        if port.lock.acquire(blocking=False):
                            try:
                                port.exchange()
                            finally:
                                port.lock.release()
                            rounds[0] += 1
            except OSError as failure:
                failures.append(failure)

        everything = Watch("everything", ports.values())
        weirctl("watch", "add", everything.name, "--ports", "1-65535")
        for port in everything.ports:
            port.watches.add(everything)
        sender = threading.Thread(target=load, daemon=True)
        editors = [Editor(name, ports, CHANGES // 2, seed) for seed, name in enumerate(("left", "right"))]
        began = time.monotonic()
        sender.start()
        for editor in editors:
            editor.start()
        for editor in editors:
            editor.join()
        stop.set()
        sender.join()
        seconds = time.monotonic() - began
        self.assertEqual(failures, [])
        for editor in editors:
            self.assertIsNone(editor.failure)

        removed = [watch for editor in editors for watch in editor.removed]
        for watch in removed:
            run("gdbus", "call", "--system", "--dest", "org.weir.Weir1", "--object-path", "/org/weir/Weir1",
                "--method", "org.weir.Weir1.Watches.RestoreWatch", watch.name)
        wait_for_sample()
        seen = {row["name"]: counted(row) for row in rows("watches")}
        watches = [everything, *(watch for editor in editors for watch in editor.live), *removed]
        changes = {verb: sum(editor.done[verb] for editor in editors) for verb in editors[0].done}
        print(f"{sum(changes.values())} changes in {seconds:.1f} s ({changes}), {rounds[0] * BATCH * 2 / seconds:.0f} packets/s beside them, "
              f"{len(watches)} watches, {len(removed)} of them removed and restored")
        wrong = {watch.name: (seen.get(watch.name), watch.expected()) for watch in watches if seen.get(watch.name) != watch.expected()}
        self.assertEqual(wrong, {}, "watches that differ from their account: (seen, expected)")
        self.assertGreater(everything.packets, 10_000, "there was load")


if __name__ == "__main__":
    unittest.main(verbosity=2)
