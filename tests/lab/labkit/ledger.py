# SPDX-License-Identifier: GPL-3.0-or-later
"""Traffic with a ledger of its own, and what Weir makes of it: totals, history, and what it stored of both."""

import bisect
import pathlib
import random
import shutil
import socket
import tempfile
import threading
import time
import unittest

from labkit.storage import Stored, copy_database, history_sum
from labkit.trial import (Conversation, add, counted, environment, frame_size, link, rows, run, set_offloads, settled, subtract, until, weirctl)

SERVER4, SERVER6, CLIENT4, CLIENT6 = (environment[name] for name in ("SERVER4", "SERVER6", "CLIENT4", "CLIENT6"))
SERVER_LINK, CLIENT_LINK = environment["SERVER_LINK"], environment["CLIENT_LINK"]
SEED = int(environment.get("WEIR_LAB_SEED", random.randrange(1 << 32)))
FLUSH_S, SAMPLE_S = 5, 1
PAYLOAD, BATCH = 1000, 16
NOTHING = (0, 0, 0, 0)
ANYTHING_ELSE = 200 * 1500      # bytes of neighbour discovery and the like, at most


class Load(threading.Thread):
    """Datagrams of known size each way, without pause, and the ledger of them."""

    def __init__(self, port, server, client):
        super().__init__(daemon=True)
        self.conversation = Conversation(socket.SOCK_DGRAM, server, port, client)
        self._frame = frame_size(self.conversation.family, PAYLOAD)
        self._ended = threading.Event()
        self._moment, self._due = 0, None
        self._times, self._counts = [], []
        self.packets = 0
        self.failure = None

    def run(self):
        try:
            while not self._ended.is_set():
                self.conversation.send_datagrams(self.conversation.client_end, self.conversation.server_end, BATCH, PAYLOAD)
                self.conversation.send_datagrams(self.conversation.server_end, self.conversation.client_end, BATCH, PAYLOAD)
                self.packets += BATCH
                self._times.append(time.monotonic())
                self._counts.append(self.packets)
                if self._due and self.packets >= self._moment:
                    self._due, due = None, self._due
                    due()
        except OSError as failure:
            self.failure = failure
        finally:
            self.conversation.close()

    def after(self, packets, act):
        """Calls `act` once so many more packets have passed each way, to the batch; returns when that is done."""
        done = threading.Event()

        def due():
            act()
            done.set()

        self._moment, self._due = self.packets + packets, due
        until(lambda: done.is_set() or self.failure, "more packets", 60)
        if self.failure:
            raise self.failure

    def wait_for_more(self, packets=2000):
        """Until so many more packets have passed each way."""
        self.after(packets, lambda: None)

    def rate(self):
        """Packets per second each way, so far."""
        return self.packets / (time.monotonic() - self._times[0])

    def when(self, packets):
        """The instant of the monotonic clock at which so many had passed each way."""
        return self._times[bisect.bisect_left(self._counts, packets)]

    def ledger(self, since=None):
        """In the order of counted(); of what passed after that instant of the monotonic clock, if one is given."""
        passed = self.packets
        if since is not None:
            before = bisect.bisect_right(self._times, since)
            passed -= self._counts[before - 1] if before else 0
        return passed * self._frame, passed * self._frame, passed, passed

    def end(self):
        self._ended.set()
        self.join()
        if self.failure:
            raise self.failure
        return self.ledger()


def minute_of_now():
    """As --from takes it."""
    return time.strftime("%Y-%m-%d %H:%MZ", time.gmtime())


def beginnings():
    """How many helpers have come up, those among them that took the place of one within its process."""
    return run("helper-log").stdout.count(" is up, pid ")


def remove_watches():
    for row in rows("watches"):
        weirctl("watch", "remove", row["name"])


def start_loads(test):
    loads = {"four": Load(9004, SERVER4, CLIENT4), "six": Load(9006, SERVER6, CLIENT6)}
    for load in loads.values():
        test.addCleanup(load.end)
        load.start()
    return loads


class Measured(unittest.TestCase):
    """A watch of each load, and one of both, which began with nothing."""

    maxDiff = None

    def setUp(self):
        for host, name in (("server", SERVER_LINK), ("client", CLIENT_LINK)):
            set_offloads(host, name, tso="off", gso="off", gro="off")
        self.chance = random.Random(SEED)
        self.scratch = pathlib.Path(tempfile.mkdtemp(prefix="history.", dir=environment["WEIR_LAB"]))
        self.addCleanup(shutil.rmtree, self.scratch)

    def begin(self):
        weirctl("settings", "set", "flush_interval_s", str(FLUSH_S))
        weirctl("watch", "add", "four", "--ports", "9004")
        weirctl("watch", "add", "six", "--ports", "9006")
        weirctl("watch", "add", "both", "--ports", "9000-9010", "--protocol", "udp")
        self.since = minute_of_now()
        self.kernel, (self.link, self.linkHistory) = settled(
            lambda: (counted(link(SERVER_LINK)), history_sum(f"link:{SERVER_LINK}", self.since)))

    @staticmethod
    def expected(loads):
        four, six = loads["four"].ledger(), loads["six"].ledger()
        return {"four": four, "six": six, "both": add(four, six)}

    def compareWatches(self, what, expected):
        """Totals, and history by the minute, of the watches."""
        seen = {row["name"]: counted(row) for row in rows("watches")}
        summed = {name: history_sum(f"watch:{name}", self.since) for name in expected}
        print(f"{what}: (rx bytes, tx bytes, rx packets, tx packets)")
        for name, passed in expected.items():
            print(f"  {name}: total {seen.get(name)}, history {summed[name]} of {passed}")
        self.assertEqual({name: seen.get(name) for name in expected}, expected, f"{what}: totals and ledger")
        self.assertEqual(summed, expected, f"{what}: history and ledger")

    def compare(self, what, expected):
        """Everything at rest: watches against the ledger, the link against the kernel's own counters."""
        kernel, (total, history) = settled(lambda: (counted(link(SERVER_LINK)), history_sum(f"link:{SERVER_LINK}", self.since)))
        passed = subtract(kernel, self.kernel)
        print(f"  link: total {subtract(total, self.link)}, history {subtract(history, self.linkHistory)} of {passed}")
        self.assertEqual(subtract(total, self.link), passed, f"{what}: the link's total")
        self.assertEqual(subtract(history, self.linkHistory), passed, f"{what}: the link's history")
        others = subtract(passed, expected["both"])
        self.assertTrue(all(0 <= other < ANYTHING_ELSE for other in others), f"only what was sent passed, and {others}")
        self.compareWatches(what, expected)

    def assertWhole(self, what):
        checked = weirctl("check", check=False)
        self.assertEqual((checked.returncode, checked.stdout), (0, "The database is whole.\n"), what)

    def assertStored(self, what, expected):
        """As a helper that ended in order left it."""
        run("helper-stop")
        stored = Stored(copy_database(self.scratch / "stored"))
        run("helper-start")
        self.assertEqual(stored.integrity, ["ok"], what)
        for name, passed in expected.items():
            self.assertEqual(stored.series[f"watch:{name}"], (passed, {tier: passed for tier in ("minute", "quarter", "day")}), f"{what}: {name}")
        self.assertEqual(stored.disagreements(), {}, what)
