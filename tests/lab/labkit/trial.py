# SPDX-License-Identifier: GPL-3.0-or-later
"""What the system tests share: the command, the kernel's own numbers, captures, and sockets on either host."""

import contextlib
import ctypes
import ipaddress
import json
import os
import pathlib
import signal
import socket
import struct
import subprocess
import tempfile
import threading
import time

CLONE_NEWNET = 0x40000000
ETHERNET, IPV4, IPV6, UDP = 14, 20, 40, 8       # header lengths
PATIENCE = 20                                   # seconds until something that must happen counts as not happening

libc = ctypes.CDLL(None, use_errno=True)
environment = os.environ
HERE = os.open("/proc/thread-self/ns/net", os.O_RDONLY)


def frame_size(family, payload):
    """Wire bytes of a UDP datagram in one frame."""
    return ETHERNET + (IPV4 if family == socket.AF_INET else IPV6) + UDP + payload


def run(*words, check=True):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True)
    if check and done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, words))} exited {done.returncode}: {done.stderr.strip()}")
    return done


def weirctl(*words, check=True):
    return run("weirctl", *words, check=check)


def rows(verb, *words):
    return json.loads(weirctl(verb, *words, "--json").stdout)[verb]


def status():
    """Exit status 3 says that there are problems: the caller's business."""
    return json.loads(weirctl("status", "--json", check=False).stdout)["status"][0]


def watch(name):
    return next(row for row in rows("watches") if row["name"] == name)


def link(name):
    return next(row for row in rows("links") if row["name"] == name)


def counted(row):
    """(rx_bytes, tx_bytes, rx_packets, tx_packets) of a row."""
    return tuple(row[key] for key in ("rx_bytes", "tx_bytes", "rx_packets", "tx_packets"))


def add(one, other):
    return tuple(a + b for a, b in zip(one, other))


def subtract(one, other):
    return tuple(a - b for a, b in zip(one, other))


def kernel_counters(name, host="server"):
    """The link's own counters, in the order of counted()."""
    stats = json.loads(run("ip", "-n", host, "-j", "-s", "link", "show", "dev", name).stdout)[0]["stats64"]
    return stats["rx"]["bytes"], stats["tx"]["bytes"], stats["rx"]["packets"], stats["tx"]["packets"]


def dropped(name, host):
    """Packets that the link could not send or take."""
    stats = json.loads(run("ip", "-n", host, "-j", "-s", "link", "show", "dev", name).stdout)[0]["stats64"]
    return stats["rx"]["dropped"] + stats["tx"]["dropped"]


def until(condition, what, seconds=PATIENCE):
    """Waits for the condition and returns its true value."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.05)


def sample_end_ms(name):
    """When the helper took its last sample of a link, in UTC milliseconds."""
    shown = run("gdbus", "call", "--system", "--dest", "org.weir.Weir1", "--object-path", "/org/weir/Weir1",
                "--method", "org.weir.Weir1.Live.GetSamples", "link", name, check=False).stdout
    return int(shown.strip("(\n").removeprefix("int64 ").split(",")[0]) if shown else 0


def wait_for_sample(name=environment.get("SERVER_LINK")):
    """Until the helper has taken a sample that is later than now."""
    now = time.time() * 1000
    until(lambda: sample_end_ms(name) >= now, "a sample of the helper")


def settled(read, name=environment.get("SERVER_LINK"), host="server"):
    """(the kernel's counters, what `read` returns) of the same moment: with a sample between two equal readings of the kernel."""
    for _ in range(30):
        before = kernel_counters(name, host)
        wait_for_sample(name)
        value = read()
        if kernel_counters(name, host) == before:
            return before, value
    raise AssertionError(f"{name} does not come to rest")


@contextlib.contextmanager
def on(host):
    """This thread's network namespace for a moment; sockets made in it stay there."""
    there = os.open(f"/run/netns/{host}", os.O_RDONLY)
    try:
        if libc.setns(there, CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), f"cannot enter {host}")
        yield
    finally:
        libc.setns(HERE, CLONE_NEWNET)
        os.close(there)


