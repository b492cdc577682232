# SPDX-License-Identifier: GPL-3.0-or-later
"""Watch, flow and link against independent truths: a capture on the peer, and the link's own kernel counters.

WEIR_LAB_BYTES sets the payload of each transfer (default 50 MB); the acceptance run uses 1 GB.
"""

import os
import socket
import struct
import sys
import unittest

sys.dont_write_bytecode = True
from labkit.trial import (ETHERNET, Capture, Conversation, account, add, counted, dropped, kernel_counters, link, packed, rows, set_offloads, settled,
                          subtract, watch, weirctl)  # noqa: E402

SERVER4, SERVER6, CLIENT4, CLIENT6 = (os.environ[name] for name in ("SERVER4", "SERVER6", "CLIENT4", "CLIENT6"))
INTERNET4, INTERNET6 = os.environ["INTERNET4"], os.environ["INTERNET6"]
SERVER_LINK, CLIENT_LINK = os.environ["SERVER_LINK"], os.environ["CLIENT_LINK"]
SIZE = int(os.environ.get("WEIR_LAB_BYTES", 50_000_000))
PORT, OTHER_PORT = 9000, 9100
FULL_FRAME = 1514
KINDS = {"tcp": socket.SOCK_STREAM, "udp": socket.SOCK_DGRAM}
NUMBERS = {"tcp": 6, "udp": 17}


def frames_of(protocol, port, client, client_port):
    """Predicates for account(): frames of a conversation, received and sent by the server."""
    ours, theirs = (NUMBERS[protocol], port), (packed(client), client_port)
    return (lambda f: (f[2], f[6]) == ours and (f[3], f[4]) == theirs,
            lambda f: (f[2], f[4]) == ours and (f[5], f[6]) == theirs)


