#include "azure/estate_uses.h"

#include <algorithm>
#include <optional>

#include <nlohmann/json.hpp>

#include "base/json_path.h"
#include "model/canonical.h"

namespace twinlake::azure {

using nlohmann::json;

namespace {

constexpr std::string_view address_setting = "javax.jdo.option.ConnectionURL";
constexpr std::string_view login_settings[] = {"javax.jdo.option.ConnectionUserName",
                                               "javax.jdo.option.ConnectionPassword"};
constexpr std::string_view version_setting = "spark.sql.hive.metastore.version";
constexpr std::string_view jars_setting = "spark.sql.hive.metastore.jars";
/// The API calls a workspace of Log Analytics by a GUID under this name (facts, azure 8.3).
constexpr std::string_view log_analytics_member = "log_analytics_workspace_id";

bool is_guid(std::string_view text) {
  const auto fits = [](char sign) {
    return (sign >= '0' && sign <= '9') || (sign >= 'a' && sign <= 'f') || sign == '-';
  };
  const std::string lower = lower_case(text);
  return lower.size() == 36 && lower[8] == '-' && lower[13] == '-' &&
         std::ranges::all_of(lower, fits);
}

/// "{{secrets/scope/key}}" of a text; nothing where it names none.
std::optional<std::string> secret_named_in(std::string_view text) {
  constexpr std::string_view opening = "{{secrets/";
  const std::size_t at = text.find(opening);
  if (at == std::string_view::npos) return std::nullopt;
  const std::size_t end = text.find("}}", at);
  if (end == std::string_view::npos) return std::nullopt;
  return std::string(text.substr(at + opening.size(), end - at - opening.size()));
}

class UsesFinder {
 public:
  UsesFinder(EstateUses& uses, Of side, const std::string& address)
      : uses_(uses), side_(side), address_(address) {}

  void at(const json& value, const std::string& pointer, const std::string& name) {
    if (value.is_string()) {
      const auto& text = value.get_ref<const std::string&>();
      take_text(text, pointer);
      take_setting(name, text, pointer);
    } else if (value.is_object()) {
      for (auto member = value.begin(); member != value.end(); ++member) {
        const std::string below = pointer + "/" + pointer_segment(member.key());
        take_text(member.key(), below);
        // A policy says {"type": "fixed", "value": ...} of a setting.
        at(*member, below,
           member.key() == "value" || member.key() == "defaultValue" ? name : member.key());
      }
    } else if (value.is_array()) {
      for (std::size_t i = 0; i < value.size(); ++i)
        at(value[i], pointer + "/" + std::to_string(i), name);
    }
  }

  void take_text(std::string_view text, const std::string& pointer) {
    const Place place{address_, pointer};
    const NamedInText found = names_in(text);
    for (const Named& named : found.things) add_use(uses_, side_, named, place);
    for (const Service service : found.built) uses_.built[service].insert(place);
    take_script(text, pointer);
  }

  void finish() {
    for (auto& [folder, metastore] : metastores_)
      if (has_address_.contains(folder)) uses_.metastores.push_back(std::move(metastore));
  }

 private:
  /// A script writes settings into a file of Spark's (facts, azure 10.1).
  void take_script(std::string_view text, const std::string& pointer) {
    for (const std::string_view setting :
         {address_setting, login_settings[0], login_settings[1], version_setting, jars_setting}) {
      const std::size_t at = text.find(setting);
      if (at == std::string_view::npos || text.size() == setting.size()) continue;
      std::string_view rest = text.substr(at + setting.size());
      rest = rest.substr(0, rest.find('\n'));
      const std::size_t sign = rest.find_first_not_of("\"' \t=:,");
      if (sign == std::string_view::npos || sign == 0) continue;
      rest.remove_prefix(sign);
      take_setting(std::string(setting),
                   std::string(rest.substr(0, rest.find_first_of("\"' \t\r"))),
                   pointer + "/script");
    }
  }

