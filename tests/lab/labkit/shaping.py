# SPDX-License-Identifier: GPL-3.0-or-later
"""Traffic that fills a limit, and what arrives of it: streams, pings through a class, and the kernel's own accounts.

Senders and receivers are processes of their own, so that they neither wait for each other nor for the test. Wire bytes are counted
behind the limit, by two that know nothing of Weir's figures: the queueing discipline's own class (`tc -s class`), and the IP
layer of the host that receives. The latter sees only what the limit let through, also of what is received (a link's own
counters do not: they count a flood before it is held back), fragments one by one, and tells of merged packets their segments.
"""

import json
import multiprocessing
import os
import re
import socket
import statistics
import struct
import time

from labkit.trial import ETHERNET, IPV4, IPV6, PATIENCE, UDP, environment, make_socket, on, run

ADDRESSES = {4: (environment["SERVER4"], environment["CLIENT4"]), 6: (environment["SERVER6"], environment["CLIENT6"])}
MBIT = 1_000_000
TCP_HEADER = 32                 # with timestamps
DATAGRAM = 1400                 # payload of a datagram in one frame
UDP_SEGMENT = 103
SO_RCVBUFFORCE = 33
SHARED = multiprocessing.get_context("fork")


def start(target, *arguments):
    process = SHARED.Process(target=target, args=arguments, daemon=True)
    process.start()
    return process


class Counter:
    """A number that another process counts up."""

    def __init__(self):
        self._value = SHARED.RawValue("Q", 0)

    def add(self, amount):
        self._value.value += amount

    def read(self):
        return self._value.value


def connect(kind, port, server_address, client_address, listen=None):
    """(server's end, client's end), with the buffers that the kernel chooses for TCP and ample ones for UDP.

    `listen`: host, address and port of the server's end, where they are others than those that the client speaks to.
    """
    server_host, *place = listen or ("server", server_address, port)
    client = make_socket("client", kind, client_address)
    if kind == socket.SOCK_STREAM:
        with make_socket(server_host, kind, *place) as listener:
            listener.listen(1)
            client.connect((server_address, port))
            server, _ = listener.accept()
        for end in (server, client):    # what is left when a stream ends is nobody's
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    else:
        server = make_socket(server_host, kind, *place)
        client.connect((server_address, port))
        # A server behind a translation learns the port by it. What still waits in a queue of the stream before is something else.
        mark = f"from {client.getsockname()}".encode()
        client.send(mark)
        server.settimeout(PATIENCE)
        while (came := server.recvfrom(100))[0] != mark:
            pass
        server.connect(came[1][:2])
        server.settimeout(None)
        for end in (server, client):
            end.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 16_000_000)
    return server, client


def _send_stream(end, sent):
    block = bytes(1 << 18)
    try:
        while True:
            sent.add(end.send(block))
    except OSError:
        pass        # the other end is gone


