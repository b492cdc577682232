# SPDX-License-Identifier: GPL-3.0-or-later
"""Limits beside the queues and rules of others: neither disturbs the other, and what somebody takes away of Weir's is put back.

WEIR_LAB_LIMITS=all measures for longer.
"""

import os
import pathlib
import sys
import threading
import time
import unittest

sys.dont_write_bytecode = True
from labkit.ledger import remove_watches  # noqa: E402
from labkit.shaping import (MBIT, Rates, Stream, classes, limit, received_by_ip, sample, through_weir0, trace_of_others,
                             trace_of_weir, transport_header)  # noqa: E402
from labkit.trial import counted, dropped, link, rows, run, set_offloads, settled, subtract, until, watch, weirctl  # noqa: E402

LINK, CLIENT4, CLIENT6, SERVER6 = (os.environ[name] for name in ("SERVER_LINK", "CLIENT4", "CLIENT6", "SERVER6"))
SECONDS = 6 if os.environ.get("WEIR_LAB_LIMITS") == "all" else 2
PORT, OTHER_PORT, SLOW_PORT = 9000, 9200, 9300
RATE = 20
NOTHING = {"tables": [], "device": False}

OWNERS_RULES = """
table netdev owner {
  chain in_link { type filter hook ingress device "%s" priority 10; policy accept; udp dport 9000 counter; }
  chain out_link { type filter hook egress device "%s" priority 10; policy accept; meta priority 1:10 counter; }
}
table inet owners {
  chain output { type filter hook output priority 0; policy accept; tcp sport 9999 drop; }
}
""" % (LINK, LINK)


def set_up_owners_things():
    """A tree 1: with classes and filters of its own on the link, another device, tables."""
    run("tc", "qdisc", "add", "dev", LINK, "root", "handle", "1:", "htb", "default", "30")
    for number, rate in ((10, "50mbit"), (20, "200mbit"), (21, "5mbit"), (30, "2gbit")):
        run("tc", "class", "add", "dev", LINK, "parent", "1:", "classid", f"1:{number}", "htb", "rate", rate, "quantum", "6000")
    for port, number in ((OTHER_PORT, 10), (PORT, 20), (SLOW_PORT, 21)):
        run("tc", "filter", "add", "dev", LINK, "parent", "1:", "protocol", "ip", "prio", "1", "u32", "match", "ip", "sport", str(port), "0xffff",
            "flowid", f"1:{number}")
    run("ip", "link", "add", "owners0", "type", "ifb")
    run("tc", "qdisc", "add", "dev", "owners0", "root", "handle", "7:", "htb")
    add_owners_tables()


def add_owners_tables():
    path = pathlib.Path(os.environ["WEIR_LAB"]) / "owner.nft"
    path.write_text(OWNERS_RULES)
    run("nft", "-f", path)


def take_owners_things_away():
    for words in (("tc", "qdisc", "del", "dev", LINK, "root"), ("ip", "link", "del", "owners0"), ("nft", "delete", "table", "netdev", "owner"),
                  ("nft", "delete", "table", "inet", "owners")):
        run(*words, check=False)


