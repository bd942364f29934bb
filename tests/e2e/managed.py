"""Where Databricks itself keeps the standby: Managed Disaster Recovery, told by the simulated account console."""

import base64
import configparser
import json
import urllib.parse
import urllib.request

from program import Case, Region, Regions, main

ID = "/api/disaster-recovery/v1/accounts/"


class Account(Region):
    """The account console, asked as an account admin who signs in with an OAuth secret."""

    def __init__(self, profile):
        pair = base64.b64encode(f"{profile['client_id']}:{profile['client_secret']}".encode()).decode()
        form = urllib.parse.urlencode({"grant_type": "client_credentials", "scope": "all-apis"}).encode()
        request = urllib.request.Request(f"{profile['host']}/oidc/accounts/{profile['account_id']}/v1/token", form)
        request.add_header("Authorization", "Basic " + pair)
        with urllib.request.urlopen(request, timeout=60) as answer:
            super().__init__(profile["host"], json.load(answer)["access_token"])
        self.groups = ID + profile["account_id"] + "/failover-groups"

    def pass_seconds(self, seconds):
        self.call("POST", "/sim/options", {"advance_seconds": seconds})


def workspace_id(region):
    request = urllib.request.Request(region.url + "/api/2.0/preview/scim/v2/Me")
    request.add_header("Authorization", "Bearer " + region.token)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.headers["x-databricks-org-id"]


COVERED = ["secret_acls", "secret_scopes", "secrets"]  # as the simulator calls those parts of a world


def differing(before, after):
    """Parts of two worlds that are not equal."""
    return sorted(part for part in before.keys() | after.keys() if before.get(part) != after.get(part))


class Managed(Case):
    def make_regions(self):
        return Regions(self.folder, "--account", "127.0.0.1:0", "--estate", self.ESTATE)

    def setUp(self):
        super().setUp()
        profiles = configparser.ConfigParser()
        profiles.read(self.regions.config)
        self.profile = profiles["account"]
        self.account = Account(self.profile)
        self.configure()

    def configure(self, more=""):
        self.config = self.write("twinlake.yml", "groups:\n  main:\n    primary: primary\n    secondary: secondary\n"
                                 "    account: account\n    drill: {run: [{job: nightly load, within_minutes: 10}]}\n" + more)

    def cover(self, region="westeurope"):
        self.configure(f"    managed_dr: {{cover: [secret_scope, secret, secret_acl], primary_region: {region}}}\n")

    def group(self, *words, expect=0, **environment):
        return self.run_words([self.command()[0], "--config", self.config, "--state", self.state, *words], expect,
                              **environment)

    def group_json(self, *words, expect=0):
        return json.loads(self.group("-o", "json", *words, expect=expect).stdout)

    def govern(self, active=True, assets=True, **more):
        ids = [workspace_id(region) for region in (self.primary, self.secondary)]
        self.account.call("POST", self.account.groups + "?failover_group_id=sales", {
            "initial_primary_region": "westeurope", "regions": ["westeurope", "northeurope"],
            "workspace_sets": [{"name": "w", "workspace_ids": ids, "replicate_workspace_assets": assets}], **more})
        if active:
            self.account.pass_seconds(60)

    def secret(self, value):
        self.primary.call("POST", "/api/2.0/secrets/put", {"scope": "lake", "key": "key", "string_value": value})

    def secrets_and_notebook(self):
        self.primary.call("POST", "/api/2.0/secrets/scopes/create", {"scope": "lake"})
        self.secret("one")
        self.primary.notebook("/Shared/etl/new", "print(3)\n")

    def kept_secret(self):
        answer = self.secondary.call("GET", "/api/2.0/secrets/get?scope=lake&key=key")
        return base64.b64decode(answer["value"]).decode()


