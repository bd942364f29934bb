#include "workspace/helper_cluster.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <nlohmann/json.hpp>

#include "base/json_path.h"
#include "http/pager.h"
#include "workspace/commands.h"
#include "workspace/workspace.h"

namespace twinlake::workspace {

using nlohmann::json;

namespace {

constexpr const char* clusters = "/api/2.1/clusters/";

Task<Result<std::vector<json>>> list(Workspace& side, std::string name, std::string items) {
  co_return co_await http::list_all(side.transport(), http::Request::get(clusters + name),
                                    http::PageStyle::none, std::move(items));
}

http::Request cluster_request(const char* name, const json& body, http::Repeat repeat) {
  return http::Request::send_json(http::Method::post, std::string(clusters) + name, to_text(body),
                                  http::Effect::executes, repeat);
}

bool is_usable(const json& type) {
  const json* states = find_at(type, "/node_info/status");
  const bool is_refused = states != nullptr && states->is_array() && !states->empty();
  return !is_refused && !type.value("is_deprecated", false) && type.value("num_gpus", 0) == 0 &&
         type.value("num_cores", 0.0) >= 4;
}

Task<Result<std::string>> smallest_node_type(Workspace& side) {
  CO_TRY(std::vector<json> types, co_await list(side, "list-node-types", "/node_types"));
  std::erase_if(types, [](const json& type) { return !is_usable(type); });
  const auto size = [](const json& type) {
    return std::pair(type.value("num_cores", 0.0), type.value("memory_mb", std::int64_t{0}));
  };
  const auto smallest =
      std::min_element(types.begin(), types.end(), [&](const json& a, const json& b) {
        return std::pair(size(a), text_at(a, "/node_type_id")) <
               std::pair(size(b), text_at(b, "/node_type_id"));
      });
  if (smallest == types.end())
    co_return fail(Fault::blocked, "the workspace offers no node type for a helper cluster",
                   "Name one as `helper_clusters: {node_type: ...}` in twinlake.yml");
  co_return text_at(*smallest, "/node_type_id");
}

/// "15.4.x-scala2.12" as 15, 4.
std::pair<int, int> version_of(const std::string& key) {
  std::pair<int, int> version{0, 0};
  const char* end = key.data() + key.size();
  const auto major = std::from_chars(key.data(), end, version.first);
  if (major.ptr < end) std::from_chars(major.ptr + 1, end, version.second);
  return version;
}

Task<Result<std::string>> newest_runtime(Workspace& side) {
  CO_TRY(std::vector<json> versions, co_await list(side, "spark-versions", "/versions"));
  static constexpr std::array<std::string_view, 5> special{"-ml", "-gpu", "photon", "aarch64",
                                                           "-hls"};
  std::erase_if(versions, [](const json& version) {
    const std::string key = text_at(version, "/key");
    return text_at(version, "/name").find("LTS") == std::string::npos ||
           std::ranges::any_of(
               special, [&](std::string_view part) { return key.find(part) != std::string::npos; });
  });
  const auto newest =
      std::max_element(versions.begin(), versions.end(), [](const json& a, const json& b) {
        return version_of(text_at(a, "/key")) < version_of(text_at(b, "/key"));
      });
  if (newest == versions.end())
    co_return fail(Fault::blocked, "the workspace offers no runtime for a helper cluster",
                   "Name one as `helper_clusters: {runtime: ...}` in twinlake.yml");
  co_return text_at(*newest, "/key");
}

/// One machine, gone by itself when we cannot delete it any more. Mounts cannot be made where users
/// are kept apart (facts, core 18).
json body_of(const HelperOptions& options) {
  json body = json::object();
  body["cluster_name"] = "twinlake helper of " + options.owner;
  body["spark_version"] = options.runtime;
  body["node_type_id"] = options.node_type;
  body["num_workers"] = 0;
  body["autotermination_minutes"] = 10;
  body["data_security_mode"] = "SINGLE_USER";
  body["spark_conf"]["spark.databricks.cluster.profile"] = "singleNode";
  body["spark_conf"]["spark.master"] = "local[*]";
  body["custom_tags"]["ResourceClass"] = "SingleNode";
  body["custom_tags"][helper_tag] = options.owner;
  return body;
}

Task<Result<json>> state_of(Workspace& side, std::string id) {
  http::Request request = http::Request::get(std::string(clusters) + "get");
  request.with_query("cluster_id", std::move(id));
  co_return co_await side.call(std::move(request));
}

Task<Result<void>> remove(Workspace& side, std::string id) {
  json body = json::object();
  body["cluster_id"] = std::move(id);
  auto gone = co_await side.call(cluster_request("permanent-delete", body, http::Repeat::safe));
  if (!gone && gone.error().fault != Fault::not_found) co_return fail(std::move(gone).error());
  co_return Result<void>{};
}

}  // namespace

HelperCluster::HelperCluster(Workspace& side, HelperOptions options, HelperJournal journal)
    : side_(side),
      options_(std::move(options)),
      journal_(std::move(journal)),
      turn_(side.loop(), 1),
      commands_(side.loop(), 4) {}

std::string describe(const HelperOptions& options) {
  if (!options.cluster_id.empty()) return "the cluster " + options.cluster_id;
  return options.node_type.empty() ? "a cluster of one small machine"
                                   : "a cluster of one " + options.node_type;
}

std::string cost_of(const HelperOptions& options) {
  return options.cluster_id.empty()
             ? "It costs a few minutes of one machine and is deleted afterwards"
             : "It must be running, and is neither started nor stopped";
}

Task<Result<std::string>> HelperCluster::run(std::string code, Micros deadline) {
  CO_TRY(std::string cluster, co_await ready());
  const auto permit = co_await commands_.acquire();
  co_return co_await run_python(side_, std::move(cluster), std::move(code), deadline);
}

Task<Result<std::string>> HelperCluster::ready() {
  const auto turn = co_await turn_.acquire();
  if (!cluster_) {
    auto started = co_await start();
    if (!started && started.error().hint.empty())
      started.error().hint =
          "Look at the cluster's event log, or name a running cluster as `helper_clusters` in "
          "twinlake.yml";
    cluster_.emplace(std::move(started));
  }
  co_return *cluster_;
}

Task<Result<std::string>> HelperCluster::start() {
  if (!options_.cluster_id.empty()) {
    CO_TRY(const json cluster, co_await state_of(side_, options_.cluster_id));
    if (text_at(cluster, "/state") == "RUNNING") co_return options_.cluster_id;
    co_return fail(Fault::blocked, "the cluster " + options_.cluster_id + " does not run",
                   "Start it, or let Twinlake make a small one: `helper_clusters` in twinlake.yml");
  }
  if (options_.node_type.empty()) {
    CO_TRY(options_.node_type, co_await smallest_node_type(side_));
  }
  if (options_.runtime.empty()) {
    CO_TRY(options_.runtime, co_await newest_runtime(side_));
  }
  journal_.starting();
  started_ = true;
  const json body = body_of(options_);
  CO_TRY(const json made, co_await side_.call(cluster_request("create", body, http::Repeat::unsafe)));
  std::string id = text_at(made, "/cluster_id");
  CO_CHECK(co_await wait_until_running(id));
  co_return id;
}

Task<Result<void>> HelperCluster::wait_until_running(std::string id) {
  const Time due = side_.loop().now() + options_.start_deadline;
  for (;;) {
    const auto cluster = co_await state_of(side_, id);
    const std::string state = cluster ? text_at(*cluster, "/state") : "";
    if (state == "RUNNING") co_return Result<void>{};
    // Right after it was made it may not be shown yet.
    const bool is_fatal = !cluster && cluster.error().fault != Fault::not_found;
    if (is_fatal) co_return fail(cluster.error());
    if (state == "TERMINATED" || state == "TERMINATING" || state == "ERROR") {
      const std::string why = text_at(*cluster, "/state_message");
      co_return fail(Fault::unavailable,
                     "the helper cluster did not start" + (why.empty() ? "" : ": " + why));
    }
    if (side_.loop().now() >= due)
      co_return fail(Fault::unavailable, "the helper cluster did not start in time");
    co_await side_.loop().sleep(std::chrono::seconds(5));
  }
}

Task<Result<void>> HelperCluster::close() {
  // One that nobody saw being made may be listed late.
  constexpr Micros settling = std::chrono::seconds(30);
  const bool is_doubtful = cluster_ && !*cluster_ && cluster_->error().fault == Fault::in_doubt;
  if (is_doubtful) co_await side_.loop().sleep(settling);
  http::Request request = http::Request::get(std::string(clusters) + "list");
  request.with_query("page_size", "100");
  CO_TRY(const std::vector<json> all, co_await http::list_all(side_.transport(), std::move(request),
                                                              http::PageStyle::token, "/clusters"));
  const std::string tag = std::string("/custom_tags/") + helper_tag;
  for (const json& cluster : all)
    if (find_at(cluster, tag) != nullptr && text_at(cluster, tag) == options_.owner)
      CO_CHECK(co_await remove(side_, text_at(cluster, "/cluster_id")));
  started_ = false;
  if (options_.cluster_id.empty()) cluster_.reset();  // whoever needs one later gets a new one
  journal_.gone();
  co_return Result<void>{};
}

}  // namespace twinlake::workspace
