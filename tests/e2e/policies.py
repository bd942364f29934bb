"""What twinlake.yml and the flags decide: scope, rewrites, deletion, adoption."""

import os
import pty
import subprocess

from program import TWINLAKE, Case, main


class Policies(Case):
    def group(self, *lines):
        self.write("twinlake.yml", "\n".join((
            "groups:", "  main:", "    primary: primary", "    secondary: secondary", f"    state: {self.state}",
            *("    " + line for line in lines))) + "\n")

    def sync(self, *words, expect=0):
        return self.run_words([TWINLAKE, *words, "sync"], expect)

    def tree(self, region):
        """Paths below /Shared and what they are."""
        return {entry["path"]: entry["object_type"] for entry in region.call("GET", "/sim/world")["tree"]
                if entry["path"].startswith("/Shared/")}

    def jobs(self, region):
        return sorted(job["settings"]["name"] for job in region.call("GET", "/api/2.2/jobs/list").get("jobs", []))

    def test_include_takes_what_it_names_and_the_folders_above(self):
        self.primary.call("POST", "/api/2.0/workspace/mkdirs", {"path": "/Shared/other/deep"})
        self.group("scope: {include: [/Shared/etl/**]}")
        self.sync()
        self.assertEqual(set(self.tree(self.secondary)), {"/Shared/etl", "/Shared/etl/load", "/Shared/etl/clean"})
        self.assertEqual(self.jobs(self.secondary), [])
        self.assertTrue(self.run_words([TWINLAKE, "reconcile"], 0).stdout.count("Everything is in sync"))

    def test_exclude_by_path_and_by_name(self):
        self.primary.call("POST", "/api/2.2/jobs/create", {"name": "test me", "tasks": []})
        self.group("scope:", "  exclude:", "    - /Shared/etl/clean", '    - {kind: job, name: "test *"}')
        self.sync()
        self.assertNotIn("/Shared/etl/clean", self.tree(self.secondary))
        self.assertIn("/Shared/etl/load", self.tree(self.secondary))
        self.assertEqual(self.jobs(self.secondary), ["nightly load"])

    def test_what_leaves_the_scope_is_left_where_it_is(self):
        self.group()
        self.sync()
        self.group("scope: {exclude: [/Shared/etl/clean]}")
        self.sync()
        self.assertIn("/Shared/etl/clean", self.tree(self.secondary))

    def test_values_of_a_region_are_rewritten(self):
        self.primary.call("POST", "/api/2.2/jobs/create", {"name": "reads stweu", "tasks": [{
            "task_key": "a", "notebook_task": {"notebook_path": "/Shared/etl/load",
                                               "base_parameters": {"from": "abfss://raw@stweu.dfs.core.windows.net/x"}}}]})
        self.group("rewrites:", "  - {from: stweu, to: stneu, kinds: job}")
        self.sync()
        jobs = {job["settings"]["name"]: job for job in
                self.secondary.call("GET", "/api/2.2/jobs/list?expand_tasks=true")["jobs"]}
        self.assertEqual(jobs["reads stweu"]["settings"]["tasks"][0]["notebook_task"]["base_parameters"]["from"],
                         "abfss://raw@stneu.dfs.core.windows.net/x")
        self.assertIn("Everything is in sync", self.run_words([TWINLAKE, "reconcile"], 0).stdout)

    def test_what_both_sides_changed_waits_until_somebody_says_which_one_counts(self):
        self.group("conflicts: {default: ask}")
        self.sync()

        def change(region, **settings):
            job = region.call("GET", "/api/2.2/jobs/list")["jobs"][0]
            region.call("POST", "/api/2.2/jobs/update", {"job_id": job["job_id"], "new_settings": settings})
        change(self.primary, max_concurrent_runs=7)
        change(self.secondary, timeout_seconds=77)
        done = self.sync(expect=2)
        self.assertIn("was changed on both sides (/max_concurrent_runs on the primary, /timeout_seconds on the secondary)",
                      " ".join(done.stdout.split()))
        self.assertIn("--take 'job:\"nightly load\"'", " ".join(done.stdout.split()))
        self.run_words([TWINLAKE, "plan", "--take", "job:*", "--out", self.path("plan.json")], 0)
        done = self.run_words([TWINLAKE, "sync", "--plan", self.path("plan.json"), "--take", "x"], 1)
        self.assertIn("--plan and --take contradict each other", done.stderr)
        self.run_words([TWINLAKE, "sync", "--plan", self.path("plan.json")], 0)
        job = self.secondary.call("GET", "/api/2.2/jobs/list")["jobs"][0]
        self.assertEqual(job["settings"]["max_concurrent_runs"], 7)
        self.assertEqual(job["settings"].get("timeout_seconds", 0), 0)
        self.assertIn("Everything is in sync", self.run_words([TWINLAKE, "reconcile"], 0).stdout)

    def on_a_terminal(self, typed, *words):
        """What somebody sees who sits at a terminal and types that."""
        seat, program = pty.openpty()
        with subprocess.Popen([TWINLAKE, *words], stdin=program, stdout=subprocess.PIPE, stderr=program, text=True,
                              cwd=self.folder, env=self.environment()) as process:
            os.close(program)
            os.write(seat, typed.encode())
            seen = b""
            while True:
                try:
                    piece = os.read(seat, 4096)
                except OSError:  # the program has closed its end
                    break
                if not piece:
                    break
                seen += piece
            printed = process.stdout.read()
        os.close(seat)
        return process.returncode, printed, seen.decode()

    def test_on_a_terminal_sync_asks_whose_change_counts(self):
        self.group("conflicts: {default: ask}")
        for name in ("other", "third"):
            self.primary.call("POST", "/api/2.2/jobs/create", {"name": name, "tasks": []})
        self.sync()

        def change(region, **settings):
            for job in region.call("GET", "/api/2.2/jobs/list")["jobs"]:
                region.call("POST", "/api/2.2/jobs/update", {"job_id": job["job_id"], "new_settings": settings})
        change(self.primary, max_concurrent_runs=7)
        change(self.secondary, timeout_seconds=77)

        def runs_by_name():
            jobs = self.secondary.call("GET", "/api/2.2/jobs/list")["jobs"]
            return {job["settings"]["name"]: job["settings"].get("max_concurrent_runs", 1) for job in jobs}
        code, _, seen = self.on_a_terminal("", "sync", "--yes")
        self.assertEqual((code, seen.count("Whose counts?")), (2, 0), seen)
        code, _, seen = self.on_a_terminal("p\ns\nk\n", "sync")
        self.assertEqual(seen.count("Whose counts?"), 3, seen)
        self.assertIn("/max_concurrent_runs on the primary", " ".join(seen.split()))
        self.assertEqual(code, 2, "one is still undecided")
        self.assertEqual(sorted(runs_by_name().values()), [1, 1, 7])
        code, printed, seen = self.on_a_terminal("P\n", "sync")
        self.assertEqual((code, seen.count("Whose counts?")), (0, 1), seen + printed)
        self.assertEqual(sorted(runs_by_name().values()), [7, 7, 7])

    def test_a_rule_that_matches_nothing_is_told_with_its_line(self):
        self.group("rewrites:", "  - {from: stweu, to: stneu}", "  - {from: nightly, to: daily}")
        self.sync()
        told = " ".join(self.run_words([TWINLAKE, "reconcile"], 0).stderr.split())
        self.assertIn("the rewrite in line 7, `stweu` to `stneu`, matches nothing in the primary", told)
        self.assertIn("line 8", told, "the name of a job is its identity, and no rule touches it")

    def test_two_rules_for_one_value_are_an_error_with_both_lines(self):
        self.group("rewrites:", "  - {from: stweu, to: stneu}", "  - {from: stweu, to: other, one_way: true}")
        done = self.run_words([TWINLAKE, "plan"], 1)
        self.assertIn("`stweu` is rewritten twice, in lines 7 and 8", " ".join(done.stderr.split()))

    def test_without_deletion_what_is_gone_is_extra(self):
        self.group("deletion: {enabled: false}")
        self.sync()
        self.primary.call("POST", "/api/2.0/workspace/delete", {"path": "/Shared/etl/clean"})
        self.sync()
        self.assertIn("/Shared/etl/clean", self.tree(self.secondary))
        self.assertIn("extra", self.run_words([TWINLAKE, "reconcile"], 2).stdout)

    def test_many_deletions_need_to_be_allowed(self):
        for i in range(8):
            self.primary.notebook(f"/Shared/etl/n{i}", "print(1)\n")
        self.twinlake("sync")
        for i in range(8):
            self.primary.call("POST", "/api/2.0/workspace/delete", {"path": f"/Shared/etl/n{i}"})
        done = self.twinlake("sync", expect=2)
        self.assertIn("--allow-deletes", done.stdout)
        self.assertIn("/Shared/etl/n7", self.tree(self.secondary))
        # A saved plan keeps what was allowed when it was made.
        plan = self.path("p.json")
        self.twinlake("plan", "--allow-deletes", "8", "--out", plan)
        self.fails("sync", "--plan", plan, "--allow-deletes", "9", says="contradict", hint="plan")
        self.twinlake("sync", "--plan", plan)
        self.assertNotIn("/Shared/etl/n7", self.tree(self.secondary))
        self.assertIn("/Shared/etl/load", self.tree(self.secondary))

    def test_a_threshold_that_is_no_number_of_objects(self):
        for word in ("-1", "many", "1.5"):
            self.fails("sync", "--allow-deletes", word, says=word, hint="--help")

    def test_adopt_overwrite_is_for_what_it_names_only(self):
        self.secondary.call("POST", "/api/2.0/workspace/mkdirs", {"path": "/Shared/etl"})
        for name in ("load", "clean"):
            self.secondary.notebook("/Shared/etl/" + name, "print('theirs')\n")
        self.group("adopt:", "  overwrite: [{kind: notebook, path: /Shared/etl/load}]")
        self.sync(expect=2)
        self.assertIn("print(1)", self.secondary.export("/Shared/etl/load"))
        self.assertIn("theirs", self.secondary.export("/Shared/etl/clean"))
        # What was theirs is never deleted.
        self.primary.call("POST", "/api/2.0/workspace/delete", {"path": "/Shared/etl/load"})
        self.sync(expect=2)
        self.assertIn("/Shared/etl/load", self.tree(self.secondary))

    def test_a_group_name_is_no_path(self):
        for name in ("../up", "a/b", "a b", "ä"):
            self.fails("--group", name, "plan", says="cannot be the name of a failover group", hint="letters")
        self.assertEqual([name for name in os.listdir(self.folder) if "sqlite" in name], [])


if __name__ == "__main__":
    main()