class Accuracy(unittest.TestCase):
    longMessage = True

    def setUp(self):
        weirctl("watch", "add", "measured", "--ports", str(PORT))
        weirctl("watch", "add", "udp only", "--ports", f"{PORT}-{PORT + 5}", "--protocol", "udp")
        weirctl("watch", "add", "untouched", "--ports", "9001-9099")

    def tearDown(self):
        self.assertEqual([row["text"] for row in rows("problems")], [], "nothing that Weir itself finds wrong")
        for name in ("measured", "udp only", "untouched"):
            weirctl("watch", "remove", name)
        for host, name in (("server", SERVER_LINK), ("client", CLIENT_LINK)):
            set_offloads(host, name, tso="on", gso="on", gro="off")

    def converse(self, *arguments, **options):
        conversation = Conversation(*arguments, **options)
        self.addCleanup(conversation.close)
        return conversation

    def moveAndCompare(self, what, merging=False):
        kernel_before, link_before = settled(lambda: link(SERVER_LINK))
        dropped_before = dropped(SERVER_LINK, "server") + dropped(CLIENT_LINK, "client")
        capture = Capture("client", CLIENT_LINK)
        stack = Capture("server", SERVER_LINK)
        conversations = []
        for protocol, kind in KINDS.items():
            for server, client in ((SERVER4, CLIENT4), (SERVER6, INTERNET6), (SERVER4, INTERNET4)):
                measured = self.converse(kind, server, PORT, client)
                noise = self.converse(kind, server, OTHER_PORT, client)
                # The same number as a port of the other side: not the watch's business.
                mirrored = self.converse(kind, client, PORT, server, server_host="client", client_host="server")
                for upward in (False, True):
                    measured.transfer(SIZE if client != INTERNET4 else SIZE // 10, upward)
                    noise.transfer(SIZE // 20, upward)
                    mirrored.transfer(SIZE // 20, upward)
                conversations.append((protocol, client, measured.client_port))
                noise.close()
                mirrored.close()
        kernel_after, (measured_row, udp_row, untouched_row, flows, link_after) = settled(
            lambda: (watch("measured"), watch("udp only"), watch("untouched"),
                     rows("flows", "--filter", f"port:{PORT}", "--limit", "100"), link(SERVER_LINK)))
        frames = capture.stop(SERVER4)
        # Of what is sent no capture sees it: it is split behind the meter and before a capture.
        merged = [frame[0] for frame in stack.stop(CLIENT4) if frame[0] > FULL_FRAME and frame[6] == PORT]
        self.assertEqual(len(merged) > 0, merging, "the stack merged what it received")

        truth = account(frames, lambda f: f[6] == PORT and f[5] in (packed(SERVER4), packed(SERVER6)),
                        lambda f: f[4] == PORT and f[3] in (packed(SERVER4), packed(SERVER6)))
        udp_truth = account(frames, lambda f: f[2] == 17 and f[6] == PORT and f[5] in (packed(SERVER4), packed(SERVER6)),
                            lambda f: f[2] == 17 and f[4] == PORT and f[3] in (packed(SERVER4), packed(SERVER6)))
        kernel = subtract(kernel_after, kernel_before)
        if merging:
            # A veth that merges counts what it receives after taking the Ethernet header off.
            kernel = add(kernel, (kernel[2] * ETHERNET, 0, 0, 0))
        seen = subtract(counted(link_after), counted(link_before))
        print(f"{what}: (rx bytes, tx bytes, rx packets, tx packets)")
        print(f"  watch     {counted(measured_row)}\n  capture   {truth}\n  link      {seen}\n  kernel    {kernel}\n  received merged: {len(merged)} packets of {sum(merged)} bytes")
        self.assertEqual(counted(measured_row), truth, "the watch and the peer's capture")
        self.assertEqual(counted(udp_row), udp_truth, "the UDP watch and the peer's capture")
        self.assertEqual(counted(untouched_row), (0, 0, 0, 0), "a watch whose ports were not used")
        self.assertEqual(seen, kernel, "the link and its kernel counters")
        parts = [tuple(link_after[part][key] - link_before[part][key] for key in
                       ("rx_bytes", "tx_bytes", "rx_packets", "tx_packets")) for part in ("internet", "local", "other", "unmetered")]
        self.assertEqual(add(add(parts[0], parts[1]), add(parts[2], parts[3])), seen, "internet + local + other + unmetered")
        self.assertEqual(parts[3], (0, 0, 0, 0), "nothing passed by the meter")

        outside = (packed(INTERNET4), packed(INTERNET6))
        scope_truth = account(frames, lambda f: f[6] == PORT and f[3] in outside and f[5] in (packed(SERVER4), packed(SERVER6)),
                              lambda f: f[4] == PORT and f[5] in outside and f[3] in (packed(SERVER4), packed(SERVER6)))
        self.assertEqual(counted(measured_row["internet"]), scope_truth, "the watch's internet part")
        self.assertEqual(counted(measured_row["local"]), subtract(truth, scope_truth), "the watch's local part")

        by_ends = {(row["protocol"], row["local_port"], row["remote_address"], row["remote_port"]): row for row in flows}
        for protocol, client, client_port in conversations:
            which = f"the {protocol} flow of {client} port {client_port}"
            row = by_ends.get((protocol, PORT, client, client_port))
            self.assertIsNotNone(row, which)
            self.assertEqual(counted(row), account(frames, *frames_of(protocol, PORT, client, client_port)), which)
            self.assertIn("measured", row["watches"])

    def test_to_the_byte_where_no_packet_was_merged(self):
        for host, name in (("server", SERVER_LINK), ("client", CLIENT_LINK)):
            set_offloads(host, name, tso="off", gso="off", gro="off")
        self.moveAndCompare("no packet merged")

    def test_to_the_byte_with_merged_packets_counted_as_their_segments(self):
        # The stack merges on both ways (GRO, GSO), the wire between carries plain frames, and the peer captures those.
        set_offloads("server", SERVER_LINK, tso="off", gso="on", gro="on")
        set_offloads("client", CLIENT_LINK, tso="off", gso="off", gro="off")
        self.moveAndCompare("merged by the server's stack", merging=True)

    def test_merged_packets_that_never_were_split_count_as_what_a_wire_would_carry(self):
        # TSO on a veth pair hands 64 KiB packets across whole, and the link's own counters count them as one.
        set_offloads("server", SERVER_LINK, tso="on", gso="on", gro="off")
        set_offloads("client", CLIENT_LINK, tso="on", gso="on", gro="off")
        kernel_before, link_before = settled(lambda: link(SERVER_LINK))
        conversation = self.converse(socket.SOCK_STREAM, SERVER4, PORT, CLIENT4)
        conversation.transfer(SIZE, True)
        kernel_after, (row, link_after) = settled(lambda: (watch("measured"), link(SERVER_LINK)))
        kernel = subtract(kernel_after, kernel_before)
        seen = subtract(counted(link_after), counted(link_before))
        headers = 14 + 20 + 32      # Ethernet, IPv4, TCP with timestamps
        print(f"never split: watch {counted(row)}, link {seen}, kernel {kernel}")
        self.assertLess(kernel[3], seen[3], "the kernel merged packets")
        self.assertEqual(seen[1], kernel[1] + (seen[3] - kernel[3]) * headers, "bytes + (segments - 1) x headers")
        # The sender's own account of segments and bytes, what it sent again among them. The SYN-ACK, sent before there was a
        # socket to account for it, has 8 bytes of options more than a segment of data.
        info = conversation.server_end.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 232)
        segments, = struct.unpack_from("=I", info, 136)     # tcpi_segs_out
        payload, = struct.unpack_from("=Q", info, 200)      # tcpi_bytes_sent
        print(f"  the sender's account: {payload} bytes of payload in {segments} segments")
        self.assertEqual((row["tx_packets"], row["tx_bytes"]), (segments + 1, payload + (segments + 1) * headers + 8))


if __name__ == "__main__":
    unittest.main(verbosity=2)
