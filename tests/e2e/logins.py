"""Every way to sign in, from the profile to a standby that is proved equal, with tokens that end on the way."""

import json
import os
import time
import urllib.parse
import urllib.request

from program import TWINLAKE, Case, Region, main

CLIENT = "5e0c0000-0000-4000-8000-00000000c11e"
SECRET = "dose#with spaces & signs+%"
TENANT = "0c0ffee0-7e11-4a11-9a11-000000000001"
RESOURCE = "/subscriptions/11111111-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.Databricks/workspaces/"

# What `az account get-access-token` prints; the token itself comes from the simulated tenant.
AZ = """#!/usr/bin/env python3
import json, os, sys, urllib.parse, urllib.request
words = sys.argv[1:]
with open(os.environ["AZ_LOG"], "a", encoding="utf-8") as log:
    log.write(" ".join(words) + "\\n")
assert words[:2] == ["account", "get-access-token"] and "--output" in words, words
if "--subscription" in words:
    sys.exit("ERROR: Subscription not found. Check the spelling and casing and try again.")
resource = words[words.index("--resource") + 1]
if "management" in resource and os.environ.get("AZ_USER"):
    sys.exit("ERROR: AADSTS65002: Consent between first party application and resource must be configured.")
form = urllib.parse.urlencode({"grant_type": "client_credentials", "client_id": os.environ["AZ_CLIENT"],
                               "client_secret": os.environ["AZ_SECRET"], "resource": resource}).encode()
with urllib.request.urlopen(os.environ["AZ_LOGIN"] + "/oauth2/token", form, timeout=60) as answer:
    token = json.load(answer)
print("WARNING: a newer version of the Azure CLI is available.", file=sys.stderr)
print(json.dumps({"accessToken": token["access_token"], "expiresOn": "2026-08-19 15:04:05.000000",
                  "expires_on": int(token["expires_on"]), "subscription": "s", "tenant": "t",
                  "tokenType": "Bearer"}, indent=2))
"""


class Login(Case):
    def principal(self, *regions, **more):
        for region in regions or (self.primary, self.secondary):
            region.call("POST", "/sim/credentials", {"client_id": CLIENT, "client_secret": SECRET, **more})

    def profiles(self, *lines, resource=False, **of_one_side):
        """The lines in both profiles, with the host of each side."""
        text = ""
        for name, region in (("primary", self.primary), ("secondary", self.secondary)):
            own = [f"azure_workspace_resource_id = {RESOURCE}{name}"] if resource else []
            text += "\n".join((f"[{name}]", f"host = {region.url}", *lines, *own, of_one_side.get(name, ""))) + "\n"
        return {"DATABRICKS_CONFIG_FILE": self.write("profiles.cfg", text),
                "AZURE_AUTHORITY_HOST": self.primary.url + "/"}

    def asked(self, region, method, route):
        return sum(row["requests"] for row in region.call("GET", "/sim/requests")["routes"]
                   if (row["method"], row["route"]) == (method, route))

    def check(self, **environment):
        """All commands that talk to workspaces, as this principal."""
        self.twinlake("plan", "--detailed-exitcode", expect=2, **environment)
        done = self.twinlake("sync", **environment)
        self.assertNotIn("warning", done.stderr)
        self.assertTrue(self.twinlake_json("reconcile", **environment)["in_sync"])
        self.twinlake("state", "check", **environment)
        for text in (done.stdout, done.stderr):
            self.assertNotIn(SECRET, text)
            self.assertNotIn("eyJ", text)
        self.assert_kept_nowhere(SECRET)


