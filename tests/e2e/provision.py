"""From a region without a workspace to a standby that is in sync: provisioned over the wire, killed on the way."""

import base64
import configparser
import contextlib
import json
import os
import select
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time

from program import READY_SECONDS, TWINLAKE, Case, Region, main

CLIENT = "5e0c0000-0000-4000-8000-00000000c11e"
NETWORK = ("{vnet: vnet-new, public_subnet: hosts, private_subnet: containers, address_space: 10.30.0.0/16, "
           "public_prefix: 10.30.0.0/24, private_prefix: 10.30.1.0/24}")
TEMPLATE = {"resources": [{"type": "Microsoft.Databricks/workspaces", "name": "[parameters('name')]",
                           "location": "westeurope", "sku": {"name": "premium"},
                           "properties": {"parameters": {"enableNoPublicIp": {"value": True}}}}]}


class Azure(Case):
    ESTATE = "empty"

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="twinlake-e2e-")
        self.addCleanup(shutil.rmtree, self.folder, True)
        self.state = self.path("state")
        self.profiles = self.path("sim.cfg")
        self.process = subprocess.Popen(
            [TWINLAKE, "simulate", "--primary", "127.0.0.1:0", "--secondary", "127.0.0.1:0", "--azure", "127.0.0.1:0",
             "--secondary-absent", "--provision-time", "4s", "--estate", self.ESTATE, "--write-config", self.profiles,
             "--exit-with-parent"], stdout=subprocess.PIPE, text=True)
        self.addCleanup(self.process.stdout.close)
        self.addCleanup(self.process.wait)
        self.addCleanup(self.process.terminate)
        ready, _, _ = select.select([self.process.stdout], [], [], READY_SECONDS)
        self.assertTrue(ready and self.process.stdout.readline().startswith("ready: "))
        self.settings(NETWORK)

    def settings(self, network):
        self.write("twinlake.yml", "groups:\n  main:\n    primary: primary\n    secondary: secondary\n"
                   f"    state: {self.state}\n    azure: {{secondary: {{network: {network}}}}}\n")

    def environment(self, **more):
        keep = {name: value for name, value in os.environ.items()
                if not name.startswith(("DATABRICKS_", "ARM_", "AZURE_", "TWINLAKE_AZURE_"))}
        return {**keep, "DATABRICKS_CONFIG_FILE": self.profiles, "HOME": self.folder, **more}

    def command(self, *words):
        return [TWINLAKE, *words]

    def provision_and_sync(self):
        self.twinlake("provision", "--apply")
        self.twinlake("sync")

    def azure(self):
        profiles = configparser.ConfigParser()
        profiles.read(self.profiles)
        return Region(profiles["secondary"]["azure_arm_host"], "")


class WithoutHosts(Azure):
    """Profiles that name resources of Azure: which workspace is which must be known without asking it."""

    def test_roles_are_followed_and_a_failover_needs_no_resource_manager(self):
        with open(self.profiles, encoding="utf-8") as file:
            lines = [line for line in file if not line.startswith("host")]
        self.write("sim.cfg", "".join(lines))
        self.provision_and_sync()
        home = json.loads(self.twinlake("-o", "json", "status").stdout)["primary"]
        self.azure().call("POST", "/sim/faults", {"path": "/subscriptions/*", "status": 503, "times": 0})
        Region(home, "").call("POST", "/sim/outage", {})
        self.twinlake("failover", "--forced")
        status = self.twinlake_json("status")
        self.assertEqual(status["secondary"], home)
        self.twinlake("commit")
        Region(home, "").call("POST", "/sim/restore", {})
        self.twinlake("reprotect")
        self.twinlake("failback")
        self.assertEqual(self.twinlake_json("status")["primary"], home)


    def test_a_failover_goes_on_when_nobody_tells_where_the_lost_primary_was(self):
        profiles = configparser.ConfigParser()
        profiles.read(self.profiles)
        del profiles["primary"]["host"]
        with open(self.profiles, "w", encoding="utf-8") as file:
            profiles.write(file)
        self.provision_and_sync()
        home = self.twinlake_json("status")["primary"]
        with contextlib.closing(sqlite3.connect(self.path("state/main.sqlite"))) as state, state:
            state.execute("DELETE FROM known_host")
        self.azure().call("POST", "/sim/faults", {
            "path": profiles["primary"]["azure_workspace_resource_id"], "status": 503, "times": 0})
        Region(home, "").call("POST", "/sim/outage", {})
        self.twinlake("failover", "--forced")
        self.assertEqual(self.twinlake_json("status")["secondary"], home)


    def test_a_host_at_which_nobody_answers_any_more_is_asked_for_anew(self):
        self.provision_and_sync()
        known = lambda state: state.execute("SELECT host FROM known_host WHERE resource_id LIKE '%-dr'").fetchall()
        with contextlib.closing(sqlite3.connect(self.path("state/main.sqlite"))) as state, state:
            before = known(state)
            self.assertEqual(len(before), 1)
            state.execute("UPDATE known_host SET host = 'http://127.0.0.1:1' WHERE resource_id LIKE '%-dr'")
        self.twinlake("plan")
        self.twinlake("sync")
        with contextlib.closing(sqlite3.connect(self.path("state/main.sqlite"))) as state:
            self.assertEqual(known(state), before)