def _send_datagrams(end, sent, bits_per_s, payload):
    """At a pace: what cannot be sent in time is left out, so that a slow machine is not kept busy with it."""
    datagrams = 1
    if payload <= DATAGRAM and bits_per_s >= 50 * MBIT:     # many at once, as programs that send so much do
        datagrams = min(40, bits_per_s // 8 // payload // 1000)
        end.setsockopt(socket.IPPROTO_UDP, UDP_SEGMENT, payload)
    block = bytes(payload * datagrams)
    spacing = len(block) * 8 / bits_per_s
    due = time.monotonic()
    while True:
        now = time.monotonic()
        due = max(due, now - 0.02)
        while due <= now:
            try:
                sent.add(end.send(block))
            except OSError:
                pass        # the link is away for a moment, or the other end not there yet
            due += spacing
        time.sleep(max(0.0005, min(due - now, 0.05)))


def _receive(end, received, packets):
    buffer = bytearray(1 << 18)
    while True:
        try:
            size = end.recv_into(buffer)
        except OSError:
            continue
        if not size and end.type == socket.SOCK_STREAM:
            return
        received.add(size)
        packets.add(1)


class Stream:
    """Traffic in one direction, "down" or "up", as fast as it goes (TCP) or offered at a rate (UDP), until end().

    `kind` is "tcp", "udp" (datagrams of one frame) or "big" (datagrams of 8 kB, which go in fragments).
    """

    def __init__(self, kind, direction, port, family=4, bits_per_s=None, addresses=None, listen=None):
        self.ends = connect(socket.SOCK_STREAM if kind == "tcp" else socket.SOCK_DGRAM, port, *(addresses or ADDRESSES[family]), listen)
        sender, receiver = self.ends if direction == "up" else reversed(self.ends)
        self._sent, self._received, self._reads = Counter(), Counter(), Counter()
        sending = (_send_stream, sender, self._sent) if kind == "tcp" else (
            _send_datagrams, sender, self._sent, int(bits_per_s), 8192 if kind == "big" else DATAGRAM)
        self._processes = [start(_receive, receiver, self._received, self._reads), start(*sending)]

    def received(self):
        """Bytes of payload so far."""
        return self._received.read()

    def sent(self):
        return self._sent.read()

    def end(self):
        for process in self._processes:
            process.kill()
            process.join()
        for end in self.ends:
            end.close()
        self._processes, self.ends = [], ()


class Flood:
    """Datagrams to a port of the server, whether somebody receives them or not."""

    def __init__(self, port, bits_per_s, family=4):
        self._end = make_socket("client", socket.SOCK_DGRAM, ADDRESSES[family][1])
        self._end.connect((ADDRESSES[family][0], port))
        self._process = start(_send_datagrams, self._end, Counter(), int(bits_per_s), DATAGRAM)

    def end(self):
        self._process.kill()
        self._process.join()
        self._end.close()


def _echo(end):
    while True:
        try:
            datagram, sender = end.recvfrom(2000)
            end.sendto(datagram, sender)
        except OSError:
            pass


def _ping(end, spacing, times, sent):
    end.settimeout(spacing)
    due = time.monotonic()
    while True:
        now = time.monotonic()
        if now >= due:
            try:
                end.send(struct.pack("d", now) + bytes(48))
                sent.add(1)
            except OSError:
                pass
            due = max(due + spacing, now)
        end.settimeout(max(0.001, due - time.monotonic()))
        try:
            began, = struct.unpack_from("d", end.recv(2000))
            times.send(time.monotonic() - began)
        except OSError:
            pass


class Pings:
    """A datagram from the client and its echo from a port of the server, again and again: one way each through the port's classes."""

    def __init__(self, port, family=4, spacing=0.02):
        server_address, client_address = ADDRESSES[family]
        echo = make_socket("server", socket.SOCK_DGRAM, server_address, port)
        end = make_socket("client", socket.SOCK_DGRAM, client_address)
        end.connect((server_address, port))
        self.ends = echo, end
        self._times, times = SHARED.Pipe(duplex=False)
        self._sent = Counter()
        self._processes = [start(_echo, echo), start(_ping, end, spacing, times, self._sent)]

    def take(self):
        """Seconds of each round trip that ended since the last call, sorted."""
        taken = []
        while self._times.poll():
            taken.append(self._times.recv())
        return sorted(taken)

    def end(self):
        for process in self._processes:
            process.kill()
            process.join()
        for end in self.ends:
            end.close()
        self._processes = []


def percentile(ordered, part):
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))] if ordered else float("nan")


def milliseconds(times):
    """(median, 99th percentile) of sorted seconds."""
    return (statistics.median(times) * 1000 if times else float("nan")), percentile(times, 0.99) * 1000


def _table(host, name):
    """A table of /proc/net with a line of names above each line of values."""
    with on(host), open(f"/proc/thread-self/net/{name}") as file:
        lines = file.read().splitlines()
    values = {}
    for names, numbers in zip(lines[::2], lines[1::2]):
        prefix, *words = names.split()
        values.update({prefix + word: int(number) for word, number in zip(words, numbers.split()[1:])})
    return values