class Oauth(Login):
    LINES = (f"client_id = {CLIENT}", f"client_secret = '{SECRET}'")

    def test_a_secret_of_a_service_principal(self):
        self.principal()
        self.check(**self.profiles(*self.LINES))
        self.assertGreaterEqual(self.asked(self.secondary, "POST", "/oidc/v1/token"), 1)

    def test_the_secret_may_be_in_the_environment(self):
        self.principal()
        self.check(DATABRICKS_CLIENT_ID=CLIENT, DATABRICKS_CLIENT_SECRET=SECRET, **self.profiles())

    def test_a_wrong_secret(self):
        self.principal()
        self.fails("sync", says="no access token", hint="Check the client id",
                   **self.profiles(f"client_id = {CLIENT}", "client_secret = dose-wrong"))
        self.assertFalse(os.path.exists(self.state))

    def test_tokens_that_end_during_a_run_are_renewed(self):
        self.principal()
        # Early, while much is in flight with the same token, and once more later.
        for region in (self.primary, self.secondary):
            region.call("POST", "/sim/faults", [{"action": "expire_token", "path": "/api/*", "nth": n, "times": 1}
                                                for n in (3, 60)])
        report = self.twinlake_json("sync", **self.profiles(*self.LINES))
        self.assertEqual(report["outcome"], "complete")
        self.assertEqual(report["counts"]["failed"], 0)
        self.assertGreaterEqual(self.asked(self.secondary, "POST", "/oidc/v1/token"), 2)
        self.assertEqual(len(self.secondary.call("GET", "/api/2.2/jobs/list")["jobs"]), 1)

    def test_short_tokens_are_renewed_before_they_end(self):
        self.principal()
        for region in (self.primary, self.secondary):
            region.call("POST", "/sim/options", {"token_seconds": 41})  # good for one second to us
        slow = {"action": "delay", "method": "POST", "path": "*/workspace/import*", "delay_ms": 1500, "times": 2}
        self.secondary.call("POST", "/sim/faults", slow)
        self.twinlake("sync", **self.profiles(*self.LINES))
        self.assertGreaterEqual(self.asked(self.secondary, "POST", "/oidc/v1/token"), 3)
        self.assertTrue(self.twinlake_json("reconcile")["in_sync"])


