# SPDX-License-Identifier: GPL-3.0-or-later
"""A NAS talks to its LAN over everything there is, and to one client on the Internet: only that one counts as internet."""

import contextlib
import os
import socket
import sys
import time
import unittest

sys.dont_write_bytecode = True
from labkit.storage import history_sum  # noqa: E402
from labkit.trial import (Conversation, add, counted, frame_size, link, rows, run, set_offloads, settled, subtract, until, wait_for_sample, watch,
                          weirctl)  # noqa: E402

SERVER4, SERVER6, CLIENT4, CLIENT6 = (os.environ[name] for name in ("SERVER4", "SERVER6", "CLIENT4", "CLIENT6"))
INTERNET4, INTERNET6 = os.environ["INTERNET4"], os.environ["INTERNET6"]
SERVER_LINK, CLIENT_LINK = os.environ["SERVER_LINK"], os.environ["CLIENT_LINK"]
SERVER_ULA, CLIENT_ULA = "fd77::1", "fd77::2"
NEW_SERVER6, NEW_CLIENT6 = "2001:db8:77::1", "2001:db8:77::2"       # of the prefix that the ISP gives next
FAR4, FAR_SIDE4, FAR6, FAR_SIDE6 = "10.78.0.2", "10.78.0.1", "2001:db8:78::2", "2001:db8:78::1"
PORT, OTHER_PORT, PROBE_PORT = 9000, 9100, 9900
NOTHING = (0, 0, 0, 0)
SCOPES = ("internet", "local")
ANYTHING_ELSE = 100 * 1500      # bytes of neighbour discovery and the like, at most


def address(host, name, verb, *prefixes):
    for prefix in prefixes:
        run("ip", "-n", host, "address", verb, prefix, "dev", name, *(["nodad"] if verb == "add" and ":" in prefix else []))