def received_by_ip(host, family, transport_header):
    """Wire bytes that the host's IP layer took so far; of merged packets each segment has a transport header of that size."""
    if family == 4:
        plain, more = _table(host, "snmp"), _table(host, "netstat")
        values = {"packets": plain["Ip:InReceives"], "octets": more["IpExt:InOctets"],
                  "segments": sum(more[f"IpExt:In{mark}Pkts"] for mark in ("NoECT", "ECT1", "ECT0", "CE"))}
    else:
        with on(host), open("/proc/thread-self/net/snmp6") as file:
            six = {name: int(number) for name, number in (line.split() for line in file)}
        values = {"packets": six["Ip6InReceives"], "octets": six["Ip6InOctets"],
                  "segments": sum(six[f"Ip6In{mark}Pkts"] for mark in ("NoECT", "ECT1", "ECT0", "CE"))}
    headers = (IPV4 if family == 4 else IPV6) + transport_header
    return values["octets"] + values["segments"] * ETHERNET + (values["segments"] - values["packets"]) * headers


def transport_header(kind):
    return TCP_HEADER if kind == "tcp" else UDP


def classes(device="weir0", host="server"):
    """Bytes that each class of a device sent so far, by its handle; with wire bytes of merged packets."""
    shown = run("tc", "-n", host, "-s", "class", "show", "dev", device, check=False).stdout
    return {match[1]: int(match[2]) for match in re.finditer(r"class htb (\S+) [^\n]*\n\s*Sent (\d+) bytes", shown)}


def through_weir0():
    """Wire bytes that the classes of weir0 sent on; only what is at the top, which those below are part of."""
    shown = run("tc", "-n", "server", "-s", "class", "show", "dev", "weir0", check=False).stdout
    return sum(int(match[1]) for match in re.finditer(r"class htb \S+ root [^\n]*\n\s*Sent (\d+) bytes", shown))


class Rates:
    """Bits per second of several counters, over the same time."""

    def __init__(self, **counters):
        self._counters = counters
        self.restart()

    def restart(self):
        self._began = time.monotonic()
        self._before = {name: read() for name, read in self._counters.items()}

    def read(self):
        after = {name: read() for name, read in self._counters.items()}
        seconds = time.monotonic() - self._began
        return {name: (after[name] - self._before[name]) * 8 / seconds for name in after}


def sample(read, seconds, interval=0.1):
    """[(seconds since the begin, bits per second)] of a byte counter, by the interval."""
    began = last = time.monotonic()
    value, taken = read(), []
    for step in range(1, round(seconds / interval) + 1):
        time.sleep(max(0, began + step * interval - time.monotonic()))
        now, new = time.monotonic(), read()
        taken.append((now - began, (new - value) * 8 / (now - last)))
        last, value = now, new
    return taken


def limit(name, ports, *words):
    """A watch of ports that is limited; `words` as weirctl limit takes them."""
    run("weirctl", "watch", "add", name, "--ports", ports)
    run("weirctl", "limit", name, *words)


def trace_of_others():
    """What others than Weir have in the server's kernel, without counters: tables, qdiscs, classes, filters and links."""
    def tc(*words):
        return run("tc", *words, check=False).stdout

    names = [row["ifname"] for row in json.loads(run("ip", "-json", "link", "show").stdout)]
    tables = [line.split(None, 1)[1] for line in run("nft", "list", "tables").stdout.splitlines()]
    kept = [name for name in names if name != "weir0"]
    return {
        "nft": [run("nft", "--stateless", "list", "table", *table.split()).stdout for table in tables if table.split()[1] != "weir"],
        "links": [name for name in kept],
        "queues": {name: [tc("qdisc", "show", "dev", name), tc("class", "show", "dev", name),
                          *(tc("filter", "show", "dev", name, *where) for where in ((), ("ingress",), ("egress",)))] for name in kept},
    }


def trace_of_weir():
    """What there is of Weir's limits in the server's kernel."""
    return {"tables": [line for line in run("nft", "list", "tables").stdout.splitlines() if line.split()[2] == "weir"],
            "device": os.path.exists("/sys/class/net/weir0")}
