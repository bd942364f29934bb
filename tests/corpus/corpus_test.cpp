// Real workspace content that nobody of this project wrote goes through the primary's own REST API,
// is synced, and comes out on the secondary: files byte for byte, definitions field for field.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "base/hash.h"
#include "base/json_path.h"
#include "support/estate.h"
#include "support/lab.h"

namespace twinlake::test {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

fs::path corpus() { return fs::path(TWINLAKE_SOURCE_DIR) / ".." / "shared" / "corpus"; }

std::string bytes_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// nullptr when the recorded answer itself is not JSON (one is not).
json json_of(const fs::path& path) { return json::parse(bytes_of(path), nullptr, false); }

struct Loaded {
  std::map<std::string, std::string> contents;  ///< path in the workspace -> bytes as imported
  std::map<std::string, std::string> formats;   ///< ... -> format that gives those bytes back
};

class CorpusTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(corpus())) GTEST_SKIP() << "the corpus folder is not here; skipped";
  }

  void import(const std::string& path, const std::string& format, const std::string& language, const std::string& bytes) {
    json body = {{"path", path}, {"format", format}, {"overwrite", true}, {"content", base64_encode(bytes)}};
    if (!language.empty()) body["language"] = language;
    lab.primary("POST", "/api/2.0/workspace/import", body);
    loaded.contents[path] = bytes;
    loaded.formats[path] = format;
  }

  /// Notebooks as notebooks, everything (notebooks too) as files beside them.
  void load_file(const fs::path& file) {
    const std::string relative = fs::relative(file, corpus()).string();
    const std::string folder = "/Shared/corpus/" + fs::path(relative).parent_path().string();
    lab.primary("POST", "/api/2.0/workspace/mkdirs", {{"path", "/Shared/files/" + fs::path(relative).parent_path().string()}});
    lab.primary("POST", "/api/2.0/workspace/mkdirs", {{"path", folder}});
    const std::string bytes = bytes_of(file);
    import("/Shared/files/" + relative, "RAW", "", bytes);
    const std::string stem = folder + "/" + file.stem().string();
    if (file.extension() == ".ipynb") {
      import(stem, "JUPYTER", "", bytes);
    } else if (bytes.starts_with("# Databricks notebook source")) {
      import(stem, "SOURCE", "PYTHON", bytes);
    }
  }

  void load_files() {
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(corpus()))
      if (entry.is_regular_file()) load_file(entry.path());
  }

  static std::string exported(Lab& at, bool primary, const std::string& path, const std::string& format) {
    const std::string request =
        "/api/2.0/workspace/export?format=" + format + "&path=" + http::percent_encode(path);
    return base64_decode(text_at(primary ? at.primary("GET", request) : at.secondary("GET", request), "/content"));
  }

  Lab lab;
  Loaded loaded;
};

TEST_F(CorpusTest, EveryFileAndNotebookComesOutByteForByte) {
  load_files();
  ASSERT_GE(loaded.contents.size(), 151U);
  const auto report = lab.sync();
  ASSERT_TRUE(report) << describe(report.error());
  EXPECT_EQ(report->outcome, "complete");
  for (const auto& [path, bytes] : loaded.contents) {
    const std::string format = loaded.formats[path] == "RAW" ? "AUTO" : loaded.formats[path];
    EXPECT_EQ(exported(lab, false, path, format), exported(lab, true, path, format)) << path;
    if (format != "SOURCE") {
      EXPECT_EQ(exported(lab, false, path, format), bytes) << path;
    }
  }
  EXPECT_EQ(lab.not_in_sync(), "");
  lab.reset_logs();
  ASSERT_TRUE(lab.sync());
  EXPECT_TRUE(lab.secondary_wire().log.writes.empty()) << "a second sync writes nothing";
}

/// Fields that the service makes; a client could not send them.
void without_server_fields(json& cluster) {
  for (const char* name :
       {"cluster_id", "creator_user_name", "cluster_source", "state", "state_message", "start_time", "terminated_time",
        "termination_reason", "last_restarted_time", "last_state_loss_time", "last_activity_time", "default_tags", "driver",
        "executors", "spark_context_id", "jdbc_port", "cluster_cores", "cluster_memory_mb", "cluster_log_status", "spec",
        "pinned_by_user_name", "disk_spec", "init_scripts_safe_mode",
        // Some answers come from another cloud. Azure has no such field, so it is not carried over.
        "aws_attributes"})
    cluster.erase(name);
}

