# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens to a database: power cuts, reboots, disks that are full or read-only; and what it holds, read without a helper."""

import contextlib
import hashlib
import os
import pathlib
import shutil
import signal
import sqlite3
import struct
import uuid

from labkit import network
from labkit.trial import environment, rows, run, until

STATE = pathlib.Path(environment["WEIR_STATE_DIR"])
DATABASE = STATE / "weir.db"
BOOT_ID = pathlib.Path("/proc/sys/kernel/random/boot_id")
COUNTERS = ("rx_bytes", "tx_bytes", "rx_packets", "tx_packets")
TOTALS = {"watch": ("internet", "local", "other"), "link": ("internet", "local", "other", "unmetered")}
LOG_HEADER, FRAME_HEADER, SECTOR = 32, 24, 512


def history_sum(series, since, part=None, by="minute"):
    """What `weirctl history` adds up to, in the order of trial.counted(); of one part, "internet" for example, if asked for."""
    points = rows("history", series, "--from", since, "--by", by)
    return tuple(sum((point[part] if part else point)[key] for point in points) for key in COUNTERS)


def digest(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


def problem(subject):
    """The problem of storing that names this subject, if there is one."""
    return next((row for row in rows("problems") if row["id"] == "storage-failed" and row["subject"] == str(subject)), None)


# -- the file ----------------------------------------------------------------------------------------------------

def copy_database(directory, database=DATABASE):
    """The database of a helper that does not write now, with its log."""
    directory.mkdir()
    for part in ("", "-wal"):
        if pathlib.Path(f"{database}{part}").exists():
            shutil.copy(f"{database}{part}", directory)
    return directory / database.name


def put_database(source):
    """Makes a copy the database of a helper that is down."""
    for part in ("", "-wal", "-shm"):
        there = pathlib.Path(f"{DATABASE}{part}")
        there.unlink(missing_ok=True)
        if pathlib.Path(f"{source}{part}").exists():
            shutil.copy(f"{source}{part}", there)
            shutil.chown(there, "weir", "weir")
            there.chmod(0o600)


class Stored:
    """What a copy of a database holds: of each series its total, and its sums by minute, quarter of an hour and day.

    Opening it is what a restart after a crash does: SQLite reads the log that is beside it.
    """

    def __init__(self, path):
        with contextlib.closing(sqlite3.connect(path)) as database:
            self.integrity = [row[0] for row in database.execute("PRAGMA integrity_check")]
            self.series = {}
            if not database.execute("PRAGMA user_version").fetchone()[0]:
                return              # a helper had only just made it
            for kind, scopes in TOTALS.items():
                totals = ", ".join(" + ".join(f"{scope}_{counter}" for scope in scopes) for counter in COUNTERS)
                for number, name, removed, *total in database.execute(
                        f"SELECT id, name, {'removed_s' if kind == 'watch' else 0}, {totals} FROM {kind}"):
                    sums = {tier: self._sum(database, tier, kind, number) for tier in ("minute", "quarter", "day")}
                    self.series[f"{kind}:#{number}" if removed else f"{kind}:{name}"] = (tuple(total), sums)

    @staticmethod
    def _sum(database, tier, kind, number):
        sums = ", ".join(f"coalesce(sum(i_{counter} + l_{counter} + r_{counter}), 0)" for counter in COUNTERS)
        return database.execute(f"SELECT {sums} FROM {tier} WHERE series = (SELECT number FROM series WHERE kind = ? AND id = ?)",
                                (kind, number)).fetchone()

    def total(self, series):
        """Zeros when there is no such series."""
        return self.series[series][0] if series in self.series else (0, 0, 0, 0)

    def disagreements(self):
        """Series whose history is not what their total says."""
        return {series: (total, sums) for series, (total, sums) in self.series.items() if any(sum_ != total for sum_ in sums.values())}


# -- the helper as a process -------------------------------------------------------------------------------------

def helper_process():
    """Pid of the lab's helper, also of one that does not answer yet; None when there is none."""
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                name, state = (entry / "stat").read_text().split("(", 1)[1].rsplit(") ", 1)
            except OSError:
                continue            # it ended meanwhile
            if name == "weir-helper" and state[0] not in "ZX":
                return int(entry.name)
    return None


@contextlib.contextmanager
def frozen(pid):
    """All threads of a process stand still."""
    def stands():
        return all(task.read_text().rsplit(") ", 1)[1][0] in "tT" for task in pathlib.Path(f"/proc/{pid}/task").glob("*/stat"))

    os.kill(pid, signal.SIGSTOP)
    try:
        until(stands, "every thread of the helper stopped")
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


# -- power cuts and reboots --------------------------------------------------------------------------------------

def power_cut(pid, directory, chance):
    """What a disk holds if power goes at this moment: the file, and of its log what SQLite had seen through to the disk.

    With synchronous=NORMAL it waits for the log before it moves pages from there into the file. Of frames behind these any part may be
    missing: here all of them, none, the ones behind a torn one, or a sector in between. Returns the copy and how the log ends.
    """
    with frozen(pid):
        copy = copy_database(directory)
        index = pathlib.Path(f"{DATABASE}-shm").read_bytes()
    page, last = struct.unpack_from("=HI", index, 14)
    page = 65536 if page == 1 else page
    moved, = struct.unpack_from("=I", index, 96)        # nBackfill and nBackfillAttempted, see walformat.html
    trying, = struct.unpack_from("=I", index, 128)
    log = pathlib.Path(f"{copy}-wal")
    safe, end = (LOG_HEADER + frames * (FRAME_HEADER + page) for frames in (max(moved, trying), last))
    how = chance.choice(("whole", "torn", "torn", "holed"))
    if log.stat().st_size < end or end <= safe or how == "whole":
        return copy, f"whole, {last} frames, {moved} of them in the file"
    at = chance.randrange(safe, end)
    with open(log, "r+b") as file:
        if how == "torn":
            file.truncate(at)
        else:
            file.seek(at)
            file.write(bytes(min(SECTOR, end - at)))
    return copy, f"{how} in frame {(at - LOG_HEADER) // (FRAME_HEADER + page) + 1} of {last}, {moved} of them in the file"


def give_boot_id():
    """Another boot id for all that the lab starts from now on."""
    made = pathlib.Path(environment["WEIR_LAB"]) / "boot_id"
    is_there = made.exists()
    made.write_text(f"{uuid.uuid4()}\n")
    if not is_there:
        run("mount", "--bind", made, BOOT_ID)


def lose_kernel_state():
    """What a reboot leaves of the kernel's counters: nothing. The links come back with the same index and address, at zero.

    The helper must be down.
    """
    run("as-helper", "weir-helper", "--clean", "--state-dir", STATE, "--bpf-dir", environment["WEIR_BPF_DIR"])
    server, client = network.SERVER_LINK, network.CLIENT_LINK
    index = run("cat", f"/sys/class/net/{server}/ifindex").stdout.strip()
    address = run("cat", f"/sys/class/net/{server}/address").stdout.strip()
    run("ip", "link", "delete", server)
    run("ip", "link", "add", server, "index", index, "address", address, "type", "veth", "peer", "name", client, "netns", "client")
    for host, setup in (("client", network.CLIENT_SETUP), ("server", network.SERVER_SETUP)):
        for line in setup.format(**network.ADDRESSES).strip().splitlines():
            if not line.startswith("link set lo") and not line.endswith(("dev lo", "dev lo nodad")):
                run("ip", "-n", host, *line.split())
    until(lambda: "state UP" in run("ip", "-o", "link", "show", "dev", server).stdout, f"{server} up")
    give_boot_id()


# -- disks -------------------------------------------------------------------------------------------------------

@contextlib.contextmanager
def own_disk(kilobytes):
    """The state directory is a disk of its own and empty, for a helper that begins there and for no longer."""
    run("helper-stop")
    run("mount", "-t", "tmpfs", "-o", f"size={kilobytes}k,mode=700,uid=weir,gid=weir", "weir-state", STATE)
    try:
        run("helper-start")
        yield
    finally:
        run("helper-kill")          # it may be unable to store anything
        run("umount", STATE)
        run("helper-start")


@contextlib.contextmanager
def own_block_device(megabytes):
    """As own_disk(), with ext4 on a device, which lives in the image that is given: what is there after a power cut is known."""
    image = pathlib.Path(environment["WEIR_LAB"]) / "disk.img"
    run("helper-stop")
    run("truncate", "-s", f"{megabytes}M", image)
    run("mkfs.ext4", "-q", "-F", image)
    run("mount", "-o", "loop", image, STATE)
    try:
        shutil.chown(STATE, "weir", "weir")
        run("helper-start")
        yield image
    finally:
        run("helper-kill")
        run("umount", STATE)
        image.unlink()
        run("helper-start")


@contextlib.contextmanager
def mounted(image, directory):
    directory.mkdir()
    run("mount", "-o", "loop", image, directory)
    try:
        yield directory
    finally:
        run("umount", directory)


def fill_disk():
    """Takes all room on the disk of the state directory; returns the file that does."""
    filler = STATE / "filler"
    with open(filler, "wb", buffering=0) as file:
        for size in (65536, 4096, 1):
            with contextlib.suppress(OSError):
                while file.write(bytes(size)):
                    pass
    return filler
