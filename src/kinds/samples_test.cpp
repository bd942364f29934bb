// Bodies as real workspaces send them: the canonical form is stable, and what is sent from it
// compares equal to what was read.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/json_path.h"
#include "kinds/test_rows.h"
#include "model/canonical.h"

namespace twinlake::kinds {
namespace {

using model::Kind;
using nlohmann::json;

model::CanonicalContext known_everywhere() {
  model::CanonicalContext context;
  context.uuid_of = [](std::string_view kind, const std::string& id) {
    return std::optional(std::string(kind) + " " + id);
  };
  context.uuid_by_key = context.uuid_of;
  return context;
}

json canonical_of(std::string_view kind, const json& item) {
  return *model::canonical(kind_named(kind), item, known_everywhere()).form;
}

struct Sample {
  const char* kind;
  const char* item;
};

// Field names are real, values invented (facts, core 31).
const Sample samples[] =
    {
        {"hive_schema",
         R"({"type":"schema","name":"hive_metastore.finance","comment":"As it comes","properties":{"steward":"finance"},"location":"abfss://lake@stweu.dfs.core.windows.net/hive/finance","grants":[{"principal":"analysts","action":"USAGE"}]})"},
        {"hive_table",
         R"({"type":"table","name":"hive_metastore.finance.orders","schema":"hive_metastore.finance","provider":"delta","columns":[{"name":"id","type":"BIGINT"}],"properties":{"delta.minReaderVersion":"1"},"mounted":"/mnt/lake/orders","grants":[]})"},
        {"hive_table",
         R"({"type":"table","name":"hive_metastore.finance.lines","schema":"hive_metastore.finance","provider":"parquet","columns":[{"name":"id","type":"BIGINT","not_null":true},{"name":"day","type":"STRING"}],"partitioned_by":["day"],"partitions":{"count":2,"digest":"0123456789abcdef"},"placed_partitions":[{"values":"`day` = '1'","location":"abfss://old@stweu.dfs.core.windows.net/1"}],"location":"abfss://lake@stweu.dfs.core.windows.net/lines","options":{"compression":"snappy"},"grants":[]})"},
        {"hive_view",
         R"({"type":"view","name":"hive_metastore.finance.open","schema":"hive_metastore.finance","in_schema":"finance","text":"SELECT id FROM orders","columns":[{"name":"id","comment":"a number"}],"reads":["hive_metastore.finance.orders"],"grants":[]})"},
        {"hive_function",
         R"({"type":"function","name":"hive_metastore.finance.mask","schema":"hive_metastore.finance","class":"example.Mask","resources":[{"type":"JAR","path":"dbfs:/FileStore/jars/mask.jar"}],"grants":[]})"},
        {"user",
         R"({"id":"4401","userName":"ana@contoso.com","displayName":"Ana Ruiz","name":{"givenName":"Ana","familyName":"Ruiz"},
      "active":true,"emails":[{"type":"work","value":"ana@contoso.com","primary":true}],"entitlements":[{"value":"workspace-access"}],
      "groups":[{"display":"data-eng","type":"direct","value":"810012345678901","$ref":"Groups/810012345678901"}]})"},
        {"service_principal",
         R"({"id":"5501","applicationId":"3f2c9d0e-1b7a-4d55-9c1a-5a7be0f1d2aa","displayName":"etl-sp","active":true,
      "entitlements":[{"value":"databricks-sql-access"}],"groups":[]})"},
        {"group",
         R"({"id":"810012345678901","displayName":"data-eng","meta":{"resourceType":"WorkspaceGroup"},
      "members":[{"value":"4401","display":"Ana Ruiz","$ref":"Users/4401"}],"entitlements":[{"value":"allow-cluster-create"}],
      "schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"]})"},
        {"cluster_policy",
         R"({"policy_id":"E0631F5C0D0006D6","name":"team-policy","definition":"{\"instance_pool_id\":{\"type\":\"fixed\",\"value\":\"0101-120000-brick1-pool-ABCD1234\",\"hidden\":true},\"autoscale.max_workers\":{\"type\":\"range\",\"maxValue\":8,\"defaultValue\":2}}","max_clusters_per_user":3,"libraries":[{"whl":"/Workspace/Shared/libs/core-1.0-py3-none-any.whl"}],"is_default":false,"creator_user_name":"ana@contoso.com","created_at_timestamp":1700000000000})"},
        {"cluster_policy",
         R"({"policy_id":"000F957411FD8AA0","name":"Personal Compute","policy_family_id":"personal-vm","policy_family_definition_overrides":"{\"autotermination_minutes\":{\"type\":\"fixed\",\"value\":60}}","definition":"{}","is_default":true})"},
        {"instance_pool",
         R"({"instance_pool_id":"0101-120000-brick1-pool-ABCD1234","instance_pool_name":"ds3-pool","node_type_id":"Standard_DS3_v2","min_idle_instances":2,"max_capacity":20,"idle_instance_autotermination_minutes":30,"enable_elastic_disk":true,"preloaded_spark_versions":["15.4.x-scala2.12"],"azure_attributes":{"availability":"ON_DEMAND_AZURE","spot_bid_max_price":-1.0},"custom_tags":{"team":"core","twinlake_uuid":"u"},"default_tags":{"Vendor":"Databricks"},"state":"ACTIVE","stats":{"used_count":0},"status":{}})"},
        {"cluster",
         R"({"cluster_id":"0412-091500-abcd123","cluster_name":"shared-analytics","cluster_source":"UI","creator_user_name":"ana@contoso.com","state":"TERMINATED","pinned_by_user_name":"661448457191611",
      "spark_version":"15.4.x-scala2.12","node_type_id":"Standard_DS3_v2","driver_node_type_id":"Standard_DS3_v2","autoscale":{"min_workers":1,"max_workers":4},"autotermination_minutes":60,
      "azure_attributes":{"availability":"SPOT_WITH_FALLBACK_AZURE","first_on_demand":1,"spot_bid_max_price":-1.0},"enable_elastic_disk":true,"policy_id":"E0631F5C0D0006D6","data_security_mode":"USER_ISOLATION",
      "spark_conf":{"fs.azure.account.key.stsrc.dfs.core.windows.net":"{{secrets/kv-src/stsrc-key}}"},"default_tags":{"Vendor":"Databricks"},"terminated_time":1717344000000})"},
        {"warehouse",
         R"({"id":"9f31c2aa07d45e10","name":"finance-bi","cluster_size":"Small","min_num_clusters":1,"max_num_clusters":3,
      "auto_stop_mins":15,"creator_name":"dana@contoso.com","enable_photon":true,"enable_serverless_compute":true,
      "warehouse_type":"PRO","spot_instance_policy":"COST_OPTIMIZED","channel":{"name":"CHANNEL_NAME_CURRENT"},
      "tags":{"custom_tags":[{"key":"cc","value":"4711"}]},"num_clusters":0,"num_active_sessions":0,"state":"STOPPED",
      "jdbc_url":"jdbc:spark://adb-111.1.azuredatabricks.net:443/default","health":{"status":"HEALTHY"},
      "odbc_params":{"hostname":"adb-111.1.azuredatabricks.net","path":"/sql/1.0/warehouses/9f31c2aa07d45e10","port":443,"protocol":"https"}})"},
        {"pipeline",
         R"({"pipeline_id":"3f9f1a2e-71c5-4b42-8f0e-6d8b4d1c0a77","name":"orders-bronze","state":"IDLE","last_modified":1753850412345,
      "creator_user_name":"dana@contoso.com","run_as_user_name":"3b6b1f0e-aaaa-bbbb-cccc-0123456789ab",
      "run_as":{"service_principal_name":"3b6b1f0e-aaaa-bbbb-cccc-0123456789ab"},"effective_publishing_mode":"DEFAULT_PUBLISHING_MODE",
      "spec":{"id":"3f9f1a2e-71c5-4b42-8f0e-6d8b4d1c0a77","name":"orders-bronze","catalog":"main","schema":"bronze","channel":"CURRENT",
      "edition":"ADVANCED","continuous":true,"development":false,"photon":true,"serverless":false,
      "clusters":[{"label":"default","policy_id":"0011AABBCC","instance_pool_id":"0815-pool-abc","autoscale":{"min_workers":1,"max_workers":4,"mode":"ENHANCED"}}],
      "libraries":[{"glob":{"include":"/Workspace/Shared/orders/**"}}],"root_path":"/Workspace/Shared/orders",
      "configuration":{"input.path":"abfss://raw@stprimary.dfs.core.windows.net/orders"},
      "notifications":[{"alerts":["on-update-failure"],"email_recipients":["oncall@contoso.com"]}]},
      "latest_updates":[{"update_id":"a1","state":"COMPLETED","creation_time":"2026-08-20T03:00:00.000Z"}]})"},
        {"job",
         R"({"job_id":1072315523148394,"created_time":1717340400000,"creator_user_name":"ana@contoso.com","run_as_user_name":"3f2c9d0e-1b7a-4d55-9c1a-5a7be0f1d2aa",
      "settings":{"name":"nightly-load","format":"MULTI_TASK","max_concurrent_runs":1,"timeout_seconds":0,"queue":{"enabled":true},
      "schedule":{"quartz_cron_expression":"0 15 2 ? * *","timezone_id":"UTC","pause_status":"UNPAUSED"},"email_notifications":{"on_failure":["ops@contoso.com"]},
      "webhook_notifications":{"on_failure":[{"id":"0481e838-0a59-4eff-9541-a4ca6f149574"}]},"tags":{"team":"core"},"parameters":[{"name":"env","default":"prod"}],
      "job_clusters":[{"job_cluster_key":"main","new_cluster":{"spark_version":"15.4.x-scala2.12","node_type_id":"Standard_DS3_v2","num_workers":2,"policy_id":"E0631F5C0D0006D6"}}],
      "tasks":[{"task_key":"ingest","job_cluster_key":"main","run_if":"ALL_SUCCESS","notebook_task":{"notebook_path":"/Shared/etl/ingest","source":"WORKSPACE"},"timeout_seconds":0,"email_notifications":{}},
               {"task_key":"publish","depends_on":[{"task_key":"ingest"}],"run_job_task":{"job_id":884211}}]}})"},
        {"notebook",
         R"({"object_type":"NOTEBOOK","path":"/Shared/load","object_id":30810276,"language":"SQL","created_at":1704103200000,"modified_at":1717340400000,"resource_id":"30810276"})"},
        {"file",
         R"({"object_type":"FILE","path":"/Shared/lib/util.py","object_id":30810291,"size":2184,"created_at":1704103200000,"modified_at":1704103200000})"},
        {"directory",
         R"({"object_type":"DIRECTORY","path":"/Shared/etl","object_id":4451965692354143,"resource_id":"4451965692354143"})"},
        {"cluster_library",
         R"({"cluster_id":"0412-091500-abcd123","library_statuses":[{"library":{"pypi":{"package":"simplejson==3.19.2"}},"status":"INSTALLED","is_library_for_all_clusters":false},{"library":{"whl":"/Volumes/main/libs/w/core.whl"},"status":"FAILED","messages":["Library resolution failed"],"is_library_for_all_clusters":false}]})"},
        {"permissions",
         R"({"object_id":"/jobs/14","object_type":"job","access_control_list":[{"user_name":"Ana@contoso.com","display_name":"Ana Ruiz","all_permissions":[{"permission_level":"IS_OWNER","inherited":false}]},{"group_name":"admins","all_permissions":[{"permission_level":"CAN_MANAGE","inherited":true,"inherited_from_object":["/jobs/"]}]}]})"},
};

