# SPDX-License-Identifier: GPL-3.0-or-later
"""The helper is killed, reloaded and replaced while traffic runs: not a byte is missing or counted twice."""

import os
import pathlib
import signal
import socket
import sys
import unittest

sys.dont_write_bytecode = True
from labkit.ledger import CLIENT_LINK, PAYLOAD, SERVER_LINK, beginnings, start_loads  # noqa: E402
from labkit.trial import counted, frame_size, link, rows, run, set_offloads, settled, subtract, until, wait_for_sample, watch, weirctl  # noqa: E402

OTHER_LAYOUT = pathlib.Path(os.environ["WEIR_BUILD"]) / "tests/lab/weir-helper-layout2"


class Survival(unittest.TestCase):
    def setUp(self):
        for host, name in (("server", SERVER_LINK), ("client", CLIENT_LINK)):
            set_offloads(host, name, tso="off", gso="off", gro="off")
        weirctl("watch", "add", "four", "--ports", "9004")
        weirctl("watch", "add", "six", "--ports", "9006")
        weirctl("watch", "add", "both", "--ports", "9000-9010")
        self.kernel, self.link = settled(lambda: link(SERVER_LINK))
        self.loads = list(start_loads(self).values())

    def tearDown(self):
        for load in self.loads:
            load.end()
        run("helper-pid")
        for name in ("four", "six", "both"):
            weirctl("watch", "remove", name)

    def passOn(self):
        for load in self.loads:
            load.wait_for_more()

    def compare(self, what):
        self.passOn()
        four, six = (load.end() for load in self.loads)
        kernel, (seen, link_row) = settled(lambda: ({row["name"]: counted(row) for row in rows("watches")}, link(SERVER_LINK)))
        passed = subtract(kernel, self.kernel)
        counted_on_link = subtract(counted(link_row), counted(self.link))
        print(f"{what}: (rx bytes, tx bytes, rx packets, tx packets)\n  four {seen['four']} of {four}\n  six  {seen['six']} of {six}\n"
              f"  link {counted_on_link} of {passed}")
        self.assertEqual(seen["four"], four)
        self.assertEqual(seen["six"], six)
        self.assertEqual(seen["both"], tuple(a + b for a, b in zip(four, six)))
        self.assertEqual(counted_on_link, passed)
        self.assertEqual(link_row["unmetered"], self.link["unmetered"], "the meter was there all the time")

    def test_bytes_passed_while_the_helper_was_killed_are_counted_once(self):
        for _ in range(5):
            self.passOn()
            pid = int(run("helper-pid").stdout)
            os.kill(pid, signal.SIGKILL)
            until(lambda: int(run("helper-pid").stdout) != pid, "another helper")
        self.compare("killed 5 times")

    def test_bytes_passed_while_the_helper_reloads_are_counted_once(self):
        for _ in range(5):
            self.passOn()
            begun = beginnings()
            os.kill(int(run("helper-pid").stdout), signal.SIGHUP)
            until(lambda: beginnings() > begun, "a helper that began anew")
        self.compare("reloaded 5 times")

    def test_a_helper_with_another_map_layout_reads_the_old_one_out(self):
        self.assertTrue(OTHER_LAYOUT.exists(), f"{OTHER_LAYOUT} was built")
        for binary in ([OTHER_LAYOUT], [], [OTHER_LAYOUT], []):
            self.passOn()
            pid = int(run("helper-pid").stdout)
            run("helper-use", *binary)
            os.kill(pid, signal.SIGKILL)
            until(lambda: int(run("helper-pid").stdout) != pid, "another helper")
            wait_for_sample()
            self.assertEqual(counted(watch("four"))[0] % frame_size(socket.AF_INET, PAYLOAD), 0)
        self.compare("layout changed 4 times")


if __name__ == "__main__":
    unittest.main(verbosity=2)
