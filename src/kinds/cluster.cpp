#include <algorithm>
#include <array>

#include "kinds/audit_events.h"
#include "kinds/calls.h"
#include "kinds/compute_fields.h"
#include "workspace/helper_cluster.h"

namespace twinlake::kinds::cluster {

using namespace model;
using nlohmann::json;

namespace {

/// `spec` is what a person asked for, without the server's defaults. A few things stand beside it
/// only.
json shape(const json& item) {
  const json* spec = find_at(item, "/spec");
  const bool has_spec = spec != nullptr && spec->is_object() && !spec->empty();
  json cluster = has_spec ? *spec : item;
  if (has_spec)
    for (const char* field : {"cluster_name", "autotermination_minutes", "single_user_name"})
      if (!cluster.contains(field) && item.contains(field)) cluster[field] = item.at(field);
  // 0 means never, and is left out of some answers; missing, a default could take its place.
  cluster.emplace("autotermination_minutes", 0);
  compute::tidy(cluster);
  return cluster;
}

/// Clusters that other services, or we, made for themselves come and go with those.
bool is_foreign(const json& item) {
  if (find_at(item, std::string("/custom_tags/") + workspace::helper_tag) != nullptr) return true;
  const std::string source = text_at(item, "/cluster_source");
  if (!source.empty()) return source != "UI" && source != "API";
  const std::string name = text_at(item, "/cluster_name");
  static constexpr std::array<std::string_view, 2> services{"mlflow-model-", "dlt-execution-"};
  if (std::any_of(services.begin(), services.end(),
                  [&](std::string_view start) { return name.starts_with(start); }))
    return true;
  // "job-12-run-3-main"
  if (!name.starts_with("job-")) return false;
  const std::size_t after = name.find_first_not_of("0123456789", 4);
  return after > 4 && after != std::string::npos && name.compare(after, 5, "-run-") == 0;
}

Task<Result<bool>> is_on_the_move(workspace::Workspace& side, std::string id) {
  http::Request request = http::Request::get("/api/2.1/clusters/get");
  request.with_query("cluster_id", id);
  CO_TRY(const json cluster, co_await side.call(std::move(request)));
  static constexpr std::array<std::string_view, 4> moving{"PENDING", "RESTARTING", "RESIZING",
                                                          "TERMINATING"};
  const std::string state = text_at(cluster, "/state");
  co_return std::find(moving.begin(), moving.end(), state) != moving.end();
}

/// A cluster can be edited while it runs or is terminated, not on the way from one to the other.
Task<Result<std::string>> edit(Write write) {
  constexpr int polls = 60;
  constexpr Micros pause = std::chrono::seconds(10);
  std::string id = write.id;
  for (int poll = 1;; ++poll) {
    auto done = co_await write.to->call(
        workspace::request_of(*write.kind, write.kind->update, id, write.definition.get()));
    if (done) co_return id;
    if (done.error().service_code != "INVALID_STATE" || poll == polls)
      co_return fail(std::move(done).error());
    const auto moving = co_await is_on_the_move(*write.to, id);
    if (!moving || !*moving) co_return fail(std::move(done).error());
    co_await write.to->loop().sleep(pause);
  }
}

/// A pinned cluster cannot be deleted. Unpinning one that is not pinned does nothing.
Task<Result<void>> remove(Write write) {
  json body = json::object();
  body["cluster_id"] = write.id;
  CO_CHECK(
      co_await write.to->call(repeatable(http::Method::post, "/api/2.1/clusters/unpin", body)));
  CO_CHECK(co_await write.to->call(
      repeatable(http::Method::post, "/api/2.1/clusters/permanent-delete", body)));
  co_return Result<void>{};
}

constexpr std::string_view down[] = {"TERMINATED"};
constexpr std::string_view going_down[] = {"TERMINATING"};
constexpr std::string_view stopped[] = {"TERMINATED", "TERMINATING"};

constexpr AuditEvent told_by[] = {acl_event("clusters", "changeClusterAcl")};

constexpr Kind kind{
    .name = "cluster",
    .plural = "clusters",
    .about = "all-purpose clusters; on the standby terminated as soon as they are made",
    .list = {.endpoint = {.path = "/api/2.1/clusters/list", .query = "page_size=100"},
             .items = "/clusters",
             .pages = PageStyle::token},
    .detail = Detail::definition,
    .read = {.path = "/api/2.1/clusters/get", .query = "cluster_id={id}"},
    .id_at = "/cluster_id",
    .key_at = "/cluster_name",
    .key_is_unique = false,
    .shape = shape,
    .strip = compute::strip,
    .defaults = compute::defaults,
    .references = compute::references,
    .sensitive = compute::sensitive,
    .settings = compute::settings,
    .region_bound = compute::region_bound,
    .tags_at = "/custom_tags",
    .create = {.method = Method::post,
               .path = "/api/2.1/clusters/create",
               .effect = Effect::writes,
               .repeat = Repeat::unsafe},
    .update = {.method = Method::post,
               .path = "/api/2.1/clusters/edit",
               .effect = Effect::writes,
               .body_id = "/cluster_id"},
    .remove = {.method = Method::post,
               .path = "/api/2.1/clusters/permanent-delete",
               .effect = Effect::writes,
               .body_id = "/cluster_id"},
    .created_id_at = "/cluster_id",
    .update_verb = edit,
    .remove_verb = remove,
    .follow_up = {.endpoint = {.method = Method::post,
                               .path = "/api/2.1/clusters/delete",
                               .effect = Effect::writes,
                               .body_id = "/cluster_id"},
                  .why = "a created cluster starts by itself and would cost",
                  .state_at = "/state",
                  .good_states = stopped},
    .start = {.endpoint = {.method = Method::post,
                           .path = "/api/2.1/clusters/start",
                           .effect = Effect::executes,
                           .body_id = "/cluster_id"},
              .state_at = "/state",
              .down = down,
              .going_down = going_down},
    .permission_type = "clusters",
    .told_by = told_by,
    .is_foreign = is_foreign,
};

}  // namespace

const Kind& cluster_kind() { return kind; }

}  // namespace twinlake::kinds::cluster
