// One job with everything that it stands on: an init script on DBFS, a wheel in the workspace, a secret
// in its environment and storage that is mounted. It arrives whole, after what it needs, and speaks of
// its own region.
#include <gtest/gtest.h>

#include <algorithm>

#include "base/hash.h"
#include "base/json_path.h"
#include "simulator/faults.h"
#include "support/estate.h"
#include "support/lab.h"

namespace twinlake::test {
namespace {

using nlohmann::json;

/// Storage accounts of the primary's region are those of the secondary's.
void to_other_region(const model::Kind&, json& definition) {
  std::string text = definition.dump();
  for (std::size_t at = text.find("stweu"); at != std::string::npos; at = text.find("stweu", at)) text.replace(at, 5, "stneu");
  definition = json::parse(text);
}

constexpr const char* wheel = "/Shared/libs/core-1.7.0-py3-none-any.whl";
constexpr const char* init_script = "/databricks/scripts/set up.sh";
constexpr const char* notebook = "/Shared/etl/load";
constexpr const char* runner = "3f2c9d0e-1b7a-4d55-9c1a-5a7be0f1d2ab";

json mount_of_the_lake() {
  json item = json::object();
  item["mount_point"] = "/mnt/raw";
  item["source"] = "abfss://raw@stweu.dfs.core.windows.net/";
  item["configs"] = {{"fs.azure.account.auth.type", "OAuth"},
                     {"fs.azure.account.oauth.provider.type", "org.apache.hadoop.fs.azurebfs.oauth2.ClientCredsTokenProvider"},
                     {"fs.azure.account.oauth2.client.id", "11111111-2222-3333-4444-555555555555"},
                     {"fs.azure.account.oauth2.client.secret", "{{secrets/lake/client}}"},
                     {"fs.azure.account.oauth2.client.endpoint", "https://login.microsoftonline.com/t/oauth2/token"}};
  return item;
}

json cluster_of_the_job() {
  return {{"spark_version", "15.4.x-scala2.12"},
          {"node_type_id", "Standard_DS3_v2"},
          {"num_workers", 2},
          {"spark_conf", {{"fs.azure.account.key.stweu.dfs.core.windows.net", "{{secrets/lake/client}}"}}},
          {"spark_env_vars", {{"LAKE_KEY", "{{secrets/lake/client}}"}, {"LAKE", "https://stweu.dfs.core.windows.net"}}},
          {"init_scripts", json::array({{{"dbfs", {{"destination", std::string("dbfs:") + init_script}}}}})}};
}

json settings_of_the_job() {
  json task = {{"task_key", "load"},
               {"job_cluster_key", "main"},
               {"notebook_task",
                {{"notebook_path", notebook},
                 {"source", "WORKSPACE"},
                 {"base_parameters", {{"from", "/mnt/raw/orders"}, {"to", "abfss://silver@stweu.dfs.core.windows.net/orders"}}}}},
               {"libraries", json::array({{{"whl", std::string("/Workspace") + wheel}}})}};
  return {{"name", "orders every night"},
          {"run_as", {{"service_principal_name", runner}}},
          {"tasks", json::array({task})},
          {"job_clusters", json::array({{{"job_cluster_key", "main"}, {"new_cluster", cluster_of_the_job()}}})},
          {"schedule", {{"quartz_cron_expression", "0 0 2 * * ?"}, {"timezone_id", "Europe/Amsterdam"}, {"pause_status", "UNPAUSED"}}}};
}

class WholeJob : public testing::Test {
 protected:
  WholeJob() {
    lab.primary("POST", "/api/2.0/secrets/scopes/create", {{"scope", "lake"}});
    lab.primary("POST", "/api/2.0/secrets/put", {{"scope", "lake"}, {"key", "client"}, {"string_value", "of the lake"}});
    lab.primary("POST", "/api/2.0/dbfs/put", {{"path", init_script}, {"contents", base64_encode("#!/bin/sh\napt-get install -y jq\n")}});
    lab.primary("POST", "/api/2.0/workspace/mkdirs", {{"path", "/Shared/libs"}});
    lab.primary("POST", "/api/2.0/workspace/mkdirs", {{"path", "/Shared/etl"}});
    lab.primary("POST", "/api/2.0/workspace/import", {{"path", wheel}, {"format", "RAW"}, {"content", base64_encode("PK\x03\x04 wheel")}});
    import_notebook(lab, notebook, "# Databricks notebook source\nprint('orders')\n");
    lab.primary("POST", "/api/2.0/preview/scim/v2/ServicePrincipals", {{"applicationId", runner}, {"displayName", "etl"}});
    job_id = text_at(lab.primary("POST", "/api/2.2/jobs/create", settings_of_the_job()), "/job_id");
    lab.rules.rewrite = rewritten_by(to_other_region);
    lab.rules.observe.kinds = {"mount"};
    lab.rules.observe.secondary = workspace::HelperOptions{};
    lab.rules.observe.declared["mount"].push_back(mount_of_the_lake());
    lab.secondary_wire().on_write = [this](const http::Request& request) { writes.push_back(told_of(request)); };
  }