class Entra(Login):
    LINES = (f"azure_client_id = {CLIENT}", f"azure_client_secret = '{SECRET}'")

    def test_a_service_principal_with_a_secret(self):
        self.principal()
        self.check(**self.profiles(*self.LINES, f"azure_tenant_id = {TENANT}"))
        self.assertGreaterEqual(self.asked(self.primary, "POST", "/{tenant}/oauth2/token"), 2)

    def test_the_tenant_is_asked_of_the_workspace(self):
        self.principal()
        self.check(**self.profiles(*self.LINES))
        self.assertGreaterEqual(self.asked(self.secondary, "GET", "/aad/auth"), 1)

    def test_all_of_it_in_the_environment(self):
        self.principal()
        self.check(ARM_CLIENT_ID=CLIENT, ARM_CLIENT_SECRET=SECRET, ARM_TENANT_ID=TENANT, **self.profiles())

    def test_a_fresh_standby_that_has_never_seen_the_principal(self):
        self.principal(self.primary)
        environment = self.profiles(*self.LINES)
        self.fails("plan", says="is not a member of this workspace", hint="workspace admin", **environment)
        # With the Azure resource named, a role on it opens the workspace.
        self.check(**self.profiles(*self.LINES, resource=True))

    def vault_scope(self, region):
        """As somebody does it who is signed in at Entra: nobody else can."""
        form = urllib.parse.urlencode({"grant_type": "client_credentials", "client_id": CLIENT, "client_secret": SECRET,
                                       "scope": "2ff814a6-3304-4ab8-85cb-cd0e6f879c1d/.default"}).encode()
        with urllib.request.urlopen(f"{region.url}/{TENANT}/oauth2/v2.0/token", form, timeout=60) as answer:
            token = json.load(answer)["access_token"]
        Region(region.url, token).call("POST", "/api/2.0/secrets/scopes/create", {
            "scope": "vault", "scope_backend_type": "AZURE_KEYVAULT", "backend_azure_keyvault": {
                "resource_id": "/subscriptions/s/resourceGroups/rg-weu/providers/Microsoft.KeyVault/vaults/kv-weu",
                "dns_name": "https://kv-weu.vault.azure.net/"}})

    def test_a_scope_of_a_key_vault_gets_the_vault_of_the_other_region(self):
        self.principal()
        self.vault_scope(self.primary)
        # Without Entra it is said before anything runs, and the rest is done.
        planned = self.twinlake("plan").stdout
        self.assertIn("login of Entra ID", planned)
        self.assertIn("both sides use the same", " ".join(planned.split()))
        self.twinlake("sync", expect=2)
        self.assertEqual(self.secondary.call("GET", "/api/2.0/secrets/scopes/list").get("scopes", []), [])
        self.write("twinlake.yml", f"""groups:
  main:
    primary: primary
    secondary: secondary
    state: {self.state}
    rewrites: [{{from: kv-weu, to: kv-neu}}, {{from: rg-weu, to: rg-neu}}]
""")
        environment = self.profiles(*self.LINES, f"azure_tenant_id = {TENANT}")
        planned = self.run_words([TWINLAKE, "plan"], 0, **environment).stdout
        self.assertIn("rewritten /backend_azure_keyvault/resource_id", planned)
        self.assertNotIn("both sides use the same", planned)
        self.run_words([TWINLAKE, "sync"], 0, **environment)
        self.assertEqual(self.secondary.call("GET", "/api/2.0/secrets/scopes/list")["scopes"][0]["keyvault_metadata"], {
            "resource_id": "/subscriptions/s/resourceGroups/rg-neu/providers/Microsoft.KeyVault/vaults/kv-neu",
            "dns_name": "https://kv-neu.vault.azure.net/"})
        self.run_words([TWINLAKE, "plan", "--detailed-exitcode"], 0, **environment)
        self.assertIn("Everything is in sync", self.run_words([TWINLAKE, "reconcile"], 0, **environment).stdout)

    def test_what_entra_refuses_is_said(self):
        self.principal()
        self.fails("plan", says="AADSTS7000215", hint="its secret",
                   **self.profiles(f"azure_client_id = {CLIENT}", "azure_client_secret = dose-wrong"))
        self.fails("plan", says="AADSTS90002", hint="the tenant",
                   **self.profiles(*self.LINES, "azure_tenant_id = other"))

    def test_tokens_that_end_during_a_run_are_renewed(self):
        self.principal()
        for region in (self.primary, self.secondary):
            region.call("POST", "/sim/faults", [{"action": "expire_token", "path": "/api/*", "nth": n, "times": 1}
                                                for n in (3, 60)])
        report = self.twinlake_json("sync", **self.profiles(*self.LINES))
        self.assertEqual((report["outcome"], report["counts"]["failed"]), ("complete", 0))


class Machine(Login):
    def test_the_identity_of_a_virtual_machine(self):
        self.principal(managed_identity=True)
        self.check(AZURE_POD_IDENTITY_AUTHORITY_HOST=self.primary.url, **self.profiles("azure_use_msi = true"))
        self.assertGreaterEqual(self.asked(self.primary, "GET", "/metadata/identity/oauth2/token"), 2)

    def test_the_identity_of_an_app_service(self):
        self.principal(managed_identity=True)
        self.check(IDENTITY_ENDPOINT=self.primary.url + "/msi/token", IDENTITY_HEADER="of this machine",
                   ARM_USE_MSI="true", **self.profiles())

    def test_one_of_several_identities_is_chosen_by_its_client_id(self):
        self.principal(managed_identity=True)
        self.principal(managed_identity=True, client_id="another")
        machine = {"AZURE_POD_IDENTITY_AUTHORITY_HOST": self.primary.url}
        self.fails("plan", says="Identity not found", hint="client id", **machine, **self.profiles("azure_use_msi = true"))
        self.check(**machine, **self.profiles("azure_use_msi = true", f"azure_client_id = {CLIENT}"))

    def test_off_azure_it_is_said_soon(self):
        begin = time.monotonic()
        self.fails("plan", says="no access token", hint="azure_use_msi",
                   AZURE_POD_IDENTITY_AUTHORITY_HOST="http://127.0.0.1:1", **self.profiles("azure_use_msi = true"))
        self.assertLess(time.monotonic() - begin, 50, "two runs of some seconds, not of a minute each")


