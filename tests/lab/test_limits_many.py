# SPDX-License-Identifier: GPL-3.0-or-later
"""A thousand limits: each is set and held like the first, one more is refused, and all go at once."""

import os
import pathlib
import statistics
import sys
import time
import unittest

sys.dont_write_bytecode = True
from labkit.dbus import Bus, CallFailed  # noqa: E402
from labkit.shaping import MBIT, Rates, Stream, received_by_ip, trace_of_weir, transport_header  # noqa: E402
from labkit.trial import rows, run  # noqa: E402

COUNT, FIRST_PORT, RATE = 1000, 10000, 10


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Many(unittest.TestCase):
    def set(self, number):
        """Seconds that it took."""
        began = time.monotonic()
        self.bus.call("Limits", "SetLimit", "usa{sv}", 1, f"w{number}",
                      {"down_bits_per_s": ("t", RATE * MBIT), "up_bits_per_s": ("t", RATE * MBIT)})
        return time.monotonic() - began

    def percentOfTheLast(self):
        stream = Stream("udp", "down", FIRST_PORT + COUNT - 1, 4, 4 * RATE * MBIT)
        self.addCleanup(stream.end)
        time.sleep(1)
        rates = Rates(ip=lambda: received_by_ip("server", 4, transport_header("udp")))
        time.sleep(2)
        return rates.read()["ip"] / RATE / MBIT * 100

    def test_a_thousand_limits_and_no_more(self):
        self.bus = Bus()
        self.addCleanup(self.bus.close)
        pid = run("helper-pid").stdout.strip()
        self.bus.call("Watches", "AddWatches", "a(sa{sv})",
                      [(f"w{number}", {"ports": ("s", str(FIRST_PORT + number))}) for number in range(COUNT + 1)])
        times = [self.set(number) for number in range(COUNT - 100)]
        cpu = cpu_seconds(pid)
        times += [self.set(number) for number in range(COUNT - 100, COUNT)]
        cpu = cpu_seconds(pid) - cpu
        with self.assertRaises(CallFailed) as refused:
            self.set(COUNT)
        self.assertEqual(refused.exception.name, "LimitReached")
        held = self.percentOfTheLast()
        limits = len(rows("limits"))
        began = time.monotonic()
        run("helper-stop")
        stopped = time.monotonic() - began
        left = trace_of_weir()
        began = time.monotonic()
        run("helper-start")
        started = time.monotonic() - began
        first, last = (statistics.median(part) * 1000 for part in (times[:20], times[-20:]))
        print(f"\n1,000 limits both ways in {sum(times):.1f} s: each of the first {first:.1f} ms, of the last {last:.1f} ms ({cpu * 10:.0f} ms of CPU); "
              f"the last holds {held:.1f} %; the helper stops, and all is gone, in {stopped * 1000:.0f} ms, and starts with all in {started * 1000:.0f} ms")
        self.assertEqual(limits, 2 * COUNT)
        self.assertEqual(left, {"tables": [], "device": False})
        self.assertLess(held, 101)
        self.assertGreater(held, 97)


if __name__ == "__main__":
    unittest.main(verbosity=2)