  /// "POST /api/2.0/secrets/put lake/client": what a write is about.
  static std::string told_of(const http::Request& request) {
    std::string text = std::string(http::name_of(request.method)) + " " + request.path;
    const json body = json::parse(request.body, nullptr, false);
    for (const char* place : {"/path", "/scope", "/key", "/name"})
      if (const std::string value = body.is_object() ? text_at(body, place) : ""; !value.empty()) text += " " + value;
    if (request.path.ends_with("commands/execute") && text_at(body, "/command").find("wanted = ") != std::string::npos) text += " mount";
    for (const auto& [name, value] : request.query)
      if (name == "path") text += " " + value;
    return text;
  }
  /// The place among the writes of the only one that begins and ends so.
  std::size_t place_of(const std::string& start, const std::string& end = "") {
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < writes.size(); ++i)
      if (writes[i].starts_with(start) && writes[i].ends_with(end)) found.push_back(i);
    EXPECT_EQ(found.size(), 1U) << start << " ... " << end << ": " << json(writes).dump(1);
    return found.empty() ? writes.size() : found.front();
  }
  json job_there() {
    const json listed = lab.secondary("GET", "/api/2.2/jobs/list");
    return lab.secondary("GET", "/api/2.2/jobs/get?job_id=" + text_at(listed, "/jobs/0/job_id"));
  }

