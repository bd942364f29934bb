#include "simulator/audit/audit_log.h"

#include "simulator/sql/probe.h"

namespace twinlake::simulator {
namespace {

using http::Method;

class AuditLogTest : public SqlTest {
 protected:
  /// Enabled, and shown at once.
  void enable(json settings = json::object()) {
    settings.update(json::object({{"enabled", true}, {"readers", json::array({people::admin})}}));
    fill(settings, json::object({{"lag_millis", 0}, {"spread_millis", 0}}));
    EXPECT_EQ(probe.post("/sim/audit", settings).status, 200);
  }
  std::string made_group(const std::string& name) {
    return text_of(
        body_of(probe.post(routes::scim + "Groups", json::object({{"displayName", name}}))), "id");
  }
  std::string folder(const std::string& path) {
    EXPECT_EQ(probe.post("/api/2.0/workspace/mkdirs", json::object({{"path", path}})).status, 200);
    return text_of(body_of(probe.get("/api/2.0/workspace/get-status?path=" + path)), "object_id");
  }
  void grant(const std::string& type, const std::string& id, Method method = Method::put) {
    const bool of_job = type == "jobs";
    json list = json::array({json::object(
        {{"group_name", "readers"}, {"permission_level", of_job ? "CAN_VIEW" : "CAN_READ"}})});
    if (of_job && method == Method::put)
      list.push_back(
          json::object({{"user_name", people::admin}, {"permission_level", "IS_OWNER"}}));
    const json body = json::object({{"access_control_list", std::move(list)}});
    EXPECT_EQ(probe.send(method, "/api/2.0/permissions/" + type + "/" + id, body).status, 200);
  }
  /// Brings the region's clock to the probe's.
  void wait(std::int64_t millis) {
    probe.wait_millis(millis);
    (void)probe.get(routes::me);
  }
  static constexpr const char* all =
      "SELECT service_name, action_name, try_element_at(request_params, 'aclChangeResourceName'), "
      "try_element_at(request_params, 'resourceId') FROM system.access.audit";
};

TEST_F(AuditLogTest, IsNoTableUntilItsSchemaIsEnabledAndKeepsNothingBefore) {
  made_group("readers");
  grant("directories", folder("/a"));
  EXPECT_EQ(failure(all), "TABLE_OR_VIEW_NOT_FOUND");
  enable();
  EXPECT_TRUE(rows(all).empty());
  EXPECT_EQ(failure("SELECT version FROM system.access.nothing"), "TABLE_OR_VIEW_NOT_FOUND");
  enable({{"readers", json::array()}});
}

TEST_F(AuditLogTest, IsReadByThoseOnlyWhoWereLetIn) {
  enable();
  session.caller = people::ana;
  EXPECT_EQ(failure(all), "INSUFFICIENT_PERMISSIONS");
  EXPECT_EQ(failure("SELECT count(*) FROM hive_metastore.default.t"), "TABLE_OR_VIEW_NOT_FOUND");
}

TEST_F(AuditLogTest, TellsWhoseAccessListWasChanged) {
  enable();
  made_group("readers");
  const std::string id = folder("/a");
  grant("directories", id);
  const std::string job = text_of(
      body_of(probe.post("/api/2.2/jobs/create", json::object({{"name", "nightly"}}))), "job_id");
  grant("jobs", job, Method::patch);
  EXPECT_EQ(rows(all), (Rows{{"workspace", "changeWorkspaceAcl", "directories/" + id, "NULL"},
                             {"jobs", "create", "NULL", "NULL"},
                             {"jobs", "changeJobAcl", "NULL", job}}));
  EXPECT_EQ(value("SELECT response.result FROM system.access.audit WHERE action_name = 'create'"),
            "{\"job_id\":" + job + "}");
  EXPECT_EQ(value("SELECT user_identity.email FROM system.access.audit"), people::admin);
}

TEST_F(AuditLogTest, HasItsOtherForms) {
  enable({{"ids_as_paths", true}, {"tree_in_resource_id", true}, {"workspace_id_is_number", true}});
  made_group("readers");
  const std::string id = folder("/a");
  grant("directories", id);
  const std::string job = text_of(
      body_of(probe.post("/api/2.2/jobs/create", json::object({{"name", "nightly"}}))), "job_id");
  grant("jobs", job);
  EXPECT_EQ(rows(all), (Rows{{"workspace", "changeWorkspaceAcl", "NULL", "directories/" + id},
                             {"jobs", "create", "NULL", "NULL"},
                             {"jobs", "resetJobAcl", "NULL", "/jobs/" + job}}));
  EXPECT_EQ(failure("SELECT version FROM system.access.audit WHERE workspace_id = '1'"),
            "DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES");
  EXPECT_EQ(value("SELECT count(*) FROM system.access.audit WHERE CAST(workspace_id AS STRING) = "
                  "'1111111111111111'"),
            "3");
}

TEST_F(AuditLogTest, TellsOfSecretsAndNothingOfWhatWasRefused) {
  enable();
  made_group("readers");
  EXPECT_EQ(
      probe.post(routes::secrets_api + "scopes/create", json::object({{"scope", "vault"}})).status,
      200);
  const json entry =
      json::object({{"scope", "vault"}, {"principal", "readers"}, {"permission", "READ"}});
  EXPECT_EQ(probe.post(routes::secrets_api + "acls/put", entry).status, 200);
  EXPECT_EQ(probe.post(routes::secrets_api + "acls/delete", entry).status, 200);
  EXPECT_EQ(probe.post(routes::secrets_api + "acls/delete", entry).status, 404);
  EXPECT_EQ(
      rows("SELECT action_name, try_element_at(request_params, 'scope') FROM system.access.audit"),
      (Rows{{"putAcl", "vault"}, {"deleteAcl", "vault"}}));
}

TEST_F(AuditLogTest, IsLateAndOutOfOrder) {
  enable({{"lag_millis", 60'000}, {"spread_millis", 600'000}});
  made_group("readers");
  const std::string id = folder("/a");
  constexpr int changes = 8;
  for (int i = 0; i < changes; ++i) grant("directories", id);
  wait(59'000);
  EXPECT_TRUE(rows(all).empty());
  bool out_of_order = false;
  std::size_t shown = 0;
  for (int minute = 0; minute < 11; ++minute) {
    wait(60'000);
    const Rows now = rows("SELECT event_id FROM system.access.audit");
    for (std::size_t i = 0; i < now.size(); ++i)
      out_of_order = out_of_order || now[i][0] != "event-" + std::to_string(i + 1);
    EXPECT_GE(now.size(), shown) << "what was shown is shown for ever";
    shown = now.size();
  }
  EXPECT_EQ(shown, changes);
  EXPECT_TRUE(out_of_order);
}

TEST_F(AuditLogTest, CutsLongParameters) {
  const json named = json::object({{"name", std::string(4000, 'x')}});
  enable({{"longest_params", 1000}});
  const std::string job = text_of(
      body_of(probe.post("/api/2.2/jobs/create", json::object({{"name", "nightly"}}))), "job_id");
  const json change = json::object(
      {{"job_id", job}, {"new_settings", json::object({{"description", std::string(4000, 'x')}})}});
  EXPECT_EQ(probe.post("/api/2.2/jobs/update", change).status, 200);
  const std::string update = " FROM system.access.audit WHERE action_name = 'update'";
  EXPECT_TRUE(value("SELECT try_element_at(request_params, 'new_settings')" + update)
                  .ends_with("... truncated"));
  EXPECT_EQ(value("SELECT try_element_at(request_params, 'job_id')" + update), job);
  enable({{"longest_params", 20}});
  EXPECT_EQ(probe.post("/api/2.2/jobs/delete", json::object({{"job_id", job}})).status, 200);
  EXPECT_EQ(value("SELECT request_params FROM system.access.audit WHERE action_name = 'delete'"),
            R"({"TRUNCATED":""})");
}

TEST_F(AuditLogTest, IsAskedInGroupsAndWindows) {
  enable();
  made_group("readers");
  const std::string a = folder("/a");
  const std::string b = folder("/b");
  for (const std::string& id : {a, b, a}) {
    grant("directories", id);
    wait(1000);
  }
  const std::string grouped =
      "SELECT try_element_at(request_params, 'aclChangeResourceName') AS named, count(*), "
      "unix_micros(max(event_time)) "
      "FROM system.access.audit WHERE event_date >= DATE '2026-01-01' AND event_time >= TIMESTAMP "
      "'2026-01-01T00:00:00Z' "
      "AND coalesce(response.status_code, 200) BETWEEN 200 AND 299 AND action_name IN "
      "('changeWorkspaceAcl', 'other') "
      "AND coalesce(user_identity.email, '') NOT IN ('nobody') GROUP BY 1";
  const Rows found = rows(grouped);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[a < b ? 0 : 1],
            (std::vector<std::string>{"directories/" + a, "2", "1767225602000000"}));
  EXPECT_EQ(names(grouped), "named,count(*),unix_micros(max(event_time))");
  EXPECT_TRUE(rows("SELECT version FROM system.access.audit WHERE event_time > TIMESTAMP "
                   "'2026-01-01T00:00:02.5Z'")
                  .empty());
  EXPECT_TRUE(rows("SELECT version FROM system.access.audit WHERE user_identity.email NOT IN "
                   "('replicator@twinlake.example')")
                  .empty());
}

TEST_F(AuditLogTest, RefusesWhatItDoesNotUnderstand) {
  enable();
  const std::string from = " FROM system.access.audit";
  EXPECT_EQ(failure("SELECT nothing" + from), "UNRESOLVED_COLUMN.WITH_SUGGESTION");
  EXPECT_EQ(failure("SELECT response.nothing" + from), "UNRESOLVED_COLUMN.WITH_SUGGESTION");
  EXPECT_EQ(failure("SELECT upper(version)" + from), "UNRESOLVED_ROUTINE");
  EXPECT_EQ(failure("SELECT try_element_at(request_params)" + from),
            "WRONG_NUM_ARGS.WITHOUT_SUGGESTION");
  EXPECT_EQ(failure("SELECT version" + from + " WHERE max(event_time) = version"),
            "INVALID_WHERE_CONDITION");
  EXPECT_EQ(failure("SELECT version, count(*)" + from), "MISSING_AGGREGATION");
  EXPECT_EQ(failure("SELECT version" + from + " GROUP BY 2"), "GROUP_BY_POS_OUT_OF_RANGE");
  EXPECT_EQ(failure("SELECT max(version)" + from + " GROUP BY 1"), "GROUP_BY_POS_AGGREGATE");
  EXPECT_EQ(failure("SELECT version" + from + " WHERE event_time > TIMESTAMP 'yesterday'"),
            "INVALID_TYPED_LITERAL");
  for (const char* number : {"1.5", "99999999999999999999"})
    EXPECT_NE(failure("SELECT version" + from + " WHERE response.status_code = " + number), "");
  for (const char* rest : {" ORDER BY 1", " WHERE version LIKE '2%'", " JOIN b ON x = y",
                           " WHERE NOT version", " LIMIT 3"})
    EXPECT_EQ(failure("SELECT version" + from + rest), "PARSE_SYNTAX_ERROR") << rest;
}

}  // namespace
}  // namespace twinlake::simulator
