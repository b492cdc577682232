# SPDX-License-Identifier: GPL-3.0-or-later
"""Burst guards on the wire: what is in force at each stage is what ought to be, whatever happens to the helper, and nothing stays behind.

WEIR_LAB_KILLS sets how often the helper is killed under a quota and a guard (default 5); the acceptance run uses 20.
"""

import os
import random
import signal
import socket
import sys
import time
import unittest

sys.dont_write_bytecode = True
from labkit.limits import Account, Stream, merge_nothing  # noqa: E402
from labkit.storage import lose_kernel_state  # noqa: E402
from labkit.trial import rows, run, until, wait_for_sample, weirctl  # noqa: E402

SERVER4, INTERNET4 = os.environ["SERVER4"], os.environ["INTERNET4"]
KILLS = int(os.environ.get("WEIR_LAB_KILLS", 6))
SEED = int(os.environ.get("WEIR_LAB_SEED", random.randrange(1 << 32)))
PORT, MBIT = 9000, 1_000_000
WINDOW, HOLD = 5, 8
OWN, TRIGGER, THROTTLE = 40 * MBIT, 20 * MBIT, 4 * MBIT


def in_force():
    """(bit/s, why) of what is received; nothing without a limit."""
    return next(((row["bits_per_s"], row["reason"]) for row in rows("limits") if row["name"] == "held" and row["direction"] == "down"), None)


def burst():
    return rows("burst", "held")[0]


def kill_helper():
    pid = int(run("helper-pid").stdout)
    os.kill(pid, signal.SIGKILL)
    until(lambda: int(run("helper-pid", check=False).stdout or 0) not in (0, pid), "another helper")


def what_is_in_kernel():
    """Weir's tables, its device and the classes there."""
    def on_server(*words):
        return run("nsenter", "--net=/run/netns/server", "--", *words, check=False).stdout

    tables = [line for line in on_server("nft", "list", "tables").splitlines() if line.endswith(" weir")]
    return tables, "weir0" in on_server("ip", "-o", "link"), on_server("tc", "class", "show", "dev", "weir0").splitlines()


class Guarded(unittest.TestCase):
    longMessage = True

    def setUp(self):
        merge_nothing()
        self.account = Account(PORT)
        self.addCleanup(self.account.close)
        weirctl("watch", "add", "held", "--ports", str(PORT))
        self.addCleanup(weirctl, "watch", "remove", "held")
        self.stream = None

    def send(self, kind=socket.SOCK_STREAM, rate=0):
        self.stream = Stream(kind, SERVER4, PORT, INTERNET4, False)
        self.addCleanup(self.stream.close)
        self.stream.send(Stream.ENDLESS, rate)

    def wire_rate(self, seconds=1.0):
        """bit/s that the server takes."""
        before, began = self.account.read()["taken", PORT], time.monotonic()
        time.sleep(seconds)
        after, ended = self.account.read()["taken", PORT], time.monotonic()
        return (after - before) * 8 / (ended - began)

    def assertInForce(self, what, rate, reason, seconds=0.8):
        """The helper says so, and the wire is no faster; nor is it much slower, so that no lower one is left behind."""
        seen = until(lambda: in_force() == (rate, reason) and (rate, reason) or None, f"{what}: {rate} for {reason}, and not {in_force()}", 5) if rate else in_force()
        self.assertEqual(seen, (rate, reason) if rate else None, what)
        time.sleep(0.3)     # what waits in the class that was
        wire = self.wire_rate(seconds)
        if rate and wire < 0.6 * rate:      # a connection that was young when it was held has yet to find the new rate
            wire = self.wire_rate(seconds)
        print(f"  {what:52} in force {rate / 1e6 if rate else float('nan'):5.1f} Mbit/s ({reason or 'nothing'}), on the wire {wire / 1e6:7.2f}", flush=True)
        if rate:
            self.assertLess(wire, 1.06 * rate, what)
            self.assertGreater(wire, 0.6 * rate, what)
        else:
            self.assertGreater(wire, 60 * MBIT, what)

    def assertNothingLeft(self):
        left = until(lambda: what_is_in_kernel() == ([], False, []) or None, f"nothing stays in the kernel, and not {what_is_in_kernel()}")
        self.assertTrue(left)


