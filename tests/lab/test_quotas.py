# SPDX-License-Identifier: GPL-3.0-or-later
"""Quotas on the wire: nothing passes the line but what was promised, with the helper alive and with the helper frozen.

WEIR_LAB_BYTES sets the size of the quotas (default 16 MB); the acceptance run uses 50 MB. WEIR_LAB_CASES=all tries every
combination of billing, overflow, scope, what is watched and whether the helper is frozen; without it each value is tried.
"""

import contextlib
import dataclasses
import itertools
import os
import pathlib
import socket
import sys
import time
import unittest

sys.dont_write_bytecode = True
from labkit.limits import Account, Frozen, Stream, merge_nothing  # noqa: E402
from labkit.trial import rows, run, until, wait_for_sample, watch, weirctl  # noqa: E402

SERVER4, SERVER6, CLIENT4, CLIENT6 = (os.environ[name] for name in ("SERVER4", "SERVER6", "CLIENT4", "CLIENT6"))
INTERNET4, INTERNET6, SERVER_LINK = os.environ["INTERNET4"], os.environ["INTERNET6"], os.environ["SERVER_LINK"]
SIZE = int(os.environ.get("WEIR_LAB_BYTES", 16_000_000))
PORT, FREE_PORT, BYSTANDER = 9000, 9001, 9100
ALIVE_BUDGET, FROZEN_BUDGET = 64 * 1024, 0.01
THROTTLE = 8_000_000        # bit/s
EARLY_FROZEN = 0.08         # of the remainder: what a helper that cannot look again leaves for packets that may be merged
BYSTANDER_RATE = 2_000_000  # bytes/s


@dataclasses.dataclass(frozen=True)
class Case:
    kind: str           # ports, link, service
    billing: str
    overflow: str
    scope: str
    frozen: bool
    family: int = 4
    protocol: str = "tcp"

    @property
    def ways(self):
        """Directions of the bulk, upward or not."""
        return {"in": (False,), "out": (True,)}.get(self.billing, (False, True))

    def __str__(self):
        return (f"{self.kind:7} {self.billing:3} {self.overflow:8} {self.scope:8} {'frozen' if self.frozen else 'alive':6} "
                f"v{self.family} {self.protocol}")


def all_cases():
    ends = itertools.cycle(itertools.product((4, 6), ("tcp", "udp", "tcp")))
    return [Case(*values, *next(ends)) for values in itertools.product(
        ("ports", "link", "service"), ("in", "out", "sum", "max"), ("notify", "throttle", "block"), ("all", "internet"), (False, True))]


# Each value of each, and each overflow with each kind of watch that it acts on, alive and frozen.
CHOSEN = [
    Case("ports", "in", "block", "all", False, 4, "tcp"),
    Case("ports", "out", "block", "internet", True, 6, "udp"),
    Case("ports", "sum", "throttle", "all", True, 6, "tcp"),
    Case("ports", "max", "throttle", "internet", False, 4, "udp"),
    Case("ports", "sum", "notify", "internet", True, 4, "tcp"),
    Case("link", "sum", "block", "internet", True, 4, "tcp"),
    Case("link", "max", "block", "all", False, 6, "udp"),
    Case("link", "in", "throttle", "internet", True, 6, "udp"),
    Case("link", "out", "throttle", "all", False, 4, "tcp"),
    Case("service", "max", "block", "all", True, 6, "tcp"),
    Case("service", "sum", "block", "internet", False, 4, "udp"),
    Case("service", "out", "throttle", "internet", True, 4, "udp"),
    Case("service", "in", "throttle", "all", False, 6, "tcp"),
]


