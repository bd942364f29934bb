"""The account of a failover or a drill, as an auditor gets it: a page and the same as JSON, also while a region is out."""

import html
import json
import os
import re
import stat
from pathlib import Path

from program import TWINLAKE, Case, main

NIGHTLY = "nightly load"
HOSTILE = "<script>alert(1)</script> & \"co\""


def texts_of(page):
    """The page as a reader sees it."""
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page.split("</style>")[1])))


class Report(Case):
    def setUp(self):
        super().setUp()
        self.primary.call("POST", "/api/2.2/jobs/create", {
            "name": HOSTILE,
            "schedule": {"quartz_cron_expression": "0 0 3 * * ?", "timezone_id": "UTC", "pause_status": "UNPAUSED"},
            "tasks": [{"task_key": "main", "notebook_task": {"notebook_path": "/Shared/etl/load"}}]})
        self.write("twinlake.yml", """groups:
  default:
    primary: primary
    secondary: secondary
    scope: {exclude: [/Shared/etl/clean]}
""")

    def in_group(self, *words, expect=0):
        return self.run_words([TWINLAKE, "--state", self.state, *words], expect)

    def account(self, *words):
        return json.loads(self.in_group("-o", "json", "report", *words).stdout)

    def page(self, name):
        return Path(self.path(name)).read_text(encoding="utf-8")

    def pages(self):
        return sorted(path.name for path in Path(self.folder).glob("twinlake-report-*"))

    def test_a_planned_failover_is_accounted_for(self):
        self.in_group("sync")
        self.in_group("failover", "--planned")
        self.in_group("reconcile")
        self.primary.call("POST", "/sim/outage", {})
        self.secondary.call("POST", "/sim/outage", {})
        said = self.in_group("report", "--last", "--out", "audit.html", "--json-out", "audit.json",
                             "--rpo-minutes", "60", "--rto-minutes", "0").stdout
        self.assertIn("The planned failover is complete", said)
        self.assertIn(self.path("audit.html"), said)
        account = json.loads(self.page("audit.json"))
        self.assertEqual(account["verdict"]["word"], "complete")
        self.assertEqual((account["from"]["host"], account["to"]["host"]), (self.primary.url, self.secondary.url))
        self.assertTrue(account["failover"]["operator"])
        self.assertRegex(account["failover"]["program"], r"^Twinlake \d")
        self.assertGreaterEqual(account["rpo"]["seconds"], 0)
        self.assertEqual((account["rpo"]["met"], account["rto"]["met"]), (True, False))
        self.assertEqual([phase["name"] for phase in account["phases"]],
                         ["replicating", "fencing", "settling", "catching_up", "releasing"])
        done = {(action["action"], action["address"], action["outcome"]) for action in account["actions"]}
        for name in (NIGHTLY, HOSTILE):
            for action in ("hold", "release"):
                self.assertTrue(any(a == action and name in address and outcome == "done"
                                    for a, address, outcome in done), (name, action, done))
        self.assertEqual([window["name"] for window in account["windows"]], ["silent"])
        self.assertTrue(account["before"]["in_sync"])
        self.assertEqual(account["before"]["source"], "sync")
        self.assertEqual(account["before"]["kinds"]["job"], {"in_sync": 2})
        self.assertEqual(account["after"]["source"], "reconcile")
        self.assertEqual(account["after"]["kinds"]["job"], {"in_sync": 2})
        self.assertIn("not committed", account["debts"][0]["what"])
        self.assertIn("path /Shared/etl/clean", account["scope"]["exclude"])

        page = self.page("audit.html")
        self.assertNotIn("<script", page)
        self.assertNotRegex(page, r"""(src|href)=|url\(|@import""", "the page needs nothing from elsewhere")
        text = texts_of(page)
        for action in account["actions"]:
            self.assertIn(action["address"], text)
        for phase in account["phases"]:
            self.assertIn(phase["name"].replace("_", " "), text)
        for part in (HOSTILE, self.primary.url, self.secondary.url, "✗ Missed", "✓ Met",
                     "not committed", account["verdict"]["sentence"]):
            self.assertIn(part, text)

    def test_what_was_lost_is_measured_and_later_syncs_change_nothing_of_it(self):
        self.in_group("sync")
        self.primary.call("POST", "/sim/outage", {})
        self.in_group("failover", "--forced")
        account = self.account()
        self.assertIn("may still start", account["debts"][0]["what"])
        self.assertEqual(account["failover"]["fence"], "open")
        self.assertIsNone(account["after"])
        self.assertEqual(account["before"]["kinds"]["job"], {"in_sync": 2})
        lost = account["rpo"]
        self.assertGreater(lost["seconds"], 0)
        self.primary.call("POST", "/sim/restore", {})
        self.in_group("commit", expect=0)
        self.in_group("reprotect")
        again = self.account("--failover", str(account["failover"]["id"]))
        self.assertEqual(again["rpo"], lost)
        self.assertEqual(again["before"], account["before"])
        self.assertEqual(again["after"]["source"], "sync")
        self.assertEqual(again["debts"], [])
        self.assertIn("doubled", [window["name"] for window in again["windows"]])
        self.assertEqual(self.pages(), [], "with -o json no page is written unasked")

    def test_a_drill_is_accounted_for(self):
        self.primary.notebook("/Shared/etl/smoke", 'dbutils.notebook.exit("rows: 3")\n')
        self.primary.call("POST", "/api/2.2/jobs/create", {
            "name": "smoke check",
            "tasks": [{"task_key": "main", "notebook_task": {"notebook_path": "/Shared/etl/smoke"}}]})
        self.in_group("sync")
        self.in_group("drill", "start", "--run", "smoke check")
        self.assertIn("not removed", self.account()["debts"][0]["what"])
        self.in_group("drill", "cleanup")
        account = self.account("--drill")
        self.assertEqual(account["subject"], "drill")
        self.assertTrue(account["verdict"]["good"])
        self.assertEqual(account["drill"]["runs"][0]["result"], "SUCCESS")
        self.assertIsNone(account["rto"]["seconds"])
        self.assertEqual(account["drill"]["copies_left"], 0)
        self.assertTrue(all(copy["gone"] for copy in account["drill"]["copies"]))
        self.in_group("report", "--last", "--out", "drill.html")
        text = texts_of(self.page("drill.html"))
        self.assertIn("The drill has passed", text)
        self.assertIn("answered: rows: 3", text)
        for copy in account["drill"]["copies"]:
            self.assertIn(copy["name"], text)

    def test_a_page_is_never_written_over_by_accident(self):
        self.in_group("sync")
        self.in_group("failover", "--planned")
        said = self.in_group("report").stdout
        self.assertEqual(len(self.pages()), 1)
        self.assertIn(self.path(self.pages()[0]), said)
        self.assertRegex(self.pages()[0], r"^twinlake-report-default-\d{8}T\d{6}Z\.html$")
        self.assertEqual(stat.S_IMODE(os.stat(self.path(self.pages()[0])).st_mode), 0o600)
        self.write("mine.html", "mine")
        refused = self.in_group("report", "--out", "mine.html", expect=3).stderr
        self.assertIn("there already", refused)
        self.assertIn("--force", refused)
        self.assertEqual(self.page("mine.html"), "mine")
        self.in_group("report", "--out", "mine.html", "--force")
        self.assertIn("</html>", self.page("mine.html"))
        self.assertEqual([name for name in os.listdir(self.folder) if name.startswith("mine.html.")], [])

    def test_what_makes_no_sense_is_refused(self):
        self.fails("report", says="no state of the group", hint="twinlake sync")
        self.twinlake("sync")
        self.fails("report", "--last", says="neither a failover nor a drill", hint="drill start", expect=3)
        self.fails("report", "--drill", says="no drill yet", hint="drill start", expect=3)
        self.fails("report", "--failover", "7", says="number 7", hint="none on record", expect=3)
        self.fails("report", "--last", "--drill", says="contradict", hint="one of them")


if __name__ == "__main__":
    main()