void expect_stable(const std::string& name, std::string_view kind, const json& item) {
  const json form = canonical_of(kind, item);
  json again = form;
  model::normalise(kind_named(kind), again);
  EXPECT_EQ(again, form) << name << " changes when it is tidied twice";
}

/// What would be sent to a side where everything has the same id, read again.
void expect_round_trip(const std::string& name, std::string_view kind, const json& item) {
  const Kind& row = kind_named(kind);
  const json form = canonical_of(kind, item);
  model::TargetContext target;
  target.group = "g";
  target.uuid = "u";
  target.id_of = [](const std::string& uuid, bool& is_number) {
    is_number = uuid.starts_with("job ");
    return std::optional(uuid.substr(uuid.find(' ') + 1));
  };
  const auto body = model::target_form(row, form, target);
  ASSERT_TRUE(body) << name;
  json sent = json::object();
  if (row.definition_at.empty()) {
    sent = *body;
  } else {
    sent[json::json_pointer(std::string(row.definition_at))] = *body;
  }
  EXPECT_EQ(canonical_of(kind, sent), form) << name;
}

TEST(Samples, FormIsStable) {
  for (const Sample& sample : samples)
    expect_stable(sample.item, sample.kind, json::parse(sample.item));
}

TEST(Samples, WhatIsSentComparesEqual) {
  for (const Sample& sample : samples) {
    const std::string kind = sample.kind;
    if (kind == "cluster_library" || kind == "permissions")
      continue;  // the answer has another shape
    expect_round_trip(sample.item, kind, json::parse(sample.item));
  }
}

