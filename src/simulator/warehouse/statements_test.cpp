#include "simulator/warehouse/statements.h"

#include <gtest/gtest.h>

#include "simulator/identity/identity.h"
#include "simulator/probe.h"
#include "simulator/warehouse/lookups.h"

namespace twinlake::simulator {
namespace {

const std::string root = "/api/2.0/sql/statements";

class StatementsTest : public testing::Test {
 protected:
  StatementsTest() {
    const json listed = body_of(probe.get("/api/2.0/sql/warehouses"));
    warehouse = listed.at("warehouses").at(0).at("id").get<std::string>();
  }
  json request(const std::string& statement, const json& more = json::object()) const {
    json body = json::object({{"warehouse_id", warehouse}, {"statement", statement}});
    body.update(more);
    return body;
  }
  json post(const std::string& statement, const json& more = json::object()) {
    return body_of(probe.post(root, request(statement, more)));
  }
  json read(const json& statement) {
    return body_of(probe.get(root + "/" + text_of(statement, "statement_id")));
  }
  static std::string state(const json& shown) {
    const json* status = field(shown, "status");
    return status == nullptr ? "" : text_of(*status, "state");
  }
  std::string warehouse_state() {
    return text_of(body_of(probe.get("/api/2.0/sql/warehouses/" + warehouse)), "state");
  }
  void set(const json& settings) { EXPECT_EQ(probe.post("/sim/statements", settings).status, 200); }
  void make_tables(int count) {
    for (int i = 0; i < count; ++i)
      post("CREATE TABLE t" + std::to_string(i) + " (a INT) USING csv");
  }

