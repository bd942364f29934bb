"""The Hive metastore through the whole program: asked for in twinlake.yml, made by SQL, and no secret kept."""

import unittest
from pathlib import Path

from program import TWINLAKE, Case, main

PLANTED = "pl4nted-jdbc-p4ssword"
LAKE = "abfss://lake@stweu.dfs.core.windows.net/"
LAKE_THERE = "abfss://lake@stneu.dfs.core.windows.net/"


class Metastore(Case):
    def sql(self, region, statement):
        warehouse = region.call("GET", "/api/2.0/sql/warehouses")["warehouses"][0]["id"]
        answer = region.call("POST", "/api/2.0/sql/statements", {
            "warehouse_id": warehouse, "statement": statement, "catalog": "hive_metastore", "wait_timeout": "50s"})
        self.assertEqual(answer["status"]["state"], "SUCCEEDED", answer)

    def plant(self):
        orders = {"provider": "delta", "columns": [{"name": "id", "type": "bigint"}]}
        self.primary.call("POST", "/sim/storage", {**orders, "location": LAKE + "orders"})
        self.secondary.call("POST", "/sim/storage", {**orders, "location": LAKE_THERE + "orders"})
        for region in (self.primary, self.secondary):
            region.call("POST", "/sim/statements", {"start_millis": 100, "execution_millis": 10})
        for statement in (
                "CREATE SCHEMA sales",
                f"CREATE TABLE sales.orders USING delta LOCATION '{LAKE}orders'",
                "CREATE VIEW sales.open AS SELECT id FROM hive_metastore.sales.orders",
                "GRANT SELECT ON VIEW sales.open TO `users`",
                "CREATE TABLE sales.managed (id BIGINT) USING delta",
                "CREATE TABLE sales.remote (id BIGINT) USING csv OPTIONS (password '" + PLANTED + "') "
                f"LOCATION '{LAKE}remote'"):
            self.sql(self.primary, statement)

    def configure(self, metastore):
        names = [region.call("GET", "/api/2.0/sql/warehouses")["warehouses"][0]["name"]
                 for region in (self.primary, self.secondary)]
        self.write("twinlake.yml", f"""groups:
  main:
    primary: primary
    secondary: secondary
    state: {self.state}
    rewrites: [{{from: stweu, to: stneu}}]
    {metastore.format(*names)}
""")

    def test_tables_arrive_and_what_people_must_do_is_told(self):
        self.plant()
        self.configure('metastore: {{primary: "{0}", secondary: "{1}"}}')
        planned = self.run_words([TWINLAKE, "plan"], 0)
        self.assertIn("warehouse", planned.stdout)
        self.assertIn("is started when it does not run", " ".join(planned.stdout.split()))
        outputs = [planned, self.run_words([TWINLAKE, "--verbose", "sync"], 2)]
        there = self.secondary.call("GET", "/sim/world")["hive_metastore"]
        self.assertEqual([(table["name"], table["location"]) for table in there["tables"]],
                         [("orders", LAKE_THERE + "orders")])
        self.assertEqual([view["name"] for view in there["views"]], ["open"])
        self.assertIn("SELECT", str(there["grants"]))
        before = len(self.secondary.call("GET", "/sim/world")["sql_statements"])
        outputs.append(self.run_words([TWINLAKE, "-o", "json", "sync"], 2))
        after = self.secondary.call("GET", "/sim/world")
        self.assertEqual(len(after["sql_statements"]), before, "nothing changed, and nobody asked")
        self.assertEqual([warehouse["state"] in ("STOPPED", "STOPPING") for warehouse in after["warehouses"]],
                         [True] * len(after["warehouses"]))
        outputs.append(self.run_words([TWINLAKE, "reconcile", "--all"], 2))
        self.assertIn("data must be copied", outputs[-1].stdout)
        self.assertIn("DEEP CLONE", outputs[-1].stdout)
        self.assertIn("its setting `password` is a secret", " ".join(outputs[-1].stdout.split()))
        for done in outputs:
            self.assertNotIn(PLANTED, done.stdout + done.stderr)
        for path in Path(self.folder).rglob("*"):
            if path.is_file():
                self.assertNotIn(PLANTED.encode(), path.read_bytes(), path)

    def test_a_primary_without_one_is_told_once(self):
        self.plant()
        self.primary.call("POST", "/sim/metastore", {"present": False})
        self.configure('metastore: {{primary: "{0}", secondary: "{1}", look_every_hours: 0}}')
        said = []
        for _ in range(2):
            done = self.run_words([TWINLAKE, "--verbose", "sync"], 0)
            said.append("the primary does not have" in " ".join((done.stdout + done.stderr).split()))
        self.assertEqual(said, [True, False])

    def test_without_the_section_nothing_is_asked(self):
        self.plant()
        before = len(self.primary.call("GET", "/sim/world")["sql_statements"])
        self.configure("own_addresses: [203.0.113.7]")
        self.run_words([TWINLAKE, "sync"], 0)
        self.assertEqual(len(self.primary.call("GET", "/sim/world")["sql_statements"]), before)
        self.assertEqual(self.secondary.call("GET", "/sim/world")["sql_statements"], [])

    def test_a_section_that_makes_no_sense_is_told(self):
        self.configure("metastore: {{secondary: sql}}")
        done = self.run_words([TWINLAKE, "plan"], 1)
        self.assertIn("names no warehouse of the primary", done.stderr)
        self.assertIn("twinlake.yml:", done.stderr)


if __name__ == "__main__":
    main()
