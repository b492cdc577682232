#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bulk TCP throughput and small-packet rate over the lab's veth pair, Weir on against off, in turns of one run; and what a packet of
that traffic costs in the meter and in a cgroup hook, by the kernel's own statistics.

The statistics run in a pass of their own, for they cost time themselves. Their figure is higher than that of packets back to back: between
two runs of the meter the stack and the program that receives use the caches. Runs inside a lab. Each round takes both states, so that a machine that gets slower for a while slows both. Prints one JSON object.
"""

import json
import os
import pathlib
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


def run_times():
    """Nanoseconds and runs so far of the programs on the server's link and on the cgroup."""
    sums = {"meter": [0, 0], "hook": [0, 0]}
    for kind, pattern in (("meter", "links/*-ingress"), ("meter", "links/*-egress"), ("hook", "services-*/received"), ("hook", "services-*/sent")):
        links = pathlib.Path(os.environ["WEIR_BPF_DIR"]).glob(pattern)
        for program in {json.loads(subprocess.check_output(["bpftool", "-j", "link", "show", "pinned", str(link)]))["prog_id"] for link in links}:
            shown = json.loads(subprocess.check_output(["bpftool", "-j", "prog", "show", "id", str(program)]))
            sums[kind][0] += shown.get("run_time_ns", 0)
            sums[kind][1] += shown.get("run_cnt", 0)
    return sums


def packet_costs():
    """Nanoseconds of one packet of small-packet traffic in the meter, and in a cgroup hook."""
    statistics_switch = pathlib.Path("/proc/sys/kernel/bpf_stats_enabled")
    before_us = statistics_switch.read_text()
    statistics_switch.write_text("1")
    try:
        before = run_times()
        small_packets()
        after = run_times()
    finally:
        statistics_switch.write_text(before_us)
    return {kind: (after[kind][0] - before[kind][0]) / max(1, after[kind][1] - before[kind][1]) for kind in before}


def main():
    server = subprocess.Popen(["iperf3", "-s", "-p", "5201"], stdout=subprocess.DEVNULL)
    costs = []
    results = {"on": {"bulk": [], "small": []}, "off": {"bulk": [], "small": []}}
    try:
        for _ in range(ROUNDS):
            for state in ("on", "off"):
                subprocess.run(["helper-start" if state == "on" else "helper-stop"], check=True, stdout=subprocess.DEVNULL)
                results[state]["bulk"].append(bulk())
                results[state]["small"].append(small_packets())
                if state == "on":
                    costs.append(packet_costs())
    finally:
        server.terminate()
    rows = []
    for kind, what, unit, budget in (("bulk", "bulk TCP", "Gbit/s", 97), ("small", "64-byte datagrams", "million/s", 92)):
        scale = 1e9 if kind == "bulk" else 1e6
        on, off = (statistics.median(results[state][kind]) for state in ("on", "off"))
        ratio = statistics.median(a / b for a, b in zip(results["on"][kind], results["off"][kind]))
        rows.append({"what": what, "on": round(on / scale, 3), "off": round(off / scale, 3), "unit": unit,
                     "ratio_percent": round(100 * ratio, 1), "budget_percent": budget})
    traffic = [{"what": f"{what}, 64-byte datagrams of real traffic, statistics included", "ns": round(statistics.median(cost[kind] for cost in costs)),
                "budget_ns": budget} for kind, what, budget in (("meter", "meter", None), ("hook", "cgroup hook", 100))]
    json.dump({"throughput": rows, "traffic": traffic}, sys.stdout)
    print()


if __name__ == "__main__":
    main()
