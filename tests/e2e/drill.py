"""A drill, as an operator holds one: the standby is tried in copies while replication goes on."""

from program import TWINLAKE, Case, main

SMOKE = "smoke check"


class Drill(Case):
    def setUp(self):
        super().setUp()
        self.primary.notebook("/Shared/etl/smoke", 'dbutils.notebook.exit("rows: 3")\n')
        self.primary.call("POST", "/api/2.2/jobs/create", {
            "name": SMOKE, "tasks": [{"task_key": "main", "notebook_task": {"notebook_path": "/Shared/etl/smoke"}}]})
        self.configure(f"run: [{{job: {SMOKE}, within_minutes: 10, output: 'rows: *', parameters: {{mode: drill}}}}]")

    def configure(self, drill):
        self.write("twinlake.yml", f"""groups:
  default:
    primary: primary
    secondary: secondary
    drill: {{{drill}}}
""")

    def in_group(self, *words, expect=0):
        return self.run_words([TWINLAKE, "--state", self.state, *words], expect)

    def jobs(self):
        return sorted(job["settings"]["name"] for job in self.secondary.call("GET", "/api/2.2/jobs/list").get("jobs", []))

    def test_the_primary_is_lost_and_the_drill_goes_on(self):
        self.in_group("sync")
        self.assertIn("none yet", self.in_group("status").stdout)
        self.assertIn("last drill        there was none", self.in_group("readiness").stdout)
        plan = self.in_group("drill", "start", "--dry-run").stdout
        self.assertIn("would run", plan)
        self.assertIn("Nothing was written", plan)
        before = self.jobs()
        self.primary.call("POST", "/sim/outage", {})
        done = self.in_group("drill", "start").stdout
        self.assertIn(f"passed    {SMOKE} (SUCCESS", done)
        self.assertIn("answered: rows: 3", done)
        self.assertIn("drill cleanup", done)
        self.assertEqual(len(self.jobs()), len(before) + 1)
        self.primary.call("POST", "/sim/restore", {})
        self.in_group("sync")
        self.assertNotIn("drill-", self.in_group("reconcile", "--all").stdout)
        self.assertIn("waits for clean-up", self.in_group("status").stdout)
        refused = self.in_group("drill", "start", expect=3)
        self.assertIn("What to do: ", refused.stderr)
        self.assertIn("The drill has passed", self.in_group("drill", "cleanup").stdout)
        self.assertEqual(self.jobs(), before)
        self.assertIn("last drill          passed", self.in_group("status").stdout)
        self.assertIn("last drill        passed, 0 days ago", self.in_group("readiness").stdout)

    def test_a_wrong_answer_is_no_pass(self):
        self.configure(f"run: [{{job: {SMOKE}, output: 'rows: 4'}}]")
        self.in_group("sync")
        failed = self.in_group("drill", "start", "--cleanup", expect=2).stdout
        self.assertIn("answered something else", failed)
        self.assertIn("has not passed", failed)

    def test_runs_that_nobody_waits_for_are_looked_at_later(self):
        self.in_group("sync")
        self.assertIn("running", self.in_group("drill", "start", "--no-wait", "--run", SMOKE).stdout)
        # Whether the run has ended by now is up to the machine.
        self.assertRegex(self.in_group("drill", "status").stdout, "(runs|passed) +" + SMOKE)
        before = self.jobs()
        self.in_group("drill", "cleanup")
        self.assertEqual(len(self.jobs()), len(before) - 1)

    def test_what_is_wrong_is_told_before_anything_is_made(self):
        self.in_group("sync")
        self.assertIn("is replicated is called `no such`", self.in_group("drill", "start", "--run", "no such", expect=3).stderr)
        self.assertIn("there was no drill yet", self.in_group("drill", "cleanup", expect=3).stderr)
        self.configure("runs: [a]")
        self.assertIn("twinlake.yml:5:", self.in_group("drill", "start", expect=1).stderr)
        self.configure("run: [{output: x}]")
        self.assertIn("names no job", self.in_group("drill", "start", expect=1).stderr)


if __name__ == "__main__":
    main()
