# SPDX-License-Identifier: GPL-3.0-or-later
"""A cgroup of the lab's own, so that its helper counts the services of the lab and no others'."""

import os
import pathlib


def mount_point():
    """Where cgroup v2 is mounted; None where there is none."""
    for line in pathlib.Path("/proc/self/mountinfo").read_text().splitlines():
        fields = line.split()
        if fields[fields.index("-") + 1] == "cgroup2" and fields[3] == "/":
            return pathlib.Path(fields[4])
    return None


def own(root):
    """The cgroup of this process."""
    for line in pathlib.Path("/proc/self/cgroup").read_text().splitlines():
        hierarchy, _, path = line.split(":", 2)
        if hierarchy == "0":
            return root / path.lstrip("/")
    return root


def move(cgroup, pid):
    (cgroup / "cgroup.procs").write_text(str(pid))


def remove_tree(cgroup):
    """As far as nothing runs in it."""
    for directory, _, _ in os.walk(cgroup, topdown=False):
        try:
            os.rmdir(directory)
        except OSError:
            pass


class Cgroup:
    """Made below the caller's; this process is in it, and so is all that it starts. `path` is None where that cannot be."""

    def __init__(self, name):
        self.path = None
        root = mount_point()
        if root is None:
            return
        self._before = own(root)
        path = self._before / name
        try:
            for left in self._before.glob("weir-lab.*"):
                remove_tree(left)       # of labs that were killed; those in use cannot be removed
            path.mkdir()
            move(path, os.getpid())
        except OSError:
            return
        self.path = path

    def remove(self):
        """Once nothing else runs in it."""
        if self.path is None:
            return
        move(self._before, os.getpid())
        remove_tree(self.path)
        self.path = None