  Lab lab;
  std::string job_id;
  std::vector<std::string> writes;
};

TEST_F(WholeJob, ArrivesCompleteAndSpeaksOfItsOwnRegion) {
  const auto report = lab.sync();
  ASSERT_TRUE(report);
  ASSERT_EQ(report->outcome, "complete") << told(report);
  EXPECT_EQ(lab.not_in_sync(), "");

  json expected = lab.primary("GET", "/api/2.2/jobs/get?job_id=" + job_id).at("settings");
  EXPECT_EQ(text_at(expected, "/schedule/pause_status"), "UNPAUSED") << "the primary is as it was";
  EXPECT_EQ(text_at(expected, "/run_as/service_principal_name"), runner);
  const json there = job_there().at("settings");
  to_other_region(model::Kind(), expected);
  expected["schedule"]["pause_status"] = "PAUSED";
  expected["tags"] = {{"twinlake_group", "main"}, {"twinlake_uuid", text_at(there, "/tags/twinlake_uuid")}};
  EXPECT_EQ(there.dump(1), expected.dump(1));

  // What was asked for on the primary, in the words of the other region.
  const json* cluster = find_at(there, "/job_clusters/0/new_cluster");
  ASSERT_NE(cluster, nullptr);
  EXPECT_EQ(cluster->at("spark_env_vars"),
            (json{{"LAKE_KEY", "{{secrets/lake/client}}"}, {"LAKE", "https://stneu.dfs.core.windows.net"}}));
  EXPECT_EQ(cluster->at("spark_conf"), (json{{"fs.azure.account.key.stneu.dfs.core.windows.net", "{{secrets/lake/client}}"}}));
  EXPECT_EQ(text_at(there, "/tasks/0/libraries/0/whl"), std::string("/Workspace") + wheel);
  EXPECT_EQ(there.dump().find("stweu"), std::string::npos) << "nothing of the primary's region is left";
}

TEST_F(WholeJob, ArrivesAfterWhatItStandsOn) {
  ASSERT_TRUE(lab.sync());
  const std::size_t job = place_of("POST /api/2.2/jobs/create");
  const std::size_t scope = place_of("POST /api/2.0/secrets/scopes/create");
  const std::size_t secret = place_of("POST /api/2.0/secrets/put");
  const std::size_t mount = place_of("POST /api/1.2/commands/execute", "mount");
  EXPECT_LT(scope, secret);
  EXPECT_LT(secret, mount) << "the mount is made with it";
  EXPECT_LT(secret, job);
  EXPECT_LT(place_of("POST /api/2.0/preview/scim/v2/ServicePrincipals"), job);
  EXPECT_LT(place_of("POST /api/2.0/dbfs/put", init_script), job);
  EXPECT_LT(place_of("POST /api/2.0/workspace/import", wheel), job);
  EXPECT_LT(place_of("POST /api/2.0/workspace/import", notebook), job);
}

TEST_F(WholeJob, FindsWhatItStandsOnByteForByte) {
  ASSERT_TRUE(lab.sync());
  const auto bytes = [&](const std::string& request, const char* place) {
    return base64_decode(text_at(lab.secondary("GET", request), place));
  };
  EXPECT_EQ(bytes("/api/2.0/dbfs/read?path=" + http::percent_encode(init_script), "/data"), "#!/bin/sh\napt-get install -y jq\n");
  EXPECT_EQ(bytes(std::string("/api/2.0/workspace/export?format=AUTO&path=") + wheel, "/content"), "PK\x03\x04 wheel");
  EXPECT_EQ(bytes("/api/2.0/secrets/get?scope=lake&key=client", "/value"), "of the lake");
  const json world = lab.away().world();
  ASSERT_EQ(world.at("mounts").size(), 1U);
  EXPECT_EQ(text_at(world, "/mounts/0/source"), "abfss://raw@stneu.dfs.core.windows.net/");
  EXPECT_EQ(running_compute(lab.away()), std::vector<std::string>{});
  EXPECT_EQ(live_triggers(lab.away()), std::vector<std::string>{});
}

/// The script cannot be written: the job that needs it waits, and everything else is done.
TEST_F(WholeJob, WaitsForWhatCannotBeWritten) {
  simulator::FaultRule rule;
  rule.path = "/api/2.0/dbfs/put";
  rule.times = 0;
  rule.status = 400;
  rule.error_code = "INVALID_PARAMETER_VALUE";
  lab.away().faults().add(rule);
  const auto report = lab.sync();
  ASSERT_TRUE(report);
  EXPECT_EQ(report->outcome, "partial");
  EXPECT_NE(told(report).find("job:\"orders every night\""), std::string::npos) << told(report);
  EXPECT_FALSE(lab.secondary("GET", "/api/2.2/jobs/list").contains("jobs"));
  EXPECT_EQ(base64_decode(text_at(lab.secondary("GET", "/api/2.0/secrets/get?scope=lake&key=client"), "/value")), "of the lake");
  lab.away().faults().clear();
  EXPECT_EQ(lab.sync()->outcome, "complete");
  EXPECT_EQ(lab.not_in_sync(), "");
}

}  // namespace
}  // namespace twinlake::test
