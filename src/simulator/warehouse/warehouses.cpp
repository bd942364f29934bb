#include "simulator/warehouse/warehouses.h"

#include <algorithm>
#include <array>

namespace twinlake::simulator {

namespace {
constexpr std::int64_t change_millis = 5000;
constexpr std::int64_t minute = 60000;
/// What only the simulator knows of a warehouse; no client sees it.
constexpr const char* hidden = "simulated";
constexpr std::array<std::string_view, 10> sizes{"2X-Small", "X-Small", "Small",    "Medium",
                                                 "Large",    "X-Large", "2X-Large", "3X-Large",
                                                 "4X-Large", "5X-Large"};

std::int64_t number(const json& body, std::string_view key, std::int64_t otherwise) {
  return integer_of(body, key).value_or(otherwise);
}
}  // namespace

Warehouses::Warehouses(Region& region)
    : Collection(region, {.kind = "warehouse",
                          .world_key = "warehouses",
                          .route = "/api/2.0/sql/warehouses",
                          .list_key = "warehouses",
                          .id_field = "id",
                          .permission_type = "warehouses"}) {
  using http::Method;
  Router& router = region.router();
  add_list_route();
  add_get_route();
  add_delete_route();
  const std::string& root = shape_.route;
  router.add(Method::post, root, [this](Call& call) { return create(call); });
  router.add(Method::post, root + "/{id}/edit", [this](Call& call) { return edit(call); });
  router.add(Method::post, root + "/{id}/start", [this](Call& call) { return start(call); });
  router.add(Method::post, root + "/{id}/stop", [this](Call& call) { return stop(call); });
  router.add(Method::get, "/api/2.0/preview/sql/data_sources",
             [this](Call&) { return data_sources(); });
  // Every new workspace has this one.
  plant(json::object({{"name", "Serverless Starter Warehouse"},
                      {"cluster_size", "Small"},
                      {"enable_serverless_compute", true},
                      {"warehouse_type", "PRO"},
                      {"auto_stop_mins", 10}}),
        region.options().admin);
}

Refusal Warehouses::check(const json& body, std::string_view own_id) const {
  const std::string name = text_of(body, "name");
  if (name.empty() || name.size() >= 100)
    return invalid("The warehouse name must have 1 to 99 characters.");
  for (const json* other : items_.all())
    if (text_of(*other, "name") == name && text_of(*other, "id") != own_id)
      return error(400, "RESOURCE_ALREADY_EXISTS",
                   "SQL warehouse with name `" + name + "` already exists.");
  const std::string size = text_of(body, "cluster_size");
  if (size.empty()) return invalid("Missing required field: cluster_size");
  if (std::find(sizes.begin(), sizes.end(), size) == sizes.end())
    return invalid(size + " is not a cluster_size of a SQL warehouse.");
  const auto least = number(body, "min_num_clusters", 1);
  const auto most = number(body, "max_num_clusters", least);
  if (least < 1 || least > 30 || most < least || most > 40)
    return invalid(
        "min_num_clusters must be 1 to 30, max_num_clusters at least that and at most 40.");
  const auto idle = number(body, "auto_stop_mins", 120);
  if (idle != 0 && idle < 10) return invalid("auto_stop_mins must be 0 or at least 10.");
  return std::nullopt;
}

json Warehouses::complete(json body, const std::string& creator) {
  fill(body, json::object({{"min_num_clusters", 1},
                           {"max_num_clusters", 1},
                           {"auto_stop_mins", 120},
                           {"enable_photon", true},
                           {"enable_serverless_compute", false},
                           {"warehouse_type", "CLASSIC"},
                           {"spot_instance_policy", "COST_OPTIMIZED"},
                           {"creator_name", creator}}));
  if (!body.contains("channel")) body["channel"] = json::object({{"name", "CHANNEL_NAME_CURRENT"}});
  if (!body.contains("tags")) body["tags"] = json::object();
  return body;
}

void Warehouses::enter(json& item, std::string_view state, std::string_view next) {
  item["state"] = state;
  item[hidden]["next"] = next;
  item[hidden]["due"] = region_.now_millis() + change_millis;
  if (state == "STARTING") item[hidden]["starts"] = number(item[hidden], "starts", 0) + 1;
}

void Warehouses::settle(json& item) {
  json& inside = item[hidden];
  const std::int64_t due = number(inside, "due", 0);
  if (const std::string next = text_of(inside, "next");
      !next.empty() && region_.now_millis() >= due) {
    item["state"] = next;
    inside["next"] = "";
  }
  const std::int64_t idle = number(item, "auto_stop_mins", 0) * minute;
  const std::int64_t idle_since = std::max(due, number(inside, "busy", 0));
  if (text_of(item, "state") == "RUNNING" && idle > 0 && region_.now_millis() >= idle_since + idle)
    item["state"] = "STOPPED";
}

json Warehouses::plant(const json& body, const std::string& creator) {
  json& item = add(complete(body.is_object() ? body : json::object(), creator), creator);
  fill(item, json::object({{"state", "STOPPED"}}));
  item[hidden]["data_source"] = region_.ids().uuid();
  return shown(item);
}

json Warehouses::shown(const json& item) {
  const std::string id = text_of(item, "id");
  json& kept = *find(id);
  settle(kept);
  json out = kept;
  out.erase(hidden);
  const std::string host =
      "adb-" + std::to_string(region_.options().workspace_id) + ".1.azuredatabricks.net";
  out["num_clusters"] = text_of(out, "state") == "RUNNING" ? 1 : 0;
  out["num_active_sessions"] = 0;
  out["health"] = json::object({{"status", "HEALTHY"}});
  out["jdbc_url"] = "jdbc:spark://" + host + ":443/default;httpPath=/sql/1.0/warehouses/" + id;
  out["odbc_params"] = json::object({{"hostname", host},
                                     {"path", "/sql/1.0/warehouses/" + id},
                                     {"port", 443},
                                     {"protocol", "https"}});
  return out;
}

http::Response Warehouses::create(Call& call) {
  if (auto refusal = check(call.body, "")) return *refusal;
  json body = call.body;
  body.erase("id");
  json& item = add(complete(std::move(body), call.caller), call.caller);
  item[hidden]["data_source"] = region_.ids().uuid();
  enter(item, "STARTING", "RUNNING");  // there is no "create stopped"
  return answer(json::object({{"id", item.at("id")}}));
}

http::Response Warehouses::edit(Call& call) {
  const std::string& id = call.arguments.at("id");
  json* item = find(id);
  if (item == nullptr) return missing(id);
  settle(*item);
  json edited = *item;
  for (const auto& [key, value] : call.body.items())
    if (key != "id" && key != "state" && key != hidden) edited[key] = value;
  if (auto refusal = check(edited, id)) return *refusal;
  *item = std::move(edited);
  enter(*item, "STARTING", "RUNNING");  // an edit (re)starts it, also when it was stopped
  return done();
}

http::Response Warehouses::start(Call& call) {
  const std::string& id = call.arguments.at("id");
  json* item = find(id);
  if (item == nullptr) return missing(id);
  settle(*item);
  if (text_of(*item, "state") != "RUNNING") enter(*item, "STARTING", "RUNNING");
  return done();
}

http::Response Warehouses::stop(Call& call) {
  const std::string& id = call.arguments.at("id");
  json* item = find(id);
  if (item == nullptr) return missing(id);
  settle(*item);
  if (when_stopped_) when_stopped_(id);
  if (text_of(*item, "state") != "STOPPED") enter(*item, "STOPPING", "STOPPED");
  return done();
}

std::int64_t Warehouses::wake(const std::string& id, std::int64_t start_millis) {
  json& item = *find(id);
  settle(item);
  const std::string state = text_of(item, "state");
  if (state == "RUNNING") return region_.now_millis();
  if (state != "STARTING") {
    enter(item, "STARTING", "RUNNING");
    item[hidden]["due"] = region_.now_millis() + start_millis;
  }
  return number(item[hidden], "due", 0);
}

void Warehouses::busy_until(const std::string& id, std::int64_t millis) {
  json* item = find(id);
  if (item == nullptr) return;
  json& inside = (*item)[hidden];
  inside["busy"] = std::max(number(inside, "busy", 0), millis);
}

/// The legacy id of a warehouse, which is not the warehouse's id.
http::Response Warehouses::data_sources() {
  json all = json::array();
  for (const json* item : items_.all())
    all.push_back(json::object({{"id", item->at(hidden).at("data_source")},
                                {"name", item->at("name")},
                                {"warehouse_id", item->at("id")},
                                {"type", "databricks_internal"},
                                {"syntax", "sql"}}));
  return answer(all);
}

}  // namespace twinlake::simulator
