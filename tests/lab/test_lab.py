# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab keeps its promises: hosts, users, scopes, and a helper that comes back."""

import os
import pathlib
import signal
import subprocess
import sys
import unittest

sys.dont_write_bytecode = True
from labkit.trial import run, until  # noqa: E402


class Lab(unittest.TestCase):
    def test_the_helper_runs_as_an_ordinary_user_with_two_capabilities_and_no_more(self):
        status = pathlib.Path(f"/proc/{run('helper-pid').stdout.strip()}/status").read_text()
        fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
        self.assertNotIn("0", fields["Uid"].split())
        for name in ("CapPrm", "CapEff", "CapBnd", "CapAmb"):
            self.assertEqual(int(fields[name], 16), 1 << 12 | 1 << 39, name)

    def test_a_killed_helper_is_back_within_a_second_or_so(self):
        pid = int(run("helper-pid").stdout)
        os.kill(pid, signal.SIGKILL)
        # until the lab has heard of its end the old one is named
        until(lambda: int(run("helper-pid").stdout) != pid, "another helper")

    def test_a_stopped_helper_stays_down_until_it_is_started(self):
        self.assertEqual(run("helper-stop").stdout.strip(), "0")
        self.assertNotEqual(run("helper-pid", check=False).returncode, 0)
        run("helper-start")
        run("helper-pid")

    def test_the_client_is_reached_on_the_link_and_behind_the_default_route(self):
        for variable, route in (("CLIENT4", "dev"), ("CLIENT6", "dev"), ("INTERNET4", "via"), ("INTERNET6", "via")):
            shown = run("ip", "route", "get", os.environ[variable]).stdout
            self.assertIn(os.environ["SERVER_LINK"], shown)
            self.assertEqual(" via " in shown, route == "via", shown)

    def test_a_lab_in_a_lab_leaves_its_host_as_it_was(self):
        scratch = pathlib.Path(os.environ["WEIR_LAB"]) / "scratch"
        scratch.mkdir()
        surroundings = {**os.environ, "TMPDIR": str(scratch)}
        before = run("ip", "-brief", "link").stdout, sorted(os.listdir("/run/netns")), []
        lab = pathlib.Path(__file__).parent / "lab"
        done = subprocess.run([lab, "--no-helper", "--build", os.environ["WEIR_BUILD"], "sh", "-c", "ip -brief link; exit 7"],
                              env=surroundings, capture_output=True, text=True)
        self.assertEqual(done.returncode, 7, done.stderr)
        self.assertIn("s0", done.stdout)
        inside = subprocess.Popen([lab, "--no-helper", "--build", os.environ["WEIR_BUILD"], "sh", "-c", "echo up; exec sleep 1000"],
                                  env=surroundings, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.assertEqual(inside.stdout.readline(), "up\n")
        inside.terminate()
        self.assertEqual(inside.wait(30), 128 + signal.SIGTERM)
        inside.stdout.close()
        self.assertEqual((run("ip", "-brief", "link").stdout, sorted(os.listdir("/run/netns")), os.listdir(scratch)), before)


if __name__ == "__main__":
    unittest.main(verbosity=2)
