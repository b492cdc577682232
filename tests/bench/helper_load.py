#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the helper costs: processor time and memory, idle and with 1,000 watches, 2,000 flows and a client at 1 Hz.

Runs inside a lab (tests/lab/lab). Prints one JSON object: each row with its measured value and its budget from the design.
"""

import json
import os
import pathlib
import socket
import subprocess
import sys
import threading
import time

SECONDS = int(os.environ.get("WEIR_BENCH_SECONDS", "20"))


def helper_pid():
    return int(subprocess.check_output(["helper-pid"], text=True))


def processor_seconds(pid):
    """User and system time of all threads, from the scheduler's own nanosecond clock."""
    total = 0
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        total += int((task / "schedstat").read_text().split()[0])
    return total / 1e9


def resident_mebibytes(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("no VmRSS")


def share_of_a_core(pid, seconds):
    before, begin = processor_seconds(pid), time.monotonic()
    time.sleep(seconds)
    return 100 * (processor_seconds(pid) - before) / (time.monotonic() - begin)


class Flows(threading.Thread):
    """2,000 UDP conversations with the lab's client, each of which says something once a second."""

    def __init__(self, count):
        super().__init__(daemon=True)
        self.stopped = threading.Event()
        self.sockets = []
        for number in range(count):
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            s.bind((os.environ["SERVER4"], 20000 + number))
            s.connect((os.environ["CLIENT4"], 9))
            s.setblocking(False)
            self.sockets.append(s)

    def run(self):
        while not self.stopped.wait(1):
            for s in self.sockets:
                try:
                    s.send(b"x" * 100)
                except OSError:
                    pass  # the client has nobody on port 9 and says so


def main():
    pid = helper_pid()
    rows = []

    def row(what, value, unit, budget):
        rows.append({"what": what, "value": round(value, 3), "unit": unit, "budget": budget})

    row("helper idle, processor", share_of_a_core(pid, SECONDS), "% of a core", 0.2)
    row("helper idle, resident", resident_mebibytes(pid), "MiB", 40)

    lines = "".join(f"bench-{n} {20000 + n}\n" for n in range(1000))
    subprocess.run(["weirctl", "watch", "add", "--from", "-"], input=lines, text=True, check=True, stdout=subprocess.DEVNULL)
    flows = Flows(2000)
    flows.start()
    client = subprocess.Popen(["weirctl", "top", "--json", "--interval", "1"], stdout=subprocess.DEVNULL)
    time.sleep(5)  # let the first full frames pass; they are not what is measured
    row("helper, 1,000 watches, 2,000 flows, one client at 1 Hz, processor", share_of_a_core(pid, SECONDS), "% of a core", 1)
    row("helper, 1,000 watches, 2,000 flows, one client at 1 Hz, resident", resident_mebibytes(pid), "MiB", 40)
    client.terminate()
    flows.stopped.set()
    json.dump({"helper": rows}, sys.stdout)
    print()


if __name__ == "__main__":
    main()
