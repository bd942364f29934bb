"""What the estate depends on in Azure, as an operator asks for it, against the simulated cloud."""

import json

from program import Case, Regions, main

SUBSCRIPTION = "/subscriptions/5a7be0f1-0000-4000-8000-000000000001"
IN_GROUP = SUBSCRIPTION + "/resourceGroups/rg-lake/providers/"


class AzureCase(Case):
    def make_regions(self):
        return Regions(self.folder, "--azure", "127.0.0.1:0", "--estate", self.ESTATE)

    def add(self, what, location, **more):
        self.regions.azure.call("POST", "/sim/resources", {"id": IN_GROUP + what, "location": location, **more})

    def cluster(self, name, **spark_conf):
        self.primary.call("POST", "/api/2.1/clusters/create", {
            "cluster_name": name, "spark_version": "15.4.x-scala2.12", "node_type_id": "Standard_DS3_v2",
            "num_workers": 1, "spark_conf": spark_conf["conf"]})


class Storage(AzureCase):
    def test_accounts_are_told_with_what_a_loss_costs(self):
        self.add("Microsoft.Storage/storageAccounts/stlake", "westeurope", sku={"name": "Standard_GRS"},
                 properties={"isHnsEnabled": True,
                             "geoReplicationStats": {"lastSyncTime": "2026-01-01T00:00:00Z", "status": "Live"}})
        self.cluster("etl", conf={"fs.azure.account.key.stlake.dfs.core.windows.net": "{{secrets/lake/key}}"})
        self.primary.notebook("/Shared/etl/far", "df = spark.read.load('abfss://raw@stfar.dfs.core.windows.net/x')\n")
        told = self.twinlake_json("storage", expect=2)
        self.assertEqual((told["primary_region"], told["standby_region"]), ("westeurope", "northeurope"))
        accounts = {account["name"]: account for account in told["accounts"]}
        lake = accounts["stlake"]
        self.assertTrue(lake["hierarchical_namespace"])
        self.assertEqual(lake["secondary_region"], "northeurope")
        self.assertGreater(lake["loss_minutes"], 60)
        self.assertEqual([place["address"] for place in lake["used_by"]["primary"]], ['cluster:"etl"'])
        self.assertFalse(accounts["stfar"]["known"])
        self.assertIn("nobody in Azure", accounts["stfar"]["why_unknown"])
        self.assertEqual(accounts["stfar"]["used_by"]["primary"][0]["address"], 'notebook:"/Shared/etl/far"')
        text = self.twinlake("storage", expect=2).stdout
        for part in ("stlake", "GRS", "DEEP CLONE", "unknown: nobody in Azure has an account of that name"):
            self.assertIn(part, text)
        self.assertNotIn("stfar", self.twinlake("storage", "--no-code").stdout)

    def test_no_secret_beside_a_name_is_shown(self):
        self.cluster("etl", conf={"fs.azure.account.key.stlake.dfs.core.windows.net": "Pl4inKeyOfTheLake=="})
        self.primary.notebook("/Shared/etl/sas", "u = 'https://stlake.blob.core.windows.net/raw?sv=2024&sig=S4sOfTheLake'\n")
        for words in (("storage", "--all"), ("-o", "json", "storage"), ("dependencies", "--all")):
            expect = 2 if "storage" in words else 0
            done = self.twinlake(*words, expect=expect)
            for secret in ("Pl4inKeyOfTheLake", "S4sOfTheLake"):
                self.assertNotIn(secret.lower(), (done.stdout + done.stderr).lower())
        self.assertIn("stlake", self.twinlake("storage", expect=2).stdout)

    def test_a_rewrite_must_lead_somewhere(self):
        self.add("Microsoft.Storage/storageAccounts/stlake", "westeurope")
        self.cluster("etl", conf={"fs.azure.account.key.stlake.dfs.core.windows.net": "{{secrets/lake/key}}"})
        config = self.write("twinlake.yml", "groups:\n  main:\n    primary: primary\n    secondary: secondary\n"
                            "    rewrites:\n      - {from: stlake, to: stlaketwin}\n")
        words = [self.command()[0], "--config", config, "--state", self.state, "-o", "json", "storage"]
        accounts = {account["name"]: account for account in json.loads(self.run_words(words, 2).stdout)["accounts"]}
        self.assertEqual(accounts["stlake"]["twin"], "stlaketwin")
        self.assertEqual(accounts["stlaketwin"]["advice"][0]["gravity"], "problem")
        self.add("Microsoft.Storage/storageAccounts/stlaketwin", "northeurope")
        self.run_words(words, 0)

    def test_without_the_primary_the_standby_tells(self):
        self.add("Microsoft.Storage/storageAccounts/stlake", "westeurope", sku={"name": "Standard_GRS"})
        self.cluster("etl", conf={"fs.azure.account.key.stlake.dfs.core.windows.net": "{{secrets/lake/key}}"})
        self.twinlake("sync", expect=0)
        self.primary.call("POST", "/sim/outage", {})
        told = self.twinlake_json("storage", "--no-code")
        self.assertFalse(told["primary_answers"])
        self.assertIn("stlake", [account["name"] for account in told["accounts"]])