/// The places in which two documents differ, told apart without any code of the product.
void differing(const json& a, const json& b, const std::string& place, std::set<std::string>& places) {
  if (a == b) return;
  if (a.is_object() && b.is_object()) {
    std::set<std::string> names;
    for (auto it = a.begin(); it != a.end(); ++it) names.insert(it.key());
    for (auto it = b.begin(); it != b.end(); ++it) names.insert(it.key());
    for (const std::string& name : names)
      differing(a.value(name, json()), b.value(name, json()), place + "/" + name, places);
  } else if (a.is_array() && b.is_array() && a.size() == b.size()) {
    for (std::size_t i = 0; i < a.size(); ++i) differing(a[i], b[i], place, places);
  } else {
    places.insert(place.substr(place.rfind('/') + 1));
  }
}

class DefinitionsTest : public CorpusTest {
 protected:
  void load_people() {
    for (const char* user : {"test@test.com", "user@domain.com"})
      lab.primary("POST", "/api/2.0/preview/scim/v2/Users", {{"userName", user}});
    lab.primary("POST", "/api/2.0/preview/scim/v2/ServicePrincipals",
                {{"applicationId", "c1b2a35b-87c4-481a-a0fb-0508be621957"}, {"displayName", "runner"}});
    for (const char* group : {"Automation", "Engineering"})
      lab.primary("POST", "/api/2.0/preview/scim/v2/Groups", {{"displayName", group}});
    for (const auto side : {&Lab::primary, &Lab::secondary})
      (lab.*side)("POST", "/api/2.0/secrets/scopes/create", {{"scope", "some-kv-scope"}});
  }

  std::string pool() {
    json body = json_of(corpus() / "api-responses" / "get-instance-pool1.json");
    for (const char* name : {"instance_pool_id", "default_tags", "state", "stats", "status"}) body.erase(name);
    return text_at(lab.primary("POST", "/api/2.0/instance-pools/create", body), "/instance_pool_id");
  }

  void policy(const std::string& pool_id) {
    json body = json_of(corpus() / "api-responses" / "get-cluster-policy.json");
    std::string definition = body["definition"];
    definition.replace(definition.find("\"pool1\""), 7, "\"" + pool_id + "\"");
    lab.primary("POST", "/api/2.0/policies/clusters/create",
                {{"name", body["name"]}, {"definition", definition}, {"libraries", body["libraries"]}});
  }

  std::string cluster(const fs::path& file) {
    json body = json_of(file);
    without_server_fields(body);
    body.erase("policy_id");
    return text_at(lab.primary("POST", "/api/2.1/clusters/create", body), "/cluster_id");
  }

  void clusters() {
    for (const char* name : {"get-cluster-test1-response", "get-cluster-test2-response", "get-cluster-awscluster-response"})
      cluster_ids.push_back(cluster(corpus() / "api-responses" / (std::string(name) + ".json")));
    for (const char* name : {"cluster.config", "cluster.governance", "cluster-config.default", "cluster-config.high-concurrency"})
      cluster_ids.push_back(cluster(corpus() / "definitions" / (std::string(name) + ".json")));
    json libraries = json::array();
    const json status = json_of(corpus() / "api-responses" / "libraries-cluster-status-test1.json");
    for (const json& entry : status["library_statuses"]) libraries.push_back(entry["library"]);
    lab.primary("POST", "/api/2.0/libraries/install", {{"cluster_id", cluster_ids.front()}, {"libraries", libraries}});
  }

  /// Ids of another workspace become ids of this one; nothing else of the recorded answer changes.
  void adapt(json& value, const std::string& pool_id, const json& child_id) {
    if (value.is_object()) {
      if (value.contains("existing_cluster_id")) value["existing_cluster_id"] = cluster_ids.front();
      if (value.contains("instance_pool_id")) value["instance_pool_id"] = pool_id;
      if (value.contains("run_job_task")) value["run_job_task"]["job_id"] = child_id;
      if (value.contains("policy_id")) value.erase("policy_id");
    }
    if (value.is_structured())
      for (json& child : value) adapt(child, pool_id, child_id);
  }

  json job(const fs::path& file, const std::string& pool_id, const json& child_id) {
    const json recorded = json_of(file);
    if (recorded.is_discarded()) return nullptr;
    json body = recorded.contains("settings") ? recorded["settings"] : recorded;
    adapt(body, pool_id, child_id);
    if (recorded.contains("run_as_user_name") && text_at(recorded, "/run_as_user_name").size() == 36)
      body["run_as"] = {{"service_principal_name", recorded["run_as_user_name"]}};
    const json made = lab.primary("POST", "/api/2.2/jobs/create", body);
    ++jobs;
    return made["job_id"];
  }

