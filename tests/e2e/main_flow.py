"""plan, sync, reconcile, and again: the main job as an operator sees it."""

import json
import os
import stat
import subprocess
from pathlib import Path

from program import Case, main

COUNTS = ("created", "updated", "deleted", "adopted", "unchanged", "failed", "blocked", "skipped")


class MainFlow(Case):
    def test_plan_sync_reconcile_and_again(self):
        plan = self.twinlake_json("plan", "--detailed-exitcode", expect=2)
        self.assertGreater(plan["counts"]["create"], 0)
        addresses = [step["address"] for step in plan["steps"]]
        self.assertIn('job:"nightly load"', addresses)
        self.assertEqual(plan["requests"]["secondary"]["writes"], 0)
        self.assertFalse(self.secondary.exists("/Shared/etl"), "plan must write nothing")

        report = self.twinlake_json("sync")
        self.check_sync_shape(report)
        self.assertEqual(report["outcome"], "complete")
        self.assertEqual(report["requests"]["primary"]["writes"], 0, "the primary is only read")
        self.assertIsNotNone(report["replication_point"])
        self.assertEqual(self.secondary.export("/Shared/etl/load"), self.primary.export("/Shared/etl/load"))
        jobs = self.secondary.call("GET", "/api/2.2/jobs/list?expand_tasks=true")["jobs"]
        self.assertEqual([job["settings"]["schedule"]["pause_status"] for job in jobs], ["PAUSED"])

        verdict = self.twinlake_json("reconcile")
        self.assertEqual(set(verdict["counts"]) - {"unsupported"}, {"in_sync"})
        self.assertTrue(all({"address", "state", "because"} <= set(entry) for entry in verdict["objects"]))

        again = self.twinlake_json("sync")
        self.assertEqual(again["objects"], [])
        self.assertEqual(again["requests"]["secondary"]["writes"], 2, "only the run lock, made and removed")
        self.twinlake("plan", "--detailed-exitcode", expect=0)

    def check_sync_shape(self, report):
        for name in COUNTS:
            self.assertIsInstance(report["counts"][name], int)
            for kind in report["kinds"].values():
                self.assertIsInstance(kind[name], int)
        for side in ("primary", "secondary"):
            self.assertGreater(report["requests"][side]["sent"], 0)
            self.assertIsInstance(report["requests"][side]["throttled"], int)
        self.assertIsInstance(report["seconds"], float)
        for entry in report["objects"]:
            self.assertLessEqual({"address", "action", "outcome", "error"}, set(entry))

    def test_a_change_is_named_field_by_field_and_arrives(self):
        self.twinlake("sync")
        job = self.primary.call("GET", "/api/2.2/jobs/list")["jobs"][0]
        self.primary.call("POST", "/api/2.2/jobs/update",
                          {"job_id": job["job_id"], "new_settings": {"max_concurrent_runs": 5}})
        self.primary.notebook("/Shared/etl/load", "print('new')\n")
        text = self.twinlake("plan").stdout
        self.assertIn('~ job:"nightly load"', text)
        self.assertIn("max_concurrent_runs", text)
        self.assertIn("changed on the primary", text)
        self.assertEqual(self.twinlake_json("reconcile", expect=2)["counts"]["lagging"], 2)
        report = self.twinlake_json("sync")
        self.assertEqual(report["counts"]["updated"], 2)
        self.assertEqual(self.secondary.export("/Shared/etl/load"), self.primary.export("/Shared/etl/load"))

    def test_a_conflict_is_named_and_left_alone(self):
        self.secondary.call("POST", "/api/2.0/workspace/mkdirs", {"path": "/Shared/etl"})
        self.secondary.notebook("/Shared/etl/load", "print('theirs')\n")
        done = self.twinlake("sync", expect=2)
        self.assertIn("conflict", done.stdout)
        self.assertIn("What to do: ", done.stdout)
        self.assertIn("theirs", self.secondary.export("/Shared/etl/load"))
        self.write("twinlake.yml", "groups:\n  default:\n    primary: primary\n    secondary: secondary\n"
                                   "    adopt:\n      overwrite: [/Shared/etl/**]\n")
        self.twinlake("sync")
        self.assertEqual(self.secondary.export("/Shared/etl/load"), self.primary.export("/Shared/etl/load"))

    def test_a_saved_plan_is_carried_out_once_and_refused_when_stale(self):
        plan = self.path("p.json")
        self.twinlake("plan", "--out", plan)
        saved = json.loads(Path(plan).read_text(encoding="utf-8"))
        self.assertLessEqual({"version", "group", "generation", "fingerprint", "created", "steps"}, set(saved))
        self.assertNotIn("print(1)", json.dumps(saved))
        self.assertEqual(stat.S_IMODE(os.stat(plan).st_mode), 0o600)
        self.twinlake("sync", "--plan", plan)
        self.fails("sync", "--plan", plan, says="stale", hint="Run plan again", expect=3)
        self.twinlake("plan", "--out", plan)
        self.primary.notebook("/Shared/etl/load", "print('later')\n")
        self.fails("sync", "--plan", plan, says="stale", hint="Run plan again", expect=3)
        self.assertFalse(self.secondary.exists("/Twinlake/default/lock.json"), "a refused run gives the lock back")

    def test_status_and_ids_come_from_the_state_alone(self):
        self.twinlake("sync")
        jobs = {side: region.call("GET", "/api/2.2/jobs/list")["jobs"][0]["job_id"]
                for side, region in (("primary", self.primary), ("secondary", self.secondary))}
        nothing = {"DATABRICKS_CONFIG_FILE": "/nonexistent"}
        status = self.twinlake_json("status", **nothing)
        self.assertEqual(status["runs"][0]["outcome"], "complete")
        self.assertGreaterEqual(status["lag_seconds"], 0)
        self.assertEqual(status["objects"]["job"], 1)
        self.assertEqual(status["holds"], 1)
        self.assertIn("replication lag", self.twinlake("status", **nothing).stdout)
        csv = self.twinlake("ids", "--kind", "job", "--format", "csv", **nothing).stdout.splitlines()
        self.assertEqual(csv, ["kind,name,primary_id,secondary_id",
                               f"job,nightly load,{jobs['primary']},{jobs['secondary']}"])
        back = self.twinlake_json("ids", "--kind", "job", "--reverse", **nothing)
        self.assertEqual(back, [{"kind": "job", "name": "nightly load", "secondary_id": str(jobs["secondary"]),
                                 "primary_id": str(jobs["primary"])}])
        self.assertIn("nightly load", self.twinlake("ids", **nothing).stdout)

    def test_output_without_a_terminal_has_no_colours_and_fits_the_page(self):
        done = self.twinlake("sync", "--verbose")
        status = self.twinlake("status")
        for text in (done.stdout, done.stderr, status.stdout):
            self.assertNotIn("\x1b", text)
        for line in done.stdout.splitlines() + status.stdout.splitlines():
            self.assertLessEqual(len(line), 100, line)
        self.assertIn("applying", done.stderr)

    def test_progress_on_a_terminal(self):
        words = "'" + "' '".join(self.command("sync")) + "'"
        done = subprocess.run(["script", "-qec", words, "/dev/null"], capture_output=True, text=True, timeout=300,
                              cwd=self.folder, env=self.environment(TERM="xterm"), check=False)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn("\x1b[", done.stdout)
        self.assertIn("applying", done.stdout)
        self.assertIn("complete", done.stdout)

    def test_kinds_are_those_of_the_reference(self):
        kinds = self.twinlake_json("kinds")
        self.assertIn("job", [kind["kind"] for kind in kinds])
        self.assertIn("/Twinlake/**", self.twinlake("kinds").stdout)
        reference = Path(__file__).parents[2] / "docs/reference/kinds.md"
        self.assertEqual(self.twinlake("kinds", "--markdown").stdout, reference.read_text(encoding="utf-8"),
                         "print it anew: twinlake kinds --markdown > docs/reference/kinds.md")


class Demo(Case):
    ESTATE = "demo"

    def test_the_demo_estate_comes_to_be_in_sync(self):
        self.twinlake_json("sync")
        verdict = self.twinlake_json("reconcile")
        self.assertTrue(verdict["in_sync"])
        self.assertEqual(self.twinlake_json("plan")["steps"], [])


if __name__ == "__main__":
    main()
