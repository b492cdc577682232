# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's two hosts: network namespaces `server` and `client`, joined by a veth pair."""

import os
import pathlib
import subprocess
import time

SERVER_LINK, CLIENT_LINK = "s0", "c0"
ADDRESSES = {
    "SERVER4": "10.77.0.1", "SERVER6": "2001:db8::1",
    "CLIENT4": "10.77.0.2", "CLIENT6": "2001:db8::2",
    # The client once more, behind the default route: not on-link for the server, so its scope is internet.
    "INTERNET4": "198.51.100.1", "INTERNET6": "2001:db8:1::1",
}

SERVER_SETUP = """
link set lo up
address add {SERVER4}/24 dev s0
address add {SERVER6}/64 dev s0 nodad
link set s0 up
route add default via {CLIENT4}
route add default via {CLIENT6}
"""
CLIENT_SETUP = """
link set lo up
address add {CLIENT4}/24 dev c0
address add {CLIENT6}/64 dev c0 nodad
address add {INTERNET4}/32 dev lo
address add {INTERNET6}/128 dev lo nodad
link set c0 up
"""


def run(*words, **options):
    subprocess.run(words, check=True, **options)


def build_hosts(scratch):
    """Makes both hosts. /run/netns becomes the lab's own, so names need not be unique on the machine."""
    pathlib.Path("/run/netns").mkdir(exist_ok=True)
    run("mount", "-t", "tmpfs", "-o", "mode=755", "netns", "/run/netns")
    run("ip", "netns", "add", "server")
    run("ip", "netns", "add", "client")
    run("ip", "link", "add", SERVER_LINK, "netns", "server", "type", "veth", "peer", "name", CLIENT_LINK, "netns", "client")
    for host, setup in (("client", CLIENT_SETUP), ("server", SERVER_SETUP)):
        run("ip", "-n", host, "-batch", "-", input=setup.format(**ADDRESSES), text=True)
    _show_sysfs_of_server(scratch / "cgroup")
    for host, link in (("server", SERVER_LINK), ("client", CLIENT_LINK)):
        _wait_for_link(host, link)


def _show_sysfs_of_server(kept):
    """/sys/class/net shows the network namespace that /sys was mounted in: mount it anew, keeping the cgroups."""
    kept.mkdir()
    run("mount", "--rbind", "/sys/fs/cgroup", str(kept))
    run("nsenter", "--net=/run/netns/server", "mount", "-t", "sysfs", "sysfs", "/sys")
    run("mount", "--move", str(kept), "/sys/fs/cgroup")


def _wait_for_link(host, link, seconds=10):
    """Until the link is up and IPv6 may use its addresses: the kernel notices a carrier from a work queue."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        shown = [subprocess.run(["ip", "-n", host, "-o", *words, "dev", link], check=True, capture_output=True, text=True).stdout
                 for words in (["link", "show"], ["-6", "address", "show", "scope", "global"])]
        if "state UP" in shown[0] and "tentative" not in shown[1]:
            return
        time.sleep(0.01)
    raise TimeoutError(f"{link} of {host} is not usable after {seconds} s")


def variables():
    return {**ADDRESSES, "SERVER_LINK": SERVER_LINK, "CLIENT_LINK": CLIENT_LINK}


def mount_bpffs(uid, gid):
    """A BPF file system of the lab's own, for root alone, as systemd mounts it, with a directory for the helper's user,
    as tmpfiles.d makes it: pins in it die with the lab."""
    if not os.path.isdir("/sys/fs/bpf"):
        raise FileNotFoundError("this kernel has no /sys/fs/bpf")
    run("mount", "-t", "bpf", "-o", "mode=0700", "bpf", "/sys/fs/bpf")
    os.mkdir("/sys/fs/bpf/weir", 0o700)
    os.chown("/sys/fs/bpf/weir", uid, gid)
