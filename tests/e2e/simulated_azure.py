"""The simulated Azure around both regions, as `twinlake simulate --azure` serves it."""

import configparser
import json
import re
import subprocess
import urllib.error
import urllib.parse
import urllib.request

from program import TWINLAKE, Region, Case, main

ARM = "https://management.core.windows.net/"
DATABRICKS = "2ff814a6-3304-4ab8-85cb-cd0e6f879c1d"


class Azure(Case):
    def start(self, *options):
        """Three servers; the profiles that were written, and the three addresses."""
        config = self.path("azure.cfg")
        process = subprocess.Popen(
            [TWINLAKE, "simulate", "--primary", "127.0.0.1:0", "--secondary", "127.0.0.1:0", "--azure", "127.0.0.1:0",
             "--write-config", config, "--exit-with-parent", *options],
            stdout=subprocess.PIPE, text=True)
        self.addCleanup(process.communicate)
        self.addCleanup(process.terminate)
        line = process.stdout.readline()
        found = re.fullmatch(r"ready: primary (\S+), secondary (\S+), azure (\S+)\n", line)
        self.assertTrue(found, line)
        profiles = configparser.ConfigParser()
        profiles.read(config)
        self.config, self.urls = config, found.groups()
        return profiles

    def token(self, profile, resource):
        form = {"grant_type": "client_credentials", "client_id": profile["azure_client_id"],
                "client_secret": profile["azure_client_secret"], "resource": resource}
        address = f"{profile['azure_login_host']}/{profile['azure_tenant_id']}/oauth2/token"
        with urllib.request.urlopen(address, urllib.parse.urlencode(form).encode(), timeout=60) as answer:
            return json.load(answer)["access_token"]

    def status_of(self, address, **headers):
        request = urllib.request.Request(address, headers={name.replace("_", "-"): value for name, value in headers.items()})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status
        except urllib.error.HTTPError as problem:
            return problem.code

    def test_a_workspace_is_made_and_entered(self):
        profile = self.start("--estate", "empty", "--secondary-absent")["secondary"]
        self.assertNotIn("host", profile)
        _, secondary, azure = self.urls
        cloud = Region(azure, self.token(profile, ARM))
        me, own = secondary + "/api/2.0/preview/scim/v2/Me", "Bearer " + self.token(profile, DATABRICKS)
        self.assertEqual(self.status_of(me, Authorization=own), 404)
        resource = profile["azure_workspace_resource_id"]
        group = resource[:resource.index("/providers")]
        cloud.call("PUT", group + "?api-version=2025-04-01", {"location": "northeurope"})
        cloud.call("PUT", resource + "?api-version=2026-01-01", {
            "location": "northeurope", "sku": {"name": "premium"},
            "properties": {"computeMode": "Hybrid", "managedResourceGroupId": group + "-managed"}})
        self.assertEqual(self.status_of(me, Authorization=own), 404)
        cloud.call("POST", "/sim/options", {"advance_seconds": 3600})
        cloud.token = self.token(profile, ARM)
        made = cloud.call("GET", resource + "?api-version=2018-04-01")["properties"]
        self.assertEqual("http://" + made["workspaceUrl"], secondary)
        self.assertEqual(self.status_of(me, Authorization=own), 403)
        entered = self.status_of(me, Authorization=own, X_Databricks_Azure_SP_Management_Token=self.token(profile, ARM),
                                 X_Databricks_Azure_Workspace_Resource_Id=resource)
        self.assertEqual(entered, 200)
        self.assertEqual(self.status_of(me, Authorization=own), 200)

    def test_the_written_profiles_sign_in_there(self):
        self.start("--estate", "empty")
        self.twinlake("plan", DATABRICKS_CONFIG_FILE=self.config, AZURE_AUTHORITY_HOST=self.urls[2])

    def test_flags_that_do_not_fit(self):
        nowhere = ("simulate", "--estate", "empty", "--primary", "127.0.0.1:0", "--secondary", "127.0.0.1:0")
        self.fails(*nowhere, "--secondary-absent", says="--secondary-absent needs --azure", hint="secondary", bare=True)
        self.fails(*nowhere, "--azure", "0.0.0.0:1", says="not on this machine", hint="loopback", bare=True)
        self.fails(*nowhere, "--azure", "127.0.0.1:0", "--provision-time", "soon", says="is no time", hint="50ms", bare=True)


if __name__ == "__main__":
    main()
