# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of limits, quotas and guards share: senders that stop for nobody, and an account that owes nothing to Weir."""

import contextlib
import json
import os
import pathlib
import signal
import socket
import struct
import time

from labkit import cgroups
from labkit.trial import ETHERNET, kernel_counters, make_socket, run, set_offloads, until

CLIENT_LINK, SERVER_LINK = os.environ["CLIENT_LINK"], os.environ["SERVER_LINK"]
DATAGRAM = 1200
BLOCK = bytes(1 << 18)


def merge_nothing():
    """Each packet is one frame: what nftables and the links count is then what a wire would carry."""
    for host, name in (("server", SERVER_LINK), ("client", CLIENT_LINK)):
        set_offloads(host, name, tso="off", gso="off", gro="off")


class Account:
    """Wire bytes of the link, of its traffic with the internet and of some ports, by nftables rules that are not Weir's.

    "arrived" at the server before Weir's gate, "taken" by its sockets, "left" for the client and came there. What leaves the link is
    told by the client's link: a packet that an ifb gave back carries a mark that makes the ingress hook at a veth's other end skip it.
    """

    def __init__(self, *ports):
        internet = (("ip", os.environ["INTERNET4"]), ("ip6", os.environ["INTERNET6"]))

        def table(family, what, hook, remote, end):
            rules = [f"counter name {what}_link"]
            rules += [f"{protocol} {remote} {address} counter name {what}_internet" for protocol, address in internet]
            rules += [f"meta l4proto {{ tcp, udp }} th {end} {port} counter name {what}_{port}" for port in ports]
            counters = [f"counter {what}_{name} {{\n}}" for name in ("link", "internet", *ports)]
            return "\n".join((f"table {family} account {{", *counters, f"chain watch {{\n{hook}", *rules, "}", "}", ""))

        entry = 'type filter hook ingress device "{}" priority -500;'.format
        self._nft("server", table("netdev", "arrived", entry(SERVER_LINK), "saddr", "dport")
                  + table("inet", "taken", f'type filter hook input priority 500; iifname != "{SERVER_LINK}" accept', "saddr", "dport"))
        self._nft("client", table("inet", "left", f'type filter hook prerouting priority -500; iifname != "{CLIENT_LINK}" accept', "daddr", "sport"))
        self._left_before = kernel_counters(CLIENT_LINK, "client")[0]

    @staticmethod
    def _nft(host, text):
        run("nsenter", f"--net=/run/netns/{host}", "--", "nft", text)

    def close(self):
        self._nft("server", "delete table netdev account; delete table inet account")
        self._nft("client", "delete table inet account")

    def read(self):
        """(what, a port or "link" or "internet") → wire bytes."""
        passed = {}
        for host in ("server", "client"):
            shown = run("nsenter", f"--net=/run/netns/{host}", "--", "nft", "-j", "list", "counters").stdout
            for item in json.loads(shown)["nftables"]:
                counter = item.get("counter")
                if counter and counter["table"] == "account":
                    what, name = counter["name"].split("_")
                    passed[what, int(name) if name.isdigit() else name] = counter["bytes"] + ETHERNET * counter["packets"]
        passed["left", "link"] = kernel_counters(CLIENT_LINK, "client")[0] - self._left_before
        return passed

    def settled(self, seconds=0.5, patience=30):
        """As read(), once nothing has passed for so long."""
        deadline = time.monotonic() + patience
        before = self.read()
        while True:
            time.sleep(seconds)
            now = self.read()
            if now == before:
                return now
            if time.monotonic() > deadline:
                raise AssertionError("traffic does not come to rest")
            before = now


@contextlib.contextmanager
def in_service(unit):
    """Sockets that are made meanwhile are the unit's."""
    if not unit:
        yield
        return
    service = pathlib.Path(os.environ["WEIR_LAB_CGROUP"]) / "system.slice" / unit
    service.mkdir(parents=True, exist_ok=True)
    home = cgroups.own(cgroups.mount_point())
    cgroups.move(service, os.getpid())
    try:
        yield
    finally:
        cgroups.move(home, os.getpid())


class Stream:
    """A conversation whose sender is a process of its own, so that it is as fast as it can be while others are looked at."""

    ENDLESS = 0

    def __init__(self, kind, server, port, client, upward, unit=None):
        self.kind = kind
        with in_service(unit):
            server_end = make_socket("server", kind, server, port)
        client_end = make_socket("client", kind, client)
        if kind == socket.SOCK_STREAM:
            server_end.listen(1)
            client_end.connect((server, port))
            listener, (server_end, _) = server_end, server_end.accept()
            listener.close()
        else:
            server_end.connect(client_end.getsockname()[:2])
            client_end.connect((server, port))
        self.sender, self.receiver = (server_end, client_end) if upward else (client_end, server_end)
        self._orders, self._give = os.pipe()
        self._take, self._answers = os.pipe()
        self._reader = self._fork(self._drain) if kind == socket.SOCK_STREAM else None
        self._sender = self._fork(self._obey)

    @staticmethod
    def _fork(act):
        child = os.fork()
        if child == 0:
            with contextlib.suppress(Exception):
                act()
            os._exit(0)
        return child

    def _drain(self):
        buffer = bytearray(1 << 20)
        self.receiver.settimeout(None)
        while self.receiver.recv_into(buffer):
            pass

    def _obey(self):
        self.sender.settimeout(None)
        while order := os.read(self._orders, 16):
            size, rate = struct.unpack("=qq", order)
            self._send(size, rate)
            os.write(self._answers, b".")

    def _send(self, size, rate):
        began, sent = time.monotonic(), 0
        piece = memoryview(BLOCK)[:DATAGRAM if self.kind == socket.SOCK_DGRAM else len(BLOCK) if not rate else 4096]
        while not size or sent < size:
            if rate and sent > rate * (time.monotonic() - began):
                time.sleep(0.004)
                continue
            try:
                sent += self.sender.send(piece[:size - sent] if size and self.kind == socket.SOCK_STREAM else piece)
            except (PermissionError, ConnectionRefusedError):      # dropped before it left
                sent += len(piece)

    def send(self, size, rate=0):
        """So many bytes of payload, ENDLESS for no end, at most `rate` bytes per second; returns at once."""
        os.write(self._give, struct.pack("=qq", size, rate))

    def wait(self):
        os.read(self._take, 1)

    def stop(self):
        """Sends no more; what is on its way goes on."""
        if self._sender:
            os.kill(self._sender, signal.SIGKILL)
            os.waitpid(self._sender, 0)
            self._sender = None

    def close(self):
        if self.sender.fileno() < 0:
            return
        self.stop()
        if self._reader:
            os.kill(self._reader, signal.SIGKILL)
            os.waitpid(self._reader, 0)
        for pipe in (self._orders, self._give, self._take, self._answers):
            os.close(pipe)
        # No farewell: what it would send is nobody's to count.
        if self.kind == socket.SOCK_STREAM:
            for end in (self.sender, self.receiver):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sender.close()
        self.receiver.close()


class Frozen:
    """The helper stands still, as one that hangs; the lab starts no other."""

    def __enter__(self):
        self._pid = int(run("helper-pid").stdout)
        os.kill(self._pid, signal.SIGSTOP)
        until(lambda: pathlib.Path(f"/proc/{self._pid}/stat").read_text().rpartition(") ")[2][0] == "T", "the helper stands still")

    def __exit__(self, *_):
        os.kill(self._pid, signal.SIGCONT)