class Trial:
    """One quota from its beginning past its line."""

    def __init__(self, test, case, size):
        self.test, self.case, self.size = test, case, size
        self.account = Account(PORT, FREE_PORT, BYSTANDER)
        test.addCleanup(self.account.close)
        # the watch's other port is used by local traffic alone, and that is free
        self.counts = PORT if case.kind != "link" else "internet" if case.scope == "internet" else "link"
        server, client = {4: (SERVER4, INTERNET4), 6: (SERVER6, INTERNET6)}[case.family]
        kind = socket.SOCK_STREAM if case.protocol == "tcp" else socket.SOCK_DGRAM
        what = {"ports": ("--ports", f"{PORT}-{FREE_PORT}"), "link": ("--link", SERVER_LINK), "service": ("--service", "web.service")}[case.kind]
        unit = "web.service" if case.kind == "service" else None
        # What a service took or sent is counted at its sockets: what was dropped on its way there is not.
        self.seen = "taken" if case.kind == "service" else "arrived"
        # What a service receives is policed: the kernel's bucket holds a second of the rate and one merged packet, and it is full
        # when the line is reached, and once more when the helper takes over.
        self.bucket = (1 if case.frozen else 2) * (THROTTLE / 8 + 68_000) if case.kind == "service" and False in case.ways else 0
        weirctl("watch", "add", "metered", *what)
        test.addCleanup(weirctl, "watch", "remove", "metered")
        weirctl("watch", "add", "bystander", "--ports", str(BYSTANDER))
        test.addCleanup(weirctl, "watch", "remove", "bystander")
        overflow = ("--throttle", f"{THROTTLE // 1000}kbit") if case.overflow == "throttle" else ()
        weirctl("quota", "metered", "--size", f"{size}B", "--billing", case.billing, "--scope", case.scope, "--overflow", case.overflow, *overflow,
                *(("--yes",) if case.overflow == "block" else ()))
        # both ways on ports of their own at the client, so that either may be alone
        self.streams = [self.stream(kind, server, PORT, client, upward, unit) for upward in case.ways[:1]]
        if len(case.ways) == 2:
            other = socket.SOCK_DGRAM if kind == socket.SOCK_STREAM else socket.SOCK_STREAM
            self.streams.append(self.stream(other, server, PORT, client, True, unit))
        local = {4: (SERVER4, CLIENT4), 6: (SERVER6, CLIENT6)}[case.family]
        self.free = self.stream(socket.SOCK_DGRAM, local[0], FREE_PORT, local[1], True, unit) if case.scope == "internet" else None
        # on the quota's own link watch nothing is a bystander but what is local to a quota of the internet
        self.bystander = None
        if case.kind != "link" or case.scope == "internet":
            self.bystander = self.stream(socket.SOCK_DGRAM, local[0], BYSTANDER, local[1], False)

    def stream(self, *arguments):
        made = Stream(*arguments)
        self.test.addCleanup(made.close)
        return made

    def billed(self, passed, arrival="taken"):
        """What the quota counts; by what was `taken`, or all that `arrived`."""
        down, up = passed[arrival, self.counts], passed["left", self.counts]
        return {"in": down, "out": up, "sum": down + up, "max": max(down, up)}[self.case.billing]

    def quota(self):
        return rows("quota", "metered")[0]

    def approach(self):
        """Lets a part of the allowance pass, and the helper see it."""
        for stream in self.streams:
            stream.send(self.size // 3 // len(self.streams))
        for stream in self.streams:
            stream.wait()
        return self.billed(self.compare_used()[0])

    def compare_used(self):
        """(the account, the quota's row) once they say the same."""
        wire = row = None
        for _ in range(20):
            passed = self.at_rest()
            wait_for_sample()
            wire, row = self.billed(passed, self.seen), self.quota()
            if row["used_bytes"] == wire:
                break
        if self.case.kind == "service" and self.case.overflow == "throttle" and True in self.case.ways:
            wire = max(wire, row["used_bytes"])     # it sent also what its throttle dropped then
        seen = watch("metered")
        self.test.assertEqual(row["used_bytes"], wire, f"the helper's account and the wire's; the watch {seen['rx_bytes']} {seen['tx_bytes']} "
                              f"{seen['internet']}, the wire {passed}")
        return passed, row

    def at_rest(self):
        """The account once the quota's own traffic has come to rest."""
        def equal():
            before = self.billed(self.account.read(), self.seen)
            time.sleep(0.2)
            now = self.account.read()
            return self.billed(now, self.seen) == before and now
        return until(equal, "the traffic comes to rest")

    def run(self):
        case, test = self.case, self.test
        for stream in (self.bystander, self.free):
            if stream:
                stream.send(Stream.ENDLESS, BYSTANDER_RATE)
        begun = self.approach()
        remainder = self.size - begun
        with Frozen() if case.frozen else contextlib.nullcontext():
            before, past, after = self.cross()
            passed = self.billed(after)
        # A helper that lives again lets pass what is left.
        stage = {"notify": "over", "throttle": "throttled", "block": "blocked"}[case.overflow]
        until(lambda: self.quota()["state"] == stage, f"{case}: {stage}")
        self.pause()
        rest, row = self.compare_used()
        speed = (self.billed(after) - self.billed(past)) / (after["at"] - past["at"]) * 8
        beside = [self.rate_of(self.bystander, BYSTANDER, *pair) for pair in ((before, past), (past, after))]
        budget = int(FROZEN_BUDGET * remainder) if case.frozen else ALIVE_BUDGET
        dropped = rest["arrived", self.counts] - rest["taken", self.counts]
        print(f"| {case} | {remainder:>11,} | {passed - self.size:>+11,} | {budget:>9,} | {row['used_bytes']:>11,} | {row['dropped_rx_bytes']:>11,} | {dropped:>11,} "
              f"| {speed / 1e6:>7.1f} | {beside[0]:>5.1f} {beside[1]:>5.1f} | {row['state']}", flush=True)
        test.assertEqual(watch("metered")["quota"], {key: value for key, value in row.items() if key != "name"}, "weirctl watches and weirctl quota agree")
        if case.overflow == "notify":
            test.assertGreater(passed, self.size * 1.2, "nothing is held back")
        elif case.overflow == "block":
            test.assertLessEqual(passed, self.size + budget, "past the line")
            if case.frozen:
                test.assertLessEqual(self.billed(rest), self.size + ALIVE_BUDGET, "past the line, once the helper goes on")
            test.assertGreater(self.billed(rest, self.seen), self.size - ALIVE_BUDGET, "as much as was allowed")
            test.assertEqual(speed, 0, "nothing passes any more")
        else:
            test.assertLess(speed, 1.1 * THROTTLE * len(case.ways) + self.bucket * 8 / (after["at"] - past["at"]), "slowed")
            test.assertGreater(speed, 0.5 * THROTTLE, "but not stopped")
            test.assertLessEqual(self.past_line, budget + self.slow_bytes, "past the line, but for what its throttle lets through")
        if self.bystander:
            test.assertEqual(rest["arrived", BYSTANDER] - rest["taken", BYSTANDER], 0, "nothing of the other watch was dropped")
            if case.overflow != "notify":       # else both share the processors, now as before
                test.assertGreater(beside[1], 0.5 * beside[0], "the other watch is as fast as it was")
        if self.free:
            test.assertGreater(after["left", FREE_PORT] - past["left", FREE_PORT], 20_000, "what is local goes on")

    @staticmethod
    def rate_of(stream, port, before, after):
        return (after["taken", port] - before["taken", port]) / (after["at"] - before["at"]) * 8e-6 if stream else 0.0

    def look(self):
        passed = self.account.read()
        passed["at"] = time.monotonic()
        return passed

    def cross(self):
        """Sends without end until the line is crossed and what follows is seen: looks before, behind it, and some time later."""
        before = self.last_below = self.look()
        for stream in self.streams:
            stream.send(Stream.ENDLESS)
        line = self.size - max(ALIVE_BUDGET, (EARLY_FROZEN if self.case.frozen else 0) * (self.size - self.billed(before)))
        until(lambda: self.billed(self.look_below(line), self.seen) > line, f"{self.case}: the line is reached")
        if self.case.overflow == "notify":
            past = self.look()
            until(lambda: self.billed(self.account.read()) > 1.3 * self.size, "traffic goes on")
            return before, past, self.look()
        time.sleep(0.5)
        past = self.look()
        time.sleep(1.5)
        after = self.look()
        if self.case.overflow == "throttle":
            seconds = past["at"] - self.last_below["at"]
            self.past_line = self.billed(past) - self.size
            self.slow_bytes = len(self.case.ways) * THROTTLE / 8 * seconds * 1.05 + self.bucket
        return before, past, after

    def look_below(self, line):
        passed = self.look()
        if self.billed(passed) <= line:
            self.last_below = passed
        return passed

    def pause(self):
        """Ends all that sends, and drops what it has not sent."""
        for stream in (*self.streams, self.bystander, self.free):
            if stream:
                stream.close()


class Lines(unittest.TestCase):
    longMessage = True

    @classmethod
    def setUpClass(cls):
        merge_nothing()

    def test_nothing_passes_the_line_but_what_was_promised(self):
        wanted = os.environ.get("WEIR_LAB_CASES", "")
        cases = CHOSEN if not wanted else [case for case in all_cases() if wanted == "all" or wanted in str(case)]
        print(f"quotas of {SIZE:,} bytes\n| what, billing, overflow, scope, helper, family, protocol | remainder | past line | budget | used "
              "| dropped (Weir) | dropped (wire) | Mbit/s after | beside: before, after | state")
        for case in cases:
            with self.subTest(str(case)):
                try:
                    Trial(self, case, SIZE).run()
                finally:
                    self.doCleanups()


class Flowing(unittest.TestCase):
    """Datagrams that arrive without pause on a watch's port, and are taken or not."""

    longMessage = True

    def setUp(self):
        merge_nothing()
        self.account = Account(PORT, FREE_PORT, 22)
        self.addCleanup(self.account.close)

    def flow(self, kind=socket.SOCK_DGRAM, server=SERVER4, port=PORT, client=INTERNET4, upward=False, size=Stream.ENDLESS):
        stream = Stream(kind, server, port, client, upward)
        self.addCleanup(stream.close)
        stream.send(size, BYSTANDER_RATE)
        return stream

    def taken(self, port=PORT):
        return self.account.read()["taken", port]

    def assertOpens(self, what):
        began, before = time.monotonic(), self.taken()
        until(lambda: self.taken() > before, f"{what}: open", 20)     # a sender that was cut off waits longer each time
        print(f"  {what}: open {time.monotonic() - began:.2f} s after", flush=True)

    def assertClosed(self, what):
        """From now on: a change is in force when the command returns."""
        before = self.taken()
        time.sleep(0.5)
        self.assertEqual(self.taken() - before, 0, f"{what}: closed")
        self.assertEqual(rows("quota", "metered")[0]["state"], "blocked", what)
        print(f"  {what}: closed when the command returned", flush=True)


class Edits(Flowing):
    def setUp(self):
        super().setUp()
        weirctl("watch", "add", "metered", "--ports", str(PORT))
        self.addCleanup(weirctl, "watch", "remove", "metered")

    def test_each_change_of_a_quota_opens_or_closes_it_at_once(self):
        weirctl("quota", "metered", "--size", "1GB", "--billing", "in", "--overflow", "block")
        self.flow()
        until(lambda: rows("quota", "metered")[0]["used_bytes"] > 1_000_000, "some of it is used")
        for what, words, opens in (
                ("more used, as the provider says", ("--used", "2GB"), False), ("that taken back", ("--undo-used",), True),
                ("a smaller size", ("--size", "1MB"), False), ("a larger size", ("--size", "1GB"), True),
                ("a smaller size again", ("--size", "1MB"), False), ("off", ("--off",), True), ("on", ("--on",), False),
                ("a size of hardly more, and all of it used", ("--size", "200MB", "--used", "200MB"), False),
                ("the period begun by hand", ("--restart-period",), True), ("that taken back too", ("--undo-restart",), False),
                ("less used, as the provider says", ("--used", "1MB"), True)):
            weirctl("quota", "metered", *words)
            (self.assertOpens if opens else self.assertClosed)(what)

    def test_a_byte_counts_what_the_factor_says(self):
        weirctl("quota", "metered", "--size", "1GB", "--billing", "in", "--factor", "1.5")
        self.flow(size=2_400_000).wait()
        passed = self.account.settled()["arrived", PORT]
        wait_for_sample()
        self.assertEqual(rows("quota", "metered")[0]["used_bytes"], passed * 3 // 2)


class Months(Flowing):
    """The helper's wall clock is moved, and no other."""

    LIBRARY = next(iter(pathlib.Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")), None)

    def setUp(self):
        super().setUp()
        self.assertTrue(self.LIBRARY, "libfaketime is there; ./dev setup installs it")
        lab = pathlib.Path(os.environ["WEIR_LAB"])
        self.clock, program = lab / "clock", lab / "helper-with-clock"
        self.clock.write_text("+0\n")
        program.write_text(f"#!/bin/sh\nexport LD_PRELOAD={self.LIBRARY} FAKETIME_TIMESTAMP_FILE={self.clock} FAKETIME_NO_CACHE=1 "
                           f"DONT_FAKE_MONOTONIC=1\nexec {os.environ['WEIR_BUILD']}/helper/weir-helper \"$@\"\n")
        program.chmod(0o755)
        run("helper-use", program)
        run("helper-restart")
        self.addCleanup(run, "helper-restart")
        self.addCleanup(run, "helper-use")
        weirctl("watch", "add", "metered", "--ports", str(PORT))
        self.addCleanup(weirctl, "watch", "remove", "metered")

    def move_to(self, days):
        waiting = self.clock.with_suffix(".next")
        waiting.write_text(f"+{days}d\n")
        waiting.rename(self.clock)

    def test_traffic_flows_again_when_the_next_period_begins_and_nobody_acts(self):
        # more than arrives in the second in which the clock is moved: that is of the new period
        weirctl("quota", "metered", "--size", "6MB", "--overflow", "block")
        self.flow()
        until(lambda: rows("quota", "metered")[0]["state"] == "blocked", "blocked")
        self.assertClosed("used up")
        before = rows("quota", "metered")[0]
        self.move_to(32)
        self.assertOpens("a month later")
        after = until(lambda: (lambda row: row["period_start_s"] != before["period_start_s"] and row)(rows("quota", "metered")[0]), "another period")
        print(f"  period from {time.strftime('%F', time.gmtime(before['period_start_s']))}, then from {time.strftime('%F', time.gmtime(after['period_start_s']))}")
        self.assertEqual(after["period_start_s"], before["period_end_s"])
        until(lambda: rows("quota", "metered")[0]["state"] == "blocked", "the new period's allowance is used up too")
        self.assertClosed("used up again")


class Exemptions(Flowing):
    def setUp(self):
        super().setUp()
        weirctl("watch", "add", "uplink", "--link", SERVER_LINK)
        self.addCleanup(weirctl, "watch", "remove", "uplink")

    def test_what_is_exempt_goes_on_when_a_link_is_blocked(self):
        weirctl("quota", "uplink", "--size", "1GB", "--overflow", "block", "--exempt", "local,22")
        shells = [self.flow(socket.SOCK_STREAM, server, 22, client, upward)
                  for server, client, upward in ((SERVER4, INTERNET4, False), (SERVER6, INTERNET6, False), (SERVER4, INTERNET4, True))]
        local = [self.flow(socket.SOCK_STREAM, SERVER4, FREE_PORT, CLIENT4), self.flow(socket.SOCK_DGRAM, SERVER6, FREE_PORT, CLIENT6)]
        cut = [self.flow(), self.flow(socket.SOCK_STREAM), self.flow(socket.SOCK_STREAM, SERVER6, PORT, INTERNET6, True)]
        self.assertEqual((len(shells), len(local), len(cut)), (3, 2, 3))
        until(lambda: self.taken() > 1_000_000, "traffic")
        weirctl("quota", "uplink", "--used", "2GB")
        self.assertEqual(rows("quota", "uplink")[0]["state"], "blocked")
        time.sleep(0.3)     # what was on its way
        before, began = self.account.read(), time.monotonic()
        time.sleep(2)
        after, seconds = self.account.read(), time.monotonic() - began
        moved = {key: after[key] - before[key] for key in after}
        print("  Mbit/s past the line: " + ", ".join(f"{what} {port} {moved[what, port] * 8e-6 / seconds:.2f}" for what in ("taken", "left") for port in (22, FREE_PORT, PORT)))
        self.assertEqual((moved["taken", PORT], moved["left", PORT]), (0, 0), "the rest is cut")
        for way, expected in ((("taken", 22), 2), (("left", 22), 1), (("taken", FREE_PORT), 2)):
            self.assertGreater(moved[way], 0.8 * expected * BYSTANDER_RATE * seconds, f"{way} goes on")

    def test_a_block_that_would_cut_the_session_it_is_typed_in_is_refused_with_the_remedy(self):
        os.environ["SSH_CONNECTION"] = f"{INTERNET4} 5555 {SERVER4} 22"
        self.addCleanup(os.environ.pop, "SSH_CONNECTION")
        refused = weirctl("quota", "uplink", "--size", "1GB", "--overflow", "block", check=False)
        print("  " + refused.stderr.strip().replace("\n", "\n  "))
        self.assertEqual(refused.returncode, 1)
        self.assertIn("--exempt 22", refused.stderr)
        self.assertFalse(rows("quota", "uplink")[0]["set"])
        self.assertNotEqual(weirctl("quota", "uplink", "--size", "1GB", "--overflow", "block", "--exempt", "local", check=False).returncode, 0,
                            "this session is not local")
        weirctl("quota", "uplink", "--size", "1GB", "--overflow", "block", "--exempt", "22")
        weirctl("quota", "uplink", "--remove")
        weirctl("quota", "uplink", "--size", "1GB", "--overflow", "block", "--yes")


if __name__ == "__main__":
    unittest.main(verbosity=2)