class Bursts(Guarded):
    def arm(self, hold=HOLD, throttle=THROTTLE):
        weirctl("burst", "held", "--trigger", f"{TRIGGER}bit", "--direction", "down", "--window", f"{WINDOW}s", "--throttle", f"{throttle}bit", "--hold", f"{hold}s")

    def test_a_burst_is_held_for_the_time_that_was_said_and_then_what_applied_before_applies(self):
        weirctl("limit", "held", "--down", "40mbit")
        self.arm()
        self.send()
        began, last, series = time.monotonic(), None, []
        seen, ends = [], None
        while not ends or time.monotonic() < ends + 2:
            taken, now = self.account.read()["taken", PORT], time.monotonic()
            if last:
                force = in_force()
                series.append((now - began, (taken - last[1]) * 8 / (now - last[0]) / 1e6, force))
                if not seen or seen[-1][1] != force:
                    seen.append((now - began, force))
                    if len(seen) == 3:
                        ends = now
            last = now, taken
            self.assertLess(now - began, 60, f"trigger, hold, restore: {seen}")
            time.sleep(max(0, 0.25 - (time.monotonic() - now)))
        print("seconds: Mbit/s on the wire (in force)")
        for begin in range(0, len(series), 8):
            print("  " + "  ".join(f"{at:5.2f}: {rate:5.1f} ({force[0] / 1e6 if force else 0:.0f})" for at, rate, force in series[begin:begin + 8]))
        print(f"  changes: {[(round(at, 2), force) for at, force in seen]}", flush=True)
        self.assertEqual([force for _, force in seen], [(OWN, "limit"), (THROTTLE, "burst"), (OWN, "limit")])
        held = seen[2][0] - seen[1][0]
        self.assertGreater(held, HOLD - 1.5)
        self.assertLess(held, HOLD + 3)
        inside = [rate for at, rate, _ in series if seen[1][0] + 1 < at < seen[2][0] - 0.5]
        restored = [rate for at, rate, _ in series if at > seen[2][0] + 0.5]
        mean = sum(inside) / len(inside)
        print(f"  held for {held:.2f} s at {mean:.2f} Mbit/s, then {sum(restored) / len(restored):.1f}")
        self.assertLess(mean, 1.03 * THROTTLE / 1e6)
        self.assertGreater(mean, 0.8 * THROTTLE / 1e6)
        self.assertGreater(sum(restored) / len(restored), 0.8 * OWN / 1e6)
        self.stream.close()
        weirctl("burst", "held", "--remove")
        self.assertEqual(in_force(), (OWN, "limit"), "the own limit, exactly")
        weirctl("limit", "held", "--remove")
        self.assertNothingLeft()

    def shake(self, stage, rate, reason):
        """Whatever happens at this stage, the rate in force is the lowest of all that apply, and then the stage's again."""
        lower, higher = rate * 3 // 4, rate * 5 // 4
        self.assertInForce(stage, rate, reason)
        kill_helper()
        self.assertInForce(f"{stage}, killed", rate, reason)
        run("helper-restart")
        self.assertInForce(f"{stage}, restarted", rate, reason)
        weirctl("quota", "held", "--size", "1MB", "--overflow", "throttle", "--throttle", f"{lower}bit")
        self.assertInForce(f"{stage}, a quota's lower throttle", lower, "quota")
        kill_helper()
        self.assertInForce(f"{stage}, a quota's lower throttle, killed", lower, "quota")
        weirctl("quota", "held", "--throttle", f"{higher}bit")
        self.assertInForce(f"{stage}, a quota's higher throttle", rate, reason)
        weirctl("quota", "held", "--remove")
        weirctl("limit", "held", "--down", f"{lower}bit")
        self.assertInForce(f"{stage}, a lower limit of its own", lower, "limit")

    def test_the_rate_in_force_is_the_right_one_at_each_stage(self):
        weirctl("limit", "held", "--down", "10mbit")
        self.arm(hold=120)
        self.send()
        self.shake("armed", 10 * MBIT, "limit")
        weirctl("limit", "held", "--down", "40mbit")
        until(lambda: in_force() == (THROTTLE, "burst"), "the guard throttles", 15)
        since = burst()["throttled_since_s"]
        self.shake("held", THROTTLE, "burst")
        self.assertEqual(burst()["throttled_since_s"], since, "it is the same hold")
        weirctl("limit", "held", "--remove")
        self.assertInForce("held, no limit of its own", THROTTLE, "burst")
        weirctl("limit", "held", "--down", "10mbit")
        self.arm(hold=120, throttle=6 * MBIT)
        self.assertInForce("held, throttled less", 6 * MBIT, "burst")
        self.arm(hold=600)
        self.assertInForce("held, for longer", THROTTLE, "burst")
        weirctl("burst", "held", "--off")
        self.assertInForce("switched off", 10 * MBIT, "limit")
        weirctl("burst", "held", "--on")
        self.assertInForce("switched on", 10 * MBIT, "limit")
        self.trigger()
        self.arm(hold=1)
        self.assertInForce("held, for a shorter time than it was", 10 * MBIT, "limit")
        self.arm(hold=600)
        self.trigger()
        weirctl("burst", "held", "--restore-now")
        self.assertEqual(in_force(), (10 * MBIT, "limit"), "--restore-now is done when it returns")
        self.assertInForce("restored now", 10 * MBIT, "limit")
        self.assertIn("throttles nothing", weirctl("burst", "held", "--restore-now", check=False).stderr)
        kill_helper()
        self.assertInForce("restored, killed", 10 * MBIT, "limit")
        self.trigger()
        weirctl("burst", "held", "--remove")
        self.assertInForce("removed while it held", 10 * MBIT, "limit")
        weirctl("limit", "held", "--remove")
        self.assertInForce("nothing is set", None, None)
        self.assertNothingLeft()

    def trigger(self):
        weirctl("limit", "held", "--down", "40mbit")
        until(lambda: in_force() == (THROTTLE, "burst"), "the guard throttles", 15)
        weirctl("limit", "held", "--down", "10mbit")

    def test_a_hold_outlives_a_reboot(self):
        weirctl("limit", "held", "--down", "40mbit")
        self.arm(hold=120)
        self.send()
        until(lambda: in_force() == (THROTTLE, "burst"), "the guard throttles", 15)
        before = burst()
        self.stream.close()
        run("helper-stop")
        self.assertNothingLeft()
        lose_kernel_state()
        merge_nothing()
        self.account.close()
        self.account = Account(PORT)
        run("helper-start")
        until(lambda: in_force() == (THROTTLE, "burst"), f"the hold goes on, and not {in_force()}")
        after = burst()
        print(f"before the reboot {before}\nafter it {after}")
        self.assertLessEqual(abs(after["throttled_until_s"] - before["throttled_until_s"]), 2)
        self.send()
        self.assertInForce("held, after a reboot", THROTTLE, "burst")
        weirctl("burst", "held", "--restore-now")
        self.assertInForce("restored, after a reboot", OWN, "limit")


