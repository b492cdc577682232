# SPDX-License-Identifier: GPL-3.0-or-later
"""Services: a real proxy against both its legs on the link, programs that live for a moment, units that start again.

WEIR_LAB_BYTES sets what passes through the proxy (default 60 MB); the acceptance run uses 200 MB.
"""

import concurrent.futures
import os
import pathlib
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import unittest

sys.dont_write_bytecode = True
from labkit.trial import add, counted, frame_size, link, make_socket, rows, run, settled, subtract, until, watch, weirctl  # noqa: E402

SERVER4, SERVER6, CLIENT4, CLIENT6 = (os.environ[name] for name in ("SERVER4", "SERVER6", "CLIENT4", "CLIENT6"))
INTERNET4, INTERNET6 = os.environ["INTERNET4"], os.environ["INTERNET6"]
SERVER_LINK = os.environ["SERVER_LINK"]
SIZE = int(os.environ.get("WEIR_LAB_BYTES", 60_000_000))
NGINX = pathlib.Path(os.environ["WEIR_SOURCE"]) / ".cache/nginx"
PROXY_PORT, UPSTREAM_PORT = 8443, 9000
DATAGRAM = 1200
MOMENTS = 500       # programs that live 50 ms

PROXY = """
daemon off; master_process off; pid {directory}/nginx.pid; error_log {directory}/error.log;
load_module {modules}/ngx_stream_module.so;
events {{ worker_connections 64; }}
stream {{
    server {{ listen {server4}:{port}; proxy_pass {upstream4}:{upstream_port}; }}
    server {{ listen [{server6}]:{port}; proxy_pass [{upstream6}]:{upstream_port}; }}
    server {{ listen {server4}:{port} udp; proxy_pass {upstream4}:{upstream_port}; }}
    server {{ listen [{server6}]:{port} udp; proxy_pass [{upstream6}]:{upstream_port}; }}
}}
"""


def service(name):
    return next((row for row in rows("services") if row["name"] == name), None)


def nothing():
    return (0, 0, 0, 0)


def moved(name):
    row = service(name)
    return counted(row) if row else nothing()


