# SPDX-License-Identifier: GPL-3.0-or-later
"""A disk that is full or read-only, a database that is damaged or from the future, and the ways out: counting goes on, nothing is
overwritten, and what passed meanwhile is made up for."""

import contextlib
import os
import pathlib
import shutil
import sqlite3
import sys
import tempfile
import time
import unittest

sys.dont_write_bytecode = True
from labkit.ledger import (CLIENT4, FLUSH_S, NOTHING, SAMPLE_S, SERVER4, SERVER_LINK, Load, Measured, beginnings, minute_of_now, remove_watches,
                           start_loads)  # noqa: E402
from labkit.storage import (DATABASE, STATE, Stored, copy_database, digest, fill_disk, frozen, helper_process, history_sum, mounted,
                            own_block_device, own_disk, problem, put_database)  # noqa: E402
from labkit.trial import counted, link, rows, run, status, subtract, until, wait_for_sample, watch, weirctl  # noqa: E402


class FullAndReadOnly(Measured):
    def edit_until_it_fails(self):
        number = 0
        while (refused := weirctl("watch", "edit", "four", "--note", f"note {number} {'x' * 900}", check=False)).returncode == 0:
            number += 1
            self.assertLess(number, 2000, "the disk is full")
        return refused

    def assertLive(self, load):
        """What passes is shown, stored or not."""
        before = counted(watch("four"))
        load.after(100, lambda: None)
        until(lambda: counted(watch("four"))[2] > before[2], "the watch goes on")
        self.assertGreater(link(SERVER_LINK)["rx_packets"], 0)
        self.assertGreater(history_sum("watch:four", self.since)[2], before[2], "so does its history")

    def test_a_full_disk_is_told_survived_and_made_up_for(self):
        with own_disk(2048):
            self.begin()
            loads = start_loads(self)
            loads["four"].after(1000, lambda: None)
            filler = fill_disk()
            refused = self.edit_until_it_fails()
            print(f"full: weirctl watch edit: exit {refused.returncode}: {refused.stderr.strip()}")
            self.assertEqual(refused.returncode, 1)
            self.assertRegex(refused.stderr, "disk is full")
            told = until(lambda: problem("database"), "the problem")
            print(f"full: {told['text']} {told['remedy']}")
            self.assertRegex(told["text"], "disk is full")
            self.assertEqual(status()["problems"], 1)
            note = watch("four")["note"]
            self.assertLive(loads["four"])
            self.assertNotEqual(weirctl("watch", "add", "another", "--ports", "9005", check=False).returncode, 0)
            self.assertEqual({row["name"] for row in rows("watches")}, {"four", "six", "both"}, "nothing of what was refused remains")
            self.assertEqual(watch("four")["note"], note)
            full = Stored(copy_database(self.scratch / "full"))
            self.assertEqual((full.integrity, full.disagreements()), (["ok"], {}), "the file while the disk is full")
            filler.unlink()
            until(lambda: not problem("database"), "the problem to be over")
            weirctl("watch", "edit", "four", "--note", "there is room")
            for load in loads.values():
                load.end()
            self.compare("a full disk", self.expected(loads))
            self.assertWhole("a full disk")
            self.assertStored("a full disk", self.expected(loads))

    def test_a_helper_that_was_killed_beside_a_full_disk_starts_there_and_goes_on(self):
        with own_disk(2048):
            self.begin()
            loads = start_loads(self)
            loads["four"].after(1000, lambda: None)
            filler = fill_disk()
            self.edit_until_it_fails()
            run("helper-kill")
            run("helper-start")
            self.assertEqual({row["name"] for row in rows("watches")}, {"four", "six", "both"})
            self.assertLive(loads["four"])
            until(lambda: problem("database") or problem(DATABASE), "the problem")
            filler.unlink()
            until(lambda: not problem("database"), "the problem to be over")
            for load in loads.values():
                load.end()
            self.compare("killed beside a full disk", self.expected(loads))
            self.assertStored("killed beside a full disk", self.expected(loads))

    def test_a_read_only_disk_is_told_left_alone_and_made_up_for(self):
        with own_disk(4096):
            self.begin()
            loads = start_loads(self)
            until(lambda: Stored(copy_database(self.scratch / f"{time.monotonic_ns()}")).total("watch:four") > NOTHING, "a flush")
            run("helper-kill")
            run("mount", "-o", "remount,ro", STATE)
            before = digest(DATABASE), digest(f"{DATABASE}-wal")
            try:
                run("helper-start")
                told = until(lambda: problem(DATABASE) or problem("database"), "the problem")
                print(f"read-only: {told['text']} {told['remedy']}")
                self.assertRegex(told["text"], "(?i)read-only")
                refused = weirctl("watch", "add", "another", "--ports", "9005", check=False)
                print(f"read-only: weirctl watch add: exit {refused.returncode}: {refused.stderr.strip()}")
                self.assertEqual(refused.returncode, 1)
                packets = link(SERVER_LINK)["rx_packets"]
                until(lambda: link(SERVER_LINK)["rx_packets"] > packets, "the link goes on")
                self.assertEqual({row["name"] for row in rows("watches")}, {"four", "six", "both"}, "watches can be read")
                self.assertEqual((digest(DATABASE), digest(f"{DATABASE}-wal")), before, "nothing was written")
            finally:
                run("mount", "-o", "remount,rw", STATE)
            until(lambda: not problem("database") and not problem(DATABASE), "the problem to be over")
            for load in loads.values():
                load.end()
            self.compare("a read-only disk", self.expected(loads))
            self.assertStored("a read-only disk", self.expected(loads))


