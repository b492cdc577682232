# SPDX-License-Identifier: GPL-3.0-or-later
"""What Weir puts into the kernel goes with it, and what others put there stays as it was and works all the time.

Run in a lab without a helper; WEIR_ATTACH says how the lab's helper attaches, "tcx" or "clsact".
"""

import ctypes
import json
import os
import pathlib
import re
import signal
import socket
import struct
import sys
import unittest

sys.dont_write_bytecode = True
from labkit.trial import Conversation, counted, frame_size, rows, run, status, until, wait_for_sample, watch, weirctl  # noqa: E402

SERVER4, CLIENT4, LINK = os.environ["SERVER4"], os.environ["CLIENT4"], os.environ["SERVER_LINK"]
ATTACH = os.environ["WEIR_ATTACH"]
PORT, PAYLOAD, COUNT = 9000, 500, 2000
BPF_PROG_QUERY, TCX_INGRESS, TCX_EGRESS = 16, 46, 47
SYS_BPF = 321 if os.uname().machine == "x86_64" else 280
libc = ctypes.CDLL(None, use_errno=True)

FOREIGN_TABLE = """
table netdev foreign {
  chain in_link { type filter hook ingress device "%s" priority 10; policy accept; udp dport 9000 counter; }
}
table inet other {
  chain output { type filter hook output priority 0; policy accept; counter; }
}
""" % LINK


def tcx_programs(kind):
    """How many TCX programs hang on the link."""
    attribute = ctypes.create_string_buffer(64)
    index = socket.if_nametoindex(LINK)
    struct.pack_into("=IIII", attribute, 0, index, kind, 0, 0)
    if libc.syscall(SYS_BPF, BPF_PROG_QUERY, attribute, len(attribute)) != 0:
        error = ctypes.get_errno()
        return f"errno {error}"
    return struct.unpack_from("=I", attribute, 24)[0]


def trace():
    """All that anybody could see of Weir in the kernel of this host."""
    pins = sorted(str(path) for path in pathlib.Path("/sys/fs/bpf").rglob("*"))
    links = re.sub(r'"(numrxqueues|stats64)":[^,]*,', "", run("ip", "-details", "-json", "link", "show").stdout)
    return {
        "nft": run("nft", "--stateless", "list", "ruleset").stdout,
        "qdiscs": run("tc", "qdisc", "show").stdout,
        "classes": run("tc", "class", "show", "dev", LINK).stdout,
        "ingress filters": run("tc", "filter", "show", "dev", LINK, "ingress", check=False).stdout,
        "egress filters": run("tc", "filter", "show", "dev", LINK, "egress", check=False).stdout,
        "root filters": run("tc", "filter", "show", "dev", LINK, "parent", "1:", check=False).stdout,
        "links": json.loads(links),
        "addresses": run("ip", "-brief", "address").stdout,
        "tcx": (tcx_programs(TCX_INGRESS), tcx_programs(TCX_EGRESS)),
        "pins": [pin for pin in pins if not pin.endswith(".debug")],
    }


def foreign_counter():
    shown = run("nft", "list", "chain", "netdev", "foreign", "in_link").stdout
    return int(re.search(r"packets (\d+)", shown).group(1))


