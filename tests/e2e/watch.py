"""`sync --watch`: hours of it, in short: what changes, fails, heals and ends."""

import json
import os
import re
import select
import signal
import subprocess
import sys
import time
import unittest

from program import TWINLAKE, Case, main, wait_until

LOCK = "/Twinlake/default/lock.json"


class Watching:
    """A watch under way; its lines as they come."""

    def __init__(self, case, *words, start=None, **environment):
        self.err = open(case.path("watch.err"), "w+", encoding="utf-8")
        self.process = subprocess.Popen([*(start or case.command("-o", "json")), "sync", "--watch", *words],
                                        stdout=subprocess.PIPE, stderr=self.err, text=True, cwd=case.folder,
                                        env=case.environment(**environment))
        case.addCleanup(self.close)
        self.case = case

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.err.close()

    def text_line(self, seconds=120):
        ready, _, _ = select.select([self.process.stdout], [], [], seconds)
        line = self.process.stdout.readline() if ready else ""
        if not line:
            raise AssertionError("no line came: " + self.said())
        return line

    def line(self):
        return json.loads(self.text_line())

    def until(self, what, good, lines=200):
        for _ in range(lines):
            line = self.line()
            if good(line):
                return line
        raise AssertionError("never came: " + what)

    def said(self):
        self.err.flush()
        with open(self.err.name, encoding="utf-8") as file:
            return file.read()

    def ends(self, code, signal_number=None):
        if signal_number is not None:
            self.process.send_signal(signal_number)
        rest, _ = self.process.communicate(timeout=120)
        self.case.assertEqual(self.process.returncode, code, rest + self.said())
        return rest


