""".ci/run with a stand-in for ./test: what it makes of suites that pass, fail, hang or cannot run."""

import os
import pathlib
import select
import shutil
import subprocess
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PASSED = "echo '100% tests passed, 0 tests failed out of 3'"
FAILED = "echo '66% tests passed, 1 tests failed out of 3'; exit 1"
# As ./test hangs: its own command runs in a process group of its own.
HANGS = "source tools/progress.sh; logged build/hang.log bash -c 'echo $$ >hung; exec tail -f /dev/null'"
SUITES = ("clients", "seeds", "fuzz", "tsan", "tidy", "second-compiler")


class CiRun(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.temporary_folder())
        for name in (".ci/run", "tools/progress.sh"):
            target = self.folder / name
            target.parent.mkdir()
            shutil.copy(ROOT / name, target)

    def temporary_folder(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        return folder.name

    def run_ci(self, minutes=60, **suites):
        """Its exit code, what it says of each suite, and its last line. A minute is a second here."""
        cases = "".join(f"{name.replace('_', '-')}) {what} ;;\n" for name, what in suites.items())
        stand_in = f'#!/usr/bin/env bash\ncase "${{2:-test}}" in\n{cases}*) {PASSED} ;;\nesac\n'
        (self.folder / "test").write_text(stand_in)
        (self.folder / "test").chmod(0o755)
        environment = dict(os.environ, TWINLAKE_CI_MINUTES=str(minutes), TWINLAKE_CI_MINUTE_SECONDS="1")
        environment.pop("TWINLAKE_BUILD_ROOT", None)
        done = subprocess.run(
            [self.folder / ".ci/run"], env=environment, capture_output=True, text=True, check=False
        )
        rows = done.stdout.split("seconds  result\n")[-1].splitlines()
        results = {row.split()[0]: row.split(maxsplit=2)[2] for row in rows if len(row.split()) > 2}
        return done.returncode, results, rows[-1]

    def test_everything_passes(self):
        status, results, tally = self.run_ci()
        self.assertEqual(status, 0)
        self.assertEqual(tally, "100% tests passed, 0 tests failed out of 21")
        self.assertEqual({results[name] for name in SUITES}, {"good"})

    def test_a_failure_is_red_and_the_others_still_run(self):
        status, results, tally = self.run_ci(tsan=FAILED)
        self.assertEqual(status, 1)
        self.assertEqual(tally, "95% tests passed, 1 tests failed out of 21")
        self.assertEqual(results["tsan"], "FAILED")
        self.assertEqual(results["fuzz"], "good")

    def test_what_is_cut_off_is_no_failure_and_leaves_nothing_behind(self):
        status, results, tally = self.run_ci(minutes=5, fuzz=HANGS)
        self.assertEqual(status, 0, results)
        self.assertTrue(results["fuzz"].startswith("cut off after "), results)
        self.assertIn(" 0 tests failed out of ", tally)
        self.assert_ends((self.folder / "hung").read_text().strip())

    def assert_ends(self, pid):
        """A signal was sent; on a busy machine the process is told of it a little later."""
        end = time.monotonic() + 60
        while True:
            try:
                state = (pathlib.Path("/proc") / pid / "stat").read_text().split(")")[-1].split()[0]
            except (FileNotFoundError, ProcessLookupError):
                return
            if state == "Z":  # dead, and its parent has not asked for it yet
                return
            self.assertLess(time.monotonic(), end, "it goes on in state " + state)
            select.select([], [], [], 0.05)

    def test_without_time_a_suite_is_not_begun(self):
        status, results, tally = self.run_ci(minutes=0, tsan=FAILED)
        self.assertEqual(status, 0)
        self.assertEqual(tally, "100% tests passed, 0 tests failed out of 3")
        self.assertEqual({results[name] for name in SUITES}, {"not begun: no time left"})

    def test_a_suite_that_cannot_run_says_why(self):
        status, results, _ = self.run_ci(clients="echo '  did not run: no npm'; exit 77")
        self.assertEqual(status, 0)
        self.assertEqual(results["clients"], "did not run: no npm")

    def test_a_suite_that_counts_nothing_or_is_killed_is_red(self):
        for end in ("true", "kill -KILL $$", "exit 3"):
            with self.subTest(end):
                self.assertEqual(self.run_ci(seeds=end)[0], 1)


if __name__ == "__main__":
    unittest.main()
