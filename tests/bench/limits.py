#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What limits cost and how well they hold, with 1 and with 1,000 of them, against what scripts do: HTB classes on the link and a tc
u32 filter for each port.

Upward only, for scripts cannot hold what is received without more ado. All states take their turn in each round, so that a machine
that gets slower for a while slows all. Runs inside a lab without a helper. Prints one JSON object.
"""

import json
import os
import pathlib
import socket
import statistics
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lab"))
from labkit.dbus import Bus  # noqa: E402
from labkit.shaping import MBIT, Pings, Rates, Stream, milliseconds  # noqa: E402

ROUNDS = int(os.environ.get("WEIR_BENCH_ROUNDS", "3"))
LINK, STATE = os.environ["SERVER_LINK"], pathlib.Path(os.environ["WEIR_STATE_DIR"])
KEPT = pathlib.Path(os.environ["WEIR_LAB"]) / "kept"
COUNT = 1000
OTHERS = 10000                  # the first port of the other limits
PORT, ECHO = 9000, 9001         # held together
FREE, FREE_ECHO = 9100, 9101    # not held
WIDE = 20_000                   # Mbit/s of a limit that holds nothing back
RATES = (1, 10, 100, 1000)
SO_MAX_PACING_RATE = 47
LIMITS = {"1": 1, "1,000": COUNT}


def call(*words, **options):
    return subprocess.run([str(word) for word in words], check=True, capture_output=True, text=True, **options).stdout


class Nothing:
    def start(self):
        pass

    def stop(self):
        pass


class Weir:
    """Its state with so many limits is kept, and put in place before the helper starts."""

    def __init__(self, count):
        self._kept, self._count, self._bus = KEPT / str(count), count, None
        call("helper-start")
        self._bus = Bus()
        watches = {"held": f"{PORT}-{ECHO}", **{f"w{number}": str(OTHERS + number) for number in range(1, count)}}
        self._bus.call("Watches", "AddWatches", "a(sa{sv})", [(name, {"ports": ("s", ports)}) for name, ports in watches.items()])
        for name in watches:
            self._set(name, 1, WIDE if name == "held" else 10)
        self.stop()
        KEPT.mkdir(exist_ok=True)
        call("cp", "-a", STATE, self._kept)
        for file in STATE.iterdir():
            call("rm", "-rf", file)

    def _set(self, name, revision, rate):
        return self._bus.call("Limits", "SetLimit", "usa{sv}", revision, name, {"up_bits_per_s": ("t", rate * MBIT)})[0]

    def start(self):
        call("cp", "-a", f"{self._kept}/.", STATE)
        call("helper-start")
        self._bus = Bus()
        self._revision = 2

    def hold(self, rate):
        self._revision = self._set("held", self._revision, rate)

    def stop(self):
        self._bus.close()
        call("helper-stop")


class Scripts:
    """A class on the link for each limit, and a filter for each port; what no filter matches passes as it is."""

    def __init__(self, count):
        ports = [(20, (PORT, ECHO), WIDE), *((20 + number, (OTHERS + number,), 10) for number in range(1, count))]
        self._commands = [f"qdisc add dev {LINK} root handle 1: htb"]
        for number, _, rate in ports:
            self._commands.append(f"class add dev {LINK} parent 1: classid 1:{number:x} htb rate {rate}mbit quantum 6000")
        # what somebody limits last is looked at last
        for number, held, _ in reversed(ports):
            self._commands += [f"filter add dev {LINK} parent 1: protocol ip prio 1 u32 match ip sport {port} 0xffff flowid 1:{number:x}" for port in held]

    def start(self):
        call("tc", "-batch", "-", input="\n".join(self._commands))

    def hold(self, rate):
        call("tc", "class", "change", "dev", LINK, "parent", "1:", "classid", "1:14", "htb", "rate", f"{rate}mbit", "quantum", "6000")

    def stop(self):
        call("tc", "qdisc", "del", "dev", LINK, "root")


def packets_per_second(port):
    """Datagrams of 64 bytes that the server sends, offered without a bound."""
    server = subprocess.Popen(["iperf3", "-s", "-1", "--forceflush", "-p", str(port)], stdout=subprocess.PIPE)
    server.stdout.readline()
    end = json.loads(call("on-client", "iperf3", "-c", os.environ["SERVER4"], "-p", port, "-t", "2", "-J", "-R", "-u", "-b", "0", "-l", "64"))["end"]
    server.wait()
    return end["sum"]["packets"] / end["sum"]["seconds"]


def cost():
    """Nanoseconds that a small packet of a free and of a held port takes on its way."""
    return {"free": 1e9 / packets_per_second(FREE), "held": 1e9 / packets_per_second(PORT)}


def hold(state):
    """By rate: per cent of the limit that arrives as payload, and the delay (ms, median) of the held port and of a free one."""
    held = {}
    for rate in RATES:
        state.hold(rate)
        stream, pings, free = Stream("tcp", "up", PORT), Pings(ECHO, spacing=0.02), Pings(FREE_ECHO, spacing=0.02)
        time.sleep(1)
        pings.take(), free.take()
        rates = Rates(payload=stream.received)
        time.sleep(2)
        held[rate] = {"payload": rates.read()["payload"] / rate / MBIT * 100, "delay": milliseconds(pings.take())[0], "free": milliseconds(free.take())[0]}
        for one in (stream, pings, free):
            one.end()
    return held


def free_speed(state):
    """Bits per second of a free TCP stream, beside one of 100 Mbit/s that is held, or holds itself where there are no limits."""
    beside = Stream("tcp", "up", PORT)
    if isinstance(state, Nothing):
        beside.ends[0].setsockopt(socket.SOL_SOCKET, SO_MAX_PACING_RATE, 100 * MBIT // 8)
    else:
        state.hold(100)
    stream = Stream("tcp", "up", FREE)
    time.sleep(0.5)
    rates = Rates(payload=stream.received)
    time.sleep(1.5)
    speed = rates.read()["payload"]
    for one in (beside, stream):
        one.end()
    return speed


def changes_per_second(state):
    began, rounds = time.monotonic(), 40
    for number in range(rounds):
        state.hold(100 + number)
    return rounds / (time.monotonic() - began)


def measure():
    states = {("nothing", ""): Nothing(), **{(kind.__name__.lower(), limits): kind(count) for kind in (Weir, Scripts) for limits, count in LIMITS.items()}}
    taken = {name: [] for name in states}
    for number in range(ROUNDS):
        for name, state in states.items():
            state.start()
            try:
                figures = {"cost": cost(), "speed": free_speed(state)}
                if name[0] != "nothing" and number == 0:
                    figures |= {"hold": hold(state), "changes": changes_per_second(state)}
                taken[name].append(figures)
            finally:
                state.stop()
    return taken


def median_ratio(above, below):
    return statistics.median(a / b for a, b in zip(above, below))


def rows_of(taken):
    def costs(name, port):
        return [figures["cost"][port] for figures in taken[name]]

    def speeds(name):
        return [figures["speed"] for figures in taken[name]]

    nothing = ("nothing", "")
    rows = []

    def row(what, value, unit, budget=None, lower=True):
        rows.append({"what": what, "value": round(value, 2), "unit": unit, "budget": budget, "lower_is_better": lower})

    for port, text in (("free", "a port without a limit"), ("held", "a limited port")):
        for name in taken:
            who = "nothing on the link" if name == nothing else f"{name[0].capitalize()}, {name[1]} limit{'s' if name[1] != '1' else ''}"
            row(f"64-byte datagram, {text}: {who}", statistics.median(costs(name, port)), "ns")
        row(f"64-byte datagram, {text}: Weir, 1,000 limits against 1", median_ratio(costs(("weir", "1,000"), port), costs(("weir", "1"), port)), "x", 1.1)
        row(f"64-byte datagram, {text}: scripts against Weir, 1,000 limits",
            median_ratio(costs(("scripts", "1,000"), port), costs(("weir", "1,000"), port)), "x")
    for limits in LIMITS:
        row(f"TCP without a limit beside a full one, Weir with {limits}, against one that holds itself", median_ratio(speeds(("weir", limits)), speeds(nothing)) * 100,
            "%", 90, False)
        row(f"TCP without a limit beside a full one, scripts with {limits}, against one that holds itself",
            median_ratio(speeds(("scripts", limits)), speeds(nothing)) * 100, "%")
    for limits in LIMITS:
        for rate in RATES:
            weir, scripts = (taken[(who, limits)][0]["hold"][rate] for who in ("weir", "scripts"))
            which = f"{rate} Mbit/s, one of {limits}"
            row(f"{which}: TCP payload, Weir (scripts {scripts['payload']:.1f} %)", weir["payload"], "%")
            row(f"{which}: delay inside, Weir (scripts {scripts['delay']:.1f} ms)", weir["delay"], "ms", 150)
            row(f"{which}: delay of another port, Weir (scripts {scripts['free']:.2f} ms)", weir["free"], "ms")
        row(f"changes of a limit per second, one of {limits}, Weir (scripts {taken[('scripts', limits)][0]['changes']:.0f})",
            taken[("weir", limits)][0]["changes"], "/s", 50 if limits != "1" else None, False)
    return rows


def main():
    json.dump({"limits": rows_of(measure())}, sys.stdout)
    print()


if __name__ == "__main__":
    main()
