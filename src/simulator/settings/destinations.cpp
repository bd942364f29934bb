#include "simulator/settings/destinations.h"

#include <algorithm>

#include "simulator/identity/identity.h"

namespace twinlake::simulator {

namespace {
struct DestinationType {
  const char* config_key;
  const char* name;
  std::vector<const char*> secret;  ///< goes in and never comes out, not even a URL
};

const std::vector<DestinationType>& destination_types() {
  static const std::vector<DestinationType> known{
      {"email", "EMAIL", {}},
      {"slack", "SLACK", {"url", "oauth_token", "channel_id"}},
      {"microsoft_teams",
       "MICROSOFT_TEAMS",
       {"url", "app_id", "auth_secret", "tenant_id", "channel_url"}},
      {"pagerduty", "PAGERDUTY", {"integration_key"}},
      {"generic_webhook", "WEBHOOK", {"url", "username", "password"}}};
  return known;
}

/// The type that a config stands for; nullptr unless it is of exactly one type.
const DestinationType* type_of(const json& config) {
  const DestinationType* found = nullptr;
  for (const DestinationType& type : destination_types())
    if (field(config, type.config_key) != nullptr) {
      if (found != nullptr) return nullptr;
      found = &type;
    }
  return found;
}

/// What of a config can be set: the flags of an answer, sent back, set nothing.
json settable(const DestinationType& type, const json& config) {
  const json& sent = config.at(type.config_key);
  json kept = json::object();
  if (std::string_view(type.config_key) == "email") kept["addresses"] = list_of(sent, "addresses");
  for (const char* name : type.secret)
    if (const json* value = field(sent, name)) kept[name] = *value;
  return json::object({{type.config_key, std::move(kept)}});
}

Refusal check_addresses(const json& config) {
  const json* email = field(config, "email");
  if (email == nullptr) return std::nullopt;
  const json& addresses = list_of(*email, "addresses");
  const bool all_texts = std::all_of(addresses.begin(), addresses.end(),
                                     [](const json& each) { return each.is_string(); });
  if (all_texts) return std::nullopt;
  return invalid("email.addresses must be a list of addresses.");
}
}  // namespace

Destinations::Destinations(Region& region)
    : Collection(region, {.kind = "notification_destination",
                          .world_key = "notification_destinations",
                          .route = "/api/2.0/notification-destinations",
                          .list_key = "results",
                          .id_field = "id",
                          .not_in_list = {"config"}}) {
  using http::Method;
  Router& router = region.router();
  const std::string one = shape_.route + "/{id}";
  add_list_route();
  const auto admin = [&](Method method, const std::string& route, auto handler) {
    router.add(method, route, [handler](Call& call) {
      if (auto refusal = admins_only(call)) return *refusal;
      return handler(call);
    });
  };
  router.add(Method::get, one, [this](Call& call) { return get_one(call); });
  admin(Method::post, shape_.route, [this](Call& call) { return create(call); });
  admin(Method::patch, one, [this](Call& call) { return patch(call); });
  admin(Method::del, one, [this](Call& call) { return remove(call); });
}

json Destinations::shown(const json& item) {
  json out = item;
  const json* config = field(item, "config");
  const DestinationType* type = config == nullptr ? nullptr : type_of(*config);
  if (type == nullptr || type->secret.empty()) return out;
  json& visible = out["config"][type->config_key];
  visible = json::object();
  for (const char* name : type->secret)
    visible[std::string(name) + "_set"] = !text_of(config->at(type->config_key), name).empty();
  return out;
}

json Destinations::plant(const json& body, const std::string& creator) {
  json item = body.is_object() ? body : json::object();
  const json* config = field(item, "config");
  const DestinationType* type = config == nullptr ? nullptr : type_of(*config);
  item["destination_type"] =
      type == nullptr ? text_of(item, "destination_type", "WEBHOOK") : type->name;
  return shown(add(std::move(item), creator));
}

http::Response Destinations::get_one(Call& call) {
  const std::string& id = call.arguments.at("id");
  const json* item = find(id);
  if (item == nullptr) return missing(id);
  json out = shown(*item);
  if (!region_.get<Identity>().is_admin(call.caller)) out.erase("config");
  return answer(out);
}

http::Response Destinations::create(Call& call) {
  const std::string name = text_of(call.body, "display_name");
  if (name.empty()) return invalid("Missing required field: display_name");
  const json* config = field(call.body, "config");
  const DestinationType* type = config == nullptr ? nullptr : type_of(*config);
  if (type == nullptr) return invalid("The config must be of exactly one destination type.");
  if (auto refusal = check_addresses(*config)) return *refusal;
  const json item = json::object({{"display_name", name}, {"config", settable(*type, *config)}});
  return answer(plant(item, call.caller));  // names may repeat
}

http::Response Destinations::patch(Call& call) {
  const std::string& id = call.arguments.at("id");
  json* item = find(id);
  if (item == nullptr) return missing(id);
  if (const json* config = field(call.body, "config")) {
    const DestinationType* type = type_of(*config);
    if (type == nullptr || text_of(*item, "destination_type") != type->name)
      return invalid("The type of a notification destination cannot be changed.");
    if (auto refusal = check_addresses(*config)) return *refusal;
    // Secrets that are not sent again stay.
    (*item)["config"][type->config_key].update(settable(*type, *config).at(type->config_key));
  }
  if (field(call.body, "display_name") != nullptr)
    (*item)["display_name"] = call.body.at("display_name");
  return answer(shown(*item));
}

http::Response Destinations::remove(Call& call) {
  const std::string& id = call.arguments.at("id");
  if (!exists(id)) return missing(id);
  erase(id);
  return done();
}

}  // namespace twinlake::simulator
