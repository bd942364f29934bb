#include "simulator/compute/pools.h"

#include "simulator/compute/policies.h"
#include "simulator/identity/identity.h"
#include "simulator/identity/permissions.h"

namespace twinlake::simulator {

namespace {
constexpr std::int64_t default_idle_minutes = 60;
constexpr const char* words[] = {"brick", "ocean", "maple", "cedar", "delta", "amber"};

http::Response no_pool(const std::string& id) {
  return absent("Can't find an instance pool with ID: " + id + ".");
}
/// What an edit may say; everything else of a pool is fixed when it is made.
constexpr const char* editable[] = {"instance_pool_name",
                                    "min_idle_instances",
                                    "max_capacity",
                                    "idle_instance_autotermination_minutes",
                                    "custom_tags",
                                    "remote_disk_throughput",
                                    "total_initial_remote_disk_size"};
}  // namespace

std::string id_stamp(std::int64_t millis) {
  const std::string text = instant(millis);  // 2026-04-12T09:15:00.000Z
  return text.substr(5, 2) + text.substr(8, 2) + "-" + text.substr(11, 2) + text.substr(14, 2) +
         text.substr(17, 2);
}

Pools::Pools(Region& region) : region_(region) {
  using http::Method;
  Router& router = region.router();
  const std::string root = "/api/2.0/instance-pools/";
  router.add(Method::post, root + "create", [this](Call& call) { return create(call); });
  router.add(Method::post, root + "edit", [this](Call& call) { return edit(call); });
  router.add(Method::post, root + "delete", [this](Call& call) { return remove(call); });
  router.add(Method::get, root + "get", [this](Call& call) { return get(call); });
  router.add(Method::get, root + "list", [this](Call&) { return list(); });
  region.get<Permissions>().register_type("instance-pools",
                                          [this](const std::string& id) { return exists(id); });
}

Refusal Pools::check(const json& body, std::string_view own_id) const {
  const std::string name = text_of(body, "instance_pool_name");
  if (name.empty() || name.size() > 100)
    return invalid("The instance pool name must have 1 to 100 characters.");
  if (text_of(body, "node_type_id").empty()) return invalid("Missing required field: node_type_id");
  for (const json* other : pools_.all())
    if (text_of(*other, "instance_pool_name") == name &&
        text_of(*other, "instance_pool_id") != own_id)
      return invalid("An instance pool with the name '" + name + "' already exists.");
  const auto idle = integer_of(body, "min_idle_instances");
  const auto most = integer_of(body, "max_capacity");
  if (idle && most && *idle > *most)
    return invalid("min_idle_instances (" + std::to_string(*idle) +
                   ") cannot be larger than max_capacity (" + std::to_string(*most) + ").");
  if (count_of(body, "custom_tags") > tag_limit)
    return invalid("At most 45 custom tags are allowed.");
  if (count_of(body, "preloaded_spark_versions") > 1)
    return invalid("At most one preloaded Spark version is allowed.");
  return std::nullopt;
}

http::Response Pools::create(Call& call) {
  if (auto refusal = check(call.body, "")) return *refusal;
  Ids& ids = region_.ids();
  const std::string id = id_stamp(region_.now_millis()) + "-" + words[ids.digits(1)[0] % 6] +
                         ids.digits(2) + "-pool-" + ids.upper_hex(8);
  json pool = call.body;
  pool["instance_pool_id"] = id;
  pool["state"] = "ACTIVE";
  const auto* creator = region_.get<Identity>().find_any(call.caller);
  pool["default_tags"] =
      json::object({{"Vendor", "Databricks"},
                    {"DatabricksInstancePoolCreatorId", creator == nullptr ? "0" : creator->id},
                    {"DatabricksInstancePoolId", id}});
  fill(pool, json::object({{"min_idle_instances", 0},
                           {"idle_instance_autotermination_minutes", default_idle_minutes},
                           {"enable_elastic_disk", true}}));
  json& azure = pool["azure_attributes"];
  if (!azure.is_object()) azure = json::object();
  fill(azure, json::object({{"availability", "ON_DEMAND_AZURE"}, {"spot_bid_max_price", -1.0}}));
  pools_.add(id, std::move(pool));
  region_.get<Permissions>().created("instance-pools", id, call.caller);
  return answer(json::object({{"instance_pool_id", id}}));
}

http::Response Pools::edit(Call& call) {
  const std::string id = text_of(call.body, "instance_pool_id");
  json* pool = pools_.find(id);
  if (pool == nullptr) return no_pool(id);
  if (auto refusal = check(call.body, id)) return *refusal;
  if (text_of(call.body, "node_type_id") != text_of(*pool, "node_type_id"))
    return invalid("The node type of an instance pool cannot be changed.");
  for (const char* key : editable) {
    pool->erase(key);  // what is left out goes back to its default
    if (call.body.contains(key)) (*pool)[key] = call.body.at(key);
  }
  fill(*pool, json::object({{"min_idle_instances", 0},
                            {"idle_instance_autotermination_minutes", default_idle_minutes}}));
  return done();  // a JSON object without members: the old command line parses every answer
}

http::Response Pools::remove(Call& call) {
  const std::string id = text_of(call.body, "instance_pool_id");
  if (!exists(id)) return no_pool(id);
  pools_.erase(id);
  region_.get<Permissions>().removed("instance-pools", id);
  return done();
}

json Pools::shown(const json& pool) {
  json out = pool;
  // All four counters are always there. Idle machines run, and cost, as long as the pool stands.
  out["stats"] = json::object({{"used_count", 0},
                               {"idle_count", integer_of(pool, "min_idle_instances").value_or(0)},
                               {"pending_used_count", 0},
                               {"pending_idle_count", 0}});
  out["status"] = json::object();
  if (const auto images = out.find("preloaded_docker_images");
      images != out.end() && images->is_array())
    for (json& image : *images)  // a password goes in but never out
      if (field(image, "basic_auth") != nullptr) image["basic_auth"].erase("password");
  return out;
}

http::Response Pools::get(Call& call) const {
  const std::string id = call.query("instance_pool_id");
  const json* pool = pools_.find(id);
  return pool == nullptr ? no_pool(id) : answer(shown(*pool));
}

http::Response Pools::list() const {
  json body = json::object();
  for (const json* pool : pools_.all()) body["instance_pools"].push_back(shown(*pool));
  return answer(body);
}

json Pools::world() const {
  json all = json::array();
  for (const json* pool : pools_.all()) all.push_back(shown(*pool));
  return json::object({{"instance_pools", std::move(all)}});
}

}  // namespace twinlake::simulator
