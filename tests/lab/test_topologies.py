# SPDX-License-Identifier: GPL-3.0-or-later
"""Links that stand on links, and packets that pass two of them: each watch counts each packet once."""

import os
import socket
import sys
import unittest

sys.dont_write_bytecode = True
from labkit.trial import (Conversation, counted, frame_size, link, rows, run, settled, subtract, until, wait_for_sample, watch, weirctl)  # noqa: E402

SERVER4, CLIENT4, LINK = os.environ["SERVER4"], os.environ["CLIENT4"], os.environ["SERVER_LINK"]
PORT, PAYLOAD, COUNT = 9000, 700, 3000
FRAME = frame_size(socket.AF_INET, PAYLOAD)


def meter(links):
    weirctl("settings", "set", "metered_links", links)
    wanted = set(links.split(","))
    until(lambda: {row["name"] for row in rows("links") if row["metered"]} == wanted, f"{links} metered, and nothing else")


def exchange(**ends):
    """COUNT datagrams to the server's end, half as many back."""
    conversation = Conversation(socket.SOCK_DGRAM, **ends)
    conversation.send_datagrams(conversation.client_end, conversation.server_end, COUNT, PAYLOAD)
    conversation.send_datagrams(conversation.server_end, conversation.client_end, COUNT // 2, PAYLOAD)
    conversation.close()


class Bridge(unittest.TestCase):
    """The NIC is a port of br0, which has the address, as on hosts of virtual machines."""

    def setUp(self):
        for words in (("link", "add", "br0", "type", "bridge"), ("address", "flush", "dev", LINK), ("link", "set", LINK, "master", "br0"),
                      ("address", "add", f"{SERVER4}/24", "dev", "br0"), ("link", "set", "br0", "up"),
                      ("route", "add", "default", "via", CLIENT4)):
            run("ip", *words)
        until(lambda: "state UP" in run("ip", "-o", "link", "show", "dev", "br0").stdout, "br0 up")
        weirctl("watch", "add", "bridged", "--ports", str(PORT))

    def tearDown(self):
        weirctl("watch", "remove", "bridged")
        weirctl("settings", "set", "metered_links", "auto")
        for words in (("link", "delete", "br0"), ("address", "add", f"{SERVER4}/24", "dev", LINK), ("link", "set", LINK, "up"),
                      ("route", "add", "default", "via", CLIENT4)):
            run("ip", *words)

    def countOnce(self, what):
        before = counted(watch("bridged"))
        exchange(server=SERVER4, server_port=PORT, client=CLIENT4)
        wait_for_sample(next(row["name"] for row in rows("links") if row["metered"]))
        seen = subtract(counted(watch("bridged")), before)
        print(f"{what}: watch {seen}, sent {COUNT} and {COUNT // 2} frames of {FRAME} bytes")
        self.assertEqual(seen, (COUNT * FRAME, COUNT // 2 * FRAME, COUNT, COUNT // 2))

    def test_a_packet_that_passes_nic_and_bridge_is_counted_once_whatever_is_metered(self):
        metered = until(lambda: [row["name"] for row in rows("links") if row["metered"]], "a metered link")
        self.assertEqual(len(metered), 1, "one level only")
        self.countOnce(f"metered by itself: {metered[0]}")
        for name in (LINK, "br0"):
            meter(name)
            self.countOnce(f"metered: {name}")

    def test_a_link_together_with_its_bridge_is_refused(self):
        # before the helper has seen the new bridge it says that there is none: exit status 1
        until(lambda: any(row["name"] == "br0" for row in rows("links")), "br0 known to the helper")
        before = run("weirctl", "settings", "--json").stdout
        refused = run("weirctl", "settings", "set", "metered_links", f"{LINK},br0", check=False)
        self.assertEqual(refused.returncode, 2, refused.stderr)
        self.assertRegex(refused.stderr, "br0 cannot be metered together")
        self.assertEqual(run("weirctl", "settings", "--json").stdout, before, "nothing changed")


class Forwarding(unittest.TestCase):
    """A third host behind a second metered link: the server is a router."""

    FAR, FAR_SIDE = "10.78.0.2", "10.78.0.1"

    def setUp(self):
        run("ip", "netns", "add", "far")
        run("ip", "link", "add", "s1", "type", "veth", "peer", "name", "f0", "netns", "far")
        for words in (("address", "add", f"{self.FAR_SIDE}/24", "dev", "s1"), ("link", "set", "s1", "up")):
            run("ip", *words)
        for words in (("address", "add", f"{self.FAR}/24", "dev", "f0"), ("link", "set", "f0", "up"),
                      ("route", "add", "default", "via", self.FAR_SIDE)):
            run("ip", "-n", "far", *words)
        run("ip", "-n", "client", "route", "add", "10.78.0.0/24", "via", SERVER4)
        run("on-server", "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward")
        until(lambda: "state UP" in run("ip", "-o", "link", "show", "dev", "s1").stdout, "s1 up")
        weirctl("watch", "add", "forwarded", "--ports", str(PORT))
        weirctl("watch", "add", "all ports", "--ports", "1-65535")
        until(lambda: "s1" in {row["name"] for row in rows("links")}, "s1 known")
        weirctl("watch", "add", "far link", "--link", "s1")
        meter(f"{LINK},s1")

    def tearDown(self):
        for name in ("forwarded", "all ports", "far link"):
            weirctl("watch", "remove", name)
        weirctl("settings", "set", "metered_links", "auto")
        run("ip", "netns", "delete", "far")
        until(lambda: run("ip", "link", "show", "dev", "s1", check=False).returncode != 0, "s1 gone")
        run("ip", "-n", "client", "route", "delete", "10.78.0.0/24")

    def test_a_forwarded_packet_is_counted_once_by_each_watch(self):
        def read():
            return {row["name"]: counted(row) for row in rows("watches")}, counted(link("s1"))

        # The link was there before its watch, and neighbour discovery passed meanwhile: what grew is what compares.
        before, link_before = settled(read, "s1")[1]
        exchange(server=self.FAR, server_port=PORT, client=CLIENT4, server_host="far")
        after, link_after = settled(read, "s1")[1]
        seen = {name: subtract(after[name], before[name]) for name in after}
        there, back = (COUNT * FRAME, COUNT), (COUNT // 2 * FRAME, COUNT // 2)
        print(f"forwarded: {seen}, sent {there} there and {back} back")
        self.assertEqual(seen["forwarded"], (there[0], back[0], there[1], back[1]))
        # Received on one link, sent on the other, and both ends' ports are in the watch: once all the same.
        self.assertEqual(seen["all ports"][0] + seen["all ports"][1], there[0] + back[0])
        self.assertEqual(seen["all ports"][2] + seen["all ports"][3], there[1] + back[1])
        # Seen from the far link, what goes there is sent. Neighbour discovery passes there, too.
        self.assertGreaterEqual(seen["far link"][1], there[0])
        self.assertLess(seen["far link"][1], there[0] + 20 * FRAME)
        self.assertEqual(subtract(link_after, link_before), seen["far link"], "link and watch of the link")


if __name__ == "__main__":
    unittest.main(verbosity=2)
