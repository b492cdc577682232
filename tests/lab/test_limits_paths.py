# SPDX-License-Identifier: GPL-3.0-or-later
"""Limits on links and ways of other kinds: a tunnel without Ethernet headers, a port that is published as docker does it."""

import fcntl
import os
import struct
import sys
import time
import unittest

sys.dont_write_bytecode = True
from labkit.ledger import remove_watches  # noqa: E402
from labkit.shaping import DATAGRAM, MBIT, Rates, Stream, limit, start  # noqa: E402
from labkit.trial import IPV4, UDP, on, rows, run, until, weirctl  # noqa: E402

SERVER4, CLIENT4, LINK = (os.environ[name] for name in ("SERVER4", "CLIENT4", "SERVER_LINK"))
RATE, PORT = 20, 9000
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454ca, 1, 0x1000
NEAR, FAR = "10.79.0.1", "10.79.0.2"            # ends of the tunnel
BOX, BOX_SIDE = "10.78.0.2", "10.78.0.1"        # the container and the server's end of its veth pair


def pump(one, other):
    while True:
        try:
            os.write(other, os.read(one, 65536))
        except OSError:
            pass        # the end is down, or its queue full


class Paths(unittest.TestCase):
    longMessage = True

    def tearDown(self):
        remove_watches()
        weirctl("settings", "set", "metered_links", "auto")

    def measure(self, what, headers, **ends):
        """Asserts that UDP and TCP are held both ways; `headers` are what a datagram of the link has."""
        for kind, way in (("udp", "down"), ("udp", "up"), ("tcp", "down"), ("tcp", "up")):
            stream = Stream(kind, way, PORT, 4, 3 * RATE * MBIT, **ends)
            time.sleep(1)
            rates = Rates(payload=stream.received)
            time.sleep(2)
            percent = {name: rate / RATE / MBIT * 100 for name, rate in rates.read().items()}
            stream.end()
            if kind == "udp":
                percent["wire"] = percent["payload"] * (DATAGRAM + headers) / DATAGRAM
            print(f"{what}: {kind} {way:5} {({name: round(value, 1) for name, value in percent.items()})} % of {RATE} Mbit/s")
            self.assertLess(percent.get("wire", percent["payload"]), 101)
            self.assertGreater(percent.get("wire", percent["payload"] * 1.06), 95)

    def makeTunnel(self):
        """A tun device on each host, and a process that carries packets between them."""
        ends = []
        for host, address, peer in (("server", NEAR, FAR), ("client", FAR, NEAR)):
            with on(host):
                end = os.open("/dev/net/tun", os.O_RDWR)
                fcntl.ioctl(end, TUNSETIFF, struct.pack("16sH22x", b"tun0", IFF_TUN | IFF_NO_PI))
            ends.append(end)
            run("ip", "-n", host, "address", "add", address, "peer", peer, "dev", "tun0")
            run("ip", "-n", host, "link", "set", "tun0", "up")
        processes = [start(pump, *pair) for pair in (ends, ends[::-1])]

        def take_down():
            for process in processes:
                process.kill()
                process.join()
            for end in ends:
                os.close(end)

        self.addCleanup(take_down)

    def test_a_tunnel_without_ethernet_headers_is_held_both_ways(self):
        print()
        self.makeTunnel()
        until(lambda: any(row["name"] == "tun0" for row in rows("links")), "tun0 known to the helper")
        weirctl("settings", "set", "metered_links", "tun0")
        limit("held", str(PORT), "--down", f"{RATE}mbit", "--up", f"{RATE}mbit")
        self.measure("tun", IPV4 + UDP, addresses=(NEAR, FAR))
        self.assertEqual([row["text"] for row in rows("problems")], [])

    def publish(self):
        """Port PORT of the server is one of a container behind it."""
        run("ip", "netns", "add", "box")
        run("ip", "link", "add", "box0", "type", "veth", "peer", "name", "b0", "netns", "box")
        for words in (("address", "add", f"{BOX_SIDE}/24", "dev", "box0"), ("link", "set", "box0", "up")):
            run("ip", *words)
        for words in (("address", "add", f"{BOX}/24", "dev", "b0"), ("link", "set", "b0", "up"), ("route", "add", "default", "via", BOX_SIDE)):
            run("ip", "-n", "box", *words)
        run("on-server", "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward")
        run("nft", "add", "table", "ip", "published")
        run("nft", "add", "chain", "ip", "published", "in", "{ type nat hook prerouting priority -100; }")
        for protocol in ("tcp", "udp"):
            run("nft", "add", "rule", "ip", "published", "in", "iifname", LINK, protocol, "dport", str(PORT), "dnat", "to", f"{BOX}:80")
        until(lambda: "state UP" in run("ip", "-o", "link", "show", "dev", "box0").stdout, "box0 up")

    def retract(self):
        run("nft", "delete", "table", "ip", "published", check=False)
        run("ip", "netns", "delete", "box", check=False)

    def test_a_published_port_of_a_container_is_held_both_ways(self):
        print()
        self.addCleanup(self.retract)
        self.publish()
        weirctl("settings", "set", "metered_links", LINK)
        limit("held", str(PORT), "--down", f"{RATE}mbit", "--up", f"{RATE}mbit")
        self.measure("published", 14 + IPV4 + UDP, addresses=(SERVER4, CLIENT4), listen=("box", BOX, 80))


if __name__ == "__main__":
    unittest.main(verbosity=2)