class Beside(unittest.TestCase):
    longMessage = True
    maxDiff = None

    def setUp(self):
        self.addCleanup(take_owners_things_away)

    def rates(self):
        """Mbit/s of each class of the owner's while all three ports send as fast as they can."""
        streams = [Stream("tcp", "up", port) for port in (OTHER_PORT, PORT, SLOW_PORT)]
        time.sleep(1)
        rates = Rates(**{handle: lambda handle=handle: classes(LINK)[handle] for handle in ("1:10", "1:20", "1:21")}, weir=through_weir0)
        time.sleep(SECONDS)
        taken = {handle: rate / MBIT for handle, rate in rates.read().items()}
        for stream in streams:
            stream.end()
        return taken

    def test_an_owners_queues_keep_their_rates_and_limits_obey_both(self):
        set_up_owners_things()
        before = trace_of_others()
        limit("held", f"{PORT},{SLOW_PORT}", "--up", f"{RATE}mbit")
        beside = self.rates()
        self.assertEqual(trace_of_others(), before, "beside Weir")
        run("helper-stop")
        self.assertEqual(trace_of_others(), before, "after Weir")
        without = self.rates()
        run("helper-start")
        remove_watches()
        print(f"\nan owner's class of 50 Mbit/s: {beside['1:10']:.2f} beside Weir, {without['1:10']:.2f} without; limited to {RATE} in a class of 200: "
              f"{beside['1:20']:.2f} ({without['1:20']:.2f} without), in a class of 5: {beside['1:21']:.2f} ({without['1:21']:.2f}) Mbit/s")
        self.assertLess(abs(beside["1:10"] / without["1:10"] - 1), 0.02)
        self.assertLess(beside["weir"], 1.01 * RATE)
        self.assertLess(beside["1:20"] + beside["1:21"], 1.06 * RATE, "what waits in an owner's queue has passed the limit already")
        self.assertLess(beside["1:21"], 1.02 * 5)
        self.assertGreater(beside["1:20"], 0.6 * RATE)