  void take_setting(const std::string& name, const std::string& value, const std::string& pointer) {
    if (name == log_analytics_member && is_guid(value)) {
      Named workspace;
      workspace.service = Service::log_analytics;
      workspace.name = lower_case(value);
      add_use(uses_, side_, workspace, Place{address_, pointer});
    }
    if (name.ends_with(address_setting)) {
      take_address(value, pointer);
    } else if (name.ends_with(login_settings[0]) || name.ends_with(login_settings[1])) {
      if (const auto secret = secret_named_in(value)) of(pointer).secrets.insert(*secret);
    } else if (name.ends_with(version_setting)) {
      of(pointer).version = value;
    } else if (name.ends_with(jars_setting)) {
      of(pointer).jars = value;
    }
  }

  void take_address(const std::string& value, const std::string& pointer) {
    ExternalMetastore& metastore = of(pointer);
    metastore.place = Place{address_, pointer};
    has_address_.insert(folder_of(pointer));
    if (const auto secret = secret_named_in(value)) metastore.secrets.insert(*secret);
    for (const Named& named : names_in(value).things) {
      metastore.host = named.host;
      metastore.database = named.part;
    }
  }

  /// Settings of one cluster stand side by side; those of a policy one level deeper.
  static std::string folder_of(const std::string& pointer) {
    std::string folder = model::parent_path(pointer);
    if (pointer.ends_with("/value") || pointer.ends_with("/defaultValue"))
      folder = model::parent_path(folder);
    return folder;
  }
  ExternalMetastore& of(const std::string& pointer) {
    ExternalMetastore& metastore = metastores_[folder_of(pointer)];
    metastore.on_standby = side_ == Of::standby;
    return metastore;
  }

  EstateUses& uses_;
  Of side_;
  const std::string& address_;
  std::map<std::string, ExternalMetastore> metastores_;
  std::set<std::string> has_address_;
};

}  // namespace

void add_use(EstateUses& uses, Of side, const Named& named, const Place& place) {
  const std::string key =
      named.service == Service::other ? lower_case(named.resource_id) : named.name;
  Used& used = uses.things[{named.service, key}];
  used.service = named.service;
  used.name = named.name;
  if (!named.host.empty()) used.hosts.insert(named.host);
  if (!named.part.empty()) used.parts.insert(named.part);
  if (!named.resource_id.empty()) used.resource_ids.insert(named.resource_id);
  (side == Of::primary ? used.primary : used.standby).insert(place);
}

std::size_t uses_in_code(const Used& used) {
  return static_cast<std::size_t>(std::ranges::count_if(
      used.primary, [](const Place& place) { return place.pointer.empty(); }));
}

void look_at_definition(EstateUses& uses, Of side, const std::string& address,
                        const json& definition) {
  UsesFinder finder(uses, side, address);
  finder.at(definition, "", "");
  finder.finish();
}

void look_at_code(EstateUses& uses, Of side, const std::string& address, std::string_view text) {
  ++uses.texts_of_code;
  UsesFinder finder(uses, side, address);
  finder.take_text(text, "");
  finder.finish();
}

void look_at_inventory(EstateUses& uses, Of side, const workspace::Inventory& inventory) {
  for (const auto& [name, listing] : inventory.kinds) {
    if (listing.kind->support == model::Support::lookup) continue;
    for (const workspace::Item& item : listing.items) {
      if (item.raw.is_null()) continue;
      const auto form = model::canonical(*item.kind, item.raw, model::CanonicalContext{});
      const std::string address = model::address_of(item.kind->name, item.key);
      if (form.form) look_at_definition(uses, side, address, *form.form);
    }
  }
}

std::vector<const Used*> of_service(const EstateUses& uses, Service service) {
  std::vector<const Used*> found;
  for (const auto& [key, used] : uses.things)
    if (key.first == service) found.push_back(&used);
  return found;
}

}  // namespace twinlake::azure