class Survival(Guarded):
    def test_no_kill_lets_a_byte_past_a_quota_that_is_used_up_nor_past_a_limit(self):
        chance = random.Random(SEED)
        weirctl("quota", "held", "--size", "4MB", "--overflow", "block")
        weirctl("watch", "add", "guarded", "--ports", "9100")
        self.addCleanup(weirctl, "watch", "remove", "guarded")
        weirctl("limit", "guarded", "--down", "20mbit")
        weirctl("burst", "guarded", "--trigger", "12mbit", "--direction", "down", "--window", "5s", "--throttle", "4mbit", "--hold", "10min")
        self.account.close()
        self.account = Account(PORT, 9100)
        self.send(socket.SOCK_DGRAM, 20_000_000)
        guarded = Stream(socket.SOCK_DGRAM, SERVER4, 9100, INTERNET4, False)
        self.addCleanup(guarded.close)
        guarded.send(Stream.ENDLESS, 10_000_000)
        until(lambda: rows("quota", "held")[0]["state"] == "blocked", "the quota is used up")
        until(lambda: next((row["reason"] for row in rows("limits") if row["name"] == "guarded"), "") == "burst", "the guard throttles")
        time.sleep(0.5)
        first, began = self.account.read(), time.monotonic()
        for number in range(KILLS):
            time.sleep(chance.uniform(0, 1.5))
            if number % 2:
                os.kill(int(run("helper-pid").stdout), signal.SIGKILL)      # perhaps one that only begins
                time.sleep(chance.uniform(0, 0.2))
            kill_helper()
        wait_for_sample()
        last, seconds = self.account.read(), time.monotonic() - began
        arrived, taken = (last[what, PORT] - first[what, PORT] for what in ("arrived", "taken"))
        rate = (last["taken", 9100] - first["taken", 9100]) * 8 / seconds
        print(f"WEIR_LAB_SEED={SEED}: {KILLS} kills in {seconds:.1f} s: of the quota's {last['taken', PORT]:,} of 4,000,000 bytes passed, {arrived:,} arrived since "
              f"and {taken:,} of them passed; the guarded watch moved {rate / 1e6:.2f} of 4 Mbit/s")
        self.assertGreater(arrived, 10_000_000)
        self.assertEqual(taken, 0)
        self.assertLessEqual(last["taken", PORT], 4_000_000 + 64 * 1024)
        self.assertLess(rate, 1.02 * 4 * MBIT)
        self.assertGreater(rate, 0.9 * 4 * MBIT)
        self.assertEqual(rows("quota", "held")[0]["state"], "blocked")


if __name__ == "__main__":
    unittest.main(verbosity=2)
