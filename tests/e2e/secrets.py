"""Secrets reach the other workspace, and nothing else: no file, no output, no core of the process."""

import base64
import json
import os
import resource
import signal
import subprocess
import sys
import unittest
from pathlib import Path

from program import TWINLAKE, Case, main, wait_until

PLANTED = {"secret": "pl4nted-s3cret-one", "literal": "pl4nted-l1teral-two", "given": "pl4nted-g1ven-three",
           "hook": "pl4nted-h00k-four", "script": "pl4nted-scr1pt-five"}


def allow_cores():
    resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


class Secrets(Case):
    def plant(self):
        call = self.primary.call
        for scope in ("app", "regional"):
            call("POST", "/api/2.0/secrets/scopes/create", {"scope": scope})
        call("POST", "/api/2.0/secrets/put", {"scope": "app", "key": "password", "string_value": PLANTED["secret"]})
        call("POST", "/api/2.0/secrets/put", {"scope": "regional", "key": "key", "string_value": "of the other region"})
        call("POST", "/api/2.1/clusters/create", {
            "cluster_name": "literal", "spark_version": "15.4.x-scala2.12", "node_type_id": "Standard_DS3_v2",
            "num_workers": 1, "spark_conf": {"fs.azure.account.key.stweu.dfs.core.windows.net": PLANTED["literal"]},
            "spark_env_vars": {"API_TOKEN": PLANTED["literal"]}})
        call("POST", "/api/2.0/global-init-scripts", {
            "name": "agent", "script": base64.b64encode(f"curl -u me:{PLANTED['script']} x".encode()).decode()})
        call("POST", "/api/2.0/notification-destinations", {
            "display_name": "hook", "config": {"generic_webhook": {"url": "https://a.example", "password": "x"}}})
        values = self.write("values.yml", f"""secrets: {{regional: {{key: {PLANTED['given']}}}}}
notification_destinations: {{hook: {{generic_webhook: {{url: "https://b.example", password: {PLANTED['hook']}}}}}}}
""")
        os.chmod(values, 0o600)
        self.write("twinlake.yml", f"""groups:
  main: {{primary: primary, secondary: secondary, state: {self.state}, values: values.yml}}
""")

    def forms(self):
        """Each value as it is, and as services and tools would write it."""
        for value in PLANTED.values():
            raw = value.encode()
            yield raw
            yield base64.b64encode(raw)
            yield raw.hex().encode()

    def assert_clean(self, what, content):
        for form in self.forms():
            self.assertNotIn(form, content, f"{what} holds a planted value")

    def assert_no_file_has_one(self):
        seen = 0
        for path in Path(self.folder).rglob("*"):
            if path.is_file() and path.name != "values.yml":
                self.assert_clean(path, path.read_bytes())
                seen += 1
        self.assertGreater(seen, 3)

    def test_values_arrive_and_are_found_nowhere_else(self):
        self.plant()
        outputs = []
        for words, expect in ((["plan", "--out", "saved.json"], 0), (["-o", "json", "plan"], 0), (["--verbose", "sync"], 0),
                              (["-o", "json", "reconcile"], 0), (["reconcile", "--all"], 0), (["-o", "json", "status"], 0),
                              (["ids"], 0), (["state", "check"], 0)):
            done = self.run_words([TWINLAKE, *words], expect)
            outputs.append((done.stdout + done.stderr).encode())
        for output in outputs:
            self.assert_clean("an output", output)
        self.assert_no_file_has_one()
        mirror = self.secondary.call("GET", "/api/2.0/workspace/export?format=AUTO&path=/Twinlake/main/state.json")
        self.assert_clean("the mirror", base64.b64decode(mirror["content"]))
        for region in (self.primary, self.secondary):
            self.assert_clean("the simulator's trace", str(region.call("GET", "/sim/requests")).encode())
        read = self.secondary.call("GET", "/api/2.0/secrets/get?scope=app&key=password")
        self.assertEqual(base64.b64decode(read["value"]).decode(), PLANTED["secret"])
        read = self.secondary.call("GET", "/api/2.0/secrets/get?scope=regional&key=key")
        self.assertEqual(base64.b64decode(read["value"]).decode(), PLANTED["given"])

    def test_values_that_only_commands_can_read_come_too_and_mounts_use_them(self):
        self.plant()
        self.write("twinlake.yml", f"""groups:
  main:
    primary: primary
    secondary: secondary
    state: {self.state}
    values: values.yml
    helper_clusters: {{primary: auto}}
    rewrites: [{{from: stweu, to: stneu}}]
    mounts:
      list:
        - mount: /mnt/raw
          source: wasbs://raw@stweu.blob.core.windows.net/
          configs: {{fs.azure.account.key.stweu.blob.core.windows.net: "{{{{secrets/app/password}}}}"}}
""")
        for region in (self.primary, self.secondary):
            region.call("POST", "/sim/options", {"secrets_stay_inside": True})
        planned = self.run_words([TWINLAKE, "plan"], 0)
        self.assertIn("one small machine on the primary", planned.stdout)
        outputs = [self.run_words([TWINLAKE, *words], 0) for words in
                   (["--verbose", "sync"], ["-o", "json", "sync"], ["-o", "json", "reconcile"])]
        for done in outputs:
            self.assert_clean("an output", (done.stdout + done.stderr).encode())
        self.assert_no_file_has_one()
        world = self.secondary.call("GET", "/sim/world")
        self.assertEqual([(mount["mount_point"], mount["source"]) for mount in world["mounts"]],
                         [("/mnt/raw", "wasbs://raw@stneu.blob.core.windows.net/")])
        self.assertTrue(all(config["from_secret"] for config in world["mounts"][0]["configs"]))
        for region in (self.primary, self.secondary):
            clusters = [cluster["cluster_name"] for cluster in region.call("GET", "/sim/world")["clusters"]]
            self.assertEqual(clusters, ["literal"], "no helper is left")
            self.assert_clean("the simulator's trace", str(region.call("GET", "/sim/requests")).encode())

    def plant_literals(self, number, ids):
        """The same words in every place of a definition where people write secrets."""
        call = self.primary.call
        value = f"pl4nted-w0rd-{number}"
        cluster = {"spark_version": "15.4.x-scala2.12", "node_type_id": "Standard_DS3_v2", "num_workers": 1,
                   "spark_conf": {"fs.azure.account.key.stweu.dfs.core.windows.net": value, "any.name": value},
                   "spark_env_vars": {"ANY": value}, "custom_tags": {"deploy_token": value}}
        library = {"pypi": {"package": "a", "repo": f"https://robot:{value}@pypi.contoso.example/simple"}}
        job = {"name": "literal", "parameters": [{"name": "api_key", "default": value}],
               "job_clusters": [{"job_cluster_key": "main", "new_cluster": cluster}],
               "tasks": [{"task_key": "a", "job_cluster_key": "main", "libraries": [library],
                          "notebook_task": {"notebook_path": "/Shared/etl/load",
                                            "base_parameters": {"password": value, "licence": value}}},
                         {"task_key": "b", "job_cluster_key": "main",
                          "spark_python_task": {"python_file": "dbfs:/mnt/x.py", "parameters": ["--password", value]}}]}
        pipeline = {"name": "literal", "configuration": {"any": value}, "libraries": [{"notebook": {"path": "/Shared/etl/load"}}],
                    "clusters": [{"label": "default", "num_workers": 1, "spark_conf": {"any": value}}]}
        policy = {"name": "literal", "definition": json.dumps(
            {"spark_env_vars.DB_PASSWORD": {"type": "fixed", "value": value},
             "spark_conf.url": {"type": "fixed", "value": f"jdbc:postgresql://h/d?user=a&password={value}"}})}
        scripts = f"export TOKEN={value}"
        if not ids:
            ids["cluster"] = call("POST", "/api/2.1/clusters/create", {"cluster_name": "words", **cluster})["cluster_id"]
            ids["job"] = call("POST", "/api/2.2/jobs/create", job)["job_id"]
            ids["pipeline"] = call("POST", "/api/2.0/pipelines", pipeline)["pipeline_id"]
            ids["policy"] = call("POST", "/api/2.0/policies/clusters/create", policy)["policy_id"]
            ids["script"] = call("POST", "/api/2.0/global-init-scripts", {
                "name": "words", "script": base64.b64encode(scripts.encode()).decode()})["script_id"]
            return
        wait_until("the cluster is up, so that it can be edited", lambda: call(
            "GET", "/api/2.1/clusters/get?cluster_id=" + ids["cluster"])["state"] == "RUNNING")
        call("POST", "/api/2.1/clusters/edit", {"cluster_id": ids["cluster"], "cluster_name": "words", **cluster})
        call("POST", "/api/2.2/jobs/reset", {"job_id": ids["job"], "new_settings": job})
        call("PUT", "/api/2.0/pipelines/" + ids["pipeline"], pipeline)
        call("POST", "/api/2.0/policies/clusters/edit", {"policy_id": ids["policy"], **policy})
        call("PATCH", "/api/2.0/global-init-scripts/" + ids["script"], {
            "name": "words", "script": base64.b64encode(scripts.encode()).decode()})

    def test_words_written_out_in_definitions_are_seen_to_change_and_never_shown(self):
        self.write("twinlake.yml", f"""groups:
  main:
    primary: primary
    secondary: secondary
    state: {self.state}
    secrets: {{names: ["licen?e"]}}
    rewrites: [{{from: stweu, to: stneu, one_way: true}}]
""")
        ids = {}
        for number in ("0ne", "tw0"):
            self.plant_literals(number, ids)
            for words in (["plan", "--out", "saved.json"], ["-o", "json", "plan"], ["--verbose", "sync"],
                          ["-o", "json", "reconcile"], ["reconcile", "--all"], ["-o", "json", "status"], ["state", "check"]):
                done = self.run_words([TWINLAKE, *words], 0)
                self.assertNotIn("pl4nted-w0rd", done.stdout + done.stderr, words)
            for path in Path(self.folder).rglob("*"):
                if path.is_file():
                    self.assertNotIn(b"pl4nted-w0rd", path.read_bytes(), path)
            mirror = self.secondary.call("GET", "/api/2.0/workspace/export?format=AUTO&path=/Twinlake/main/state.json")
            self.assertNotIn(b"pl4nted-w0rd", base64.b64decode(mirror["content"]))
            standby = json.dumps(self.secondary.call("GET", "/sim/world"))
            self.assertGreaterEqual(standby.count(f"pl4nted-w0rd-{number}"), 14, "they arrive")
        self.assertNotIn("pl4nted-w0rd-0ne", standby, "and what changed too")

    def test_values_that_others_can_read_are_refused(self):
        self.plant()
        os.chmod(self.path("values.yml"), 0o644)
        done = self.run_words([TWINLAKE, "plan"], 1)
        self.assertIn("can be read by others", done.stderr)
        self.assertIn("chmod 600", done.stderr)

    def test_a_wrong_file_of_values_is_told_without_a_value(self):
        self.plant()
        for text in (f"secrets: {{app: [{PLANTED['given']}]}}", f"secrets:\n\t- {PLANTED['given']}", f"secret: {PLANTED['given']}"):
            self.write("values.yml", text)
            done = self.run_words([TWINLAKE, "plan"], 1)
            self.assertIn("values.yml:", done.stderr)
            self.assert_clean("the message", done.stderr.encode())

    def test_what_the_service_repeats_when_it_refuses_is_not_told(self):
        """A policy that is not kept quotes the value; the message goes into the journal and the report."""
        self.plant()
        self.primary.call("POST", "/api/2.0/secrets/scopes/delete", {"scope": "regional"})  # one secret, one quotation
        for path, value in (("/api/2.1/clusters/create", PLANTED["literal"]), ("/api/2.0/secrets/put", PLANTED["secret"]),
                            ("/api/2.0/notification-destinations", PLANTED["hook"])):
            self.secondary.call("POST", "/sim/faults", {
                "method": "POST", "path": path, "times": 0, "action": "status", "status": 400,
                "error_code": "INVALID_PARAMETER_VALUE", "message": f'Validation failed: the value must be x (is "{value}")'})
        done = self.run_words([TWINLAKE, "-o", "json", "--verbose", "sync"], 2)
        told = {entry["address"]: entry["error"] for entry in json.loads(done.stdout)["objects"] if entry["error"]}
        for address in ('cluster:"literal"', 'secret:"app/password"', 'notification_destination:"hook"'):
            self.assertIn('the value must be x (is "[secret]")', told[address])
        self.assert_clean("an output", (done.stdout + done.stderr).encode())
        self.assert_clean("an output", self.run_words([TWINLAKE, "status"], 0).stdout.encode())
        self.assert_no_file_has_one()

    def in_flight(self):
        """A sync that has sent a secret to the secondary and waits for the answer, with any core allowed."""
        self.primary.call("POST", "/api/2.0/secrets/scopes/delete", {"scope": "regional"})  # the one on its way is ours
        self.secondary.call("POST", "/sim/faults", {
            "path": "/api/2.0/secrets/put", "times": 0, "action": "delay", "delay_ms": 60000})
        process = subprocess.Popen([TWINLAKE, "sync"], cwd=self.folder, env=self.environment(), stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL, preexec_fn=allow_cores)
        self.addCleanup(process.kill)
        wait_until("a secret is on its way", lambda: any(
            "secrets/put" in route["route"] for route in self.secondary.call("GET", "/sim/requests")["routes"]))
        return process

    def memory_holds(self, process, value):
        """Is it somewhere in the memory that a core would show? Asked of the kernel, which tells it to root only."""
        try:
            with open(f"/proc/{process.pid}/maps", encoding="ascii") as maps, open(f"/proc/{process.pid}/mem", "rb") as memory:
                for line in maps:
                    start, end = (int(part, 16) for part in line.split()[0].split("-"))
                    if " rw" not in line:
                        continue
                    memory.seek(start)
                    if value.encode() in memory.read(end - start):
                        return True
            return False
        except PermissionError:
            return None

    def cores(self):
        return [name for name in os.listdir(self.folder) if name.startswith("core")]

    def crash(self, sort):
        self.plant()
        # Where a crash of this machine leaves a core at all, for a program that does nothing about it.
        other = subprocess.run([sys.executable, "-c", "import os; os.abort()"], cwd=self.folder, preexec_fn=allow_cores,
                               capture_output=True, check=False)
        self.assertEqual(other.returncode, -signal.SIGABRT)
        if not self.cores():
            self.skipTest("this machine keeps cores elsewhere: " + Path("/proc/sys/kernel/core_pattern").read_text("ascii"))
        for name in self.cores():
            os.remove(self.path(name))
        process = self.in_flight()
        self.assertIn(self.memory_holds(process, PLANTED["secret"]), (True, None), "the moment is the wrong one")
        process.send_signal(sort)
        process.wait(timeout=60)
        self.assertEqual(process.returncode, -sort)
        self.assertEqual(self.cores(), [])
        self.assert_no_file_has_one()

    @unittest.skipIf(os.environ.get("TWINLAKE_SANITIZED"), "the leak checker has to look into the process")
    def test_an_abort_while_secrets_are_in_flight_leaves_no_core(self):
        self.crash(signal.SIGABRT)

    @unittest.skipIf(os.environ.get("TWINLAKE_SANITIZED"), "the leak checker has to look into the process")
    def test_a_crash_while_secrets_are_in_flight_leaves_no_core(self):
        self.crash(signal.SIGSEGV)


if __name__ == "__main__":
    main()