  void permissions(const json& job_id) {
    const json recorded = json_of(corpus() / "api-responses" / "get-job-permissions-14.json");
    json entries = json::array();
    for (const json& entry : recorded["access_control_list"]) {
      if (entry["all_permissions"][0].value("inherited", false)) continue;
      json sent = entry;
      sent.erase("all_permissions");
      sent["permission_level"] = entry["all_permissions"][0]["permission_level"];
      entries.push_back(sent);
    }
    lab.primary("PUT", "/api/2.0/permissions/jobs/" + job_id.dump(), {{"access_control_list", entries}});
  }

  std::vector<std::string> cluster_ids;
  std::size_t jobs = 0;
};

TEST_F(DefinitionsTest, RecordedDefinitionsComeOutFieldForField) {
  load_people();
  const std::string pool_id = pool();
  policy(pool_id);
  clusters();
  const fs::path answers = corpus() / "api-responses";
  const json child = job(answers / "run-job-child.json", pool_id, nullptr);
  job(answers / "run-job-main.json", pool_id, child);
  for (const int number : {12, 15, 16, 17}) job(answers / ("get-job-" + std::to_string(number) + ".json"), pool_id, child);
  permissions(job(answers / "get-job-14.json", pool_id, child));
  job(corpus() / "definitions" / "job.setup.config.json", pool_id, child);
  ASSERT_GE(jobs, 7U);

  const auto report = lab.sync();
  ASSERT_TRUE(report) << describe(report.error());
  EXPECT_EQ(report->outcome, "complete");
  EXPECT_EQ(lab.not_in_sync(), "");
  EXPECT_TRUE(live_triggers(lab.away()).empty());

  const json mine = lab.home().world();
  const json theirs = lab.away().world();
  const auto by_name = [](const json& list, const char* pointer) {
    std::map<std::string, json> found;
    for (const json& item : list) found[text_at(item, pointer)] = item;
    return found;
  };
  std::set<std::string> places;
  const auto my_jobs = by_name(mine["jobs"], "/settings/name");
  const auto their_jobs = by_name(theirs["jobs"], "/settings/name");
  ASSERT_EQ(my_jobs.size(), their_jobs.size());
  for (const auto& [name, item] : my_jobs) differing(item["settings"], their_jobs.at(name)["settings"], "", places);
  const std::set<std::string> allowed = {"existing_cluster_id", "instance_pool_id", "job_id", "pause_status",
                                         "run_as", "tags", "enabled", "queue", "service_principal_name", "user_name",
                                         "aws_attributes"};  // of another cloud, not carried over
  std::set<std::string> unexpected;
  std::set_difference(places.begin(), places.end(), allowed.begin(), allowed.end(), std::inserter(unexpected, unexpected.end()));
  EXPECT_TRUE(unexpected.empty()) << testing::PrintToString(unexpected);

  places.clear();
  const auto my_clusters = by_name(mine["clusters"], "/cluster_name");
  const auto their_clusters = by_name(theirs["clusters"], "/cluster_name");
  for (const auto& [name, item] : my_clusters) {
    json a = item;
    json b = their_clusters.at(name);
    for (json* side : {&a, &b}) {
      without_server_fields(*side);
      side->erase("custom_tags");
      side->erase("starts");
    }
    differing(a, b, "", places);
  }
  EXPECT_TRUE(places.empty()) << testing::PrintToString(places);
}

/// Bytes on DBFS, as a client would put them there.
void put_on_dbfs(Lab& lab, const std::string& path, const std::string& bytes) {
  constexpr std::size_t block = 1 << 20;
  const json handle = lab.primary("POST", "/api/2.0/dbfs/create", {{"path", path}, {"overwrite", true}});
  for (std::size_t at = 0; at < bytes.size(); at += block)
    lab.primary("POST", "/api/2.0/dbfs/add-block", {{"handle", handle["handle"]}, {"data", base64_encode(bytes.substr(at, block))}});
  lab.primary("POST", "/api/2.0/dbfs/close", {{"handle", handle["handle"]}});
}

std::string dbfs_of_secondary(Lab& lab, const std::string& path) {
  std::string bytes;
  while (true) {
    const json block = lab.secondary("GET", "/api/2.0/dbfs/read?length=1048576&path=" + http::percent_encode(path) +
                                                "&offset=" + std::to_string(bytes.size()));
    const std::string piece = base64_decode(text_at(block, "/data"));
    if (piece.empty()) return bytes;
    bytes += piece;
  }
}