class Governed(Managed):
    def test_a_side_that_it_governs_is_never_written(self):
        self.group("sync")
        self.govern()
        before = self.secondary.call("GET", "/sim/world")
        self.primary.notebook("/Shared/etl/new", "print(3)\n")
        done = self.group("sync", expect=3)
        self.assertIn("failover group `sales`, ACTIVE", done.stderr)
        self.group("failover", "--planned", expect=3)
        self.group("failover", "--forced", expect=3)
        self.assertEqual(self.secondary.call("GET", "/sim/world"), before)

    def test_a_group_that_is_just_being_made_governs_too(self):
        self.govern(active=False)
        self.group("sync", expect=3)

    def test_one_that_never_came_to_be_or_is_gone_does_not_govern(self):
        self.account.call("POST", "/sim/groups", {})
        self.govern()
        self.group("sync")
        self.account.call("DELETE", self.account.groups + "/sales")
        self.account.pass_seconds(60)
        self.govern()
        self.group("sync", expect=3)
        self.account.call("DELETE", self.account.groups + "/sales")
        self.account.pass_seconds(60)
        self.group("sync")

    def test_every_object_keeps_its_verdict_and_each_kind_left_out_its_remedy(self):
        self.group("sync")
        self.govern()
        self.secrets_and_notebook()
        told = self.group_json("reconcile", expect=2)
        objects = {each["address"]: each for each in told["objects"]}
        self.assertEqual(objects['secret:"lake/key"']["state"], "missing")
        self.assertEqual(objects['secret:"lake/key"']["managed_dr"], "left_out")
        self.assertIn("left out by Managed Disaster Recovery", objects['secret:"lake/key"']["because"])
        self.assertEqual(objects['notebook:"/Shared/etl/new"']["managed_dr"], "replicated")
        self.assertIn("which replicates it", objects['notebook:"/Shared/etl/new"']["because"])
        findings = {each["address"]: each for each in told["findings"]}
        self.assertIn("1 of 1 object is not equal", findings["secret"]["message"])
        self.assertIn("cover", findings["secret"]["what_to_do"])
        self.assertNotIn("notebook", findings)
        text = self.group("reconcile", expect=2).stdout
        self.assertIn("Left by Managed Disaster Recovery", text)
        readiness = self.group_json("readiness")
        managed = next(check for check in readiness["checks"] if check["check"] == "managed dr")
        self.assertEqual(managed["level"], "warning")
        self.assertIn("ACTIVE, as of 2", managed["message"])
        addresses = [finding["address"] for finding in managed["findings"]]
        self.assertIn("secret", addresses)
        self.assertIn("schedules", addresses)
        self.assertEqual(self.group_json("plan")["steps"], [])

    def test_a_drill_passes_on_a_governed_group_and_leaves_nothing(self):
        self.group("sync")
        self.govern()
        before = self.secondary.call("GET", "/sim/world")
        self.assertIn("The drill has passed", self.group("drill", "start", "--cleanup").stdout)
        after = self.secondary.call("GET", "/sim/world")
        for part in ("tree", "clusters", "secrets"):
            self.assertEqual(after.get(part), before.get(part), part)
        self.assertEqual([job["settings"]["name"] for job in self.secondary.call("GET", "/api/2.2/jobs/list")["jobs"]],
                         ["nightly load"])

    def test_a_drill_says_so_where_nothing_may_run_on_the_governed_side(self):
        self.group("sync")
        self.govern()
        self.secondary.call("POST", "/sim/faults", {
            "method": "POST", "path": "/api/2.*/jobs/run-now", "times": 0, "status": 403, "error_code": "PERMISSION_DENIED",
            "message": "No compute runs in a secondary workspace."})
        done = self.group("drill", "start", "--cleanup", expect=2)
        self.assertIn("No compute runs in a secondary workspace", done.stdout + done.stderr)
        self.assertEqual([job["settings"]["name"] for job in self.secondary.call("GET", "/api/2.2/jobs/list")["jobs"]],
                         ["nightly load"])

    def test_an_account_that_does_not_answer_is_no_leave_to_write(self):
        self.account.call("POST", "/sim/faults", {
            "path": "*failover-groups", "times": 0, "status": 403, "error_code": "PERMISSION_DENIED", "message": "not now"})
        self.assertIn("not now", self.group("sync", expect=1).stderr)
        self.assertIn("is not known", self.group("plan").stderr)
        self.account.call("DELETE", "/sim/faults")
        self.group("sync")

    def test_who_is_no_admin_learns_it(self):
        with open(self.regions.config, "a", encoding="utf-8") as config:
            config.write(f"\n[guest]\nhost = {self.profile['host']}\naccount_id = {self.profile['account_id']}\n"
                         "client_id = acc0acc0-0000-4000-8000-000000000002\nclient_secret = simulated-account-secret\n"
                         f"\n[stranger]\nhost = {self.profile['host']}\naccount_id = {self.profile['account_id']}\n"
                         "client_id = nobody\nclient_secret = wrong\n"
                         f"\n[workspace-token]\nhost = {self.profile['host']}\naccount_id = {self.profile['account_id']}\n"
                         f"token = {self.primary.token}\n")
        for name, says in (("guest", "is not an account admin"), ("stranger", "Client authentication failed"),
                           ("workspace-token", "profile `workspace-token`")):
            self.configure()
            self.config = self.write(name + ".yml", "groups:\n  main:\n    primary: primary\n    secondary: secondary\n"
                                     f"    account: {name}\n")
            done = self.group("sync", expect=1)
            self.assertIn(says, done.stderr)
            self.assertIn("What to do: ", done.stderr)