class Upstream(threading.Thread):
    """On the internet side: sends as many bytes over TCP as it is asked for and swallows as many; answers datagrams with their like."""

    def __init__(self, address):
        super().__init__(daemon=True)
        self.listener = make_socket("client", socket.SOCK_STREAM, address, UPSTREAM_PORT)
        self.listener.listen(4)
        self.datagrams = make_socket("client", socket.SOCK_DGRAM, address, UPSTREAM_PORT)
        self.datagrams.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_000_000)
        threading.Thread(target=self.echo, daemon=True).start()

    def run(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection:
                down, up = struct.unpack("!QQ", connection.recv(16, socket.MSG_WAITALL))
                reader = threading.Thread(target=self.swallow, args=(connection, up))
                reader.start()
                connection.sendall(bytes(down))
                reader.join()
                connection.sendall(b"!")

    @staticmethod
    def swallow(connection, size):
        buffer = bytearray(1 << 20)
        while size > 0:
            size -= connection.recv_into(buffer, min(size, len(buffer)))

    def echo(self):
        while True:
            try:
                datagram, sender = self.datagrams.recvfrom(DATAGRAM)
                self.datagrams.sendto(datagram, sender)
            except OSError:
                return

    def close(self):
        self.listener.close()
        self.datagrams.close()


class Services(unittest.TestCase):
    longMessage = True

    def startProxy(self):
        directory = self.enterContext(tempfile.TemporaryDirectory())
        configuration = pathlib.Path(directory) / "nginx.conf"
        configuration.write_text(PROXY.format(
            directory=directory, modules=NGINX / "usr/lib/nginx/modules", server4=SERVER4, server6=SERVER6, port=PROXY_PORT,
            upstream4=INTERNET4, upstream6=INTERNET6, upstream_port=UPSTREAM_PORT))
        proxy = subprocess.Popen(["in-service", "proxy.service", "on-server", NGINX / "usr/sbin/nginx", "-e", f"{directory}/error.log", "-p", directory,
                                  "-c", configuration])
        self.addCleanup(proxy.wait)
        self.addCleanup(proxy.kill)
        until(lambda: f":{PROXY_PORT}" in run("ss", "--no-header", "--listening", "--tcp", "--numeric").stdout, "the proxy listens")
        return proxy

    def pass_tcp(self, server, client, size):
        """`size` bytes down to the client through the proxy, and half as many up."""
        with make_socket("client", socket.SOCK_STREAM, client) as connection:
            connection.connect((server, PROXY_PORT))
            connection.sendall(struct.pack("!QQ", size, size // 2))
            writer = threading.Thread(target=connection.sendall, args=(bytes(size // 2),))
            writer.start()
            Upstream.swallow(connection, size)
            writer.join()
            self.assertEqual(connection.recv(1), b"!")

    def pass_udp(self, server, client, size):
        """`size` bytes each way, a few datagrams at a time."""
        with make_socket("client", socket.SOCK_DGRAM, client) as end:
            end.settimeout(20)
            end.connect((server, PROXY_PORT))
            for _ in range(size // DATAGRAM // 8):
                for _ in range(8):
                    end.send(bytes(DATAGRAM))
                for _ in range(8):
                    end.recv(DATAGRAM)

    def test_a_proxys_service_is_both_its_legs(self):
        weirctl("watch", "add", "proxy", "--service", "proxy")
        self.addCleanup(weirctl, "watch", "remove", "proxy")
        upstreams = [Upstream(address) for address in (INTERNET4, INTERNET6)]
        for upstream in upstreams:
            upstream.start()
            self.addCleanup(upstream.close)
        self.startProxy()
        _, (link_before, service_before) = settled(lambda: (link(SERVER_LINK), moved("proxy.service")))
        part = SIZE // 4        # 3/8 of it by TCP, twice as much by UDP; each byte passes the link twice
        for server, client in ((SERVER4, CLIENT4), (SERVER6, CLIENT6)):
            self.pass_tcp(server, client, part)
            self.pass_udp(server, client, part // 4)
        _, (link_after, row, watched) = settled(lambda: (link(SERVER_LINK), service("proxy.service"), watch("proxy")))
        seen = subtract(counted(row), service_before)
        passed = subtract(counted(link_after), counted(link_before))
        print(f"proxy.service {seen}\n  link         {passed}\n  ratio        {[round(a / b, 5) for a, b in zip(seen, passed)]}")
        for ours, theirs in zip(seen[:2], passed[:2]):
            self.assertLess(abs(ours - theirs), 0.005 * theirs, "both legs of the proxy, within half a per cent")
        self.assertGreater(sum(seen[:2]), 2 * SIZE, "each byte twice")
        self.assertEqual(counted(watched), counted(row), "the watch of the service and the service")
        self.assertEqual(row["loopback"]["rx_bytes"], 0)
        # clients are on the link's network, the upstream is behind the default route
        internet, local = row["internet"], row["local"]
        self.assertGreater(internet["rx_bytes"], 0.4 * seen[0])
        self.assertGreater(local["tx_bytes"], 0.4 * seen[1])

    def test_a_unit_that_starts_again_goes_on_under_its_name(self):
        before = moved("again.service")
        cgroup = pathlib.Path(os.environ["WEIR_LAB_CGROUP"]) / "system.slice/again.service"
        size = frame_size(socket.AF_INET, 100)
        for _ in range(5):
            run("in-service", "again.service", "on-server", "bash", "-c", f"printf %100s >/dev/udp/{INTERNET4}/9")
            until(lambda: not (cgroup / "cgroup.procs").read_text(), "the unit ends")
            cgroup.rmdir()      # as a service manager does: the next start gets a cgroup with another number
        until(lambda: subtract(moved("again.service"), before)[1::2] == (5 * size, 5), "5 datagrams of again.service")

    def test_programs_that_live_for_a_moment_are_their_units(self):
        before = moved("moments.service")
        program = f"printf %200s >/dev/udp/{INTERNET4}/9; sleep 0.05"
        with concurrent.futures.ThreadPoolExecutor(max_workers=8) as pool:
            list(pool.map(lambda _: run("in-service", "moments.service", "on-server", "bash", "-c", program), range(MOMENTS)))
        size = frame_size(socket.AF_INET, 200)
        seen = until(lambda: (lambda passed: passed[3] >= MOMENTS and passed)(subtract(moved("moments.service"), before)), "all datagrams")
        print(f"{MOMENTS} programs of 50 ms: {seen[1]} bytes in {seen[3]} packets of {size}")
        self.assertEqual(seen[1::2], (MOMENTS * size, MOMENTS))

    def test_what_stays_within_the_machine_is_counted_apart(self):
        run("in-service", "inner.service", "on-server", "bash", "-c", "printf %300s >/dev/udp/127.0.0.1/9")
        row = until(lambda: service("inner.service"), "inner.service")
        self.assertEqual(counted(row), nothing())
        self.assertGreaterEqual(row["loopback"]["tx_packets"], 1)

    def test_services_outlive_the_helper(self):
        run("in-service", "lasting.service", "on-server", "bash", "-c", f"printf %100s >/dev/udp/{INTERNET4}/9")
        until(lambda: moved("lasting.service")[3] == 1, "lasting.service")
        pid = int(run("helper-pid").stdout)
        os.kill(pid, signal.SIGKILL)
        run("in-service", "lasting.service", "on-server", "bash", "-c", f"printf %100s >/dev/udp/{INTERNET4}/9")
        until(lambda: int(run("helper-pid").stdout) != pid, "another helper")
        until(lambda: moved("lasting.service")[3] == 2, "one of each helper")
        self.assertEqual(add(moved("lasting.service"), nothing())[1], 2 * frame_size(socket.AF_INET, 100))


if __name__ == "__main__":
    unittest.main(verbosity=2)
