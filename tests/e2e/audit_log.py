"""Audit logs through the whole program: asked for in twinlake.yml, asked by SQL, and told where they were not read."""

import json

from program import TWINLAKE, Case, main


class AuditLog(Case):
    def statements(self, region):
        return len(region.call("GET", "/sim/world")["sql_statements"])

    def warehouse_of(self, region):
        return region.call("GET", "/api/2.0/sql/warehouses")["warehouses"][0]

    def somebody_works_on_it(self, region):
        region.call("POST", "/sim/statements", {"start_millis": 100, "execution_millis": 10})
        answer = region.call("POST", "/api/2.0/sql/statements", {
            "warehouse_id": self.warehouse_of(region)["id"], "statement": "SELECT 1", "wait_timeout": "50s"})
        self.assertEqual(answer["status"]["state"], "SUCCEEDED", answer)

    def configure(self, sweep):
        self.write("twinlake.yml", f"""groups:
  main:
    primary: primary
    secondary: secondary
    state: {self.state}
    {sweep}
""")

    def change_grant(self, level):
        folder = self.primary.call("GET", "/api/2.0/workspace/get-status?path=/Shared/team")["object_id"]
        self.primary.call("PUT", f"/api/2.0/permissions/directories/{folder}", {
            "access_control_list": [{"group_name": "users", "permission_level": level}]})

    def prepare(self):
        self.primary.call("POST", "/api/2.0/workspace/mkdirs", {"path": "/Shared/team"})
        self.primary.call("POST", "/sim/audit", {
            "enabled": True, "readers": ["admins"], "lag_millis": 0, "spread_millis": 0})
        self.somebody_works_on_it(self.primary)

    def test_a_changed_grant_arrives_with_the_next_sync(self):
        self.prepare()
        self.configure(f"sweep: {{audit: {{primary: {self.warehouse_of(self.primary)['id']}, secondary: auto}}}}")
        self.run_words([TWINLAKE, "sync"], 0)
        self.change_grant("CAN_RUN")
        before = self.statements(self.primary)
        self.run_words([TWINLAKE, "plan"], 0)
        self.assertEqual(self.statements(self.primary), before, "a plan runs nothing")
        done = self.run_words([TWINLAKE, "sync"], 0)
        self.assertEqual(self.statements(self.primary), before + 1)
        told = " ".join(done.stdout.split())
        self.assertIn("1 event, 1 object read again because of them", told)
        self.assertIn("secondary: never read yet; not read now: no SQL warehouse runs there", told)
        self.assertIn("CAN_RUN", str(self.secondary.call("GET", "/sim/world")["permissions"]))
        self.assertEqual(self.statements(self.secondary), 0)
        status = " ".join(self.run_words([TWINLAKE, "status"], 0).stdout.split())
        self.assertIn("audit log primary: known up to", status)
        judged = json.loads(self.run_words([TWINLAKE, "-o", "json", "reconcile"], 0).stdout)
        self.assertEqual(judged["audit_log"]["primary"]["changed"], 1)

    def test_a_log_that_is_not_there_is_told_with_its_remedy(self):
        self.prepare()
        self.primary.call("POST", "/sim/audit", {"enabled": False})
        self.configure("sweep: {audit: auto}")
        told = " ".join(self.run_words([TWINLAKE, "sync"], 0).stdout.split())
        self.assertIn("the table system.access.audit is not there", told)
        self.assertIn("enables the schema `access`", told)

    def test_without_a_word_nothing_runs_on_the_primary(self):
        self.prepare()
        before = self.statements(self.primary)
        self.configure("sweep: {max_age_hours: 12}")
        self.assertNotIn("Audit logs", self.run_words([TWINLAKE, "sync"], 0).stdout)
        self.assertEqual(self.statements(self.primary), before)


if __name__ == "__main__":
    main()