class AzureCli(Login):
    def setUp(self):
        super().setUp()
        os.mkdir(self.path("bin"))
        os.chmod(self.write("bin/az", AZ), 0o755)
        self.az = {"PATH": self.path("bin") + ":" + os.environ["PATH"], "AZ_LOG": self.path("az.log"),
                   "AZ_CLIENT": CLIENT, "AZ_SECRET": SECRET, "AZ_LOGIN": f"{self.primary.url}/{TENANT}"}

    def test_whoever_is_logged_in(self):
        self.principal()
        self.check(**self.az, **self.profiles())
        self.check_again_with_the_resource()

    def check_again_with_the_resource(self):
        """The subscription of the resource is tried first, then as logged in."""
        self.twinlake("plan", **self.az, **self.profiles(resource=True))
        with open(self.path("az.log"), encoding="utf-8") as log:
            self.assertIn("--subscription 11111111-0000-4000-8000-000000000000", log.read())

    def test_a_user_without_a_right_to_azure_itself(self):
        self.principal()
        self.check(AZ_USER="yes", **self.az, **self.profiles("auth_type = azure-cli"))

    def test_nobody_is_logged_in(self):
        os.chmod(self.write("bin/az", "#!/bin/sh\necho 'ERROR: Please run \"az login\" to setup account.' >&2\nexit 1\n"), 0o755)
        self.fails("plan", says="Please run", hint="Run `az login`", **self.az, **self.profiles())

    def test_az_is_not_installed(self):
        self.fails("plan", says="az is not installed", hint="Put a token", **{**self.az, "PATH": "/nonexistent"}, **self.profiles())


class Environment(Login):
    """One side may be left to the environment, as the official tools resolve it."""

    def bare(self, *words, expect=0, **environment):
        return self.run_words([TWINLAKE, "--state", self.state, *words], expect, **environment)

    def test_the_primary_of_the_environment(self):
        self.bare("--secondary", "secondary", "sync", DATABRICKS_HOST=self.primary.url,
                  DATABRICKS_TOKEN=self.primary.token)
        self.assertTrue(self.twinlake_json("reconcile")["in_sync"])

    def test_the_secondary_of_the_environment(self):
        self.bare("--primary", "primary", "sync", DATABRICKS_CONFIG_PROFILE="secondary")
        self.assertTrue(self.twinlake_json("reconcile")["in_sync"])
        self.bare("state", "check", DATABRICKS_CONFIG_PROFILE="secondary")

    def test_the_default_profile_is_read_and_never_written(self):
        default = self.write("default.cfg", f"[DEFAULT]\nhost = {self.primary.url}\ntoken = {self.primary.token}\n"
                             f"[secondary]\nhost = {self.secondary.url}\ntoken = {self.secondary.token}\n")
        self.bare("--secondary", "secondary", "plan", DATABRICKS_CONFIG_FILE=default)
        self.fails("--primary", "secondary", "plan", says="which workspace is the secondary one", hint="--secondary",
                   bare=True, DATABRICKS_CONFIG_FILE=default)

    def test_more_than_one_way_to_sign_in(self):
        both = self.profiles(f"client_id = {CLIENT}", "client_secret = dose-x", primary="token = dose-y")
        error = self.fails("plan", says="more than one authorization method configured: pat and oauth",
                           hint="auth_type", **both)
        self.assertEqual(error["fault"], "config")


if __name__ == "__main__":
    main()