class Ledger:
    """What was sent, by scope, in the order of counted(), as the server sees it."""

    def __init__(self):
        self.passed = dict.fromkeys(SCOPES, NOTHING)

    def exchange(self, scope, payload, count, server, port, client, **ends):
        """`count` datagrams to the server's end, half as many back."""
        conversation = Conversation(socket.SOCK_DGRAM, server, port, client, **ends)
        with contextlib.closing(conversation):
            conversation.send_datagrams(conversation.client_end, conversation.server_end, count, payload)
            conversation.send_datagrams(conversation.server_end, conversation.client_end, count // 2, payload)
        size = frame_size(conversation.family, payload)
        there, back = (count * size, count), (count // 2 * size, count // 2)
        passed = there[0], back[0], there[1], back[1]
        self.passed[scope] = add(self.passed[scope], passed)
        return passed


class Scene(unittest.TestCase):
    """The server and its neighbours, and what each series counted of them."""

    maxDiff = None
    LINKS = (SERVER_LINK,)
    WATCHES = {"shares": str(PORT), "all ports": "1-65535"}

    def setUp(self):
        for host, name in (("server", SERVER_LINK), ("client", CLIENT_LINK)):
            set_offloads(host, name, tso="off", gso="off", gro="off")
        address("server", SERVER_LINK, "add", f"{SERVER_ULA}/64")
        address("client", CLIENT_LINK, "add", f"{CLIENT_ULA}/64")
        self.addCleanup(address, "server", SERVER_LINK, "delete", f"{SERVER_ULA}/64")
        self.addCleanup(address, "client", CLIENT_LINK, "delete", f"{CLIENT_ULA}/64")
        self.since = time.strftime("%Y-%m-%d %H:%MZ", time.gmtime())
        for name, ports in self.WATCHES.items():
            weirctl("watch", "add", name, "--ports", ports)
            self.addCleanup(weirctl, "watch", "remove", name)

    def begin(self):
        self.watches = {name: Ledger() for name in self.WATCHES}
        self.links = {name: Ledger() for name in self.LINKS}
        self.before = self.read()

    def read(self):
        """Of each series and scope (total, history)."""
        def now():
            seen = {}
            for series, row in [*((f"watch:{name}", watch(name)) for name in self.WATCHES), *((f"link:{name}", link(name)) for name in self.LINKS)]:
                for scope in SCOPES:
                    seen[series, scope] = counted(row[scope]), history_sum(series, self.since, scope)
            return seen

        return settled(now)[1]

    def talk(self, scope, payload, count, server, client):
        """With the shares, and on a port of its own; on one link."""
        for ledger, port in ((self.watches["shares"], PORT), (None, OTHER_PORT)):
            passed = self.watches["all ports"].exchange(scope, payload, count, server, port, client)
            for account in (ledger, self.links[SERVER_LINK]):
                if account:
                    account.passed[scope] = add(account.passed[scope], passed)

    def compare(self, what):
        after = self.read()
        print(f"{what}: (rx bytes, tx bytes, rx packets, tx packets)")
        for series, accounts in (("watch", self.watches), ("link", self.links)):
            for name, ledger in accounts.items():
                for scope, passed in ledger.passed.items():
                    key = f"{series}:{name}", scope
                    total, history = (subtract(now, then) for now, then in zip(after[key], self.before[key]))
                    print(f"  {series} {name}, {scope}: total {total}, history {history} of {passed}")
                    if series == "link" and scope == "local":
                        # Neighbours find each other there, too.
                        noise = subtract(total, passed)
                        self.assertTrue(all(0 <= other < ANYTHING_ELSE for other in noise), f"{what}: {key} and {noise} besides")
                    else:
                        self.assertEqual(total, passed, f"{what}: {key}, total")
                    self.assertEqual(history, total, f"{what}: {key}, history and total")

    def untilScope(self, scope, server, client):
        """Until a datagram between these two counts as that; returns after how many seconds."""
        began = time.monotonic()

        def counts():
            before = counted(watch("probe")[scope])
            Ledger().exchange(scope, 100, 2, server, PROBE_PORT, client)
            wait_for_sample()
            return subtract(counted(watch("probe")[scope]), before) != NOTHING

        weirctl("watch", "add", "probe", "--ports", str(PROBE_PORT))
        try:
            until(counts, f"{client} counts as {scope}")
        finally:
            weirctl("watch", "remove", "probe")
        return time.monotonic() - began

    def talkToAll(self):
        self.talk("local", 900, 1000, SERVER4, CLIENT4)
        self.talk("local", 800, 1000, SERVER_ULA, CLIENT_ULA)
        self.talk("local", 700, 1000, SERVER6, CLIENT6)
        self.talk("internet", 600, 600, SERVER4, INTERNET4)
        self.talk("internet", 500, 400, SERVER6, INTERNET6)


class Nas(Scene):
    def test_only_the_internet_client_counts_as_internet(self):
        self.begin()
        self.talkToAll()
        self.compare("v4, ULA, global v6 of the own prefix, and the Internet")

    def test_what_was_counted_survives_a_restart_by_scope(self):
        self.begin()
        self.talkToAll()
        run("helper-restart")
        self.compare("after a restart")

    def test_a_prefix_that_the_isp_changed_is_followed(self):
        self.begin()
        self.talk("local", 700, 1000, SERVER6, CLIENT6)
        self.compare("the first prefix")

        address("server", SERVER_LINK, "add", f"{NEW_SERVER6}/64")
        address("client", CLIENT_LINK, "add", f"{NEW_CLIENT6}/64")
        self.addCleanup(address, "server", SERVER_LINK, "delete", f"{NEW_SERVER6}/64")
        self.addCleanup(address, "client", CLIENT_LINK, "delete", f"{NEW_CLIENT6}/64")
        print(f"followed {self.untilScope('local', NEW_SERVER6, NEW_CLIENT6):.1f} s after the new prefix came")
        self.begin()
        self.talk("local", 650, 1000, NEW_SERVER6, NEW_CLIENT6)
        self.talk("local", 600, 1000, SERVER6, CLIENT6)
        self.talk("internet", 500, 400, NEW_SERVER6, INTERNET6)
        self.compare("both prefixes")

        # The old one runs out. Somebody else has it now: it is reached through the default route.
        address("server", SERVER_LINK, "delete", f"{SERVER6}/64")
        self.addCleanup(run, "ip", "-n", "server", "-6", "route", "replace", "default", "via", CLIENT6)
        self.addCleanup(address, "server", SERVER_LINK, "add", f"{SERVER6}/64")
        run("ip", "-n", "server", "-6", "route", "replace", "default", "via", NEW_CLIENT6)
        print(f"followed {self.untilScope('internet', NEW_SERVER6, CLIENT6):.1f} s after the old prefix went")
        self.begin()
        self.talk("local", 750, 1000, NEW_SERVER6, NEW_CLIENT6)
        self.talk("internet", 550, 400, NEW_SERVER6, CLIENT6)
        self.talk("internet", 500, 400, NEW_SERVER6, INTERNET6)
        self.talk("local", 900, 200, SERVER_ULA, CLIENT_ULA)
        self.compare("the new prefix")

    def test_prefixes_of_ones_own_count_at_once_and_wrong_ones_are_refused(self):
        for wrong in ("10.0.0.0/33", "2001:db8::/129", "198.51.100.1/24", "198.51.100/24", "somewhere"):
            refused = weirctl("settings", "set", "local_prefixes", wrong, check=False)
            print(f"local_prefixes {wrong}: exit {refused.returncode}: {refused.stderr.strip()}")
            if wrong == "198.51.100.1/24" and refused.returncode == 0:
                continue        # an address within it may name a prefix
            self.assertEqual(refused.returncode, 2, wrong)
            self.assertIn("local_prefixes", refused.stderr)
        weirctl("settings", "set", "local_prefixes", "198.51.100.0/24,2001:db8:1::/48")
        self.addCleanup(weirctl, "settings", "set", "local_prefixes", "")
        self.begin()
        self.talk("local", 600, 600, SERVER4, INTERNET4)
        self.talk("local", 500, 400, SERVER6, INTERNET6)
        self.compare("prefixes of one's own")
        weirctl("settings", "set", "local_prefixes", "")
        self.begin()
        self.talk("internet", 600, 600, SERVER4, INTERNET4)
        self.talk("internet", 500, 400, SERVER6, INTERNET6)
        self.compare("without them")


class Router(Scene):
    """The NAS is a router, too: a third host behind a second metered link. What it forwards passes both."""

    LINKS = (SERVER_LINK, "s1")

    def setUp(self):
        run("ip", "netns", "add", "far")
        self.addCleanup(self.removeFar)
        run("ip", "link", "add", "s1", "type", "veth", "peer", "name", "f0", "netns", "far")
        address("server", "s1", "add", f"{FAR_SIDE4}/24", f"{FAR_SIDE6}/64")
        address("far", "f0", "add", f"{FAR4}/24", f"{FAR6}/64")
        run("ip", "link", "set", "s1", "up")
        run("ip", "-n", "far", "link", "set", "f0", "up")
        for family, via, net, server in (("-4", FAR_SIDE4, "10.78.0.0/24", SERVER4), ("-6", FAR_SIDE6, "2001:db8:78::/64", SERVER6)):
            run("ip", family, "-n", "far", "route", "add", "default", "via", via)
            run("ip", family, "-n", "client", "route", "add", net, "via", server)
            self.addCleanup(run, "ip", family, "-n", "client", "route", "delete", net)
        run("on-server", "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward; echo 1 > /proc/sys/net/ipv6/conf/all/forwarding")
        until(lambda: all("state UP" in run("ip", "-n", host, "-o", "link", "show", "dev", name).stdout
                          for host, name in (("server", "s1"), ("far", "f0"))), "both ends up")
        until(lambda: "s1" in {row["name"] for row in rows("links")}, "s1 known")
        weirctl("settings", "set", "metered_links", f"{SERVER_LINK},s1")
        self.addCleanup(weirctl, "settings", "set", "metered_links", "auto")
        until(lambda: {row["name"] for row in rows("links") if row["metered"]} == set(self.LINKS), "both links metered, and nothing else")
        super().setUp()

    @staticmethod
    def removeFar():
        run("on-server", "sh", "-c", "echo 0 > /proc/sys/net/ipv6/conf/all/forwarding")
        run("ip", "netns", "delete", "far")
        until(lambda: run("ip", "link", "show", "dev", "s1", check=False).returncode != 0, "s1 gone")

    def forward(self, scope, payload, count, far, client):
        """From a port of the client's that is in no watch of one port."""
        passed = Ledger().exchange(scope, payload, count, far, PORT, client, server_host="far")
        # What goes to the far host is received on one link and sent on the other.
        turned = passed[1], passed[0], passed[3], passed[2]
        # With both ends' ports in a watch each packet counts as received: that is where it is seen first.
        first = passed[0] + passed[1], 0, passed[2] + passed[3], 0
        self.watches["shares"].passed[scope] = add(self.watches["shares"].passed[scope], passed)
        self.watches["all ports"].passed[scope] = add(self.watches["all ports"].passed[scope], first)
        self.links[SERVER_LINK].passed[scope] = add(self.links[SERVER_LINK].passed[scope], passed)
        self.links["s1"].passed[scope] = add(self.links["s1"].passed[scope], turned)

    def test_what_is_forwarded_counts_once_in_a_watch_and_on_each_link_and_only_the_internets_as_internet(self):
        self.begin()
        self.forward("local", 900, 800, FAR4, CLIENT4)
        self.forward("local", 800, 800, FAR6, CLIENT6)
        self.forward("internet", 700, 600, FAR4, INTERNET4)
        self.forward("internet", 600, 400, FAR6, INTERNET6)
        self.talkToAll()
        self.compare("forwarded, and to itself")


if __name__ == "__main__":
    unittest.main(verbosity=2)