class Provision(Azure):
    ESTATE = "demo"

    def assert_no_secret(self, *texts):
        profiles = configparser.ConfigParser()
        profiles.read(self.profiles)
        secret = profiles["primary"]["azure_client_secret"]
        for text in texts:
            self.assertNotIn(secret, text)
            self.assertNotIn("eyJ", text)
        self.assert_kept_nowhere(secret)

    def test_from_nothing_to_a_standby_that_is_in_sync(self):
        plan = self.twinlake_json("provision")
        self.assertFalse(plan["exists"] or plan["blocked"], plan["findings"])
        self.assertFalse(os.path.exists(self.state), "a plan leaves nothing behind")
        run = subprocess.Popen(self.command("provision", "--apply"), cwd=self.folder, env=self.environment(),
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        for line in run.stderr:
            if "create the workspace" in line and "begins" not in line:
                break  # Azure is at work on it
        run.send_signal(signal.SIGKILL)
        run.stderr.close()
        run.wait()
        done = self.twinlake("provision", "--apply")
        self.assertIn("host = http://127.0.0.1:", done.stdout)
        again = self.twinlake_json("provision")
        self.assertEqual((again["exists"], again["state"], again["steps"]), (True, "Succeeded", []))
        self.assertIn("Nothing was to be done", self.twinlake("provision", "--apply").stdout)
        # The profile has no host, and the workspace has never seen the principal.
        synced = self.twinlake("sync")
        self.assertTrue(self.twinlake_json("reconcile")["in_sync"])
        self.assert_no_secret(done.stdout, done.stderr, synced.stdout, synced.stderr)

    def test_what_stands_in_the_way_names_the_setting(self):
        self.settings("{vnet: vnet-new}")
        planned = self.twinlake("provision", expect=2)
        self.assertIn("azure.secondary.network", planned.stdout)
        self.twinlake("provision", "--apply", expect=3)
        self.settings(NETWORK)
        self.assertIn("not offered", self.twinlake("provision", "--region", "austriaeast", expect=2).stdout)

    def test_printed_for_a_pipeline(self):
        template = json.loads(self.twinlake("provision", "--print", "arm").stdout)
        self.assertEqual(template["resources"][-1]["location"], "northeurope")
        self.assertIn("resource workspace", self.twinlake("provision", "--print", "bicep").stdout)
        self.assertIn('"azapi_resource" "workspace"', self.twinlake("provision", "--print", "terraform").stdout)
        self.assertFalse(os.path.exists(self.state))

    def test_from_a_template_without_azure(self):
        self.write("main.json", json.dumps(TEMPLATE))
        self.process.terminate()
        self.write("twinlake.yml", "groups:\n  main:\n    primary: none\n    secondary: none-either\n"
                   "    azure: {secondary: {subscription: s, resource_group: rg, name: adb-dr}}\n")
        plan = self.twinlake_json("provision", "--from", "main.json")
        self.assertEqual((plan["region"], plan["checked"], plan["exists"]), ("northeurope", False, False))
        self.fails("provision", "--from", "twinlake.yml", says="is not JSON", hint="az bicep build")
        self.fails("provision", "--apply", "--print", "arm", says="contradict", hint="Leave one out")

    def principal(self, **how):
        """Another one in the tenant; the lines of both profiles that are about it are left to the caller."""
        profiles = configparser.ConfigParser()
        profiles.read(self.profiles)
        azure = profiles["primary"]["azure_arm_host"]
        Region(azure, "").call("POST", "/sim/credentials", {"client_id": CLIENT, "role": "contributor", **how})
        return profiles

    def profile_with(self, profiles, **lines):
        for name in ("primary", "secondary"):
            del profiles[name]["azure_client_secret"]
            profiles[name]["azure_client_id"] = CLIENT
            for key, value in lines.items():
                profiles[name][key] = value
        with open(self.path("other.cfg"), "w", encoding="utf-8") as file:
            profiles.write(file)
        return {"DATABRICKS_CONFIG_FILE": self.path("other.cfg")}

    def test_a_certificate_opens_azure(self):
        for kind in (["rsa:2048"], ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]):
            subprocess.run(["openssl", "req", "-x509", "-newkey", *kind, "-nodes", "-days", "2", "-subj", "/CN=app",
                            "-keyout", self.path("key.pem"), "-out", self.path("cert.pem")],
                           check=True, capture_output=True)
            with open(self.path("key.pem"), encoding="utf-8") as key, open(self.path("cert.pem"), encoding="utf-8") as cert:
                certificate = cert.read()
                self.write("both.pem", key.read() + certificate)
            profiles = self.principal(certificates=[certificate])
            login = self.profile_with(profiles, azure_client_certificate_path=self.path("both.pem"))
            self.assertFalse(self.twinlake_json("provision", **login)["blocked"])
        self.write("both.pem", "nothing")
        self.fails("provision", says="holds no private key", hint="openssl pkcs12", **login)

    def test_a_workload_identity_opens_azure(self):
        def part(value):
            return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")
        now = int(time.time())
        claims = {"iss": "https://cluster.example", "sub": "system:serviceaccount:dr:twinlake",
                  "aud": "api://AzureADTokenExchange", "nbf": now - 60, "exp": now + 600}
        profiles = self.principal(federations=[{"issuer": claims["iss"], "subject": claims["sub"]}])
        token = self.write("token", part({"alg": "RS256"}) + "." + part(claims) + ".c2lnbmVk\n")
        login = self.profile_with(profiles, azure_federated_token_file=token)
        self.assertFalse(self.twinlake_json("provision", **login)["blocked"])

    def test_a_secret_in_a_vault_opens_azure(self):
        profiles = self.principal(client_secret="kept-in-the-vault")
        opens_the_vault = {"ARM_CLIENT_ID": "a1a1a1a1-0000-4000-8000-000000000001",
                           "ARM_CLIENT_SECRET": "simulated-client-secret",
                           "ARM_TENANT_ID": profiles["primary"]["azure_tenant_id"]}
        azure = profiles["primary"]["azure_arm_host"]
        vault = Region(azure, "")
        vault.call("POST", "/sim/vault-secrets", {"vault": "kv-ops", "name": "app", "value": "kept-in-the-vault"})
        login = self.profile_with(profiles, azure_client_secret=f"@vault:{azure}/secrets/app")
        done = self.twinlake("-o", "json", "provision", **login, **opens_the_vault)
        self.assertFalse(json.loads(done.stdout)["blocked"])
        self.assertNotIn("kept-in-the-vault", done.stdout + done.stderr)
        vault.call("POST", "/sim/vault-secrets", {"vault": "kv-ops", "name": "app", "value": "another-one"})
        failed = self.fails("provision", says="AADSTS7000215", hint="its secret", **login, **opens_the_vault)
        self.assertNotIn("another-one", json.dumps(failed))
        opens_the_vault["ARM_CLIENT_SECRET"] = "wrong"
        self.fails("provision", says="AADSTS7000215", hint="its secret", **login, **opens_the_vault)

    def test_who_is_not_let_in_is_told_as_whom(self):
        with open(self.profiles, encoding="utf-8") as file:
            text = file.read()
        self.write("wrong.cfg", text.replace("simulated-client-secret", "wrong"))
        self.fails("provision", says="AADSTS7000215", hint="its secret",
                   DATABRICKS_CONFIG_FILE=self.path("wrong.cfg"))


if __name__ == "__main__":
    main()
