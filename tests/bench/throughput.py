#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bulk TCP throughput and small-packet rate over the lab's veth pair, Weir on against off, in turns of one run.

Runs inside a lab. Each round takes both states, so that a machine that gets slower for a while slows both. Prints one JSON object.
"""

import json
import os
import statistics
import subprocess
import sys

ROUNDS = int(os.environ.get("WEIR_BENCH_ROUNDS", "5"))


def iperf(*arguments):
    output = subprocess.check_output(["on-client", "iperf3", "-c", os.environ["SERVER4"], "-p", "5201", "-t", "2", "-J", *arguments])
    return json.loads(output)["end"]


def bulk():
    return iperf()["sum_received"]["bits_per_second"]


def small_packets():
    """Datagrams of 64 bytes that arrived, per second, offered without a bound."""
    end = iperf("-u", "-b", "0", "-l", "64")["sum"]
    return (end["packets"] - end["lost_packets"]) / end["seconds"]


def main():
    server = subprocess.Popen(["iperf3", "-s", "-p", "5201"], stdout=subprocess.DEVNULL)
    results = {"on": {"bulk": [], "small": []}, "off": {"bulk": [], "small": []}}
    try:
        for _ in range(ROUNDS):
            for state in ("on", "off"):
                subprocess.run(["helper-start" if state == "on" else "helper-stop"], check=True, stdout=subprocess.DEVNULL)
                results[state]["bulk"].append(bulk())
                results[state]["small"].append(small_packets())
    finally:
        server.terminate()
    rows = []
    for kind, what, unit, budget in (("bulk", "bulk TCP", "Gbit/s", 97), ("small", "64-byte datagrams", "million/s", 92)):
        scale = 1e9 if kind == "bulk" else 1e6
        on, off = (statistics.median(results[state][kind]) for state in ("on", "off"))
        ratio = statistics.median(a / b for a, b in zip(results["on"][kind], results["off"][kind]))
        rows.append({"what": what, "on": round(on / scale, 3), "off": round(off / scale, 3), "unit": unit,
                     "ratio_percent": round(100 * ratio, 1), "budget_percent": budget})
    json.dump({"throughput": rows}, sys.stdout)
    print()


if __name__ == "__main__":
    main()
