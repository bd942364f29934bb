#include "simulator/commands/commands.h"

#include <gtest/gtest.h>

#include "simulator/commands/mounts.h"
#include "simulator/compute/compute.h"
#include "simulator/files/dbfs.h"
#include "simulator/probe.h"

namespace twinlake::simulator {
namespace {

const std::string contexts = "/api/1.2/contexts/";
const std::string commands = "/api/1.2/commands/";

std::string error_of(const http::Response& response) {
  const json body = body_of(response);
  return body.contains("error_code") ? "not the form of this API" : text_of(body, "error");
}

class CommandsTest : public testing::Test {
 protected:
  std::string cluster(const json& more = json::object()) {
    json body = json::object({{"cluster_name", "c"},
                              {"spark_version", "15.4.x-scala2.12"},
                              {"node_type_id", "Standard_DS3_v2"},
                              {"num_workers", 0}});
    body.update(more);
    return text_of(body_of(probe.post("/api/2.1/clusters/create", body)), "cluster_id");
  }
  std::string running(const json& more = json::object()) {
    const std::string id = cluster(more);
    probe.wait_millis(cluster_start_millis);
    return id;
  }
  http::Response create(const std::string& on, const std::string& language = "python") {
    return probe.post(contexts + "create",
                      json::object({{"clusterId", on}, {"language", language}}));
  }
  /// A context that is ready.
  void open(const std::string& language = "python") {
    if (cluster_id.empty()) cluster_id = running();
    context_id = text_of(body_of(create(cluster_id, language)), "id");
    ASSERT_NE(context_id, "");
    probe.wait_millis(1000);
  }
  http::Response execute(const std::string& command, const json& more = json::object()) {
    json body =
        json::object({{"clusterId", cluster_id}, {"contextId", context_id}, {"command", command}});
    body.update(more);
    return probe.post(commands + "execute", body);
  }
  std::string started(const std::string& command) {
    return text_of(body_of(execute(command)), "id");
  }
  json status(const std::string& id) {
    return body_of(probe.get(commands + "status?clusterId=" + cluster_id +
                             "&contextId=" + context_id + "&commandId=" + id));
  }
  std::string state(const std::string& id) { return text_of(status(id), "status"); }
  http::Response cancel(const std::string& id) {
    return probe.post(
        commands + "cancel",
        json::object({{"clusterId", cluster_id}, {"contextId", context_id}, {"commandId", id}}));
  }
  /// The results of a command that ends by itself.
  json results(const std::string& command) {
    const std::string id = started(command);
    probe.wait_millis(300);
    const json found = status(id);
    EXPECT_EQ(text_of(found, "status"), "Finished");
    return found.value("results", json::object());
  }
  std::string text(const std::string& command) {
    const json found = results(command);
    EXPECT_EQ(text_of(found, "resultType"), "text") << found;
    return text_of(found, "data");
  }
  Commands& service() { return probe.region().get<Commands>(); }

