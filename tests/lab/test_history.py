# SPDX-License-Identifier: GPL-3.0-or-later
"""Totals and history against the traffic generator's own ledger: kills, reboots and power cuts at random moments.

WEIR_LAB_KILLS (default 12; the acceptance run: 100), WEIR_LAB_REBOOTS (3; 20) and WEIR_LAB_COPIES (10; 100) say how often;
WEIR_LAB_SEED repeats a run's choices.
"""

import os
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
import unittest

sys.dont_write_bytecode = True
from labkit.ledger import CLIENT_LINK, FLUSH_S, NOTHING, SAMPLE_S, SEED, SERVER_LINK, Measured, remove_watches, start_loads  # noqa: E402
from labkit.storage import (BOOT_ID, DATABASE, Stored, copy_database, helper_process, history_sum, lose_kernel_state, power_cut, problem,
                            put_database)  # noqa: E402
from labkit.trial import add, counted, link, run, set_offloads, settled, status, subtract, until, weirctl  # noqa: E402

KILLS, REBOOTS, COPIES = (int(os.environ.get(f"WEIR_LAB_{name}", count)) for name, count in (("KILLS", 12), ("REBOOTS", 3), ("COPIES", 10)))


class Editor(threading.Thread):
    """Changes watches that overlap the measured ones, without pause: each change reads the kernel and commits."""

    batch = threading.Lock()        # the helper takes one of a user's at a time

    def __init__(self, name, seed, many=1):
        super().__init__(daemon=True)
        self._name, self._random, self._many = name, random.Random(seed), many
        self._ended = threading.Event()
        self.done, self.refused = 0, []
        self.start()

    def run(self):
        with tempfile.NamedTemporaryFile("w", suffix=".watches") as file:
            while not self._ended.is_set():
                names = [f"{self._name} {self._random.randrange(1 << 30)}" for _ in range(self._many)]
                file.seek(0)
                file.truncate()
                for name in names:
                    begin = self._random.randrange(8990, 9006)
                    file.write(f'"{name}" {begin}-{begin + self._random.randrange(20)} both\n')
                file.flush()
                with self.batch:
                    self._change("add", "--from", file.name)
                self._change("edit", names[0], "--note", "changed")
                self._change("remove", *names)

    def _change(self, *words):
        done = weirctl("watch", *words, check=False)
        if done.returncode == 0:
            self.done += 1
        else:
            self.refused.append(done.stderr.strip())

    def end(self):
        self._ended.set()
        self.join()


def wait_for_a_commit():
    """Until the log of the database changes; for no longer than 20 s."""
    log = f"{DATABASE}-wal"
    before, deadline = os.stat(log).st_mtime_ns, time.monotonic() + 20
    while os.stat(log).st_mtime_ns == before and time.monotonic() < deadline:
        pass


class Kills(Measured):
    def setUp(self):
        super().setUp()
        self.begin()

    def tearDown(self):
        run("helper-pid")
        remove_watches()

    def passOn(self, loads, most):
        loads["four"].after(self.chance.randrange(most), lambda: None)

    def killAsItStarts(self, loads, pid):
        self.passOn(loads, 2000)
        os.kill(pid, signal.SIGKILL)

    def killUnderTraffic(self, loads, pid):
        run("helper-pid")
        loads["four"].after(self.chance.randrange(8000), lambda: os.kill(pid, signal.SIGKILL))

    def killAsItWrites(self, loads, pid):
        run("helper-pid")
        self.passOn(loads, 2000)
        wait_for_a_commit()
        os.kill(pid, signal.SIGKILL)

    def test_totals_and_history_are_the_ledgers_after_kills_at_random_moments(self):
        print(f"{KILLS} kills, WEIR_LAB_SEED={SEED}")
        loads, editor = start_loads(self), Editor("passing", SEED)
        self.addCleanup(editor.end)
        how = dict.fromkeys(("killAsItStarts", "killUnderTraffic", "killAsItWrites"), 0)
        pid = int(run("helper-pid").stdout)
        for _ in range(KILLS):
            kill = self.chance.choice(list(how))
            how[kill] += 1
            getattr(self, kill)(loads, pid)
            pid = until(lambda: (now := helper_process()) not in (None, pid) and now, "another helper")
        run("helper-pid")
        self.passOn(loads, 2000)
        editor.end()
        for load in loads.values():
            load.end()
        what = f"killed {KILLS} times {how} in {editor.done} changes that were made and {len(editor.refused)} that were cut off"
        self.assertGreater(editor.done, KILLS, "watches were changed meanwhile")
        self.compare(what, self.expected(loads))
        self.assertWhole(what)
        self.assertStored(what, self.expected(loads))