@unittest.skipUnless(os.path.exists("/dev/loop-control"), "needs a loop device")
class PowerCut(Measured):
    def test_a_disk_that_lost_power_lacks_at_most_one_flush_interval(self):
        with own_block_device(16) as image:
            self.begin()
            loads = start_loads(self)
            loads["four"].after(1000, lambda: None)
            loads["four"].after(int(self.chance.uniform(1.5, 2.5) * FLUSH_S * loads["four"].rate()), lambda: None)
            with frozen(helper_process()):
                cut = time.monotonic()
                copy = shutil.copy(image, self.scratch / "disk.img")
            for load in loads.values():
                load.end()
            with mounted(copy, self.scratch / "disk") as disk:
                stored = Stored(copy_database(self.scratch / "after the cut", disk / DATABASE.name))
        self.assertEqual((stored.integrity, stored.disagreements()), (["ok"], {}))
        for name, load in loads.items():
            sent, bound = subtract(load.ledger(), load.ledger(since=cut)), load.ledger(since=cut - FLUSH_S - SAMPLE_S)
            lost = subtract(sent, stored.total(f"watch:{name}"))
            print(f"power cut: {name}: {lost[0]} of {sent[0]} bytes lost; {subtract(bound, load.ledger(since=cut))[0]} were sent in the last "
                  f"{FLUSH_S + SAMPLE_S} s; on the disk are {list(stored.series)}")
            self.assertIn(f"watch:{name}", stored.series, "a watch whose addition was answered is there")
            self.assertTrue(all(0 <= part <= most for part, most in zip(lost, bound)), f"lost {lost}, of {bound} that may be")


class Thinning(Measured):
    def tearDown(self):
        run("helper-stop")
        DATABASE.unlink()
        run("helper-start")

    def test_a_helper_that_is_stopped_while_it_thins_out_history_ends_in_order(self):
        weirctl("watch", "add", "old", "--ports", "9004")
        load = Load(9004, SERVER4, CLIENT4)
        load.start()
        load.after(100, lambda: None)
        load.end()
        run("helper-stop")
        longAgo, minutes = int(time.time()) // 60 * 60 - 10 * 86400, 600_000
        with contextlib.closing(sqlite3.connect(DATABASE)) as database, database:
            number, = database.execute("SELECT number FROM series WHERE kind = 'watch'").fetchone()
            database.executemany(f"INSERT INTO minute VALUES (?, ?{', 0' * 12})", ((number, longAgo - 60 * minute) for minute in range(minutes)))
        shutil.chown(DATABASE, "weir", "weir")
        run("helper-start")
        stopped = run("helper-stop").stdout.strip()
        left = sqlite3.connect(DATABASE).execute("SELECT count(*) FROM minute").fetchone()[0]
        print(f"stopped with {left} of {minutes} old minutes left: status {stopped}")
        self.assertGreater(left, 1000, "it was in the midst of it")
        self.assertEqual(stopped, "0")


def damage(path):
    """As a disk does that lost some sectors."""
    with open(path, "r+b") as file:
        size = file.seek(0, os.SEEK_END)
        for at in range(4096, size, 8192):
            file.seek(at)
            file.write(os.urandom(512))


def damage_header(path):
    with open(path, "r+b") as file:
        file.write(os.urandom(100))


