# SPDX-License-Identifier: GPL-3.0-or-later
"""A private system bus, users of the lab's own and a real polkitd with Weir's actions."""

import pathlib
import shutil
import subprocess

USERS = {"weir": 64710, "weir-allowed": 64711, "weir-denied": 64712}
POLKITD = ["/usr/lib/polkit-1/polkitd", "/usr/libexec/polkitd"]

# The distribution's system.conf without what a booted machine adds; without the receive rules every Hello hangs.
BUS_CONFIGURATION = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <auth>EXTERNAL</auth>
  <listen>unix:path={socket}</listen>
  <policy context="default">
    <allow user="*"/>
    <deny own="*"/>
    <deny send_type="method_call"/>
    <allow send_type="signal"/>
    <allow send_requested_reply="true" send_type="method_return"/>
    <allow send_requested_reply="true" send_type="error"/>
    <allow receive_type="method_call"/>
    <allow receive_type="method_return"/>
    <allow receive_type="error"/>
    <allow receive_type="signal"/>
    <allow send_destination="org.freedesktop.DBus" send_interface="org.freedesktop.DBus"/>
    <allow send_destination="org.freedesktop.DBus" send_interface="org.freedesktop.DBus.Introspectable"/>
    <allow send_destination="org.freedesktop.DBus" send_interface="org.freedesktop.DBus.Properties"/>
  </policy>
  <policy user="root">
    <allow send_destination="org.freedesktop.DBus" send_interface="org.freedesktop.DBus.Monitoring"/>
  </policy>
  <includedir>/usr/share/dbus-1/system.d</includedir>
  <include>{weir}</include>
</busconfig>
"""

RULES = """// Who may change things in this lab.
polkit.addRule(function(action, subject) {
    if (action.id == "org.weir.configure" && %s.indexOf(subject.user) >= 0)
        return polkit.Result.YES;
});
"""


def _overlay(directory, target):
    """Puts `directory` over `target` for this lab alone."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if not target.exists():
        target.mkdir()
    subprocess.run(["mount", "--bind", str(directory), str(target)], check=True)


def _overlay_copy(target, directory, additions):
    directory.mkdir(parents=True)
    if target.is_dir():
        for file in target.iterdir():
            if file.is_file():
                shutil.copy(file, directory)
    for file in additions:
        shutil.copy(file, directory)
    for file in directory.iterdir():
        file.chmod(0o644)
    return directory


def make_users(lab, person):
    """Adds the lab's users to copies of the user database that only the lab sees."""
    passwd = pathlib.Path("/etc/passwd").read_text()
    group = pathlib.Path("/etc/group").read_text()
    known = {line.split(":")[0] for line in passwd.splitlines()}
    groups = {line.split(":")[0] for line in group.splitlines()}
    members = ",".join(["weir-allowed"] + ([person] if person else []))
    for name, number in USERS.items():
        home = lab / "home" / name
        home.mkdir(parents=True)
        if name not in known:
            passwd += f"{name}:x:{number}:{number}:Weir lab:{home}:/bin/sh\n"
        if name not in groups:
            group += f"{name}:x:{number}:\n"
    lines = [line for line in group.splitlines() if not line.startswith("weir:")]
    ours = next(line for line in group.splitlines() if line.startswith("weir:"))
    group = "\n".join(lines + [ours + ("" if ours.endswith(":") else ",") + members]) + "\n"
    for name, text in (("passwd", passwd), ("group", group)):
        (lab / name).write_text(text)
        (lab / name).chmod(0o644)
        subprocess.run(["mount", "--bind", str(lab / name), f"/etc/{name}"], check=True)
    for name in USERS:
        subprocess.run(["chown", f"{name}:", str(lab / "home" / name)], check=True)


def start_bus(lab, source, log):
    """Returns the daemon and its address once it listens."""
    socket = lab / "bus"
    configuration = lab / "bus.conf"
    configuration.write_text(BUS_CONFIGURATION.format(socket=socket, weir=source / "dbus/org.weir.Weir1.conf"))
    daemon = subprocess.Popen(["dbus-daemon", f"--config-file={configuration}", "--nofork", "--nopidfile", "--nosyslog", "--print-address"],
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True, start_new_session=True)
    if not daemon.stdout.readline():
        raise RuntimeError("the lab's bus does not start")
    return daemon, f"unix:path={socket}"


def start_polkitd(lab, source, person, log, environment):
    """Returns polkitd once it answers on the lab's bus."""
    policies = sorted((source / "polkit").glob("*.policy"))
    rules = sorted((source / "polkit").glob("*.rules"))
    actions = pathlib.Path("/usr/share/polkit-1/actions")
    rules_d = pathlib.Path("/etc/polkit-1/rules.d")
    our_actions = _overlay_copy(actions, lab / "polkit" / "actions", policies)
    our_rules = _overlay_copy(rules_d, lab / "polkit" / "rules.d", rules)
    allowed = ["weir-allowed"] + ([person] if person else [])
    (our_rules / "00-lab.rules").write_text(RULES % str(allowed).replace("'", '"'))
    _overlay(our_actions, actions)
    _overlay(our_rules, rules_d)
    program = next((path for path in POLKITD if pathlib.Path(path).exists()), None)
    if not program:
        raise FileNotFoundError("no polkitd; ./dev setup installs it")
    daemon = subprocess.Popen([program, "--no-debug"], stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, cwd="/",
                              start_new_session=True)
    wait = subprocess.run(["gdbus", "wait", "--system", "--timeout", "20", "org.freedesktop.PolicyKit1"], env=environment)
    if wait.returncode != 0 or daemon.poll() is not None:
        raise RuntimeError("polkitd does not come up on the lab's bus")
    return daemon
