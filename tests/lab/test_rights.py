# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may change things, asked of the real polkitd with real users."""

import concurrent.futures
import os
import sys
import unittest

sys.dont_write_bytecode = True
from labkit.trial import rows, run, status, weirctl  # noqa: E402

NOT_AUTHORIZED = 4


def add_as(user, number):
    return user, number, run("as-user", user, "weirctl", "watch", "add", f"{user} {number}", "--ports", str(10000 + number), check=False)


class Rights(unittest.TestCase):
    def tearDown(self):
        for row in rows("watches"):
            weirctl("watch", "remove", row["name"])

    def test_a_user_without_rights_exits_4_and_nothing_changes(self):
        weirctl("watch", "add", "there", "--ports", "8000")
        before = rows("watches")[0]
        attempts = (("watch", "add", "mine", "--ports", "8001"), ("watch", "edit", "there", "--ports", "9"), ("watch", "pause", "there"),
                    ("watch", "remove", "there"), ("settings", "set", "flush_interval_s", "60"), ("clean",))
        for words in attempts:
            refused = run("as-user", "weir-denied", "weirctl", *words, check=False)
            print(f"weir-denied: weirctl {' '.join(words)}: exit {refused.returncode}: {refused.stderr.strip()}")
            self.assertEqual(refused.returncode, NOT_AUTHORIZED, words)
            self.assertNotEqual(refused.stderr, "", "it says why")
        after = rows("watches")
        self.assertEqual([row["name"] for row in after], ["there"])
        for key in ("revision", "ports", "enabled", "note", "protocol"):
            self.assertEqual(after[0][key], before[key])
        self.assertEqual(status()["watches"], 1)

    def test_nonsense_is_refused_before_anybody_is_asked_who_they_are(self):
        refused = run("as-user", "weir-denied", "gdbus", "call", "--system", "--dest", "org.weir.Weir1", "--object-path", "/org/weir/Weir1",
                      "--method", "org.weir.Weir1.Watches.AddWatch", "x", "{'ports': <'80-79'>}", check=False)
        self.assertIn("org.weir.Error.InvalidArgument", refused.stderr)

    def test_a_hundred_calls_at_once_of_two_users_each_get_their_own_answer(self):
        users = ["weir-allowed" if number % 2 else "weir-denied" for number in range(100)]
        with concurrent.futures.ThreadPoolExecutor(max_workers=100) as pool:
            results = list(pool.map(add_as, users, range(100)))
        exits = {user: sorted({result.returncode for name, _, result in results if name == user}) for user in set(users)}
        names = {row["name"] for row in rows("watches")}
        print(f"100 calls at once: exits {exits}, {len(names)} watches")
        self.assertEqual(exits, {"weir-allowed": [0], "weir-denied": [NOT_AUTHORIZED]})
        self.assertEqual(names, {f"weir-allowed {number}" for number in range(100) if number % 2})

    def test_members_of_the_group_may_look_and_others_may_not(self):
        self.assertEqual(run("as-user", "weir-allowed", "weirctl", "watches", check=False).returncode, 0)
        self.assertEqual(run("as-user", "weir-denied", "weirctl", "watches", check=False).returncode, NOT_AUTHORIZED)

    def test_a_second_helper_on_the_same_state_refuses_and_names_the_first(self):
        first = run("helper-pid").stdout.strip()
        second = run("as-helper", "weir-helper", "--state-dir", os.environ["WEIR_STATE_DIR"], "--bpf-dir", os.environ["WEIR_BPF_DIR"], check=False)
        self.assertNotEqual(second.returncode, 0)
        self.assertIn(first, second.stderr)
        self.assertEqual(run("helper-pid").stdout.strip(), first)


if __name__ == "__main__":
    unittest.main(verbosity=2)