class Catalogs(Managed):
    WHEEL = "/Volumes/main/raw/files/load.whl"

    def put_wheel(self, region, content):
        request = urllib.request.Request(region.url + "/api/2.0/fs/files" + self.WHEEL + "?overwrite=true", content,
                                         method="PUT")
        request.add_header("Authorization", "Bearer " + region.token)
        request.add_header("Content-Type", "application/octet-stream")
        urllib.request.urlopen(request, timeout=60).close()

    def test_files_in_its_catalogs_are_left_to_it_and_all_else_is_ours(self):
        for region in (self.primary, self.secondary):
            region.call("POST", "/sim/volumes", {"full_name": "main.raw.files"})
        self.put_wheel(self.primary, b"PK one")
        self.primary.call("POST", "/api/2.2/jobs/create", {
            "name": "with a wheel", "tasks": [{"task_key": "main", "libraries": [{"whl": self.WHEEL}],
                                               "notebook_task": {"notebook_path": "/Shared/etl/load"},
                                               "new_cluster": {"spark_version": "15.4.x-scala2.12", "num_workers": 1,
                                                               "node_type_id": "Standard_DS3_v2"}}]})
        self.govern(assets=False, unity_catalog_assets={"catalogs": [{"name": "main"}],
                                                        "data_replication_workspace_set": "w"})
        before = self.secondary.call("GET", "/sim/world")
        report = self.group_json("sync")
        self.assertEqual((report["counts"]["skipped"], report["kinds"]["volume_file"]["skipped"]), (1, 1))
        self.assertIsNone(report["replication_point"], "the standby is not whole yet")
        self.assertTrue(self.secondary.exists("/Shared/etl/load"))
        self.assertEqual(before["volume_files"], self.secondary.call("GET", "/sim/world")["volume_files"])
        told = {each["address"]: each for each in self.group_json("reconcile", expect=2)["objects"]}
        wheel = told[f'volume_file:"{self.WHEEL}"']
        self.assertEqual(wheel["state"], "missing")
        self.assertIn("keeps the catalog main", wheel["because"])
        self.put_wheel(self.secondary, b"PK one")  # as the service does
        self.assertIsNotNone(self.group_json("sync")["replication_point"])


class Covered(Managed):
    def test_sync_writes_what_it_is_told_to_cover_and_nothing_else(self):
        self.group("sync")
        self.govern()
        self.secrets_and_notebook()
        self.cover()
        before = self.secondary.call("GET", "/sim/world")
        planned = self.group_json("plan")
        self.assertEqual({step["kind"] for step in planned["steps"]}, {"secret_scope", "secret"})
        report = self.group_json("sync")
        self.assertEqual(report["outcome"], "complete")
        self.assertEqual(report["counts"]["created"], 2)
        self.assertEqual(report["counts"]["skipped"], 1)
        self.assertEqual(self.kept_secret(), "one")
        self.assertEqual(differing(before, self.secondary.call("GET", "/sim/world")), COVERED)
        self.secret("two")
        self.group("sync")
        self.assertEqual(self.kept_secret(), "two")
        self.assertEqual(differing(before, self.secondary.call("GET", "/sim/world")), COVERED)
        self.assertEqual(self.group_json("plan")["steps"], [])

    def test_a_group_that_starts_governed_is_covered_too(self):
        self.govern()
        self.secrets_and_notebook()
        self.cover()
        before = self.secondary.call("GET", "/sim/world")
        self.group("sync")
        self.assertEqual(self.kept_secret(), "one")
        self.assertEqual(differing(before, self.secondary.call("GET", "/sim/world")), COVERED)

    def test_nothing_is_covered_against_its_direction_or_while_it_is_at_work(self):
        self.group("sync")
        self.govern()
        self.secrets_and_notebook()
        before = self.secondary.call("GET", "/sim/world")
        self.cover("northeurope")
        self.assertIn("not where Twinlake has it", self.group("sync", expect=3).stderr)
        self.cover()
        self.account.call("POST", self.account.groups + "/sales/failover",
                          {"failover_type": "FORCED", "target_primary_region": "northeurope"})
        self.assertRegex(self.group("sync", expect=3).stderr, "FAILING_OVER|not where Twinlake has it")
        self.account.pass_seconds(60)
        done = self.group("sync", expect=3)
        self.assertIn("has its primary in northeurope", done.stderr)
        self.group("failover", "--planned", expect=3)
        self.assertEqual(self.secondary.call("GET", "/sim/world"), before)

    def test_what_cannot_be_covered_is_told_with_its_line(self):
        for rule, says in (("{cover: [job], primary_region: westeurope}", "`job` is not known to be left out"),
                           ("{cover: [secret]}", "needs the region")):
            self.configure("    managed_dr: " + rule + "\n")
            done = self.group("sync", expect=1)
            self.assertIn(says, done.stderr)
            self.assertIn("twinlake.yml:", done.stderr)


if __name__ == "__main__":
    main()