class Account:
    """What was sent on a port over all boots, and what of it must be known still."""

    def __init__(self):
        self.sent = self.known = NOTHING
        self._loads = []            # of this boot

    def enter(self, load):
        passed = load.end()
        self.sent, self.known = add(self.sent, passed), add(self.known, passed)
        self._loads.append(load)

    def since(self, instant):
        """What was sent after that, in this boot."""
        return tuple(map(sum, zip(*(load.ledger(since=instant) for load in self._loads))))

    def instant(self, packets):
        """When so many packets, the last of this boot, were still to be sent."""
        for load in reversed(self._loads):
            if packets <= load.packets:
                return load.when(load.packets - packets)
            packets -= load.packets
        raise AssertionError(f"{packets} packets more than were sent")

    def reboot(self, stored):
        self.known, self._loads = stored, []


class Reboots(Measured):
    def setUp(self):
        super().setUp()
        self.begin()
        self.accounts = {"four": Account(), "six": Account()}

    def tearDown(self):
        run("helper-start")
        remove_watches()

    def known(self):
        four, six = (self.accounts[name].known for name in ("four", "six"))
        return {"four": four, "six": six, "both": add(four, six)}

    def loseHelper(self, what):
        """At a random moment under traffic; returns what it had stored."""
        loads = start_loads(self)
        loads["four"].after(1000, lambda: None)
        loads["four"].after(int(self.chance.uniform(0, 1.6 * FLUSH_S) * loads["four"].rate()), lambda: None)
        killed = time.monotonic()
        run("helper-kill")
        stored = Stored(copy_database(self.scratch / what))
        self.assertEqual(stored.integrity, ["ok"])
        self.assertEqual(stored.disagreements(), {}, "what was stored: history and totals")
        for name, account in self.accounts.items():
            account.enter(loads[name])
            lost, bound = subtract(account.known, stored.total(f"watch:{name}")), account.since(killed - FLUSH_S - SAMPLE_S)
            age = killed - account.instant(lost[2])
            print(f"  {what}: {name}: {lost[0]} bytes lost, what was sent from {age:.2f} s before on; {bound[0]} were since {FLUSH_S + SAMPLE_S} s before")
            self.assertTrue(all(0 <= part <= most for part, most in zip(lost, bound)), f"lost {lost}, of {bound} that may be")
            self.oldest = max(self.oldest, age)
            account.reboot(stored.total(f"watch:{name}"))
        return stored

    def test_a_reboot_loses_at_most_one_flush_interval_and_doubles_nothing(self):
        print(f"{REBOOTS} reboots, WEIR_LAB_SEED={SEED}")
        self.oldest = 0
        for number in range(1, REBOOTS + 1):
            boot = status()["boot_id"]
            stored = self.loseHelper(f"reboot {number}")
            lose_kernel_state()
            for host, name in (("server", SERVER_LINK), ("client", CLIENT_LINK)):
                set_offloads(host, name, tso="off", gso="off", gro="off")
            run("helper-start")
            self.assertEqual(status()["boot_id"], BOOT_ID.read_text().strip())
            self.assertNotEqual(status()["boot_id"], boot)
            loads = start_loads(self)
            loads["four"].after(self.chance.randrange(1000, 3000), lambda: None)
            for name, load in loads.items():
                self.accounts[name].enter(load)
            kernel, (total, history) = settled(lambda: (counted(link(SERVER_LINK)), history_sum(f"link:{SERVER_LINK}", self.since)))
            self.compareWatches(f"after reboot {number}", self.known())
            # The new link's own counters began at zero, before there was a helper.
            self.assertEqual(total, add(stored.total(f"link:{SERVER_LINK}"), kernel), "the link: what was stored and what passed since")
            self.assertEqual(subtract(history, self.linkHistory), subtract(total, self.link), "the link's history and its total")
            for account in self.accounts.values():
                self.assertTrue(all(known <= sent for known, sent in zip(account.known, account.sent)), "never a byte doubled")
        what = f"{REBOOTS} reboots, what was lost was at most {self.oldest:.2f} s old"
        print(f"{what}: {[(name, account.known[0], account.sent[0]) for name, account in self.accounts.items()]} bytes known and sent")
        self.assertWhole(what)
        self.assertStored(what, self.known())