json first_of(std::string_view kind) {
  const auto found = std::find_if(std::begin(samples), std::end(samples),
                                  [&](const Sample& sample) { return kind == sample.kind; });
  return json::parse(found->item);
}

TEST(Samples, ReferencesBecomeUuids) {
  const json job = canonical_of("job", first_of("job"));
  EXPECT_EQ(text_at(job, "/job_clusters/0/new_cluster/policy_id/$ref"),
            "cluster_policy E0631F5C0D0006D6");
  EXPECT_EQ(text_at(job, "/tasks/1/run_job_task/job_id/$ref"), "job 884211");
  EXPECT_EQ(text_at(job, "/webhook_notifications/on_failure/0/id/$ref"),
            "notification_destination 0481e838-0a59-4eff-9541-a4ca6f149574");
  EXPECT_EQ(text_at(job, "/run_as/service_principal_name"), "3f2c9d0e-1b7a-4d55-9c1a-5a7be0f1d2aa");
  const json policy = canonical_of("cluster_policy", first_of("cluster_policy"));
  EXPECT_EQ(text_at(policy, "/definition/instance_pool_id/value/$ref"),
            "instance_pool 0101-120000-brick1-pool-ABCD1234");
}

/// Answers of real workspaces, by what their file's name begins with.
constexpr std::pair<std::string_view, std::string_view> recorded[] = {
    {"get-cluster-policy.json", "cluster_policy"},
    {"get-instance-pool1.json", "instance_pool"},
    {"get-cluster-test", "cluster"},
    {"get-cluster-awscluster-response", "cluster"},
    {"get-job-1", "job"},
    {"run-job-", "job"},
    {"libraries-cluster-status", "cluster_library"}};

std::string_view kind_of_file(const std::string& name) {
  if (name.find("permissions") != std::string::npos) return "permissions";
  for (const auto& [start, kind] : recorded)
    if (name.starts_with(start)) return kind;
  return {};
}

TEST(Samples, RecordedAnswersAreStableAndComeBack) {
  const std::filesystem::path folder =
      std::filesystem::path(TWINLAKE_SOURCE_DIR) / "../shared/corpus/api-responses";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "the corpus is not here: " << folder;
  int tried = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    const std::string_view kind = kind_of_file(name);
    if (kind.empty()) continue;
    std::ifstream stream(entry.path());
    // One of the recordings was edited by hand and is no JSON any more.
    const json item = json::parse(stream, nullptr, false);
    if (item.is_discarded()) continue;
    expect_stable(name, kind, item);
    if (kind != "permissions" && kind != "cluster_library") expect_round_trip(name, kind, item);
    ++tried;
  }
  EXPECT_GE(tried, 20);
}

}  // namespace
}  // namespace twinlake::kinds