  Probe probe;
  std::string cluster_id, context_id;
};

TEST_F(CommandsTest, AContextBecomesReadyAndKeepsItsVariables) {
  cluster_id = running();
  const std::string id = text_of(body_of(create(cluster_id)), "id");
  const auto context_status = [&] {
    return text_of(
        body_of(probe.get(contexts + "status?clusterId=" + cluster_id + "&contextId=" + id)),
        "status");
  };
  EXPECT_EQ(context_status(), "Pending");
  context_id = id;
  const std::string early = started("x = 20");
  EXPECT_EQ(state(early), "Queued");
  probe.wait_millis(1000);
  EXPECT_EQ(context_status(), "Running");
  EXPECT_EQ(state(early), "Running");
  EXPECT_TRUE(status(early).at("results").is_null());
  const std::string second = started("x += 1");
  EXPECT_EQ(state(second), "Queued") << "one after the other";
  probe.wait_millis(300);
  EXPECT_EQ(state(early), "Finished");
  EXPECT_EQ(state(second), "Running");
  probe.wait_millis(300);
  EXPECT_EQ(text("print('x is', x)\nx * 2"), "x is 21\n42");
  EXPECT_EQ(text("y = 1"), "");
  ASSERT_EQ(
      probe.post(contexts + "destroy", json::object({{"clusterId", cluster_id}, {"contextId", id}}))
          .status,
      200);
  EXPECT_EQ(error_of(execute("x")), "ContextNotFound: " + id);
  open();
  EXPECT_EQ(text_of(results("x"), "resultType"), "error") << "another context, other variables";
}

TEST_F(CommandsTest, AFailureIsAnErrorInsideOfA200) {
  open();
  const json found = results("def f():\n  raise ValueError('<b>')\nf()");
  EXPECT_EQ(text_of(found, "resultType"), "error");
  EXPECT_NE(text_of(found, "summary").find("ValueError</span>: &lt;b&gt;"), std::string::npos);
  EXPECT_NE(text_of(found, "cause").find("line 2, in f"), std::string::npos);
  EXPECT_EQ(text_of(results("x = ("), "resultType"), "error") << "a mistake in the syntax";
  EXPECT_EQ(text("1"), "1") << "the context lives on";
  EXPECT_EQ(text_of(results("import sys; sys.exit(1)"), "resultType"), "error");
  const std::int64_t tenths = probe.now_micros() / 100000;
  EXPECT_EQ(text("import time\ntime.sleep(3600)\ntime.time()"),
            std::to_string(tenths / 10) + "." + std::to_string(tenths % 10))
      << "the region's time";
}

TEST_F(CommandsTest, AnInterpreterThatEndsIsAnErrorOfTheCommand) {
  open();
  const std::string id = started("import os\nos.kill(os.getpid(), 9)");
  probe.wait_millis(300);
  EXPECT_EQ(state(id), "Error");
  EXPECT_EQ(text("'new ' + 'one'"), "'new one'");
}

TEST_F(CommandsTest, LongOutputLosesItsMiddle) {
  open();
  service().settings().output_limit = 10;
  EXPECT_EQ(text("print('0123456789', end='')"), "0123456789");
  EXPECT_EQ(text("print('0123456789ABC', end='')"),
            "01234\n\n*** WARNING: skipped 3 bytes of output ***\n\n89ABC");
  service().settings().output_limit = 20971520;
  EXPECT_EQ(text("print('x' * 3000000)").size(), 3000000U);
}

TEST_F(CommandsTest, TheValueMayBeNumbered) {
  open();
  service().settings().numbered_values = true;
  EXPECT_EQ(text("1 + 1"), "Out[1]: 2");
}

TEST_F(CommandsTest, TheClusterMustRun) {
  cluster_id = cluster();
  const auto pending = create(cluster_id);
  EXPECT_EQ(pending.status, 400);
  EXPECT_EQ(error_of(pending),
            "ClusterNotReadyException: Cluster " + cluster_id + " is in unexpected state PENDING.");
  probe.wait_millis(cluster_start_millis);
  open();
  ASSERT_EQ(text("x = 1"), "");
  probe.post("/api/2.1/clusters/restart", json::object({{"cluster_id", cluster_id}}));
  EXPECT_NE(error_of(execute("x")).find("ClusterNotReadyException"), std::string::npos);
  probe.wait_millis(cluster_start_millis);
  EXPECT_EQ(error_of(execute("x")), "ContextNotFound: " + context_id)
      << "it ended with the session";
  open();
  probe.post("/api/2.1/clusters/delete", json::object({{"cluster_id", cluster_id}}));
  probe.wait_millis(cluster_stop_millis);
  service().settings().error_status = 500;
  EXPECT_EQ(execute("x").status, 500) << "no source says which";
  EXPECT_NE(error_of(execute("x")).find("TERMINATED"), std::string::npos);
  EXPECT_NE(error_of(create("gone")).find("ClusterNotFoundException"), std::string::npos);
}

TEST_F(CommandsTest, AClusterMayNeverComeUp) {
  const auto starts = [&](const char* how) {
    return probe.post("/sim/options", json::object({{"cluster_starts", how}})).status;
  };
  const auto get = [&] {
    return body_of(probe.get("/api/2.1/clusters/get?cluster_id=" + cluster_id));
  };
  ASSERT_EQ(starts("hang"), 200);
  cluster_id = cluster();
  probe.wait_millis(24LL * 3600 * 1000);
  EXPECT_EQ(text_of(get(), "state"), "PENDING");
  EXPECT_NE(error_of(create(cluster_id)).find("ClusterNotReadyException"), std::string::npos);
  ASSERT_EQ(starts("fail"), 200);
  cluster_id = running();
  EXPECT_EQ(text_of(get(), "state"), "TERMINATED");
  EXPECT_EQ(text_of(get().at("termination_reason"), "type"), "CLOUD_FAILURE");
  ASSERT_EQ(starts("succeed"), 200);
  probe.post("/api/2.1/clusters/start", json::object({{"cluster_id", cluster_id}}));
  probe.wait_millis(cluster_start_millis);
  EXPECT_EQ(text_of(get(), "state"), "RUNNING");
  EXPECT_EQ(starts("slowly"), 400);
}

TEST_F(CommandsTest, CommandsKeepAClusterFromIdling) {
  cluster_id = running(json::object({{"autotermination_minutes", 10}}));
  open();
  for (int i = 0; i < 3; ++i) {
    probe.wait_millis(6 * 60000);
    EXPECT_EQ(text("'here'"), "'here'");
  }
  probe.wait_millis(10 * 60000);
  EXPECT_NE(error_of(execute("1")).find("TERMINATED"), std::string::npos);
}

TEST_F(CommandsTest, ContextsAreCountedAndLimited) {
  cluster_id = running();
  for (int i = 0; i < 145; ++i) ASSERT_EQ(create(cluster_id).status, 200) << i;
  EXPECT_NE(error_of(create(cluster_id)).find("Too many execution contexts"), std::string::npos);
  EXPECT_EQ(create(running()).status, 200) << "of each cluster";
  const json world = probe.region().world();
  EXPECT_EQ(count_of(world, "command_contexts"), 2U);
  probe.post("/api/2.1/clusters/delete", json::object({{"cluster_id", cluster_id}}));
  EXPECT_EQ(count_of(probe.region().world(), "command_contexts"), 1U);
}

TEST_F(CommandsTest, WhoMayNotAttachIsRefused) {
  cluster_id = running();
  probe.post("/api/2.0/preview/scim/v2/Users", json::object({{"userName", "ana@contoso.example"}}));
  probe.post("/sim/credentials",
             json::object({{"token", "dapi-ana"}, {"principal", "ana@contoso.example"}}));
  const std::string of_admin = running(json::object({{"data_security_mode", "SINGLE_USER"}}));
  probe.use_token("dapi-ana");
  EXPECT_EQ(create(cluster_id).status, 403);
  EXPECT_NE(error_of(create(cluster_id)), "");
  probe.use_token("dapi-simulated");
  EXPECT_EQ(create(of_admin).status, 200);
  const std::string of_ana = running(json::object(
      {{"data_security_mode", "SINGLE_USER"}, {"single_user_name", "ana@contoso.example"}}));
  EXPECT_EQ(create(of_ana).status, 403) << "not even an admin";
}

TEST_F(CommandsTest, OtherLanguages) {
  EXPECT_NE(error_of(create(running(), "cobol")), "");
  open("scala");
  const std::string id = started("println(1)");
  probe.wait_millis(300);
  EXPECT_EQ(state(id), "Error");
  EXPECT_EQ(text_of(status(id).at("results"), "summary"), "This simulator does not run scala.");
  cluster_id = running(json::object({{"data_security_mode", "USER_ISOLATION"}}));
  EXPECT_NE(error_of(create(cluster_id, "scala")), "");
  EXPECT_EQ(create(cluster_id, "sql").status, 200);
}

TEST_F(CommandsTest, SqlGoesToTheEngineThatIsPluggedIn) {
  open("sql");
  std::string id = started("select 1");
  probe.wait_millis(300);
  EXPECT_EQ(state(id), "Error") << "none is";
  service().use_sql([](const std::string& caller, const std::string& statement) {
    SqlOutcome outcome;
    if (statement == "bad") {
      outcome.problem = "[PARSE_SYNTAX_ERROR]";
      return outcome;
    }
    outcome.columns = {{"who", "string"}, {"what", "string"}};
    outcome.rows.push_back(json::array({caller, statement}));
    return outcome;
  });
  const json found = results("select 1");
  EXPECT_EQ(text_of(found, "resultType"), "table");
  EXPECT_EQ(found.at("data"),
            json::array({json::array({"replicator@twinlake.example", "select 1"})}));
  EXPECT_EQ(found.at("schema")[1], json::object({{"name", "what"}, {"type", "string"}}));
  EXPECT_EQ(text_of(results("bad"), "summary"), "[PARSE_SYNTAX_ERROR]");
}

TEST_F(CommandsTest, WithoutPythonACommandSaysSo) {
  open();
  service().settings().python = "/no/such/python3";
  const std::string id = started("1");
  probe.wait_millis(300);
  EXPECT_EQ(state(id), "Error");
  const json found = status(id).at("results");
  EXPECT_EQ(text_of(found, "resultType"), "error");
  EXPECT_NE(text_of(found, "summary").find("/no/such/python3 cannot be started"),
            std::string::npos);
}

TEST_F(CommandsTest, ACommandIsCancelled) {
  open();
  const std::string done = started("1");
  probe.wait_millis(300);
  ASSERT_EQ(cancel(done).status, 200);
  EXPECT_EQ(state(done), "Finished") << "too late";
  const std::string first = started("1");
  const std::string second = started("open_me = 1");
  ASSERT_EQ(cancel(second).status, 200);
  EXPECT_EQ(state(second), "Cancelling");
  probe.wait_millis(300);
  EXPECT_EQ(state(first), "Finished");
  EXPECT_EQ(state(second), "Cancelled");
  EXPECT_TRUE(status(second).at("results").is_null());
  EXPECT_EQ(text_of(results("open_me"), "resultType"), "error") << "it was never run";
  EXPECT_EQ(error_of(cancel("gone")), "CommandNotFound: gone");
  EXPECT_EQ(text_of(status("gone"), "error"), "CommandNotFound: gone");
}

TEST_F(CommandsTest, EndlessCodeRunsUntilItIsCancelled) {
  open();
  service().settings().patience = std::chrono::milliseconds(1000);
  const std::string id = started("while True: pass");
  probe.wait_millis(3600 * 1000);
  EXPECT_EQ(state(id), "Running");
  const std::string next = started("'next'");
  EXPECT_EQ(state(next), "Queued");
  service().settings().patience = std::chrono::milliseconds(60'000);
  ASSERT_EQ(cancel(id).status, 200);
  probe.wait_millis(100);
  EXPECT_EQ(state(id), "Cancelled");
  EXPECT_EQ(state(next), "Running");
  probe.wait_millis(300);
  EXPECT_EQ(text_of(status(next).at("results"), "data"), "'next'");
}

}  // namespace
}  // namespace twinlake::simulator