class PowerCuts(Measured):
    def setUp(self):
        super().setUp()
        self.begin()
        run("helper-restart")       # what there is so far is on the disk

    def tearDown(self):
        run("helper-start")
        remove_watches()

    def cutWhileWriting(self, loads, number):
        """At a random moment, or in the midst of a commit."""
        pid = helper_process()
        loads["four"].after(int(self.chance.uniform(0.5, 1.5) * loads["four"].rate()) + 1, lambda: None)
        if number % 2:
            wait_for_a_commit()
        return power_cut(pid, self.scratch / f"copy {number}", self.chance)

    def test_a_copy_of_any_moment_of_heavy_writing_opens_is_consistent_and_is_taken_by_a_helper(self):
        print(f"{COPIES} power cuts, WEIR_LAB_SEED={SEED}")
        loads = start_loads(self)
        editors = [Editor("one", SEED), Editor("many", SEED + 1, many=80), Editor("more", SEED + 2, many=20)]
        for editor in editors:
            self.addCleanup(editor.end)
        loads["four"].after(1000, lambda: None)
        copies = [self.cutWhileWriting(loads, number) for number in range(COPIES)]
        for editor in editors:
            editor.end()
        for load in loads.values():
            load.end()
        self.assertEqual([editor.refused for editor in editors], [[], [], []], "changes that failed beside it")
        expected = self.expected(loads)
        self.compare(f"the helper, {sum(editor.done for editor in editors)} changes beside it", expected)
        run("helper-kill")
        most = NOTHING
        for number, (copy, how) in enumerate(copies):
            taken = self.scratch / "taken"
            shutil.copytree(copy.parent, taken)
            stored = Stored(taken / copy.name)
            shutil.rmtree(taken)
            self.assertEqual(stored.integrity, ["ok"], how)
            self.assertEqual(stored.disagreements(), {}, f"{how}: history and totals, of {len(stored.series)} series")
            both = stored.total("watch:both")
            self.assertTrue(all(0 <= seen <= sent for seen, sent in zip(both, expected["both"])), how)
            self.assertEqual(both, add(stored.total("watch:four"), stored.total("watch:six")), f"{how}: stored together")
            most = max(most, both)
            print(f"  copy {number + 1}, {how}: {len(stored.series)} series, {both[2]} of {expected['both'][2]} packets stored, whole")
            put_database(copy)
            run("helper-start")
            self.assertIsNone(problem(DATABASE), how)
            self.assertWhole(how)
            # The kernel has gone on counting: what the copy lacks is made up for.
            compare = self.compare if number % 5 == 0 else self.compareWatches
            compare(f"a helper on copy {number + 1}", expected)
            run("helper-kill")
        self.assertGreater(most, NOTHING, "something was stored")


if __name__ == "__main__":
    unittest.main(verbosity=2)
