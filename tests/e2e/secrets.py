"""Secrets reach the other workspace, and nothing else: no file, no output, no core of the process."""

import base64
import os
import resource
import signal
import subprocess
import unittest
from pathlib import Path

from program import TWINLAKE, Case, main, wait_until

PLANTED = {"secret": "pl4nted-s3cret-one", "literal": "pl4nted-l1teral-two", "given": "pl4nted-g1ven-three",
           "hook": "pl4nted-h00k-four", "script": "pl4nted-scr1pt-five"}


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

    @unittest.skipIf(os.environ.get("TWINLAKE_SANITIZED"), "the leak checker has to look into the process")
    def test_a_crash_leaves_no_core(self):
        self.plant()
        self.primary.call("POST", "/sim/faults", {"path": "/api/2.2/jobs/list", "times": 0, "action": "delay", "delay_ms": 60000})
        process = subprocess.Popen(
            [TWINLAKE, "sync"], cwd=self.folder, env=self.environment(), stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY)))
        wait_until("the sync asks for secrets", lambda: any(
            "secrets/list" in route["route"] for route in self.primary.call("GET", "/sim/requests")["routes"]))
        process.send_signal(signal.SIGSEGV)
        process.wait(timeout=60)
        self.assertEqual(process.returncode, -signal.SIGSEGV)
        self.assertEqual([name for name in os.listdir(self.folder) if name.startswith("core")], [])
        self.assert_no_file_has_one()


if __name__ == "__main__":
    main()
