#include "simulator/warehouse/dashboards.h"

#include "simulator/files/tree.h"
#include "simulator/sql/objects.h"

namespace twinlake::simulator {

namespace {
constexpr const char* suffix = ".lvdash.json";

/// The service writes the document anew: pages get a type, and a line end follows.
std::string serialised_again(const std::string& text) {
  auto document = parse_object(text.empty() ? "{}" : text);
  if (!document) return text;
  if (const auto pages = document->find("pages"); pages != document->end() && pages->is_array())
    for (json& page : *pages)
      if (page.is_object()) fill(page, json::object({{"pageType", "PAGE_TYPE_CANVAS"}}));
  return document->dump() + "\n";
}

std::string path_of(const json& dashboard) {
  return Tree::canonical(text_of(dashboard, "parent_path") + "/" +
                         text_of(dashboard, "display_name") + suffix);
}
}  // namespace

Dashboards::Dashboards(Region& region)
    : Collection(region, {.kind = "dashboard",
                          .world_key = "dashboards",
                          .route = "/api/2.0/lakeview/dashboards",
                          .list_key = "dashboards",
                          .id_field = "dashboard_id",
                          .permission_type = "dashboards",
                          .not_in_list = {"etag", "parent_path", "path", "serialized_dashboard",
                                          "update_time"}}) {
  using http::Method;
  Router& router = region.router();
  add_get_route();
  router.add(Method::get, shape_.route, [this](Call& call) { return list_dashboards(call); });
  router.add(Method::post, shape_.route, [this](Call& call) { return create(call); });
  router.add(Method::patch, shape_.route + "/{id}", [this](Call& call) { return patch(call); });
  router.add(Method::del, shape_.route + "/{id}", [this](Call& call) { return trash(call); });
  add_published_routes();
  add_schedule_routes();
}

http::Response Dashboards::missing(const std::string& id) const {
  return absent("Unable to find dashboard [dashboardId=" + id + "]");
}

void Dashboards::touch(json& dashboard) {
  dashboard["update_time"] = instant(region_.now_millis());
  dashboard["etag"] = std::to_string(integer_of(dashboard, "etag").value_or(80611979) + 1);
  dashboard["serialized_dashboard"] = serialised_again(text_of(dashboard, "serialized_dashboard"));
}

json Dashboards::plant(const json& body, const std::string& creator) {
  json dashboard = body.is_object() ? body : json::object();
  fill(dashboard, json::object({{"lifecycle_state", "ACTIVE"},
                                {"create_time", instant(region_.now_millis())},
                                {"parent_path", home_of(creator)}}));
  dashboard["parent_path"] = Tree::canonical(text_of(dashboard, "parent_path"));
  dashboard["path"] = path_of(dashboard);
  touch(dashboard);
  json& added = add(std::move(dashboard), creator);
  TreeNode node;
  node.type = "DASHBOARD";
  node.resource_id = text_of(added, "dashboard_id");
  (void)region_.get<Tree>().plant(text_of(added, "path"),
                                  std::move(node));  // checked before, or a test's wish
  return shown(added);
}

http::Response Dashboards::create(Call& call) {
  if (text_of(call.body, "display_name").empty())
    return invalid("Missing required field: display_name");
  json dashboard = call.body;
  for (const char* key :
       {"dashboard_id", "create_time", "update_time", "path", "lifecycle_state", "etag"})
    dashboard.erase(key);
  if (text_of(dashboard, "parent_path").empty()) dashboard["parent_path"] = home_of(call.caller);
  if (auto refusal = check_parent(region_, text_of(dashboard, "parent_path"))) return *refusal;
  if (!parse_object(text_of(dashboard, "serialized_dashboard", "{}")))
    return invalid("serialized_dashboard is not valid JSON.");
  if (region_.get<Tree>().find(path_of(dashboard)) != nullptr)
    return error(400, "RESOURCE_ALREADY_EXISTS",
                 "Node named '" + text_of(dashboard, "display_name") + suffix + "' already exists");
  return answer(plant(dashboard, call.caller));
}

http::Response Dashboards::patch(Call& call) {
  const std::string& id = call.arguments.at("id");
  json* dashboard = find(id);
  if (dashboard == nullptr) return missing(id);
  if (const std::string etag = text_of(call.body, "etag");
      !etag.empty() && etag != text_of(*dashboard, "etag"))
    return error(409, "ABORTED", "The dashboard was changed in the meantime.");
  if (!parse_object(text_of(call.body, "serialized_dashboard", "{}")))
    return invalid("serialized_dashboard is not valid JSON.");
  json changed = *dashboard;
  for (const char* key : {"display_name", "warehouse_id", "serialized_dashboard"})
    if (call.body.contains(key)) changed[key] = call.body.at(key);
  changed["path"] = path_of(changed);
  auto& tree = region_.get<Tree>();
  if (changed.at("path") != dashboard->at("path")) {
    if (tree.find(text_of(changed, "path")) != nullptr)
      return error(400, "RESOURCE_ALREADY_EXISTS",
                   "Node '" + text_of(changed, "path") + "' already exists");
    TreeNode node = *tree.find(text_of(*dashboard, "path"));
    tree.uproot(text_of(*dashboard, "path"));
    (void)tree.plant(text_of(changed, "path"), std::move(node));
  }
  touch(changed);
  *dashboard = std::move(changed);
  return answer(shown(*dashboard));
}

/// To the trash: still readable, no longer published, and not to be deleted twice.
http::Response Dashboards::trash(Call& call) {
  const std::string& id = call.arguments.at("id");
  json* dashboard = find(id);
  if (dashboard == nullptr) return missing(id);
  if (text_of(*dashboard, "lifecycle_state") == "TRASHED")
    return error(403, "PERMISSION_DENIED", "The dashboard " + id + " is in the trash.");
  (*dashboard)["lifecycle_state"] = "TRASHED";
  extras_[id].published = nullptr;
  region_.get<Tree>().uproot(text_of(*dashboard, "path"));
  return done();
}

http::Response Dashboards::list_dashboards(Call& call) {
  Refusal refusal;
  const PageWish wish = page_wish(call, "page_size", shape_.page, shape_.largest_page, refusal);
  if (refusal) return *refusal;
  const bool trashed_too = call.query("show_trashed") == "true";
  const auto page = items_.page(wish, Shelf<json>::Order::oldest_first, [&](const json& item) {
    return trashed_too || text_of(item, "lifecycle_state") != "TRASHED";
  });
  json body = json::object();
  for (const json* item : page.items) {
    json row = *item;
    for (const std::string& name : shape_.not_in_list) row.erase(name);
    body["dashboards"].push_back(std::move(row));
  }
  if (!page.next.empty()) body["next_page_token"] = page.next;
  return answer(body);
}

json Dashboards::world() {
  json all = Collection::world();
  json schedules = json::array();
  for (const auto& [id, extras] : extras_)
    for (const Schedule* schedule : extras.schedules.all()) schedules.push_back(schedule->body);
  all["dashboard_schedules"] = std::move(schedules);
  return all;
}

LegacyDashboards::LegacyDashboards(Region& region)
    : Collection(region, {.kind = "legacy_dashboard",
                          .world_key = "legacy_dashboards",
                          .route = "/api/2.0/preview/sql/dashboards",
                          .list_key = "results",
                          .id_field = "id",
                          .permission_type = "dbsql-dashboards"}) {
  add_get_route();
  add_delete_route();
  region.router().add(http::Method::get, shape_.route,
                      [this](Call& call) { return list_numbered(call); });
  region.router().add(http::Method::post, shape_.route, [this](Call& call) {
    if (text_of(call.body, "name").empty()) return invalid("Missing required field: name");
    return answer(plant(call.body, call.caller));
  });
}

/// The old kind of pages: numbers from 1, and a total.
http::Response LegacyDashboards::list_numbered(Call& call) {
  const json asked =
      json::object({{"page", call.query("page", "1")}, {"size", call.query("page_size", "25")}});
  const auto number = integer_of(asked, "page").value_or(0);
  const auto size = integer_of(asked, "size").value_or(0);
  if (number < 1 || size < 1 || size > 250) return invalid("Invalid page or page_size.");
  const auto all = items_.all();
  const auto from = static_cast<std::size_t>((number - 1) * size);
  json body = json::object(
      {{"count", all.size()}, {"page", number}, {"page_size", size}, {"results", json::array()}});
  for (std::size_t at = from; at < all.size() && at < from + static_cast<std::size_t>(size); ++at)
    body["results"].push_back(*all[at]);
  return answer(body);
}

}  // namespace twinlake::simulator