def cut_short(path):
    os.truncate(path, os.stat(path).st_size // 2)


def is_from_the_future(path):
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA user_version = 999")


def is_from_the_future_by_its_log(path):
    """A newer helper was killed: what makes it newer is not in the file yet."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as database, tempfile.TemporaryDirectory() as scratch:
        database.execute("PRAGMA user_version = 999")
        copy = copy_database(pathlib.Path(scratch) / "copy")
        put_database(copy)


def kept_parts(path):
    """Name and digest of the database and of its log, if there is one."""
    parts = [part for part in ("", "-wal") if pathlib.Path(f"{path}{part}").exists()]
    return {part: digest(f"{path}{part}") for part in parts}


class WrongFiles(Measured):
    """A file that cannot be used is left as it is; counting goes on without it, and people get out of it."""

    def setUp(self):
        super().setUp()
        weirctl("watch", "add", "kept", "--ports", "9004")

    def tearDown(self):
        run("helper-stop")
        for path in STATE.glob("weir.db*"):
            path.unlink()
        run("helper-start")

    def assertLeftAlone(self, spoil, why):
        run("helper-stop")
        spoil(DATABASE)
        shutil.chown(DATABASE, "weir", "weir")
        before = kept_parts(DATABASE)
        run("helper-start")
        told = until(lambda: problem(DATABASE), "the problem")
        print(f"{spoil.__name__}: {told['text']} {told['remedy']}")
        self.assertRegex(told["text"], why)
        self.assertEqual(run("weirctl", "status", check=False).returncode, 3)
        load = Load(9004, SERVER4, CLIENT4)
        self.addCleanup(load.end)
        load.start()
        packets = link(SERVER_LINK)["rx_packets"]
        until(lambda: link(SERVER_LINK)["rx_packets"] > packets, "the link goes on")
        self.assertTrue(rows("flows", "--filter", "port:9004"), "connections are shown")
        rows("watches")
        refused = weirctl("watch", "add", "another", "--ports", "9005", check=False)
        print(f"{spoil.__name__}: weirctl watch add: exit {refused.returncode}: {refused.stderr.strip()}")
        self.assertEqual(refused.returncode, 1)
        read = weirctl("history", check=False)
        print(f"{spoil.__name__}: weirctl history: exit {read.returncode}: {read.stderr.strip()}")
        self.assertEqual((read.returncode, read.stdout), (1, ""))
        self.assertEqual(status()["problems"], 1, "one thing is wrong, and told once")
        self.assertNotEqual(read.stderr, "")
        checked = weirctl("check", check=False)
        print(f"{spoil.__name__}: weirctl check: exit {checked.returncode}: {checked.stdout.strip()}")
        self.assertEqual(checked.returncode, 3)
        self.assertEqual(run("helper-stop").stdout.strip(), "0")
        self.assertEqual(list(pathlib.Path(os.environ["WEIR_BPF_DIR"]).rglob("*")), [], "a stop leaves nothing in the kernel all the same")
        run("helper-start")
        self.assertEqual({path.name for path in STATE.glob("weir.db*")} - {f"{DATABASE.name}-shm"}, {DATABASE.name + part for part in before})
        self.assertEqual(kept_parts(DATABASE), before, "not a byte of it has changed")

        self.since = minute_of_now()
        begun = beginnings()
        done = weirctl("start-afresh", "--yes")
        print(f"{spoil.__name__}: weirctl start-afresh: {done.stdout.strip()}")
        aside = [path for path in STATE.glob("weir.db.*") if not path.name.endswith(("-wal", "-shm"))]
        self.assertEqual(len(aside), 1, "moved aside")
        self.assertIn(str(aside[0]), done.stdout)
        self.assertEqual(kept_parts(aside[0]), before, "not a byte of it has changed there")
        until(lambda: beginnings() > begun, "a helper that began anew")
        self.assertEqual(rows("watches"), [])
        self.assertEqual(rows("problems"), [])
        load.end()
        weirctl("watch", "add", "anew", "--ports", "9004")
        load = Load(9004, SERVER4, CLIENT4)
        self.addCleanup(load.end)
        load.start()
        load.after(1000, lambda: None)
        passed = load.end()
        wait_for_sample()
        self.compareWatches("afresh", {"anew": passed})
        self.assertWhole("afresh")
        run("helper-restart")
        self.compareWatches("afresh, restarted", {"anew": passed})

    def test_a_damaged_file_is_left_alone(self):
        self.assertLeftAlone(damage, "damaged|malformed")

    def test_a_file_without_its_header_is_left_alone(self):
        self.assertLeftAlone(damage_header, "damaged|not a database")

    def test_a_file_that_was_cut_short_is_left_alone(self):
        self.assertLeftAlone(cut_short, "damaged|malformed")

    def test_a_file_from_the_future_is_left_alone(self):
        self.assertLeftAlone(is_from_the_future, "newer version of Weir")

    def test_a_file_from_the_future_that_its_helper_could_not_close_is_left_alone(self):
        self.assertLeftAlone(is_from_the_future_by_its_log, "newer version of Weir")


class Backups(Measured):
    def setUp(self):
        super().setUp()
        self.begin()

    def tearDown(self):
        remove_watches()
        for path in STATE.glob("weir.db.*"):
            path.unlink()

    def test_a_backup_is_whole_and_restoring_it_brings_back_totals_and_history_and_what_passed_since(self):
        loads = start_loads(self)
        loads["four"].after(2000, lambda: None)
        copy = self.scratch / "backup.db"
        print(weirctl("backup", copy).stdout.strip())
        self.assertEqual(copy.stat().st_mode & 0o777, 0o600, "its owner's alone")
        stored = Stored(copy)
        self.assertEqual((stored.integrity, stored.disagreements()), (["ok"], {}))
        self.assertEqual(weirctl("backup", copy, check=False).returncode, 1, "a file that is there is kept")
        weirctl("watch", "add", "later", "--ports", "1-65535")
        weirctl("watch", "remove", "six")
        loads["four"].after(2000, lambda: None)
        begun = beginnings()
        done = weirctl("restore", copy, "--yes")
        print(done.stdout.strip())
        until(lambda: beginnings() > begun, "a helper that began anew")
        aside = [path for path in STATE.glob("weir.db.*") if not path.name.endswith(("-wal", "-shm"))]
        self.assertEqual(len(aside), 1, "the former file is kept")
        self.assertIn(str(aside[0]), done.stdout)
        former = Stored(shutil.copy(aside[0], self.scratch / "former.db"))
        self.assertEqual((former.integrity, former.disagreements()), (["ok"], {}))
        self.assertIn("watch:later", former.series)
        self.assertEqual({row["name"] for row in rows("watches")}, {"four", "six", "both"}, "the watches of the copy")
        loads["four"].after(2000, lambda: None)
        for load in loads.values():
            load.end()
        self.compare("restored", self.expected(loads))
        self.assertWhole("restored")
        self.assertStored("restored", self.expected(loads))

    def test_a_file_that_is_no_database_of_ours_is_refused_and_nothing_changes(self):
        good = self.scratch / "good.db"
        weirctl("backup", good)
        made = {"a text": b"hello", "nothing": b"", "another header": b"SQLite format 3\0" + bytes(4096)}
        for name, data in made.items():
            (self.scratch / name).write_bytes(data)
        changes = {"another program's": "PRAGMA application_id = 1", "the future's": "PRAGMA user_version = 999",
                   "one with a trigger": "CREATE TRIGGER t AFTER UPDATE ON watch BEGIN DELETE FROM minute; END",
                   "one with a view": "DROP TABLE minute; CREATE VIEW minute AS SELECT * FROM quarter",
                   "one without a table": "DROP TABLE day"}
        for name, change in changes.items():
            with sqlite3.connect(shutil.copy(good, self.scratch / name)) as database:
                database.executescript(change)
            database.close()
        damage(shutil.copy(good, self.scratch / "a damaged one"))
        cut_short(shutil.copy(good, self.scratch / "one cut short"))
        pid = run("helper-pid").stdout
        for name in (*made, *changes, "a damaged one", "one cut short", "."):
            refused = weirctl("restore", self.scratch / name, "--yes", check=False)
            print(f"restore of {name}: exit {refused.returncode}: {refused.stderr.strip()}")
            self.assertEqual(refused.returncode, 2, name)
            self.assertNotEqual(refused.stderr, "", name)
        self.assertEqual(run("helper-pid").stdout, pid)
        self.assertEqual([path.name for path in STATE.iterdir() if path.name.startswith("weir.db.")], [], "nothing was left")
        self.assertEqual({row["name"] for row in rows("watches")}, {"four", "six", "both"})
        self.assertEqual(rows("problems"), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
