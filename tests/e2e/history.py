"""Recovery points as an operator meets them: listed, compared, checked, pruned, restored, encrypted."""

import configparser
import os
import stat
from pathlib import Path

from program import TWINLAKE, Case, Regions, main

SECRET_SOURCE = "margin = revenue - cost  # nobody outside may see how\n"


class History(Case):
    def change_and_sync(self):
        self.twinlake("sync")
        job = self.primary.call("GET", "/api/2.2/jobs/list")["jobs"][0]
        self.primary.call("POST", "/api/2.2/jobs/update",
                          {"job_id": job["job_id"], "new_settings": {"max_concurrent_runs": 5}})
        self.primary.notebook("/Shared/etl/load", "print('overwritten by mistake')\n")
        self.primary.notebook("/Shared/etl/new", "print(3)\n")
        self.twinlake("sync")

    def history_file(self):
        return os.path.join(self.state, "default.history.db")

    def all_bytes(self):
        return b"".join(Path(self.state, name).read_bytes()
                        for name in os.listdir(self.state) if ".history." in name)

    def test_each_sync_leaves_a_point_and_diff_names_objects_and_fields(self):
        self.fails("history", says="there is no history", hint="sync")
        self.assertFalse(os.path.exists(self.state), "looking must not make a history")
        self.change_and_sync()
        points = self.twinlake_json("history")["points"]
        self.assertEqual([point["point"] for point in points], [2, 1])
        self.assertEqual(stat.S_IMODE(os.stat(self.history_file()).st_mode), 0o600)
        changes = {entry["address"]: entry for entry in self.twinlake_json("history", "diff", "1")["objects"]}
        self.assertEqual(changes['notebook:"/Shared/etl/new"']["change"], "came")
        self.assertIn({"place": "/max_concurrent_runs", "before": "", "after": "5"},
                      changes['job:"nightly load"']["fields"])
        self.assertIn("(content)", [field["place"] for field in changes['notebook:"/Shared/etl/load"']["fields"]])
        text = self.twinlake("history", "diff", "1", "2").stdout
        self.assertIn('+ notebook:"/Shared/etl/new"', text)
        self.assertIn("/max_concurrent_runs: (none) → 5", text)
        self.assertIn("Everything is as it was written", self.twinlake("history", "check").stdout)
        self.fails("history", "diff", "9", says="no recovery point `9`", hint="twinlake history")

    def test_a_mistake_on_the_primary_is_undone(self):
        self.change_and_sync()
        plan = self.twinlake("restore", "--at", "1", "--to", "primary", "/Shared/etl/load").stdout
        self.assertIn('~ notebook:"/Shared/etl/load"', plan)
        self.assertIn("Nothing was written", plan)
        self.assertIn("by mistake", self.primary.export("/Shared/etl/load"))
        done = self.twinlake("restore", "--at", "1", "--to", "primary", "--yes", "/Shared/etl/load").stdout
        self.assertIn("complete", done)
        self.assertIn("print(1)", self.primary.export("/Shared/etl/load"))
        self.assertTrue(self.primary.exists("/Shared/etl/new"), "what came since stays")
        self.twinlake("sync")
        self.assertIn("print(1)", self.secondary.export("/Shared/etl/load"))

    def test_a_deleted_job_comes_back_live_on_the_primary_and_held_on_the_secondary(self):
        self.twinlake("sync")
        job = self.primary.call("GET", "/api/2.2/jobs/list")["jobs"][0]
        self.primary.call("POST", "/api/2.2/jobs/delete", {"job_id": job["job_id"]})
        self.twinlake("sync")
        self.twinlake("restore", "--at", "1", "--yes", 'job:"nightly load"')
        standby = self.secondary.call("GET", "/api/2.2/jobs/list?expand_tasks=true")["jobs"]
        self.assertEqual([one["settings"]["schedule"]["pause_status"] for one in standby], ["PAUSED"])
        report = self.twinlake_json("restore", "--at", "1", "--to", "primary", "--yes", "job:nightly load")
        self.assertEqual((report["outcome"], report["counts"]["created"], report["point"]["point"]), ("complete", 1, 1))
        jobs = self.primary.call("GET", "/api/2.2/jobs/list?expand_tasks=true")["jobs"]
        self.assertEqual([one["settings"]["schedule"]["pause_status"] for one in jobs], ["UNPAUSED"])

    def third_workspace(self):
        """A workspace that is no side of the group, under the profile `rebuilt`."""
        folder = self.path("elsewhere")
        os.mkdir(folder)
        others = Regions(folder, "--estate", "empty", "--workspace-id", "7777777777777777", "--seed", "5")
        self.addCleanup(others.stop)
        profiles = configparser.ConfigParser()
        profiles.read([self.regions.config, others.config])
        third = dict(profiles["primary"])
        profiles.read(self.regions.config)
        profiles["rebuilt"] = third
        with open(self.regions.config, "w", encoding="utf-8") as file:
            profiles.write(file)
        return others.primary

    def test_a_whole_workspace_comes_back_into_an_empty_one_outside_the_group(self):
        self.twinlake("sync")
        third = self.third_workspace()
        plan = self.twinlake("restore", "--at", "1", "--to", "rebuilt").stdout
        self.assertIn("what comes back to the workspace of profile `rebuilt` from point 1", plan)
        self.assertIn('+ job:"nightly load"  is not there now', plan)
        self.assertFalse(third.exists("/Shared/etl/load"))
        self.assertEqual([name for name in os.listdir(self.state) if "outside" in name], [], "a plan keeps nothing")
        # Nobody asks the sides of the group, which may be gone.
        self.regions.stop()
        report = self.twinlake_json("restore", "--at", "1", "--to", "rebuilt", "--yes")
        self.assertEqual((report["outcome"], report["to"]), ("complete", "rebuilt"))
        self.assertIn("print(1)", third.export("/Shared/etl/load"))
        jobs = third.call("GET", "/api/2.2/jobs/list?expand_tasks=true")["jobs"]
        self.assertEqual([one["settings"]["schedule"]["pause_status"] for one in jobs], ["PAUSED"])
        self.assertEqual(self.twinlake_json("restore", "--at", "1", "--to", "rebuilt")["steps"], [])

    def test_a_workspace_that_is_a_side_or_not_empty_is_left_alone(self):
        self.twinlake("sync")
        third = self.third_workspace()
        third.call("POST", "/api/2.0/workspace/mkdirs", {"path": "/Shared/etl"})
        third.notebook("/Shared/etl/load", "print('theirs')\n")
        self.fails("restore", "--at", "1", "--to", "rebuilt", "--yes", says="is not empty", hint="--beside-others", expect=3)
        told = self.twinlake("restore", "--at", "1", "--to", "rebuilt", "--beside-others", "--yes", expect=2).stdout
        self.assertIn('notebook:"/Shared/etl/load"', told)
        self.assertIn("theirs", third.export("/Shared/etl/load"))
        self.assertIn("print(2)", third.export("/Shared/etl/clean"))
        self.fails("restore", "--at", "1", "--beside-others", "--all", says="for a workspace outside", hint="--to")
        profiles = configparser.ConfigParser()
        profiles.read(self.regions.config)
        profiles["same"] = dict(profiles["primary"])
        with open(self.regions.config, "w", encoding="utf-8") as file:
            profiles.write(file)
        self.fails("restore", "--at", "1", "--to", "same", says="is the primary workspace of the group", hint="--to primary", expect=3)

    def test_what_is_asked_for_wrongly_is_refused_with_a_remedy(self):
        self.twinlake("sync")
        self.fails("restore", "--at", "1", says="not said what to restore", hint="--all")
        self.fails("restore", "--at", "1", "jobb:x", says="neither a path nor a kind", hint="Did you mean `job`?")
        self.fails("restore", "--at", "7", "--all", says="no recovery point `7`", hint="twinlake history")
        self.fails("restore", "--at", "1", "--all", "/Shared", says="contradict", hint="one of them")

    def test_prune_by_hand_and_by_the_configuration(self):
        self.change_and_sync()
        self.twinlake("sync")
        told = self.twinlake_json("history", "prune", "--keep-last", "1", "--dry-run")
        self.assertEqual([point["point"] for point in told["points"]], [2, 1])
        self.assertEqual(len(self.twinlake_json("history")["points"]), 3)
        self.twinlake("history", "prune", "--keep-last", "2")
        self.assertEqual([point["point"] for point in self.twinlake_json("history")["points"]], [3, 2])
        self.configure("history: {keep: {last: 1}}")
        self.by_configuration("sync")
        self.assertEqual([point["point"] for point in self.twinlake_json("history")["points"]], [4])
        self.twinlake("history", "check")

    def configure(self, line):
        self.write("twinlake.yml", "groups:\n  default:\n    primary: primary\n    secondary: secondary\n"
                                   f"    state: {self.state}\n    {line}\n")

    def by_configuration(self, *words, expect=0, **environment):
        return self.run_words([TWINLAKE, "--config", self.path("twinlake.yml"), *words], expect, **environment)

    def test_switched_off_nothing_is_kept(self):
        self.configure("history: false")
        self.assertNotIn("Recovery point", self.by_configuration("sync").stdout)
        self.assertFalse(os.path.exists(self.history_file()))

    def test_a_key_hides_everything_and_is_added_changed_and_removed(self):
        self.primary.notebook("/Shared/etl/secret", SECRET_SOURCE)
        self.twinlake("sync")
        self.assertIn(b"Databricks notebook source", self.all_bytes(), "without a key it is readable")
        keys = [self.write(name, f"{number:064x}\n") for name, number in (("one.key", 1), ("two.key", 2))]
        self.configure("history: {key: one.key}")
        for key in keys:
            os.chmod(key, 0o644)
        self.assertIn("chmod 600", self.by_configuration("history", expect=1).stderr)
        for key in keys:
            os.chmod(key, 0o600)
        # A sync goes on without a history that it cannot open, and says so.
        done = self.by_configuration("sync", expect=2)
        self.assertIn("is not encrypted", done.stderr)
        self.by_configuration("history", "rekey")
        self.assertNotIn(b"nobody outside", self.all_bytes())
        self.by_configuration("sync")
        self.assertNotIn(b"nobody outside", self.all_bytes())
        self.by_configuration("history", "check")
        self.configure("history: {key: two.key}")
        wrong = self.by_configuration("history", expect=3).stderr
        self.assertIn("encrypted with another key", wrong)
        self.by_configuration("history", "rekey", "--old-key", keys[0])
        self.by_configuration("history", "check")
        self.configure("history: {key: 'env:HISTORY_KEY'}")
        self.by_configuration("history", "check", HISTORY_KEY=f"{2:064x}")
        self.by_configuration("restore", "--at", "1", "--to", "primary", "--yes", "/Shared/etl/secret",
                              HISTORY_KEY=f"{2:064x}")
        self.configure("history: {key: " + f"{2:064x}" + "}")
        self.assertIn("must say where the key is", self.by_configuration("history", expect=1).stderr)

    def test_damage_is_found_and_named(self):
        self.twinlake("sync")
        with open(self.history_file(), "r+b") as file:
            content = file.read()
            place = content.index(b"Databricks notebook source\nprint(2)")
            file.seek(place + 30)
            file.write(b"X")
        done = self.twinlake_json("history", "check", expect=2)
        self.assertFalse(done["whole"])
        self.assertIn('the content of notebook:"/Shared/etl/clean" (from point 1 on) is not what was written',
                      done["damage"])


if __name__ == "__main__":
    main()
