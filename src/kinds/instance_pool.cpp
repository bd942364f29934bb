#include "kinds/audit_events.h"
#include "kinds/calls.h"
#include "kinds/compute_fields.h"

namespace twinlake::kinds::instance_pool {

using namespace model;
using nlohmann::json;

namespace {

/// An edit takes these only; the rest of a pool is fixed when it is made.
Task<Result<std::string>> edit(Write write) {
  json body = json::object();
  for (const char* field : {"instance_pool_name", "node_type_id", "min_idle_instances",
                            "max_capacity", "idle_instance_autotermination_minutes", "custom_tags"})
    if (const auto found = write.definition->find(field); found != write.definition->end())
      body[field] = *found;
  std::string id = write.id;
  CO_CHECK(
      co_await write.to->call(workspace::request_of(*write.kind, write.kind->update, id, &body)));
  co_return id;
}

constexpr std::string_view strip[] = {"/instance_pool_id",
                                      "/default_tags",
                                      "/state",
                                      "/stats",
                                      "/status",
                                      "/aws_attributes",
                                      "/gcp_attributes",
                                      "/preloaded_docker_images/*/basic_auth/password"};
constexpr Default defaults[] = {
    {"/min_idle_instances", "0"},
    {"/idle_instance_autotermination_minutes", "60"},
    {"/enable_elastic_disk", "true"},
    {"/azure_attributes/availability", "\"ON_DEMAND_AZURE\""},
    {"/azure_attributes/spot_bid_max_price", "-1"},
};
constexpr Hold holds[] = {
    {.path = "/min_idle_instances", .held = "0", .absent = "0", .starts = false}};
constexpr Reference references[] = {
    compute::machine("/node_type_id"),
    compute::machine("/node_type_flexibility/alternate_node_type_ids/*"),
};
constexpr std::string_view sensitive[] = {"/preloaded_docker_images/*/basic_auth"};
constexpr std::string_view immutable[] = {"/node_type_id",
                                          "/enable_elastic_disk",
                                          "/azure_attributes",
                                          "/disk_spec",
                                          "/preloaded_spark_versions",
                                          "/preloaded_docker_images",
                                          "/node_type_flexibility"};

constexpr AuditEvent told_by[] = {acl_event("instancePools", "changeInstancePoolAcl")};

constexpr Kind kind{
    .name = "instance_pool",
    .plural = "instance pools",
    .about = "machines kept ready; the standby keeps none idle",
    .list = {.endpoint = {.path = "/api/2.0/instance-pools/list"}, .items = "/instance_pools"},
    .id_at = "/instance_pool_id",
    .key_at = "/instance_pool_name",
    .strip = strip,
    .defaults = defaults,
    .references = references,
    .holds = holds,
    .sensitive = sensitive,
    .settings = compute::settings,
    .immutable = immutable,
    .tags_at = "/custom_tags",
    .create = {.method = Method::post,
               .path = "/api/2.0/instance-pools/create",
               .effect = Effect::writes,
               .repeat = Repeat::unsafe},
    .update = {.method = Method::post,
               .path = "/api/2.0/instance-pools/edit",
               .effect = Effect::writes,
               .body_id = "/instance_pool_id"},
    .remove = {.method = Method::post,
               .path = "/api/2.0/instance-pools/delete",
               .effect = Effect::writes,
               .body_id = "/instance_pool_id"},
    .created_id_at = "/instance_pool_id",
    .update_verb = edit,
    .permission_type = "instance-pools",
    .told_by = told_by,
};

}  // namespace

const Kind& instance_pool_kind() { return kind; }

}  // namespace twinlake::kinds::instance_pool