class Disturbed(unittest.TestCase):
    longMessage = True
    maxDiff = None

    def setUp(self):
        # What is merged, the link's own counters count as one; and of a machine with nothing but virtual links, one that goes down is metered no more.
        for host, name in (("server", LINK), ("client", os.environ["CLIENT_LINK"])):
            set_offloads(host, name, tso="off", gso="off", gro="off", **{"tx-udp-segmentation": "off"})
        weirctl("settings", "set", "metered_links", LINK)
        self.addCleanup(take_owners_things_away)
        self.addCleanup(self.mendLink)

    def mendLink(self):
        """What a link that goes down takes with it: its v6 address and the default routes."""
        run("ip", "link", "set", LINK, "up")
        run("ip", "address", "replace", f"{SERVER6}/64", "dev", LINK, "nodad")
        run("ip", "route", "replace", "default", "via", CLIENT4)
        until(lambda: run("ip", "-6", "route", "replace", "default", "via", CLIENT6, check=False).returncode == 0, "the route of IPv6")

    def bounce(self):
        run("ip", "link", "set", LINK, "down")
        run("ip", "link", "set", LINK, "up")

    def timeUntilHeld(self, act):
        """Seconds from the end of an act until each way is at the limit and stays there; and the highest rate on the way, in per cent."""
        taken = {}
        samplers = [threading.Thread(target=lambda way=way, host=host: taken.update({way: sample(
            lambda: received_by_ip(host, 4, transport_header("udp")), 3)})) for way, host in (("down", "server"), ("up", "client"))]
        begun = time.monotonic()
        for sampler in samplers:
            sampler.start()
        time.sleep(0.5)
        act()
        done = time.monotonic() - begun
        for sampler in samplers:
            sampler.join()
        wrong = {way: [at for at, rate in samples if not 0.8 <= rate / RATE / MBIT <= 1.2] for way, samples in taken.items()}
        highest = {way: max(rate for _, rate in samples) / RATE / MBIT * 100 for way, samples in taken.items()}
        return {way: max([0, *(at - done for at in times)]) for way, times in wrong.items()}, highest

    def disturbances(self):
        return [row["id"] for row in rows("problems") if row["subject"] == "limits"]

    def test_what_somebody_takes_away_is_back_within_a_second_and_said_and_totals_stay_right(self):
        limit("held", f"{PORT}-{PORT + 1}", "--down", f"{RATE}mbit", "--up", f"{RATE}mbit")
        kernel_before, (link_before, watch_before) = settled(lambda: (link(LINK), watch("held")))
        dropped_before = dropped(LINK, "server")
        self.assertEqual(self.disturbances(), [])
        streams = [Stream("udp", way, port, 4, 80 * MBIT) for way, port in (("down", PORT), ("up", PORT + 1))]
        for stream in streams:
            self.addCleanup(stream.end)
        time.sleep(1)
        acts = {
            "nft flush ruleset": lambda: run("nft", "flush", "ruleset"),
            "nft delete table netdev weir": lambda: run("nft", "delete", "table", "netdev", "weir"),
            "ip link del weir0": lambda: run("ip", "link", "del", "weir0"),
            "ip link set weir0 down": lambda: run("ip", "link", "set", "weir0", "down"),
            "tc qdisc del dev weir0 root": lambda: run("tc", "qdisc", "del", "dev", "weir0", "root"),
            "the link down and up": self.bounce,
        }
        print()
        for number, (name, act) in enumerate(acts.items()):
            if number == 1:     # the first takes the owner's own tables, too
                set_up_owners_things()
                owners = trace_of_others()
            seconds, highest = self.timeUntilHeld(act)
            print(f"{name:30} held again after {seconds['down'] * 1000:4.0f} ms down, {seconds['up'] * 1000:4.0f} ms up; highest 100 ms "
                  f"{highest['down']:.0f} and {highest['up']:.0f} % of the limit; {self.disturbances()}")
            self.assertLess(max(seconds.values()), 1.3, name)      # a sample is 0.1 s, and the machine is shared
            self.assertEqual(self.disturbances(), ["limits-disturbed"], name)
        for stream in streams:
            stream.end()
        self.mendLink()
        self.assertEqual(trace_of_others(), owners, "what others have")
        kernel, (link_after, watch_after) = settled(lambda: (link(LINK), watch("held")))
        passed = subtract(kernel, kernel_before)
        of_link, of_watch = subtract(counted(link_after), counted(link_before)), subtract(counted(watch_after), counted(watch_before))
        print(f"link {of_link} of {passed}, watch {of_watch}; "
              f"unmetered {subtract(counted(link_after['unmetered']), counted(link_before['unmetered']))}")
        refused = dropped(LINK, "server") - dropped_before      # packets that the device could not send while it went down: seen, and never on the wire
        self.assertEqual(of_link[::2], passed[::2], "the link and its kernel counters, received")
        self.assertIn(of_link[3] - passed[3], range(refused + 1), "the link and its kernel counters, sent")
        self.assertIn(of_link[1] - passed[1], range(refused * 1514 + 1), "the link and its kernel counters, sent")
        for ours, whole in zip(of_watch, passed):
            self.assertLessEqual(ours, whole + refused * 1514)
            self.assertGreater(ours, 0.99 * whole, "nearly all was the watch's")
        self.leaveNothing(owners)

    def leaveNothing(self, owners):
        self.assertNotEqual(trace_of_weir(), NOTHING)
        weirctl("limit", "held", "--remove")
        until(lambda: trace_of_weir() == NOTHING, "nothing after the limit was removed", 5)
        self.assertEqual(trace_of_others(), owners, "after the limit was removed")
        weirctl("limit", "held", "--down", f"{RATE}mbit", "--up", f"{RATE}mbit")
        run("helper-kill")
        self.assertNotEqual(trace_of_weir(), NOTHING, "a killed helper's limit holds")
        run("as-helper", "weir-helper", "--clean", "--state-dir", os.environ["WEIR_STATE_DIR"], "--bpf-dir", os.environ["WEIR_BPF_DIR"])
        self.assertEqual(trace_of_weir(), NOTHING, "cleaned without a helper")
        self.assertEqual(trace_of_others(), owners, "cleaned without a helper")
        run("helper-start")
        until(lambda: trace_of_weir() != NOTHING, "the limit of the next helper", 5)
        weirctl("clean")
        until(lambda: run("helper-pid", check=False).returncode != 0, "the helper's end")
        self.assertEqual(trace_of_weir(), NOTHING, "cleaned by the verb")
        self.assertEqual(trace_of_others(), owners, "cleaned by the verb")
        run("helper-start")
        remove_watches()


if __name__ == "__main__":
    unittest.main(verbosity=2)
