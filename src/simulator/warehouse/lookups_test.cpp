#include "simulator/warehouse/lookups.h"

#include <gtest/gtest.h>

#include "simulator/files/tree.h"
#include "simulator/identity/identity.h"
#include "simulator/probe.h"

namespace twinlake::simulator {
namespace {

using people::admin;

json object(const std::string& key, const json& value) {
  json made = json::object();
  made[key] = value;
  return made;
}

class LookupsTest : public testing::Test {
 protected:
  std::string plant(const std::string& kind, const json& body, const char* id = "id") {
    return text_of(body_of(probe.post("/sim/lookups/" + kind, body)), id);
  }
  bool exists(const std::string& kind, const std::string& id) {
    return probe.region().get<Lookups>().exists(kind, id);
  }
  /// Ids of all pages of a list.
  std::vector<std::string> all(const std::string& route, const char* list_key, const char* id_key) {
    std::vector<std::string> found;
    std::string token;
    do {
      const json page = body_of(probe.get(route + "&page_token=" + http::percent_encode(token)));
      for (const json& row : list_of(page, list_key)) found.push_back(text_of(row, id_key));
      token = text_of(page, "next_page_token");
    } while (!token.empty());
    return found;
  }
  Probe probe;
};

TEST_F(LookupsTest, EachKindIsPlantedAndFound) {
  const std::pair<const char*, const char*> kinds[] = {{"warehouse", "id"},
                                                       {"pipeline", "pipeline_id"},
                                                       {"query", "id"},
                                                       {"alert", "id"},
                                                       {"legacy_alert", "id"},
                                                       {"dashboard", "dashboard_id"},
                                                       {"legacy_dashboard", "id"},
                                                       {"notification_destination", "id"}};
  for (const auto& [kind, id_key] : kinds) {
    const json body = json::object({{"name", "x"}, {"display_name", "x"}});
    const std::string id = plant(kind, body, id_key);
    EXPECT_TRUE(exists(kind, id)) << kind;
    EXPECT_FALSE(exists(kind, "gone")) << kind;
  }
  plant("connection", object("name", "c"), "name");
  EXPECT_TRUE(exists("connection", "c"));
  EXPECT_FALSE(exists("no_such_kind", "x"));
  EXPECT_EQ(probe.post("/sim/lookups/no_such_kind", json::object()).status, 400);
}

TEST_F(LookupsTest, CreatingAWarehouseStartsIt) {
  const auto create = [&](const json& body) { return probe.post("/api/2.0/sql/warehouses", body); };
  json body = json::object({{"name", "w"}, {"cluster_size", "Small"}});
  const std::string id = text_of(body_of(create(body)), "id");
  const std::string route = "/api/2.0/sql/warehouses/" + id;
  const auto state = [&] { return text_of(body_of(probe.get(route)), "state"); };
  EXPECT_EQ(state(), "STARTING");
  probe.wait_millis(5000);
  EXPECT_EQ(state(), "RUNNING");
  ASSERT_EQ(probe.post(route + "/stop", json::object()).status, 200);
  EXPECT_EQ(state(), "STOPPING");
  probe.wait_millis(5000);
  EXPECT_EQ(state(), "STOPPED");
  ASSERT_EQ(probe.post(route + "/edit", object("auto_stop_mins", 20)).status, 200);
  EXPECT_EQ(state(), "STARTING") << "an edit starts it";
  EXPECT_EQ(body_of(probe.get(route)).at("cluster_size"), "Small") << "what is not sent is kept";
  probe.wait_millis(5000 + 20 * 60000);
  EXPECT_EQ(state(), "STOPPED") << "auto stop";
  ASSERT_EQ(probe.del(route).status, 200);
  EXPECT_EQ(probe.get(route).status, 404);
}

TEST_F(LookupsTest, WarehousesAreRefusedForTheDocumentedReasons) {
  const auto create = [&](const char* key, const json& value) {
    json body = json::object({{"name", "w"}, {"cluster_size", "Small"}});
    body[key] = value;
    return probe.post("/api/2.0/sql/warehouses", body);
  };
  EXPECT_EQ(code_of(create("name", "Serverless Starter Warehouse")), "RESOURCE_ALREADY_EXISTS")
      << "every workspace has that one";
  EXPECT_EQ(create("name", std::string(100, 'x')).status, 400);
  EXPECT_EQ(create("auto_stop_mins", 5).status, 400);
  EXPECT_EQ(create("auto_stop_mins", 0).status, 200);
  EXPECT_EQ(create("min_num_clusters", 0).status, 400);
  EXPECT_EQ(create("max_num_clusters", 41).status, 400);
  for (const char* size : {"", "Huge", "small"})
    EXPECT_EQ(create("cluster_size", size).status, 400) << size;
  EXPECT_EQ(probe.post("/api/2.0/sql/warehouses/gone/stop", json::object()).status, 404);
}

TEST_F(LookupsTest, DataSourceIsNotTheWarehouse) {
  const json sources = body_of(probe.get("/api/2.0/preview/sql/data_sources"));
  ASSERT_EQ(sources.size(), 1U);
  EXPECT_NE(text_of(sources[0], "id"), text_of(sources[0], "warehouse_id"));
  EXPECT_TRUE(exists("warehouse", text_of(sources[0], "warehouse_id")));
  EXPECT_EQ(probe.get("/api/2.0/sql/warehouses").body.find("simulated\""), std::string::npos)
      << "what the simulator keeps for itself does not show";
}

TEST_F(LookupsTest, ListsComeInPages) {
  for (int i = 0; i < 7; ++i) {
    plant("pipeline", object("name", "p" + std::to_string(i)));
    plant("query", object("display_name", "q" + std::to_string(i)));
    plant("connection", object("name", "c" + std::to_string(i)));
    plant("notification_destination", object("display_name", "n"));
  }
  EXPECT_EQ(all("/api/2.0/pipelines?max_results=3", "statuses", "name").size(), 7U);
  EXPECT_EQ(all("/api/2.0/sql/queries?page_size=3", "results", "id").size(), 7U);
  EXPECT_EQ(all("/api/2.0/notification-destinations?page_size=3", "results", "id").size(), 7U);
  EXPECT_EQ(all("/api/2.1/unity-catalog/connections?max_results=3", "connections", "name").size(),
            7U);
  EXPECT_EQ(all("/api/2.1/unity-catalog/connections?max_results=0", "connections", "name").size(),
            7U);
  EXPECT_EQ(probe.get("/api/2.0/pipelines?max_results=101").status, 400);
  const json filtered =
      body_of(probe.get("/api/2.0/pipelines?filter=" + http::percent_encode("name LIKE '%3%'")));
  EXPECT_EQ(count_of(filtered, "statuses"), 1U);
}

TEST_F(LookupsTest, PipelinesShowTheirSpecOnlyInGet) {
  json body = json::object({{"name", "p"}, {"catalog", "MAIN"}, {"continuous", true}, {"odd", 1}});
  const std::string id = text_of(body_of(probe.post("/api/2.0/pipelines", body)), "pipeline_id");
  const json read = body_of(probe.get("/api/2.0/pipelines/" + id));
  EXPECT_EQ(read.at("spec").at("catalog"), "main");
  EXPECT_EQ(read.at("spec").at("odd"), 1);
  EXPECT_EQ(read.at("state"), "RUNNING") << "continuous runs from the start";
  const json row = body_of(probe.get("/api/2.0/pipelines")).at("statuses")[0];
  EXPECT_FALSE(row.contains("spec"));
  EXPECT_FALSE(row.contains("last_modified"));
  body["continuous"] = false;
  body.erase("odd");
  ASSERT_EQ(probe.put("/api/2.0/pipelines/" + id, body).status, 200);
  EXPECT_EQ(text_of(body_of(probe.get("/api/2.0/pipelines/" + id)), "state"), "IDLE");
  EXPECT_FALSE(body_of(probe.get("/api/2.0/pipelines/" + id)).at("spec").contains("odd"))
      << "a full replacement";
  ASSERT_EQ(probe.del("/api/2.0/pipelines/" + id).status, 200);
  const auto gone = probe.get("/api/2.0/pipelines/" + id);
  EXPECT_EQ(gone.status, 404);
  EXPECT_EQ(message_of(gone), "The specified pipeline " + id + " was not found.");
}

TEST_F(LookupsTest, PipelinesAreRefusedForTheDocumentedReasons) {
  const auto create = [&](json extra) {
    extra["name"] = extra.value("name", "new");
    return probe.post("/api/2.0/pipelines", extra).status;
  };
  plant("pipeline", object("name", "taken"));
  EXPECT_EQ(create(object("name", "taken")), 409);
  EXPECT_EQ(create(json::object({{"name", "taken"}, {"allow_duplicate_names", true}})), 200);
  EXPECT_EQ(create(json::object({{"catalog", "a"}, {"storage", "b"}})), 400);
  EXPECT_EQ(create(json::object({{"schema", "a"}, {"target", "b"}})), 400);
  EXPECT_EQ(create(object("target", "a.b")), 400);
  EXPECT_EQ(create(object("clusters", json::array({object("policy_id", "gone")}))), 400);
  EXPECT_EQ(create(object("clusters", json::array({object("instance_pool_id", "gone")}))), 400);
  EXPECT_EQ(create(object("ingestion_definition", object("ingestion_gateway_id", "gone"))), 400);
  EXPECT_EQ(create(object("run_as", object("user_name", "nobody"))), 400);
}

TEST_F(LookupsTest, QueriesHaveOneNamePerFolder) {
  const auto create = [&](const std::string& name, const std::string& parent, bool resolve) {
    const json query =
        json::object({{"display_name", name}, {"query_text", "select 1"}, {"parent_path", parent}});
    return probe.post("/api/2.0/sql/queries",
                      json::object({{"query", query}, {"auto_resolve_display_name", resolve}}));
  };
  const json made = body_of(create("q", "/Workspace/Shared", false));
  EXPECT_EQ(code_of(create("q", "/Shared", false)), "RESOURCE_ALREADY_EXISTS");
  EXPECT_EQ(text_of(body_of(create("q", "/Shared", true)), "display_name"), "q (1)");
  EXPECT_EQ(create("q", "/Users/" + admin, false).status, 200);
  EXPECT_EQ(create("q", "/Shared/none", false).status, 404);
  const json listed = body_of(probe.get("/api/2.0/sql/queries")).at("results")[0];
  EXPECT_FALSE(listed.contains("parent_path"));
  const std::string route = "/api/2.0/sql/queries/" + text_of(made, "id");
  const json change =
      json::object({{"query", object("query_text", "select 2")}, {"update_mask", "query_text"}});
  EXPECT_EQ(text_of(body_of(probe.patch(route, change)), "query_text"), "select 2");
  ASSERT_EQ(probe.del(route).status, 200);
  EXPECT_EQ(text_of(body_of(probe.get(route)), "lifecycle_state"), "TRASHED");
  EXPECT_EQ(create("q", "/Shared", false).status, 200) << "trash does not hold the name";
}

TEST_F(LookupsTest, ReferencesOfQueriesAndOldAlertsMustExist) {
  json query = json::object({{"display_name", "q"}});
  query["parameters"] = json::array({object("query_backed_value", object("query_id", "gone"))});
  EXPECT_EQ(probe.post("/api/2.0/sql/queries", object("query", query)).status, 400);
  json alert = json::object({{"display_name", "a"}, {"query_id", "gone"}});
  EXPECT_EQ(probe.post("/api/2.0/sql/alerts", object("alert", alert)).status, 400);
  alert["query_id"] = plant("query", object("display_name", "x"));
  EXPECT_EQ(probe.post("/api/2.0/sql/alerts", object("alert", alert)).status, 200);
}

class AlertsTest : public LookupsTest {
 protected:
  json right() {
    json alert = json::object(
        {{"display_name", "late"}, {"query_text", "select 1"}, {"parent_path", "/Shared"}});
    alert["warehouse_id"] = plant("warehouse", object("name", "w" + std::to_string(++count)));
    alert["schedule"] =
        json::object({{"quartz_cron_schedule", "0 0 6 * * ?"}, {"timezone_id", "UTC"}});
    alert["evaluation"] =
        json::object({{"source", object("name", "c")}, {"comparison_operator", "GREATER_THAN"}});
    return alert;
  }
  int count = 0;
};

TEST_F(AlertsTest, ShowAsFilesAndAreLiveByDefault) {
  const json made = body_of(probe.post("/api/2.0/alerts", right()));
  EXPECT_EQ(made.at("schedule").at("pause_status"), "UNPAUSED");
  const TreeNode* file = probe.region().get<Tree>().find("/Shared/late.dbalert.json");
  ASSERT_NE(file, nullptr);
  EXPECT_EQ(file->resource_id, text_of(made, "id"));
  EXPECT_EQ(probe.post("/api/2.0/alerts", right()).status, 400) << "the file's name is taken";
  const std::string route = "/api/2.0/alerts/" + text_of(made, "id");
  const json pause = object("schedule", object("pause_status", "PAUSED"));
  EXPECT_EQ(probe.patch(route, pause).status, 400) << "without a mask";
  const json paused = body_of(probe.patch(route + "?update_mask=schedule.pause_status", pause));
  EXPECT_EQ(paused.at("schedule").at("pause_status"), "PAUSED");
  EXPECT_EQ(paused.at("schedule").at("timezone_id"), "UTC");
  probe.del(route);
  EXPECT_EQ(text_of(body_of(probe.get(route)), "lifecycle_state"), "DELETED");
  probe.del(route + "?purge=true");
  EXPECT_EQ(probe.get(route).status, 404);
}

TEST_F(AlertsTest, NeedTheirFieldsAndReferences) {
  for (const char* key : {"display_name", "query_text", "warehouse_id", "evaluation", "schedule"}) {
    json alert = right();
    alert.erase(key);
    EXPECT_EQ(probe.post("/api/2.0/alerts", alert).status, 400) << key;
  }
  json alert = right();
  alert["warehouse_id"] = "gone";
  EXPECT_EQ(probe.post("/api/2.0/alerts", alert).status, 400);
  alert = right();
  alert["evaluation"]["notification"]["subscriptions"] =
      json::array({object("destination_id", "gone")});
  EXPECT_EQ(probe.post("/api/2.0/alerts", alert).status, 400);
  alert = right();
  alert["run_as"] = object("service_principal_name", "gone");
  EXPECT_EQ(probe.post("/api/2.0/alerts", alert).status, 400);
  alert = right();
  alert["parent_path"] = "/Shared/none";
  EXPECT_EQ(probe.post("/api/2.0/alerts", alert).status, 404);
}

TEST_F(LookupsTest, DashboardsLiveInTheTree) {
  const std::string root = "/api/2.0/lakeview/dashboards";
  json body = json::object({{"display_name", "Sales"}, {"parent_path", "/Workspace/Shared"}});
  body["serialized_dashboard"] = R"({"pages":[{"name":"p"}]})";
  const json made = body_of(probe.post(root, body));
  EXPECT_EQ(made.at("parent_path"), "/Shared");
  EXPECT_EQ(made.at("path"), "/Shared/Sales.lvdash.json");
  EXPECT_NE(text_of(made, "serialized_dashboard"), text_of(body, "serialized_dashboard"))
      << "written anew";
  const std::string id = text_of(made, "dashboard_id");
  const TreeNode* node = probe.region().get<Tree>().find("/Shared/Sales.lvdash.json");
  ASSERT_NE(node, nullptr);
  EXPECT_EQ(node->type, "DASHBOARD");
  EXPECT_EQ(code_of(probe.post(root, body)), "RESOURCE_ALREADY_EXISTS");
  body["parent_path"] = "/Shared/none";
  EXPECT_EQ(message_of(probe.post(root, body)), "Path (/Shared/none) doesn't exist.");
  const json row = body_of(probe.get(root)).at("dashboards")[0];
  for (const char* key : {"etag", "parent_path", "path", "serialized_dashboard", "update_time"})
    EXPECT_FALSE(row.contains(key)) << key;
  EXPECT_EQ(
      probe.patch(root + "/" + id, json::object({{"etag", "1"}, {"display_name", "x"}})).status,
      409);
  const json changed = body_of(probe.patch(root + "/" + id, object("display_name", "Renamed")));
  EXPECT_EQ(changed.at("path"), "/Shared/Renamed.lvdash.json");
  EXPECT_NE(changed.at("etag"), made.at("etag"));
  ASSERT_EQ(probe.del(root + "/" + id).status, 200);
  EXPECT_EQ(text_of(body_of(probe.get(root + "/" + id)), "lifecycle_state"), "TRASHED");
  EXPECT_EQ(probe.del(root + "/" + id).status, 403) << "a second time is forbidden, not missing";
}

TEST_F(LookupsTest, DashboardsArePublishedAndScheduled) {
  const std::string id = plant("dashboard", object("display_name", "Sales"), "dashboard_id");
  const std::string root = "/api/2.0/lakeview/dashboards/" + id;
  EXPECT_EQ(probe.get(root + "/published").status, 404);
  EXPECT_EQ(probe.post(root + "/published", object("warehouse_id", "gone")).status, 400);
  const std::string warehouse = plant("warehouse", object("name", "w"));
  EXPECT_EQ(probe.post(root + "/published", object("warehouse_id", warehouse)).status, 200);
  EXPECT_EQ(body_of(probe.get(root + "/published")).at("embed_credentials"), true);
  const json schedule = object("cron_schedule", object("quartz_cron_expression", "0 0 7 ? * MON"));
  const json made = body_of(probe.post(root + "/schedules", schedule));
  EXPECT_EQ(made.at("pause_status"), "UNPAUSED");
  const std::string one = root + "/schedules/" + text_of(made, "schedule_id");
  EXPECT_EQ(probe.put(one, schedule).status, 409) << "the etag is needed";
  json paused = schedule;
  paused["etag"] = made.at("etag");
  paused["pause_status"] = "PAUSED";
  EXPECT_EQ(text_of(body_of(probe.put(one, paused)), "pause_status"), "PAUSED");
  const auto subscribe = [&](const std::string& destination) {
    return probe.post(one + "/subscriptions",
                      object("subscriber", object("destination_subscriber",
                                                  object("destination_id", destination))));
  };
  EXPECT_EQ(subscribe("gone").status, 400);
  EXPECT_EQ(subscribe(plant("notification_destination", object("display_name", "n"))).status, 200);
  EXPECT_EQ(count_of(body_of(probe.get(one + "/subscriptions")), "subscriptions"), 1U);
  for (int i = 0; i < 9; ++i) EXPECT_EQ(probe.post(root + "/schedules", schedule).status, 200);
  EXPECT_EQ(probe.post(root + "/schedules", schedule).status, 400) << "ten at most";
}

TEST_F(LookupsTest, LegacyDashboardsHaveNumberedPages) {
  for (int i = 0; i < 5; ++i) plant("legacy_dashboard", object("name", "d"));
  const json page = body_of(probe.get("/api/2.0/preview/sql/dashboards?page=3&page_size=2"));
  EXPECT_EQ(page.at("count"), 5);
  EXPECT_EQ(count_of(page, "results"), 1U);
}

TEST_F(LookupsTest, DestinationsHideWhatIsSecret) {
  const std::string root = "/api/2.0/notification-destinations";
  json body = json::object({{"display_name", "hook"}});
  body["config"]["generic_webhook"] = json::object({{"url", "https://x"}, {"password", "hunter2"}});
  const json made = body_of(probe.post(root, body));
  EXPECT_EQ(made.at("destination_type"), "WEBHOOK");
  const std::string route = root + "/" + text_of(made, "id");
  const auto read = probe.get(route);
  EXPECT_EQ(read.body.find("hunter2"), std::string::npos);
  EXPECT_EQ(body_of(read).at("config").at("generic_webhook").at("password_set"), true);
  EXPECT_FALSE(body_of(probe.get(root)).at("results")[0].contains("config"));
  EXPECT_EQ(
      probe.patch(route, object("config", object("email", object("addresses", json::array()))))
          .status,
      400)
      << "the type is fixed";
  EXPECT_EQ(text_of(body_of(probe.patch(route, object("display_name", "new"))), "display_name"),
            "new");
  EXPECT_EQ(probe.post(root, object("display_name", "x")).status, 400);
  json two = body;
  two["config"]["email"] = object("addresses", json::array({"a@b.c"}));
  EXPECT_EQ(probe.post(root, two).status, 400) << "of exactly one type";
  ASSERT_EQ(probe.del(route).status, 200);
  EXPECT_EQ(probe.get(route).status, 404);
}

TEST_F(LookupsTest, ConnectionsHideSecretsAndKeepTheirNames) {
  const std::string root = "/api/2.1/unity-catalog/connections";
  json body = json::object({{"name", "pg"}, {"connection_type", "POSTGRESQL"}});
  body["options"] = json::object({{"host", "h"}, {"password", "hunter2"}});
  ASSERT_EQ(probe.post(root, body).status, 200);
  EXPECT_EQ(probe.get(root + "/pg").body.find("hunter2"), std::string::npos);
  EXPECT_EQ(code_of(probe.post(root, body)), "ALREADY_EXISTS");
  body["owner"] = "ana";
  EXPECT_EQ(probe.post(root, body).status, 400) << "the owner comes later";
  EXPECT_EQ(code_of(probe.get(root + "/none")), "CONNECTION_DOES_NOT_EXIST");
  ASSERT_EQ(probe.patch(root + "/pg", object("new_name", "pg2")).status, 200);
  EXPECT_EQ(probe.get(root + "/pg").status, 404);
  EXPECT_EQ(probe.get(root + "/pg2").status, 200);
}

TEST_F(LookupsTest, SecretScopes) {
  const std::string root = "/api/2.0/secrets/scopes/";
  const auto create = [&](const json& body) { return probe.post(root + "create", body); };
  ASSERT_EQ(create(object("scope", "app")).status, 200);
  const auto again = create(object("scope", "app"));
  EXPECT_EQ(again.status, 400);
  EXPECT_EQ(code_of(again), "RESOURCE_ALREADY_EXISTS");
  EXPECT_EQ(create(object("scope", "APP")).status, 400) << "names ignore case";
  EXPECT_EQ(create(object("scope", "no blanks")).status, 400);
  EXPECT_EQ(create(json::object({{"scope", "x"}, {"initial_manage_principal", "admins"}})).status,
            400);
  const auto missing = probe.post(root + "delete", object("scope", "none"));
  EXPECT_EQ(missing.status, 404);
  EXPECT_EQ(code_of(missing), "RESOURCE_DOES_NOT_EXIST");
  plant("secret_scope", json::object({{"name", "internal"}, {"is_databricks_managed", true}}),
        "name");
  EXPECT_EQ(code_of(probe.post(root + "delete", object("scope", "internal"))), "BAD_REQUEST");
  EXPECT_EQ(count_of(body_of(probe.get(root + "list")), "scopes"), 2U);
  EXPECT_EQ(probe.post(root + "delete", object("scope", "app")).status, 200);
}

TEST_F(LookupsTest, VaultScopesSayTheirVault) {
  json body = json::object({{"scope", "kv"}, {"scope_backend_type", "AZURE_KEYVAULT"}});
  EXPECT_EQ(probe.post("/api/2.0/secrets/scopes/create", body).status, 400) << "without a vault";
  const json vault =
      json::object({{"resource_id", "/subscriptions/x"}, {"dns_name", "https://kv/"}});
  plant("secret_scope",
        json::object(
            {{"name", "kv"}, {"backend_type", "AZURE_KEYVAULT"}, {"keyvault_metadata", vault}}),
        "name");
  const json scope = body_of(probe.get("/api/2.0/secrets/scopes/list")).at("scopes")[0];
  EXPECT_EQ(scope.at("keyvault_metadata"), vault);
}

}  // namespace
}  // namespace twinlake::simulator