  Probe probe;
  std::string warehouse;
  const json at_once = json::object({{"wait_timeout", "0s"}});
};

TEST_F(StatementsTest, AStoppedWarehouseIsStarted) {
  ASSERT_EQ(warehouse_state(), "STOPPED");
  const json made = post("SELECT 1", at_once);
  EXPECT_EQ(state(made), "PENDING");
  EXPECT_FALSE(made.contains("result"));
  EXPECT_EQ(warehouse_state(), "STARTING");
  probe.wait_millis(5000);
  EXPECT_EQ(state(read(made)), "RUNNING");
  EXPECT_EQ(warehouse_state(), "RUNNING") << "and it costs";
  probe.wait_millis(400);
  const json done = read(made);
  EXPECT_EQ(state(done), "SUCCEEDED");
  EXPECT_EQ(done.at("result").at("data_array"), json::parse(R"([["1"]])")) << "values are text";
  EXPECT_EQ(done.at("manifest").at("schema").at("columns").at(0).at("type_name"), "INT");
  probe.wait_millis(10 * 60'000 + 1000);
  EXPECT_EQ(warehouse_state(), "STOPPED") << "it stops after ten idle minutes";
}

TEST_F(StatementsTest, TheAnswerIsHeldUntilTheStatementEnds) {
  const auto serve = [&](const json& body) {
    return probe.serve(probe.request(http::Method::post, root, body));
  };
  Outcome outcome = serve(request("SELECT 1"));
  EXPECT_EQ(outcome.extra_delay.count(), 5400);
  EXPECT_EQ(state(body_of(outcome.response)), "SUCCEEDED");
  probe.wait_millis(6000);
  outcome = serve(request("SELECT 1"));
  EXPECT_EQ(outcome.extra_delay.count(), 400) << "now it runs";
  outcome = serve(request("SELECT 1", at_once));
  EXPECT_EQ(outcome.extra_delay.count(), 0);
  set(json::object({{"execution_millis", 20'000}}));
  outcome = serve(request("SELECT 1"));
  EXPECT_EQ(outcome.extra_delay.count(), 10'000);
  EXPECT_EQ(state(body_of(outcome.response)), "RUNNING");
  const json late = json::object({{"wait_timeout", "5s"}, {"on_wait_timeout", "CANCEL"}});
  outcome = serve(request("CREATE SCHEMA late", late));
  EXPECT_EQ(state(body_of(outcome.response)), "CANCELED");
  probe.wait_millis(60'000);
  EXPECT_EQ(probe.get("/sim/world").body.find("\"late\""), std::string::npos);
}

TEST_F(StatementsTest, WhatSQLRefusesIsAnAnswer) {
  const auto response = probe.post(root, request("DESCRIBE hive_metastore.sales.ordrs"));
  EXPECT_EQ(response.status, 200);
  const json status = body_of(response).at("status");
  EXPECT_EQ(status.at("state"), "FAILED");
  EXPECT_EQ(status.at("sql_state"), "42P01");
  EXPECT_EQ(status.at("error").at("error_code"), "BAD_REQUEST");
  EXPECT_TRUE(text_of(status.at("error"), "message").starts_with("[TABLE_OR_VIEW_NOT_FOUND]"));
  EXPECT_FALSE(body_of(response).contains("manifest"));
  EXPECT_EQ(state(post("OPTIMIZE t")), "FAILED");
}

TEST_F(StatementsTest, NoRowsAreNoArray) {
  const json made = post("SHOW VIEWS IN default");
  EXPECT_FALSE(made.at("result").contains("data_array"));
  EXPECT_EQ(made.at("manifest").at("total_row_count"), 0);
  EXPECT_EQ(made.at("manifest").at("schema").at("column_count"), 3);
  EXPECT_FALSE(post("CREATE SCHEMA s").at("manifest").at("schema").contains("columns"));
}

TEST_F(StatementsTest, RequestsAreRefusedForTheDocumentedReasons) {
  const auto refused = [&](const char* key, const json& value) {
    json more = json::object();
    more[key] = value;
    return probe.post(root, request("SELECT 1", more)).status;
  };
  EXPECT_EQ(refused("warehouse_id", "gone"), 404);
  EXPECT_EQ(refused("warehouse_id", ""), 400);
  EXPECT_EQ(refused("statement", ""), 400);
  for (const char* wait : {"3s", "51s", "10", "10m", "s", "-5s"})
    EXPECT_EQ(refused("wait_timeout", wait), 400) << wait;
  EXPECT_EQ(refused("on_wait_timeout", "STOP"), 400);
  EXPECT_EQ(refused("disposition", "FILE"), 400);
  EXPECT_EQ(refused("format", "CSV"), 400) << "only with links";
  EXPECT_EQ(refused("format", "XML"), 400);
  EXPECT_EQ(refused("row_limit", 0), 400);
  EXPECT_EQ(refused("query_tags", std::vector<int>(21, 0)), 400);
  EXPECT_EQ(refused("parameters", json::array({json::object({{"value", "x"}})})), 400);
  EXPECT_EQ(refused("statement", std::string((16U << 20U) + 1, ' ')), 400);
  EXPECT_EQ(probe.get(root + "/gone").status, 404);
  EXPECT_EQ(probe.post(root + "/gone/cancel", json::object()).status, 404);
  EXPECT_EQ(warehouse_state(), "STOPPED") << "nothing of this started it";
}

TEST_F(StatementsTest, UsingAWarehouseIsARight) {
  probe.region().get<Identity>().ensure_user("ana@contoso.example", false);
  probe.post("/sim/credentials",
             json::object({{"token", "t-ana"}, {"principal", "ana@contoso.example"}}));
  const auto give = [&](const char* level) {
    probe.use_token("dapi-simulated");
    const json entry =
        json::object({{"user_name", "ana@contoso.example"}, {"permission_level", level}});
    EXPECT_EQ(probe
                  .patch("/api/2.0/permissions/warehouses/" + warehouse,
                         json::object({{"access_control_list", json::array({entry})}}))
                  .status,
              200);
    probe.use_token("t-ana");
  };
  const json others = post("SELECT 1");
  probe.use_token("t-ana");
  EXPECT_EQ(code_of(probe.post(root, request("SELECT 1"))), "PERMISSION_DENIED");
  give("CAN_USE");
  EXPECT_EQ(state(post("SELECT 1")), "SUCCEEDED");
  EXPECT_EQ(probe.get(root + "/" + text_of(others, "statement_id")).status, 404);
}

TEST_F(StatementsTest, SchemaAndParametersComeWithTheRequest) {
  post("CREATE SCHEMA s");
  post("CREATE TABLE s.t (a INT)");
  post("USE s");
  EXPECT_EQ(state(post("DESCRIBE t")), "FAILED") << "there is no session";
  EXPECT_EQ(state(post("DESCRIBE t", json::object({{"schema", "s"}}))), "SUCCEEDED");
  EXPECT_EQ(state(post("DESCRIBE t", json::object({{"schema", "s"}, {"catalog", "main"}}))),
            "FAILED");
  json more = json::object();
  more["parameters"] =
      json::array({json::object({{"name", "t"}, {"value", "s.t"}}), json::object({{"name", "n"}})});
  EXPECT_EQ(state(post("DESCRIBE IDENTIFIER(:t)", more)), "SUCCEEDED");
  EXPECT_EQ(post("SELECT :t, :n AS x", more).at("result").at("data_array"),
            json::parse(R"([["s.t", null]])"));
}

TEST_F(StatementsTest, LargeResultsComeInChunks) {
  set(json::object({{"rows_per_chunk", 3}}));
  make_tables(7);
  const json made = post("SHOW TABLES IN default");
  EXPECT_EQ(made.at("manifest").at("total_chunk_count"), 3);
  EXPECT_EQ(made.at("manifest").at("chunks").at(2).at("row_count"), 1);
  json chunk = made.at("result");
  std::size_t rows = chunk.at("data_array").size();
  while (chunk.contains("next_chunk_index")) {
    const std::string link = text_of(chunk, "next_chunk_internal_link");
    EXPECT_EQ(link.find(root), 0U);
    chunk = body_of(probe.get(link));
    EXPECT_EQ(chunk.at("row_offset"), rows);
    rows += chunk.at("data_array").size();
  }
  EXPECT_EQ(rows, 7U);
  const std::string chunks = root + "/" + text_of(made, "statement_id") + "/result/chunks/";
  EXPECT_EQ(probe.get(chunks + "3").status, 400);
  EXPECT_EQ(probe.get(chunks + "x").status, 400);
  const json cut = post("SHOW TABLES", json::object({{"row_limit", 2}}));
  EXPECT_EQ(cut.at("manifest").at("truncated"), true);
  EXPECT_EQ(cut.at("manifest").at("total_row_count"), 2);
  EXPECT_EQ(post("SHOW TABLES", json::object({{"byte_limit", 60}})).at("manifest").at("truncated"),
            true);
}

TEST_F(StatementsTest, WhatIsTooLargeForTheAnswerFails) {
  set(json::object({{"inline_bytes", 50}}));
  make_tables(7);
  const json made = post("SHOW TABLES IN default");
  EXPECT_EQ(state(made), "FAILED");
  EXPECT_TRUE(text_of(made.at("status").at("error"), "message").starts_with("Inline byte limit"));
}

TEST_F(StatementsTest, LinksAreFollowedWithoutAToken) {
  set(json::object({{"rows_per_chunk", 3}}));
  make_tables(4);
  const json made = post("SHOW TABLES", json::object({{"disposition", "EXTERNAL_LINKS"}}));
  const json link = made.at("result").at("external_links").at(0);
  EXPECT_EQ(link.at("next_chunk_index"), 1);
  const std::string url = text_of(link, "external_link");
  const std::string path = url.substr(url.find("/sim/"), url.find('?') - url.find("/sim/"));
  EXPECT_EQ(probe.get(path).status, 400) << "with the token of the workspace";
  probe.use_token("");
  EXPECT_EQ(body_of(probe.get(path)).size(), 3U);
}

TEST_F(StatementsTest, CancellingMayHaveNoEffect) {
  const json first = post("CREATE SCHEMA one", at_once);
  const std::string cancel = root + "/" + text_of(first, "statement_id") + "/cancel";
  EXPECT_EQ(probe.post(cancel, json::object()).status, 200);
  EXPECT_EQ(state(read(first)), "CANCELED");
  set(json::object({{"cancel_works", false}}));
  const json second = post("CREATE SCHEMA two", at_once);
  probe.post(root + "/" + text_of(second, "statement_id") + "/cancel", json::object());
  probe.wait_millis(6000);
  EXPECT_EQ(state(read(second)), "SUCCEEDED");
  const std::string world = probe.get("/sim/world").body;
  EXPECT_EQ(world.find("one.db"), std::string::npos);
  EXPECT_NE(world.find("two.db"), std::string::npos);
}

TEST_F(StatementsTest, WhatIsDueHappensThoughNobodyAsks) {
  post("CREATE SCHEMA s", at_once);
  EXPECT_EQ(probe.get("/sim/world").body.find("s.db"), std::string::npos);
  probe.wait_millis(5400);
  EXPECT_NE(probe.get("/sim/world").body.find("s.db"), std::string::npos);
}

TEST_F(StatementsTest, StoppingTheWarehouseCancels) {
  const json made = post("CREATE SCHEMA s", at_once);
  probe.post("/api/2.0/sql/warehouses/" + warehouse + "/stop", json::object());
  EXPECT_EQ(state(read(made)), "CANCELED");
}

TEST_F(StatementsTest, ResultsDoNotStayForEver) {
  const json made = post("SELECT 1");
  probe.wait_millis(59 * 60'000);
  EXPECT_EQ(state(read(made)), "SUCCEEDED");
  probe.wait_millis(2 * 60'000);
  EXPECT_EQ(state(read(made)), "CLOSED");
  EXPECT_FALSE(read(made).contains("result"));
  probe.wait_millis(12 * 60 * 60'000LL);
  EXPECT_EQ(probe.get(root + "/" + text_of(made, "statement_id")).status, 404);
  set(json::object({{"execution_millis", 60 * 60'000}}));
  const json watched = post("CREATE SCHEMA watched", at_once);
  const json forgotten = post("CREATE SCHEMA forgotten", at_once);
  for (int i = 0; i < 7; ++i) {
    probe.wait_millis(10 * 60'000);
    read(watched);
  }
  EXPECT_EQ(state(read(watched)), "SUCCEEDED");
  EXPECT_EQ(state(read(forgotten)), "CANCELED") << "nobody asked for it for a quarter of an hour";
}

TEST_F(StatementsTest, TenRunAtATime) {
  post("SELECT 1");
  probe.wait_millis(6000);
  std::vector<json> made;
  for (int i = 0; i < 12; ++i) made.push_back(post("SELECT 1", at_once));
  EXPECT_EQ(state(made[9]), "RUNNING");
  EXPECT_EQ(state(made[10]), "PENDING");
  probe.wait_millis(400);
  EXPECT_EQ(state(read(made[9])), "SUCCEEDED");
  EXPECT_EQ(state(read(made[11])), "RUNNING");
}

TEST_F(StatementsTest, HistoryFindsAStatementWhoseAnswerWasLost) {
  post("SELECT 1 /* mark */");
  post("DESCRIBE nothing");
  const std::string history = "/api/2.0/sql/history/queries";
  const json all = body_of(probe.get(history));
  EXPECT_EQ(all.at("has_next_page"), false);
  ASSERT_EQ(all.at("res").size(), 2U);
  EXPECT_EQ(all.at("res").at(0).at("status"), "FAILED") << "newest first";
  EXPECT_EQ(all.at("res").at(1).at("query_text"), "SELECT 1 /* mark */");
  const json finished = body_of(
      probe.get(history + "?filter_by.statuses=FINISHED&filter_by.warehouse_ids=" + warehouse));
  EXPECT_EQ(finished.at("res").size(), 1U);
  const json page = body_of(probe.get(history + "?max_results=1"));
  EXPECT_EQ(page.at("has_next_page"), true);
  const json next = body_of(
      probe.get(history + "?page_token=" + http::percent_encode(text_of(page, "next_page_token"))));
  EXPECT_EQ(next.at("res").size(), 1U);
}

}  // namespace
}  // namespace twinlake::simulator
