"""The primary role moves, as an operator moves it: a region is lost, comes back, and takes over again."""

import shutil
import subprocess

from program import TWINLAKE, Case, main

NIGHTLY = "nightly load"


def live_jobs(region):
    jobs = region.call("GET", "/api/2.2/jobs/list").get("jobs", [])
    return sorted(job["settings"]["name"] for job in jobs
                  if job["settings"].get("schedule", {}).get("pause_status") == "UNPAUSED")


class Failover(Case):
    def setUp(self):
        super().setUp()
        self.primary.call("POST", "/api/2.2/jobs/create", {
            "name": "paused by a person",
            "schedule": {"quartz_cron_expression": "0 0 3 * * ?", "timezone_id": "UTC", "pause_status": "PAUSED"},
            "tasks": [{"task_key": "main", "notebook_task": {"notebook_path": "/Shared/etl/load"}}]})
        # The file says which sides there are; who is primary now is in the state.
        self.write("twinlake.yml", "groups:\n  default:\n    primary: primary\n    secondary: secondary\n")

    def in_group(self, *words, expect=0):
        return self.run_words([TWINLAKE, "--state", self.state, *words], expect)

    def test_a_lost_region_is_left_and_returned_to(self):
        self.in_group("sync")
        self.primary.call("POST", "/sim/outage", {})
        plan = self.in_group("failover", "--forced", "--dry-run").stdout
        self.assertIn('release job:"' + NIGHTLY + '"', plan)
        self.assertIn("Nothing was written", plan)
        self.assertEqual(live_jobs(self.secondary), [])
        done = self.in_group("failover", "--forced").stdout
        self.assertIn("is complete", done)
        self.assertEqual(live_jobs(self.secondary), [NIGHTLY])
        self.assertIn("may still start things", self.in_group("status").stdout)
        again = self.in_group("failover", "--forced", expect=1)
        self.assertIn("primary", again.stderr)

        self.primary.call("POST", "/sim/restore", {})
        self.assertEqual(live_jobs(self.primary), [NIGHTLY])
        refused = self.in_group("sync", expect=3)
        self.assertIn("not committed", refused.stderr)
        self.assertEqual(live_jobs(self.primary), [], "what is owed is paid first, also by a run that is refused")
        self.in_group("commit")
        self.secondary.notebook("/Shared/etl/made there", "print(3)\n")
        self.in_group("reprotect")
        self.assertTrue(self.primary.exists("/Shared/etl/made%20there"))
        self.assertEqual((live_jobs(self.primary), live_jobs(self.secondary)), ([], [NIGHTLY]))

        self.assertIn("is complete", self.in_group("failback").stdout)
        self.assertEqual((live_jobs(self.primary), live_jobs(self.secondary)), ([NIGHTLY], []))
        self.in_group("commit")
        self.in_group("sync")
        self.in_group("reconcile")

    def test_two_operators_at_once(self):
        self.in_group("sync")
        words = [[TWINLAKE, "--state", state, "failover", "--planned"] for state in (self.state, self.path("other"))]
        both = [subprocess.Popen(one, cwd=self.folder, env=self.environment(), stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE, text=True) for one in words]
        told = [one.communicate(timeout=300) for one in both]
        codes = [one.returncode for one in both]
        self.assertEqual(codes.count(0), 1, told)
        loser = told[1 - codes.index(0)]
        self.assertIn("What to do: ", loser[1])
        self.assertEqual((live_jobs(self.primary), live_jobs(self.secondary)), ([], [NIGHTLY]))
        # Whoever lost sees what the other did.
        again = self.run_words([TWINLAKE, "--state", words[1 - codes.index(0)][2], "failover", "--forced"], 3)
        self.assertIn("the primary of the group", again.stderr)

    def test_readiness_says_what_stands_in_the_way(self):
        self.assertIn("nothing to fail over to", self.twinlake("readiness", expect=10).stdout)
        self.twinlake("sync")
        self.assertIn("ready", self.twinlake("readiness").stdout)
        job = self.secondary.call("GET", "/api/2.2/jobs/list")["jobs"][0]
        schedule = dict(job["settings"]["schedule"], pause_status="UNPAUSED")
        self.secondary.call("POST", "/api/2.2/jobs/update",
                            {"job_id": job["job_id"], "new_settings": {"schedule": schedule}})
        report = self.twinlake_json("readiness", expect=10)
        self.assertEqual(report["verdict"], "not ready")
        live = [check for check in report["checks"] if check["check"] == "standby"][0]
        self.assertEqual(live["level"], "blocker")
        self.assertEqual([(one["level"], one["what_to_do"]) for one in live["findings"]],
                         [("blocker", "Run `twinlake sync`: it holds them first")])
        self.twinlake("sync")
        self.assertEqual(live_jobs(self.secondary), [])

    def test_readiness_answers_also_when_the_primary_is_lost(self):
        self.twinlake("sync")
        self.primary.call("POST", "/sim/outage", {})
        report = self.twinlake_json("readiness")
        self.assertEqual(report["verdict"], "ready with warnings")
        lost = [check for check in report["checks"] if check["check"] == "primary"][0]
        self.assertIn("only a forced failover is possible", lost["message"])
        self.secondary.call("POST", "/sim/outage", {})
        self.fails("readiness", says="the secondary workspace", hint="")

    def test_readiness_names_callers_from_outside(self):
        self.twinlake("sync")
        self.primary.call("POST", "/api/2.2/jobs/runs/submit", {
            "run_name": "ADF_adf-weu_nightly_Load_1",
            "tasks": [{"task_key": "main", "notebook_task": {"notebook_path": "/Shared/etl/load"}}]})
        callers = [check for check in self.twinlake_json("readiness")["checks"] if check["check"] == "callers"][0]
        self.assertEqual([(one["address"], one["level"]) for one in callers["findings"]],
                         [('user:"replicator@twinlake.example"', "warning")])
        self.assertIn("1 run from Data Factory", callers["findings"][0]["message"])
        self.assertIn(self.secondary.url.split("//")[1], callers["findings"][0]["what_to_do"])
        self.assertIn("linked service", self.twinlake("readiness").stdout)

    def test_what_always_runs_is_started_by_a_failover(self):
        self.write("twinlake.yml", "groups:\n  default:\n    primary: primary\n    secondary: secondary\n"
                                   "    always_on: [\"serv*\", {kind: warehouse, name: boards}]\n")
        self.primary.call("POST", "/api/2.1/clusters/create", {
            "cluster_name": "serving", "spark_version": "15.4.x-scala2.12", "node_type_id": "Standard_DS3_v2",
            "num_workers": 1, "autotermination_minutes": 0})
        self.in_group("sync")
        plan = self.in_group("failover", "--planned", "--dry-run").stdout
        self.assertIn('start   cluster:"serving"', plan)
        self.assertIn("`boards` names nothing", plan)
        self.assertIn("boards: nothing on the standby", self.in_group("readiness").stdout)
        self.assertIn("1 object started", self.in_group("failover", "--planned").stdout)
        clusters = self.secondary.call("GET", "/api/2.1/clusters/list")["clusters"]
        self.assertIn(clusters[0]["state"], ("PENDING", "RUNNING"))

    def test_roles_in_flags_follow_the_state(self):
        self.twinlake("sync")
        self.twinlake("failover", "--planned")
        self.assertEqual((live_jobs(self.primary), live_jobs(self.secondary)), ([], [NIGHTLY]))
        self.fails("plan", says="the primary of the group", hint="Swap", expect=3)

    def test_a_machine_that_never_saw_the_group_fails_over_from_the_mirror(self):
        self.twinlake("sync")
        shutil.rmtree(self.state)
        self.primary.call("POST", "/sim/outage", {})
        self.twinlake("failover", "--forced")
        self.assertEqual(live_jobs(self.secondary), [NIGHTLY])

    def test_a_new_machine_takes_the_newest_mirror_on_whichever_side_it_lies(self):
        self.in_group("sync")
        self.in_group("failover", "--planned")
        self.in_group("commit")
        # Where the role was is lost, and keeps the mirror in which it still has it.
        self.secondary.call("POST", "/sim/outage", {})
        self.in_group("failover", "--forced")
        self.secondary.call("POST", "/sim/restore", {})
        shutil.rmtree(self.state)
        refused = self.in_group("sync", expect=3)
        self.assertIn("not committed", refused.stderr)
        self.assertEqual((live_jobs(self.primary), live_jobs(self.secondary)), ([NIGHTLY], []))

    def test_a_role_is_turned_back_when_whoever_got_it_is_lost_too(self):
        machine = self.primary.call("POST", "/api/2.1/clusters/create", {
            "cluster_name": "machine", "spark_version": "15.4.x-scala2.12", "node_type_id": "Standard_DS3_v2", "num_workers": 1})
        self.primary.call("POST", "/api/2.2/jobs/create", {
            "name": "bound", "schedule": {"quartz_cron_expression": "0 0 3 * * ?", "timezone_id": "UTC", "pause_status": "UNPAUSED"},
            "tasks": [{"task_key": "main", "existing_cluster_id": machine["cluster_id"],
                       "notebook_task": {"notebook_path": "/Shared/etl/load"}}]})
        self.in_group("sync")
        lost = {"cluster_id": [cluster["cluster_id"] for cluster in self.secondary.call("GET", "/api/2.1/clusters/list")["clusters"]
                               if cluster["cluster_name"] == "machine"][0]}
        self.secondary.call("POST", "/api/2.1/clusters/unpin", lost)
        self.secondary.call("POST", "/api/2.1/clusters/permanent-delete", lost)
        self.primary.call("POST", "/sim/outage", {})
        partly = self.in_group("failover", "--forced", expect=2).stdout
        self.assertIn("--without 'job:\"bound\"'", partly)
        self.assertEqual(live_jobs(self.secondary), [NIGHTLY])

        self.primary.call("POST", "/sim/restore", {})
        self.secondary.call("POST", "/sim/outage", {})
        stuck = self.in_group("failover", "--forced", expect=1)
        self.assertIn("--turn-back", stuck.stderr)
        self.assertIn("Add --forced", self.in_group("failover", "--planned", "--turn-back", expect=1).stderr)
        self.assertIn("is complete", self.in_group("failover", "--forced", "--turn-back").stdout)
        self.assertEqual(live_jobs(self.primary), ["bound", NIGHTLY])
        again = self.in_group("failover", "--forced", "--turn-back", expect=1)
        self.assertNotEqual(again.stderr, "")

        self.secondary.call("POST", "/sim/restore", {})
        self.in_group("sync", expect=3)
        self.assertEqual(live_jobs(self.secondary), [], "what is owed is paid first")
        self.in_group("commit")
        self.in_group("sync")
        self.in_group("reconcile")
        self.assertEqual((live_jobs(self.primary), live_jobs(self.secondary)), (["bound", NIGHTLY], []))

    def test_what_makes_no_sense_is_refused(self):
        self.fails("failover", says="planned or forced", hint="--forced")
        self.fails("failover", "--planned", says="never synced", hint="sync", expect=3)
        self.twinlake("sync")
        self.fails("commit", says="has not moved", hint="status", expect=3)
        self.fails("reprotect", says="never moved", hint="sync", expect=3)
        self.fails("failback", says="at home already", hint="failover", expect=3)
        self.fails("failover", "--abort", says="no failover is under way", hint="status", expect=3)
        self.assertEqual((live_jobs(self.primary), live_jobs(self.secondary)), ([NIGHTLY], []))


if __name__ == "__main__":
    main()
