#include "simulator/destinations.h"

namespace twinlake::simulator {

namespace {
struct DestinationType {
  const char* config_key;
  const char* name;
};
constexpr DestinationType types[] = {{"email", "EMAIL"},
                                     {"slack", "SLACK"},
                                     {"microsoft_teams", "MICROSOFT_TEAMS"},
                                     {"pagerduty", "PAGERDUTY"},
                                     {"generic_webhook", "WEBHOOK"}};

/// The type that a config stands for; nullptr unless it is of exactly one type.
const DestinationType* type_of(const json& config) {
  const DestinationType* found = nullptr;
  for (const DestinationType& type : types)
    if (field(config, type.config_key) != nullptr) {
      if (found != nullptr) return nullptr;
      found = &type;
    }
  return found;
}
}  // namespace

Destinations::Destinations(Region& region)
    : Collection(region, {.kind = "notification_destination",
                          .world_key = "notification_destinations",
                          .route = "/api/2.0/notification-destinations",
                          .list_key = "results",
                          .id_field = "id",
                          .not_in_list = {"config"}}) {
  add_list_route();
  add_get_route();
  add_delete_route();
  region.router().add(http::Method::post, shape_.route,
                      [this](Call& call) { return create(call); });
  region.router().add(http::Method::patch, shape_.route + "/{id}",
                      [this](Call& call) { return patch(call); });
}

json Destinations::shown(const json& item) {
  json out = item;
  const json* config = field(item, "config");
  const DestinationType* type = config == nullptr ? nullptr : type_of(*config);
  if (type == nullptr || std::string_view(type->config_key) == "email") return out;
  json& visible = out["config"][type->config_key];
  visible = json::object();
  for (const auto& [key, value] : config->at(type->config_key).items())
    // NOLINTNEXTLINE(readability-container-size-empty): empty() of JSON is another question
    visible[key + "_set"] = !value.is_null() && value != "";
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

http::Response Destinations::create(Call& call) {
  if (text_of(call.body, "display_name").empty())
    return invalid("Missing required field: display_name");
  const json* config = field(call.body, "config");
  if (config == nullptr || type_of(*config) == nullptr)
    return invalid("The config must be of exactly one destination type.");
  json body = call.body;
  body.erase("id");
  return answer(plant(body, call.caller));  // names may repeat
}

http::Response Destinations::patch(Call& call) {
  const std::string& id = call.arguments.at("id");
  json* item = find(id);
  if (item == nullptr) return missing(id);
  if (const json* config = field(call.body, "config")) {
    const DestinationType* type = type_of(*config);
    if (type == nullptr || text_of(*item, "destination_type") != type->name)
      return invalid("The type of a notification destination cannot be changed.");
    // Secrets that are not sent again stay.
    (*item)["config"][type->config_key].update(config->at(type->config_key));
  }
  if (field(call.body, "display_name") != nullptr)
    (*item)["display_name"] = call.body.at("display_name");
  return answer(shown(*item));
}

}  // namespace twinlake::simulator