def family_of(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def make_socket(host, kind, address, port=0):
    with on(host):
        made = socket.socket(family_of(address), kind)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind((address, port))
    return made


class Conversation:
    """A TCP connection or a pair of connected UDP sockets between the hosts; each end is in its own namespace."""

    def __init__(self, kind, server, server_port, client, client_port=0, server_host="server", client_host="client"):
        self.kind, self.family = kind, family_of(server)
        if kind == socket.SOCK_STREAM:
            with make_socket(server_host, kind, server, server_port) as listener:
                self.client_end = make_socket(client_host, kind, client, client_port)
                # What is on its way at once fits a veth's queue of 256 packets: what overflows it was sent, says a capture, and never came.
                for end in (listener, self.client_end):
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 100_000)
                listener.listen(1)
                self.client_end.connect((server, server_port))
                self.server_end, _ = listener.accept()
        else:
            self.server_end = make_socket(server_host, kind, server, server_port)
            self.client_end = make_socket(client_host, kind, client, client_port)
            self.server_end.connect(self.client_end.getsockname()[:2])
            self.client_end.connect((server, server_port))
        self.server_port, self.client_port = server_port, self.client_end.getsockname()[1]

    def transfer(self, size, upward):
        """Moves `size` bytes of payload; `upward` from the server's end."""
        sender, receiver = (self.server_end, self.client_end) if upward else (self.client_end, self.server_end)
        if self.kind == socket.SOCK_STREAM:
            reader = threading.Thread(target=self._drain, args=(receiver, size))
            reader.start()
            block = bytes(1 << 20)
            left = size
            while left:
                left -= sender.send(block[:left])
            reader.join()
        else:
            self.send_datagrams(sender, receiver, size // 1400, 1400)

    @staticmethod
    def send_datagrams(sender, receiver, count, payload):
        """Each batch is received before the next is sent, so none is lost on the way."""
        datagram = bytes(payload)
        receiver.settimeout(PATIENCE)
        while count:
            batch = min(count, 32)
            for _ in range(batch):
                sender.send(datagram)
            for _ in range(batch):
                receiver.recv(payload)
            count -= batch

    @staticmethod
    def _drain(receiver, size):
        buffer = bytearray(1 << 20)
        while size > 0:
            size -= receiver.recv_into(buffer)

    def close(self):
        self.client_end.close()
        self.server_end.close()


class Capture:
    """What passes a link, frame by frame, by tcpdump on a host: an account that owes nothing to Weir."""

    MARK_PORT = 9

    def __init__(self, host, name):
        self._host = host
        self._directory = tempfile.TemporaryDirectory(prefix="weir-capture.", dir="/var/tmp")
        self.path = pathlib.Path(self._directory.name) / "frames.pcap"
        self._tcpdump = subprocess.Popen(
            ["nsenter", f"--net=/run/netns/{host}", "--", "tcpdump", "-i", name, "-s", "96", "-B", "262144", "--immediate-mode", "-U", "-n", "-Z", "root",
             "-w", str(self.path)], stderr=subprocess.PIPE, text=True)
        for line in self._tcpdump.stderr:
            if "listening on" in line:
                break

    def stop(self, to):
        """Frames up to a mark that is sent to address `to`; fails when tcpdump lost any."""
        mark = f"end of capture {time.monotonic_ns()}".encode()
        with make_socket(self._host, socket.SOCK_DGRAM, "0.0.0.0") as sender:
            sender.sendto(mark, (to, self.MARK_PORT))
        until(lambda: mark in self._tail(), "the mark in the capture", 120)
        self._tcpdump.send_signal(signal.SIGINT)
        report = self._tcpdump.communicate()[1]
        assert "0 packets dropped by kernel" in report, report
        frames = list(self._frames(self.path.read_bytes()))
        self._directory.cleanup()
        return frames

    def _tail(self):
        with open(self.path, "rb") as file:
            file.seek(max(0, self.path.stat().st_size - 4096))
            return file.read()

    @staticmethod
    def _frames(data):
        """Yields (wire bytes, IP version or 0, protocol, source, source port, destination, destination port)."""
        offset = 24
        while offset + 16 <= len(data):
            kept, size = struct.unpack_from("<II", data, offset + 8)
            at = offset + 16
            offset = at + kept
            kind = struct.unpack_from("!H", data, at + 12)[0]
            at += ETHERNET
            if kind == 0x0800:
                protocol, ends, length = data[at + 9], (data[at + 12:at + 16], data[at + 16:at + 20]), (data[at] & 15) * 4
                first = struct.unpack_from("!H", data, at + 6)[0] & 0x1fff == 0
                version = 4
            elif kind == 0x86dd:
                protocol, ends, length, first = data[at + 6], (data[at + 8:at + 24], data[at + 24:at + 40]), IPV6, True
                version = 6
            else:
                yield size, 0, 0, None, 0, None, 0
                continue
            ports = struct.unpack_from("!HH", data, at + length) if protocol in (6, 17) and first else (0, 0)
            yield size, version, protocol, ends[0], ports[0], ends[1], ports[1]


def packed(address):
    return ipaddress.ip_address(address).packed


def account(frames, received, sent):
    """counted() of the frames that `received` or `sent` says yes to."""
    rx = [frame[0] for frame in frames if received(frame)]
    tx = [frame[0] for frame in frames if sent(frame)]
    return sum(rx), sum(tx), len(rx), len(tx)


def set_offloads(host, name, **features):
    """For example tso="off", gso="on"."""
    run("nsenter", f"--net=/run/netns/{host}", "--", "ethtool", "-K", name, *[word for pair in features.items() for word in pair])
