#include "simulator/settings/settings.h"

#include "simulator/collection.h"
#include "simulator/identity/identity.h"
#include "simulator/settings/setting_types.h"
#include "simulator/warehouse/lookups.h"

namespace twinlake::simulator {

namespace {
/// A refusal that tells the etag to come back with.
http::Response with_etag(int status, std::string_view code, std::string_view message,
                         const std::string& etag) {
  json body = json::object({{"error_code", code}, {"message", message}});
  json reason = json::object({{"@type", "type.googleapis.com/google.rpc.ErrorInfo"},
                              {"reason", "SETTING_ETAG"},
                              {"domain", "settings.databricks.com"}});
  reason["metadata"]["etag"] = etag;
  body["details"].push_back(std::move(reason));
  http::Response response = answer(body);
  response.status = status;
  return response;
}

http::Response unknown(const std::string& name) {
  return error(404, "NOT_FOUND", "There is no setting " + name + ".");
}

/// Does each path of the mask lead into the payload?
bool is_mask_of(const std::string& mask, std::string_view payload) {
  for (const std::string& path : split(mask, ','))
    if (split(path, '.').front() != payload) return false;
  return true;
}
}  // namespace

Settings::Settings(Region& region) : region_(region) {
  const std::string route = "/api/2.0/settings/types/{type}/names/default";
  const auto add = [&](http::Method method, auto handler) {
    region.router().add(method, route, [handler](Call& call) {
      if (auto refusal = admins_only(call)) return *refusal;
      const SettingType* type = setting_type(call.arguments.at("type"));
      return type == nullptr ? unknown(call.arguments.at("type")) : handler(call, *type);
    });
  };
  add(http::Method::get, [this](Call& call, const SettingType& type) { return get(call, type); });
  add(http::Method::patch,
      [this](Call& call, const SettingType& type) { return patch(call, type); });
  add(http::Method::del,
      [this](Call& call, const SettingType& type) { return remove(call, type); });
  add_newer_routes();
}

const Settings::Setting& Settings::setting(const SettingType& type) const {
  static const Setting unset{};
  const auto found = settings_.find(type.name);
  return found == settings_.end() ? unset : found->second;
}

void Settings::change(const SettingType& type, json payload) {
  Setting& changed = settings_[std::string(type.name)];
  changed.payload = std::move(payload);
  ++changed.version;
}

/// Opaque, and another one in each workspace: nobody can carry it over.
std::string Settings::etag_of(const SettingType& type) const {
  const std::string text = std::to_string(region_.options().workspace_id) + "/" +
                           std::string(type.name) + "/" + std::to_string(setting(type).version);
  return base64_encode(sha256_hex(text).substr(0, 24));
}

Refusal Settings::check_etag(const SettingType& type, const std::string& etag) const {
  if (!type.guarded || etag == etag_of(type)) return std::nullopt;
  if (setting(type).payload.is_null())
    return with_etag(404, "NOT_FOUND", "The setting was never set.", etag_of(type));
  return with_etag(409, "RESOURCE_CONFLICT", "The etag is missing or out of date.", etag_of(type));
}

Refusal Settings::check_value(const SettingType& type, const json& payload) const {
  if (!payload.is_object() || payload.empty())
    return invalid("The setting has no " + std::string(type.payload) + ".");
  if (!type.stays_on.empty() && flag_of(setting(type).payload, type.stays_on) &&
      !flag_of(payload, type.stays_on))
    return invalid(std::string(type.name) + " cannot be switched off.");
  const std::string warehouse =
      type.name == "default_warehouse_id" ? text_of(payload, "value") : std::string();
  if (!warehouse.empty() && !region_.get<Lookups>().exists("warehouse", warehouse))
    return invalid("SQL warehouse " + warehouse + " does not exist.");
  return std::nullopt;
}

json Settings::shown(const SettingType& type) const {
  json body = json::object({{"setting_name", "default"}});
  if (type.guarded) body["etag"] = etag_of(type);
  const json& payload = setting(type).payload;
  body[std::string(type.payload)] = payload.is_null() ? json::parse(type.effective) : payload;
  return body;
}

http::Response Settings::get(Call&, const SettingType& type) const {
  if (type.guarded && setting(type).payload.is_null())
    return with_etag(404, "NOT_FOUND", "The setting was never set.", etag_of(type));
  return answer(shown(type));
}

http::Response Settings::patch(Call& call, const SettingType& type) {
  if (!flag_of(call.body, "allow_missing")) return invalid("allow_missing must be true.");
  const json* wanted = field(call.body, "setting");
  if (wanted == nullptr) return invalid("Missing required field: setting");
  const std::string mask = text_of(call.body, "field_mask");
  if (!is_mask_of(mask, type.payload))
    return invalid("field_mask must name fields of " + std::string(type.payload) + ", was \"" +
                   mask + "\".");
  if (auto refusal = check_etag(type, text_of(*wanted, "etag"))) return *refusal;
  json holder = json::object();
  holder[std::string(type.payload)] = setting(type).payload;
  apply_mask(holder, *wanted, mask);
  json& payload = holder[std::string(type.payload)];
  if (auto refusal = check_value(type, payload)) return *refusal;
  change(type, std::move(payload));
  return answer(shown(type));
}

http::Response Settings::remove(Call& call, const SettingType& type) {
  if (!type.removable)
    return error(404, "ENDPOINT_NOT_FOUND",
                 "No API found to delete the setting " + std::string(type.name) + ".");
  if (setting(type).payload.is_null())
    return with_etag(404, "NOT_FOUND", "The setting was never set.", etag_of(type));
  if (auto refusal = check_etag(type, call.query("etag"))) return *refusal;
  change(type, json());
  return answer(json::object({{"etag", etag_of(type)}}));
}

void Settings::add_newer_routes() {
  const auto add = [this](http::Method method, auto handler) {
    region_.router().add(method, "/api/2.1/settings/{name}", [handler](Call& call) {
      if (auto refusal = admins_only(call)) return *refusal;
      const SettingType* type = setting_type(call.arguments.at("name"));
      return type == nullptr ? unknown(call.arguments.at("name")) : handler(call, *type);
    });
  };
  region_.router().add(http::Method::get, "/api/2.1/settings-metadata",
                       [this](Call& call) { return list_names(call); });
  add(http::Method::get, [this](Call&, const SettingType& type) { return get_newer(type); });
  add(http::Method::patch,
      [this](Call& call, const SettingType& type) { return patch_newer(call, type); });
}

http::Response Settings::list_names(Call& call) const {
  if (auto refusal = admins_only(call)) return *refusal;
  Refusal refusal;
  const PageWish wish = page_wish(call, "page_size", 10, 1000, refusal);
  if (refusal) return *refusal;
  const auto types = setting_types();
  std::size_t at = static_cast<std::size_t>(wish.after.value_or(0));
  json body = json::object();
  for (; at < types.size() && count_of(body, "settings_metadata") < wish.limit; ++at)
    body["settings_metadata"].push_back(
        json::object({{"name", types[at].name},
                      {"type", types[at].payload},
                      {"display_name", types[at].name},
                      {"description", "Setting " + std::string(types[at].name)}}));
  if (at < types.size()) body["next_page_token"] = token_for(static_cast<std::int64_t>(at));
  return answer(body);
}

http::Response Settings::get_newer(const SettingType& type) const {
  json body = json::object({{"name", type.name}});
  const json& payload = setting(type).payload;
  if (!payload.is_null()) body[std::string(type.payload)] = payload;
  body["effective_" + std::string(type.payload)] =
      payload.is_null() ? json::parse(type.effective) : payload;
  return answer(body);
}

http::Response Settings::patch_newer(Call& call, const SettingType& type) {
  const json* payload = field(call.body, type.payload);  // effective_* is for reading
  if (payload == nullptr) return invalid("The setting has no " + std::string(type.payload) + ".");
  if (auto refusal = check_value(type, *payload)) return *refusal;
  change(type, *payload);
  return get_newer(type);
}

json Settings::world() const {
  json all = json::object();
  for (const auto& [name, setting] : settings_)
    if (!setting.payload.is_null())
      all[name][std::string(setting_type(name)->payload)] = setting.payload;
  return json::object({{"settings", std::move(all)}});
}

}  // namespace twinlake::simulator