class Watch(Case):
    def test_line_by_line(self):
        watch = Watching(self, "--every", "300ms")
        first = watch.line()
        self.assertEqual((first["outcome"], first["error"]), ("complete", None))
        self.assertGreater(first["counts"]["created"], 3)
        self.assertLess(first["lag_seconds"], 60)
        self.assertIsNone(first["rpo_seconds"])
        second = watch.line()
        self.assertEqual(second["counts"]["created"], 0)
        self.primary.notebook("/Shared/etl/third", "print(3)\n")
        watch.until("the new notebook", lambda line: line["counts"]["created"] == 1)
        self.assertEqual(self.secondary.export("/Shared/etl/third"), self.primary.export("/Shared/etl/third"))
        watch.ends(0, signal.SIGTERM)
        self.assertFalse(self.secondary.exists(LOCK))
        self.assertTrue(self.twinlake_json("reconcile")["in_sync"])

    def read_contents(self):
        """Routes by which the primary was asked for what is in its objects."""
        routes = self.primary.call("GET", "/sim/requests")["routes"]
        self.assertIn("workspace/list", json.dumps(routes), "it was asked at all")
        return [route for route in routes if "workspace/export" in json.dumps(route)]

    def test_what_is_known_is_not_read_again(self):
        watch = Watching(self, "--every", "300ms")
        watch.line()
        self.assertNotEqual(self.read_contents(), [])
        self.primary.call("POST", "/sim/requests/reset", {})
        watch.line()
        watch.line()
        self.assertEqual(self.read_contents(), [])
        watch.ends(0, signal.SIGINT)
        # Another process goes on where that one was.
        self.primary.call("POST", "/sim/requests/reset", {})
        again = Watching(self, "--every", "300ms")
        self.assertEqual(again.line()["counts"]["created"], 0)
        self.assertEqual(self.read_contents(), [])
        again.ends(0, signal.SIGTERM)

    def test_text_lag_and_target(self):
        config = self.write("twinlake.yml", "groups:\n  main:\n    primary: primary\n    secondary: secondary\n"
                            f"    state: {self.state}\n    targets: {{rpo_minutes: 15}}\n")
        start = [TWINLAKE, "--config", config]
        watch = Watching(self, "--every", "20m", start=start)
        self.assertRegex(watch.text_line(), r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ  complete  \d+ created.* in [\d.]+ s; lag [\d.]+ s\n$")
        self.assertIn("--every 20m is longer than the RPO", watch.said())
        self.wait_for_status(start, lambda seen: seen["next_run"] is not None)
        self.assertRegex(self.run_words([*start, "status"], 0).stdout, r"watch +process \d+, since .*; next run in (19|18|20) min")
        second = self.run_words([*start, "sync", "--watch"], 3)
        self.assertIn("a watch of the group `main` is at work on this machine already", second.stderr)
        watch.ends(0, signal.SIGTERM)
        self.assertIsNone(json.loads(self.run_words([*start, "-o", "json", "status"], 0).stdout)["watch"])

    def wait_for_status(self, start, good):
        def seen():
            watch = json.loads(self.run_words([*start, "-o", "json", "status"], 0).stdout)["watch"]
            return watch is not None and good(watch)
        wait_until("status tells of the watch", seen)

    def test_a_signal_ends_it_after_the_step_in_hand(self):
        self.secondary.call("POST", "/sim/faults", {"action": "delay", "method": "POST", "path": "/api/2.2/jobs/create", "delay_ms": 3000})
        watch = Watching(self)
        wait_until("the run holds the lock", lambda: self.secondary.exists(LOCK))
        rest = watch.ends(2, signal.SIGTERM)
        self.assertEqual(json.loads(rest)["outcome"], "partial")
        self.assertFalse(self.secondary.exists(LOCK), "the lock is given back")
        again = Watching(self)
        self.assertEqual(again.line()["outcome"], "complete")
        again.ends(0, signal.SIGTERM)
        self.assertEqual(len(self.secondary.call("GET", "/api/2.2/jobs/list")["jobs"]), 1)

    def test_a_second_signal_ends_it_at_once(self):
        self.secondary.call("POST", "/sim/faults", {"action": "delay", "method": "POST", "path": "/api/2.2/jobs/create", "delay_ms": 60000})
        watch = Watching(self)
        wait_until("the job is being made",
                   lambda: "jobs/create" in json.dumps(self.secondary.call("GET", "/sim/requests")["routes"]))
        watch.process.send_signal(signal.SIGTERM)
        began = time.monotonic()
        wait_until("it ends", lambda: watch.process.poll() is not None or watch.process.send_signal(signal.SIGTERM))
        self.assertLess(time.monotonic() - began, 30)
        self.assertEqual(watch.process.returncode, -signal.SIGTERM)


class Troubles(Case):
    def test_a_lost_primary_is_a_line_and_its_return_too(self):
        watch = Watching(self, "--every", "300ms")
        watch.line()
        self.primary.call("POST", "/sim/outage", {})
        lost = watch.until("the outage", lambda line: line["outcome"] == "not run")
        self.assertIn("the primary workspace", lost["error"]["message"])
        self.assertTrue(lost["error"]["hint"])
        self.assertGreater(lost["lag_seconds"], 0)
        self.primary.call("POST", "/sim/restore", {})
        watch.until("the return", lambda line: line["outcome"] == "complete")
        watch.ends(0, signal.SIGTERM)

    def test_a_lock_that_somebody_holds_is_waited_for(self):
        watch = Watching(self, "--every", "200ms")
        watch.line()
        self.secondary.own_file(LOCK, {"token": "theirs", "host": "other-machine", "pid": 99, "user": "ops", "state": "x",
                                       "since": "2026-01-01T00:00:00.000Z", "expires": "2099-01-01T00:00:00.000Z",
                                       "fencing": 41})
        held = watch.until("the lock", lambda line: line["outcome"] == "not run")
        self.assertEqual(held["error"]["fault"], "refused")
        self.assertIn("ops on other-machine", held["error"]["message"])
        self.secondary.call("POST", "/api/2.0/workspace/delete", {"path": LOCK})
        watch.until("a run", lambda line: line["outcome"] == "complete")
        watch.ends(0, signal.SIGTERM)

    def test_a_token_that_was_changed_is_read_from_the_file(self):
        with open(self.regions.config, encoding="utf-8") as file:
            good = file.read()
        watch = Watching(self, "--every", "300ms")
        watch.line()
        self.write("sim.cfg", good.replace("dapi-simulated-primary", "dapi-of-yesterday"))
        refused = watch.until("the wrong token", lambda line: line["outcome"] == "not run")
        self.assertIn("make a new one", refused["error"]["hint"])
        self.write("sim.cfg", good)
        watch.until("the right one", lambda line: line["outcome"] == "complete")
        watch.ends(0, signal.SIGTERM)

    def between_runs(self, *start):
        """A watch that was stopped while it waits: its lines come when a run has ended."""
        watch = Watching(self, "--every", "5s", start=start or None)
        watch.line()
        watch.process.send_signal(signal.SIGSTOP)
        return watch

    def test_a_role_that_moved_elsewhere_ends_it(self):
        watch = self.between_runs()
        self.run_words([TWINLAKE, "--primary", "primary", "--secondary", "secondary", "--state", self.path("other"),
                        "failover", "--planned"], 0)
        watch.process.send_signal(signal.SIGCONT)
        watch.ends(3)
        self.assertIn("must not be written to", watch.said())

    def test_after_a_failover_here_it_does_not_turn_round_by_itself(self):
        config = self.write("twinlake.yml", "groups:\n  main:\n    primary: primary\n    secondary: secondary\n"
                            f"    state: {self.state}\n")
        start = [TWINLAKE, "--config", config, "-o", "json"]
        watch = self.between_runs(*start)
        self.run_words([*start, "failover", "--planned"], 0)
        self.run_words([*start, "commit"], 0)
        before = self.primary.call("GET", "/sim/world")
        watch.process.send_signal(signal.SIGCONT)
        watch.ends(3)
        self.assertIn("has moved to the workspace", watch.said())
        self.assertEqual(self.primary.call("GET", "/sim/world")["jobs"], before["jobs"])
        again = Watching(self, start=start)
        self.assertEqual(again.line()["outcome"], "complete")
        again.ends(0, signal.SIGTERM)

    def test_a_configuration_that_changed_counts_and_a_wrong_one_ends_it(self):
        text = ("groups:\n  main:\n    primary: primary\n    secondary: secondary\n" f"    state: {self.state}\n")
        config = self.write("twinlake.yml", text)
        watch = Watching(self, "--every", "300ms", start=[TWINLAKE, "--config", config, "-o", "json"])
        watch.line()
        self.primary.notebook("/Shared/tmp", "print(1)\n")
        watch.until("the notebook", lambda line: line["counts"]["created"] == 1)
        self.write("twinlake.yml", text + "    scope: {exclude: [/Shared/later/**]}\n")
        wait_until("it is noticed", lambda: watch.line() and "the configuration has changed" in watch.said())
        self.primary.call("POST", "/api/2.0/workspace/mkdirs", {"path": "/Shared/later"})
        self.primary.notebook("/Shared/later/x", "print(1)\n")
        watch.line()
        watch.line()
        self.assertFalse(self.secondary.exists("/Shared/later/x"))
        self.write("twinlake.yml", text + "    scoop: {}\n")
        watch.ends(1)
        self.assertIn("scoop", watch.said())

    def test_wrong_flags(self):
        self.fails("sync", "--every", "5m", says="--every is of --watch", hint="Add --watch")
        self.fails("sync", "--watch", "--every", "soon", says="`soon` of --every", hint="like 5m")
        self.fails("sync", "--watch", "--plan", "x.json", says="contradict", hint="one run")
        self.fails("sync", "--watch", "--take", "job:x", says="contradict", hint="for one run")

    def test_runs_that_are_too_long_do_not_pile_up(self):
        for region in (self.primary, self.secondary):
            region.call("POST", "/sim/faults", {"action": "delay", "path": "/api/2.2/jobs/list", "delay_ms": 400, "times": 0})
        watch = Watching(self, "--every", "50ms")
        lines = [watch.line() for _ in range(4)]
        for earlier, later in zip(lines, lines[1:]):
            self.assertGreaterEqual(later["began"], earlier["ended"])
        # In the middle of a run or between two: both are good ends.
        watch.process.send_signal(signal.SIGTERM)
        watch.process.communicate(timeout=60)
        self.assertIn(watch.process.returncode, (0, 2))
        self.assertEqual(watch.said().count("a run takes longer than --every"), 1)


class Memory(Case):
    def resident(self, process):
        with open(f"/proc/{process.pid}/status", encoding="utf-8") as file:
            return int(re.search(r"VmRSS:\s+(\d+) kB", file.read()).group(1))

    @unittest.skipIf("TWINLAKE_SANITIZED" in os.environ, "what a sanitizer keeps grows")
    def test_it_does_not_grow_over_fifty_runs(self):
        for number in range(200):
            self.primary.notebook(f"/Shared/etl/n{number}", "print(1)\n")
        watch = Watching(self, "--every", "20ms")
        for _ in range(10):
            watch.line()
        before = self.resident(watch.process)
        for number in range(50):
            self.primary.notebook(f"/Shared/etl/n{number}", f"print({number})\n")
            watch.line()
        after = self.resident(watch.process)
        self.assertLess(after, before * 1.05 + 1024, "kB, after fifty more runs")
        watch.process.send_signal(signal.SIGTERM)
        watch.process.communicate(timeout=60)


if __name__ == "__main__":
    sys.exit(main())