class Dependencies(AzureCase):
    def test_a_metastore(self):
        self.add("Microsoft.Sql/servers/sql-hms", "westeurope")
        self.cluster("hms", conf={
            "spark.hadoop.javax.jdo.option.ConnectionURL":
                "jdbc:sqlserver://sql-hms.database.windows.net:1433;database=hive",
            "spark.hadoop.javax.jdo.option.ConnectionPassword": "{{secrets/hms/password}}"})
        told = self.twinlake_json("dependencies", expect=2)
        server = next(one for one in told["dependencies"] if one["service"] == "sql")
        self.assertEqual((server["name"], server["region"], server["databases"]), ("sql-hms", "westeurope", ["hive"]))
        self.assertEqual(server["advice"][0]["gravity"], "problem")
        self.assertTrue(any("hms/password" in finding["message"] for finding in told["findings"]))
        self.assertIn("Make a failover group", self.twinlake("dependencies", expect=2).stdout)


class Readiness(AzureCase):
    def checks(self, expect):
        return {check["check"]: check for check in self.twinlake_json("readiness", expect=expect)["checks"]}

    def test_quota_size_and_health_of_the_other_region(self):
        job = {"name": "heavy", "schedule": {"quartz_cron_expression": "0 0 2 * * ?", "timezone_id": "UTC"},
               "tasks": [{"task_key": "main", "notebook_task": {"notebook_path": "/Shared/etl/load"},
                          "new_cluster": {"spark_version": "15.4.x-scala2.12", "node_type_id": "Standard_DS3_v2",
                                          "num_workers": 7}}]}
        self.primary.call("POST", "/api/2.2/jobs/create", job)
        self.twinlake("sync")
        checks = self.checks(0)
        self.assertEqual(checks["cores"]["level"], "good", checks["cores"])
        self.assertIn("32 cores", checks["cores"]["message"])
        self.regions.azure.call("POST", "/sim/quota", {"location": "northeurope", "name": "cores", "limit": 16})
        self.regions.azure.call("POST", "/sim/events", {"location": "northeurope", "title": "Storms"})
        checks = self.checks(0)
        self.assertEqual(checks["cores"]["level"], "warning", checks["cores"])
        self.assertIn("needs 32 cores", checks["cores"]["findings"][0]["message"])
        self.assertEqual(checks["region health"]["level"], "warning")

    def test_the_health_is_told_without_the_primary(self):
        self.twinlake("sync")
        self.primary.call("POST", "/sim/outage", {})
        self.assertIn("region health", self.checks(0))


class NoAzure(Case):
    def test_readiness_says_in_one_line_that_nobody_looked(self):
        self.twinlake("sync")
        checks = {check["check"]: check for check in self.twinlake_json("readiness")["checks"]}
        self.assertEqual(checks["azure"]["level"], "good")
        self.assertIn("were not looked at", checks["azure"]["message"])
        self.assertIn("ARM_CLIENT_ID", checks["azure"]["what_to_do"])
        self.assertNotIn("cores", checks)

    def test_storage_still_names_what_is_used(self):
        self.primary.notebook("/Shared/etl/far", "df = spark.read.load('abfss://raw@stfar.dfs.core.windows.net/x')\n")
        told = self.twinlake_json("storage", expect=2)
        self.assertFalse(told["azure_was_asked"])
        self.assertEqual([account["name"] for account in told["accounts"]], ["stfar"])


if __name__ == "__main__":
    main()
