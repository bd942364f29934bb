#include "simulator/warehouse/connections.h"

namespace twinlake::simulator {

namespace {
constexpr const char* secret_options[] = {"password",     "client_secret",       "pem_private_key",
                                          "bearer_token", "personalAccessToken", "access_token"};
}  // namespace

Connections::Connections(Region& region)
    : Collection(region, {.kind = "connection",
                          .world_key = "connections",
                          .route = "/api/2.1/unity-catalog/connections",
                          .list_key = "connections",
                          .id_field = "name",
                          .size_parameter = "max_results",
                          .page = 50,
                          .largest_page = 1000}) {
  using http::Method;
  Router& router = region.router();
  add_get_route();
  add_delete_route();
  router.add(Method::get, shape_.route, [this](Call& call) { return list_connections(call); });
  router.add(Method::post, shape_.route, [this](Call& call) { return create(call); });
  router.add(Method::patch, shape_.route + "/{id}", [this](Call& call) { return patch(call); });
}

http::Response Connections::missing(const std::string& name) const {
  return error(404, "CONNECTION_DOES_NOT_EXIST", "Connection '" + name + "' does not exist.");
}

json Connections::shown(const json& item) {
  json out = item;
  if (const auto options = out.find("options"); options != out.end() && options->is_object())
    for (const char* name : secret_options) options->erase(name);
  out["full_name"] = text_of(item, "name");
  return out;
}

http::Response Connections::list_connections(Call& call) {
  // Without max_results the old unpaged answer comes; with 0 the server chooses the size.
  if (!call.query("max_results").empty()) return list(call);
  json body = json::object();
  for (const json* item : items_.all()) body["connections"].push_back(shown(*item));
  return answer(body);
}

http::Response Connections::create(Call& call) {
  const std::string name = text_of(call.body, "name");
  if (name.empty()) return invalid("Missing required field: name");
  if (text_of(call.body, "connection_type").empty())
    return invalid("Missing required field: connection_type");
  if (field(call.body, "owner") != nullptr)
    return invalid("The owner cannot be set when creating.");
  if (exists(name))
    return error(409, "ALREADY_EXISTS", "Connection '" + name + "' already exists.");
  json item = call.body;
  item["connection_id"] = region_.ids().uuid();
  item["owner"] = call.caller;
  item["created_by"] = call.caller;
  item["updated_by"] = call.caller;
  item["created_at"] = region_.now_millis();
  item["updated_at"] = region_.now_millis();
  item["securable_type"] = "CONNECTION";
  return answer(shown(add(std::move(item), call.caller)));
}

http::Response Connections::patch(Call& call) {
  const std::string& name = call.arguments.at("id");
  json* item = find(name);
  if (item == nullptr) return missing(name);
  const std::string new_name = text_of(call.body, "new_name");
  if (!new_name.empty() && new_name != name && exists(new_name))
    return error(409, "ALREADY_EXISTS", "Connection '" + new_name + "' already exists.");
  for (const char* key : {"options", "owner", "environment_settings"})
    if (call.body.contains(key)) (*item)[key] = call.body.at(key);  // options: the whole map
  (*item)["updated_at"] = region_.now_millis();
  (*item)["updated_by"] = call.caller;
  if (new_name.empty() || new_name == name) return answer(shown(*item));
  json renamed = *item;
  erase(name);
  renamed["name"] = new_name;
  return answer(shown(add(std::move(renamed), call.caller)));
}

}  // namespace twinlake::simulator