class NoTrace(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.kernel = trace()
        run("tc", "qdisc", "add", "dev", LINK, "root", "handle", "1:", "htb", "default", "7")
        run("tc", "class", "add", "dev", LINK, "parent", "1:", "classid", "1:7", "htb", "rate", "10gbit", "quantum", "6000")
        pathlib.Path("/run/netns/foreign.nft").write_text(FOREIGN_TABLE)
        run("nft", "-f", "/run/netns/foreign.nft")

    def tearDown(self):
        run("helper-stop")
        run("nft", "delete", "table", "netdev", "foreign")
        run("nft", "delete", "table", "inet", "other")
        for kind in ("root", "clsact", "ingress"):
            run("tc", "qdisc", "del", "dev", LINK, kind, check=False)
        self.assertEqual(trace(), self.kernel, "the test's own things are gone")

    def addForeignFilter(self, where):
        """A filter that matches everything and ends the chain: what comes after it sees nothing."""
        run("tc", "filter", "add", "dev", LINK, where, "prio", "100", "protocol", "all", "u32", "match", "u32", "0", "0", "classid", "1:7")

    def exchange(self):
        conversation = Conversation(socket.SOCK_DGRAM, SERVER4, PORT, CLIENT4)
        conversation.send_datagrams(conversation.client_end, conversation.server_end, COUNT, PAYLOAD)
        conversation.send_datagrams(conversation.server_end, conversation.client_end, COUNT, PAYLOAD)
        conversation.close()
        size = COUNT * frame_size(socket.AF_INET, PAYLOAD)
        return size, size, COUNT, COUNT

    def start(self):
        run("helper-start")
        self.assertEqual(status()["meter"], ATTACH)
        if "kept" not in {row["name"] for row in rows("watches")}:
            weirctl("watch", "add", "kept", "--ports", str(PORT))
        self.assertIn(LINK, status()["metered_links"])

    def countWhileForeignersWork(self):
        before, foreign = counted(watch("kept")), foreign_counter()
        passed = self.exchange()
        wait_for_sample()
        seen = tuple(b - a for a, b in zip(before, counted(watch("kept"))))
        print(f"beside foreign qdiscs and filters: watch {seen}, sent {passed}, foreign counter +{foreign_counter() - foreign}")
        self.assertEqual(seen, passed)
        self.assertEqual(foreign_counter() - foreign, COUNT, "the foreign table still counts")

    def test_stop_leaves_what_was_there_before_with_a_foreign_clsact_and_a_filter_that_ends_its_chain(self):
        run("tc", "qdisc", "add", "dev", LINK, "clsact")
        self.addForeignFilter("ingress")
        self.addForeignFilter("egress")
        before = trace()
        self.start()
        running = trace()
        self.assertNotEqual(running, before, "a running meter is to be seen")
        self.assertEqual(running["tcx"], (1, 1) if ATTACH == "tcx" else (0, 0))
        self.countWhileForeignersWork()
        self.assertEqual(run("helper-stop").stdout.strip(), "0")
        self.assertEqual(trace(), before)

    def test_stop_leaves_what_was_there_before_with_a_foreign_ingress_qdisc(self):
        run("tc", "qdisc", "add", "dev", LINK, "ingress")
        self.addForeignFilter("ingress")
        before = trace()
        run("helper-start")
        if ATTACH == "tcx":
            self.start()
            self.countWhileForeignersWork()
        else:
            # clsact and ingress exclude each other: the owner's stays, and Weir says what that costs.
            problems = until(lambda: [row for row in rows("problems") if row["subject"] == LINK], "a problem of the link")
            print("beside a foreign ingress qdisc:", problems[0]["text"])
            self.assertEqual(trace()["qdiscs"], before["qdiscs"])
        self.assertEqual(run("helper-stop").stdout.strip(), "0")
        self.assertEqual(trace(), before)

    def test_the_clean_verb_leaves_what_was_there_before_and_ends_the_helper(self):
        before = trace()
        self.start()
        self.exchange()
        weirctl("clean")
        until(lambda: run("helper-pid", check=False).returncode != 0, "the helper's end")
        self.assertEqual(trace(), before)

    def test_clean_without_a_helper_removes_what_a_killed_one_left(self):
        before = trace()
        self.start()
        passed = self.exchange()
        run("helper-kill")
        self.assertNotEqual(trace(), before, "a killed helper's meter goes on")
        run("as-helper", "weir-helper", "--clean", "--state-dir", os.environ["WEIR_STATE_DIR"], "--bpf-dir", os.environ["WEIR_BPF_DIR"])
        self.assertEqual(trace(), before)
        run("as-helper", "weir-helper", "--clean", "--state-dir", os.environ["WEIR_STATE_DIR"], "--bpf-dir", os.environ["WEIR_BPF_DIR"])
        self.assertEqual(trace(), before, "cleaning twice")
        self.assertGreater(passed[0], 0)

    def test_a_helper_that_adopted_a_killed_ones_meter_still_leaves_nothing(self):
        before = trace()
        self.start()
        pid = int(run("helper-pid").stdout)
        os.kill(pid, signal.SIGKILL)
        until(lambda: int(run("helper-pid").stdout) != pid, "another helper")
        self.countWhileForeignersWork()
        self.assertEqual(run("helper-stop").stdout.strip(), "0")
        self.assertEqual(trace(), before)


if __name__ == "__main__":
    unittest.main(verbosity=2)
