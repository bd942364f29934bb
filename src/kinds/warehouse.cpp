#include "kinds/audit_events.h"
#include "kinds/calls.h"

namespace twinlake::kinds::warehouse {

using namespace model;
using nlohmann::json;

namespace {

/// What an edit does not say is kept, so everything is said, what the service would fill in too.
void say_defaults(json& warehouse) {
  static const json defaults = {{"min_num_clusters", 1},        {"max_num_clusters", 1},
                                {"auto_stop_mins", 120},        {"enable_photon", true},
                                {"enable_serverless_compute", false}, {"warehouse_type", "CLASSIC"},
                                {"spot_instance_policy", "COST_OPTIMIZED"}};
  for (auto value = defaults.begin(); value != defaults.end(); ++value) {
    const std::string now = text_at(warehouse, "/" + value.key());
    if (now.empty() || now == "TYPE_UNSPECIFIED" || now == "POLICY_UNSPECIFIED") warehouse[value.key()] = value.value();
  }
  const std::string channel = text_at(warehouse, "/channel/name");
  if (channel.empty() || channel == "CHANNEL_NAME_UNSPECIFIED") warehouse["channel"]["name"] = "CHANNEL_NAME_CURRENT";
}

/// Tags are a list of pairs; as an object they compare without an order. The name is unique, so no marker
/// is needed to find a warehouse again.
json shape(const json& item) {
  json warehouse = item;
  say_defaults(warehouse);
  if (find_at(item, "/tags/custom_tags") == nullptr) return warehouse;
  json tags = json::object();
  for (const json& tag : array_at(&item, "/tags/custom_tags")) tags[text_at(tag, "/key")] = text_at(tag, "/value");
  warehouse["tags"] = std::move(tags);
  return warehouse;
}

json with_tag_list(const json& definition) {
  json body = definition;
  json list = json::array();
  if (const json* tags = find_at(definition, "/tags"); tags != nullptr && tags->is_object())
    for (auto tag = tags->begin(); tag != tags->end(); ++tag)
      list.push_back(json{{"key", tag.key()}, {"value", tag.value()}});
  body["tags"] = json::object();
  body["tags"]["custom_tags"] = std::move(list);
  return body;
}

Task<Result<std::string>> create(Write write) {
  const json body = with_tag_list(*write.definition);
  CO_TRY(const json answer,
         co_await write.to->call(workspace::request_of(*write.kind, write.kind->create, "", &body)));
  std::string id = text_at(answer, "/id");
  if (id.empty()) co_return fail(Fault::in_doubt, "the service did not say the id of the warehouse it created");
  co_return id;
}

Task<Result<std::string>> edit(Write write) {
  const json body = with_tag_list(*write.definition);
  std::string id = write.id;
  CO_CHECK(co_await write.to->call(workspace::request_of(*write.kind, write.kind->update, id, &body)));
  co_return id;
}

constexpr std::string_view strip[] = {"/id",           "/state",        "/health",
                                      "/jdbc_url",     "/odbc_params",  "/num_clusters",
                                      "/creator_name", "/creator_id",   "/num_active_sessions",
                                      "/size",         "/disable_uc"};
constexpr std::string_view down[] = {"STOPPED"};
constexpr std::string_view going_down[] = {"STOPPING"};
constexpr std::string_view stopped[] = {"STOPPED", "STOPPING"};
constexpr std::string_view in_every_workspace[] = {"Serverless Starter Warehouse"};

constexpr AuditEvent told_by[] = {acl_event("databrickssql", "changeWarehouseAcls"),
                                   acl_event("databrickssql", "changeEndpointAcls")};

constexpr Kind kind{
    .name = "warehouse",
    .plural = "SQL warehouses",
    .about = "size, type, channel, tags; on the standby stopped after every write",
    .list = {.endpoint = {.path = "/api/2.0/sql/warehouses", .query = "page_size=100"},
             .items = "/warehouses",
             .pages = PageStyle::token},
    .id_at = "/id",
    .key_at = "/name",
    .built_in_keys = in_every_workspace,
    .shape = shape,
    .strip = strip,
    .create = {.method = Method::post,
               .path = "/api/2.0/sql/warehouses",
               .effect = Effect::writes,
               .repeat = Repeat::unsafe},
    .update = {.method = Method::post, .path = "/api/2.0/sql/warehouses/{id}/edit", .effect = Effect::writes},
    .remove = {.method = Method::del, .path = "/api/2.0/sql/warehouses/{id}", .effect = Effect::writes},
    .created_id_at = "/id",
    .create_verb = create,
    .update_verb = edit,
    .follow_up = {.endpoint = {.method = Method::post,
                               .path = "/api/2.0/sql/warehouses/{id}/stop",
                               .effect = Effect::writes},
                  .after_update = true,
                  .why = "creating or changing a warehouse starts it, and it would cost",
                  .state_at = "/state",
                  .good_states = stopped},
    .start = {.endpoint = {.method = Method::post,
                           .path = "/api/2.0/sql/warehouses/{id}/start",
                           .effect = Effect::executes},
              .state_at = "/state",
              .down = down,
              .going_down = going_down},
    .permission_type = "warehouses",
    .told_by = told_by,
};

}  // namespace

const Kind& warehouse_kind() { return kind; }

}  // namespace twinlake::kinds::warehouse
