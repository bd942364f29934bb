"""Two groups, two processes, one workspace: together within its limits."""

import json
import os
import subprocess
import time
import unittest

from program import TWINLAKE, Case, Regions, main

NOTEBOOKS = 150


class Budget(Case):
    """Both groups replicate parts of one primary into one secondary, whose limits are enforced."""

    def make_regions(self):
        return Regions(self.folder, "--estate", "empty", "--limits", "published")

    def setUp(self):
        super().setUp()
        for region in (self.primary, self.secondary):
            region.call("POST", "/sim/options", {"enforce_limits": False})
        for group in ("one", "two"):
            self.primary.call("POST", "/api/2.0/workspace/mkdirs", {"path": "/Shared/" + group})
            for number in range(NOTEBOOKS):
                self.primary.notebook(f"/Shared/{group}/n{number}", f"print({number})\n")
        for region in (self.primary, self.secondary):
            region.call("POST", "/sim/options", {"enforce_limits": True})
            region.call("POST", "/sim/requests/reset", {})

    def config(self, budget):
        groups = "".join(
            f"  {group}:\n    primary: primary\n    secondary: secondary\n    state: {self.state}\n"
            f"    scope: {{include: [{{kind: [directory, notebook], path: /Shared/{group}/**}}, /Shared/{group}]}}\n"
            f"    limits: {{budget: {budget}}}\n" for group in ("one", "two"))
        return self.write("twinlake.yml", "groups:\n" + groups)

    def start(self, config, group):
        process = subprocess.Popen([TWINLAKE, "--config", config, "--group", group, "-o", "json", "sync"],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=self.folder,
                                   env=self.environment())
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return process

    def finish(self, process):
        out, err = process.communicate(timeout=240)
        self.assertEqual(process.returncode, 0, out + err)
        return json.loads(out), err

    def throttled(self):
        return sum(region.call("GET", "/sim/requests")["throttled"] for region in (self.primary, self.secondary))

    def both(self, budget):
        config = self.config(budget)
        for process in [self.start(config, group) for group in ("one", "two")]:
            report, _ = self.finish(process)
            self.assertEqual(report["outcome"], "complete")
        return self.throttled()

    def test_with_the_file_they_stay_within(self):
        began = time.monotonic()
        budget = self.path("budget")
        self.assertLessEqual(self.both(budget), 2)
        # 300 imports at 30 a second: not faster than the limit, and no share lies idle.
        self.assertGreater(time.monotonic() - began, 8)
        files = [name for name in os.listdir(budget) if name.endswith(".lanes")]
        self.assertEqual(len(files), 2, "one for each workspace")
        for name in files:
            with open(os.path.join(budget, name), "rb") as file:
                self.assertNotIn(b"dapi", file.read())

    @unittest.skipIf("TWINLAKE_SANITIZED" in os.environ, "slower than the limits by itself")
    def test_without_the_file_they_are_refused(self):
        self.assertGreater(self.both("none"), 2, "more than with it")

    def test_the_share_of_a_process_that_was_killed_comes_back(self):
        config = self.config(self.path("budget"))
        killed, other = self.start(config, "one"), self.start(config, "two")
        killed.kill()
        killed.communicate()
        began = time.monotonic()
        self.finish(other)
        # Alone it has the whole rate: 150 imports at 30 a second.
        self.assertLess(time.monotonic() - began, 60)
        self.finish(self.start(config, "one"))
        self.assertLessEqual(self.throttled(), 2)

    def test_a_file_that_cannot_be_used_is_said_once_and_the_run_goes_on(self):
        budget = self.write("not-a-folder", "x")
        report, err = self.finish(self.start(self.config(budget), "one"))
        self.assertEqual(report["outcome"], "complete")
        self.assertEqual(err.count("limits are kept without regard to other processes"), 1, err)

    def test_a_damaged_file_begins_anew(self):
        budget = self.path("budget")
        self.both(budget)
        for name in os.listdir(budget):
            with open(os.path.join(budget, name), "wb") as file:
                file.write(os.urandom(3000))
        _, err = self.finish(self.start(self.config(budget), "one"))
        self.assertNotIn("budget", err)


if __name__ == "__main__":
    main()