TEST_F(CorpusTest, LibrariesScriptsAndSecretsComeWithTheJobThatNeedsThem) {
  std::map<std::string, std::string> files;
  for (const fs::directory_entry& entry : fs::directory_iterator(corpus() / "libraries"))
    if (entry.path().extension() == ".jar") files["/FileStore/jars/" + entry.path().filename().string()] = bytes_of(entry.path());
  files["/databricks/init/capture_log_metrics.sh"] = bytes_of(corpus() / "init-scripts" / "capture_log_metrics.sh");
  for (const auto& [path, bytes] : files) put_on_dbfs(lab, path, bytes);
  const fs::path answers = corpus() / "api-responses";
  for (const char* name : {"global-init-script-get1.json", "global-init-script-get2.json"}) {
    const json recorded = json_of(answers / name);
    lab.primary("POST", "/api/2.0/global-init-scripts",
                {{"name", recorded["name"]}, {"script", recorded["script"]}, {"enabled", recorded["enabled"]}});
  }
  lab.primary("POST", "/api/2.0/secrets/scopes/create", {{"scope", "some-scope"}});
  const json listed = json_of(answers / "secret-scopes-list-scope-response.json");
  const std::string key = text_at(listed, "/secrets/0/key");
  lab.primary("POST", "/api/2.0/secrets/put", {{"scope", "some-scope"}, {"key", key}, {"string_value", "invented"}});
  lab.primary("POST", "/api/2.0/preview/scim/v2/Users", {{"userName", "test@test.com"}});
  const json grants = json_of(answers / "secret-scopes-list-scope-acls-response.json");
  for (const json& entry : grants["items"])
    lab.primary("POST", "/api/2.0/secrets/acls/put",
                {{"scope", "some-scope"}, {"principal", entry["principal"]}, {"permission", entry["permission"]}});
  lab.primary("POST", "/api/2.0/workspace/mkdirs", {{"path", "/Shared/libs"}});
  const std::string wheel = "adlsaccess-1.0-py3-none-any.whl";
  import("/Shared/libs/" + wheel, "RAW", "", bytes_of(corpus() / "libraries" / wheel));
  import_notebook(lab, "/Shared/n", "# Databricks notebook source\n1");
  json job = job_body("with everything", "/Shared/n");
  json& cluster = job["tasks"][0]["new_cluster"];
  cluster["init_scripts"] = json::array({{{"dbfs", {{"destination", "dbfs:/databricks/init/capture_log_metrics.sh"}}}}});
  cluster["spark_env_vars"] = {{"KEY", "{{secrets/some-scope/" + key + "}}"}, {"LAKE", "abfss://raw@stweu.dfs.core.windows.net/"}};
  json libraries = json::array({{{"whl", "/Workspace/Shared/libs/" + wheel}}});
  for (const auto& [path, bytes] : files)
    if (path.ends_with(".jar")) libraries.push_back({{"jar", "dbfs:" + path}});
  job["tasks"][0]["libraries"] = libraries;
  lab.primary("POST", "/api/2.2/jobs/create", job);
  lab.rules.rewrite = [](const model::Kind&, json& definition, model::Way, const model::Recall&) {
    for (json* lake : {find_at(definition, "/tasks/0/new_cluster/spark_env_vars/LAKE")})
      if (lake != nullptr) *lake = "abfss://raw@stneu.dfs.core.windows.net/";
    return model::Rewritten();
  };

  const auto report = lab.sync();
  ASSERT_TRUE(report) << describe(report.error());
  EXPECT_EQ(report->outcome, "complete");
  EXPECT_EQ(lab.not_in_sync(), "");
  for (const auto& [path, bytes] : files) EXPECT_TRUE(dbfs_of_secondary(lab, path) == bytes) << path;
  const json jobs = lab.secondary("GET", "/api/2.2/jobs/list?expand_tasks=true");
  EXPECT_EQ(text_at(jobs, "/jobs/0/settings/tasks/0/new_cluster/spark_env_vars/LAKE"), "abfss://raw@stneu.dfs.core.windows.net/");
  // In the right order: the job, which names them, came after all of them.
  const std::vector<std::string>& writes = lab.secondary_wire().log.writes;
  const auto last = [&](const std::string& what) {
    return std::distance(std::find(writes.rbegin(), writes.rend(), what), writes.rend());
  };
  for (const char* before : {"POST /api/2.0/secrets/put", "POST /api/2.0/dbfs/put", "POST /api/2.0/workspace/import"})
    EXPECT_LT(last(before), last("POST /api/2.2/jobs/create")) << before;
}

}  // namespace
}  // namespace twinlake::test
