#include "azure/twin.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "azure/arm.h"
#include "azure/twin_builder.h"
#include "base/hash.h"

namespace twinlake::azure {

using nlohmann::json;

namespace {

const json nothing;

/// Read-only: sending them would be refused or ignored.
constexpr std::array server_places{
    "id",
    "type",
    "systemData",
    "properties.createdBy",
    "properties.updatedBy",
    "properties.createdDateTime",
    "properties.provisioningState",
    "properties.workspaceId",
    "properties.workspaceUrl",
    "properties.isUcEnabled",
    "properties.diskEncryptionSetId",
    "properties.storageAccountIdentity",
    "properties.managedDiskIdentity",
    "properties.privateEndpointConnections",
    "properties.parameters.resourceTags",
};
/// Plumbing between the provider and the portal.
constexpr std::array dropped_places{"properties.authorizations", "properties.uiDefinitionUri"};

constexpr std::array known_properties{
    "computeMode",
    "managedResourceGroupId",
    "parameters",
    "encryption",
    "publicNetworkAccess",
    "requiredNsgRules",
    "defaultStorageFirewall",
    "accessConnector",
    "enhancedSecurityCompliance",
    "defaultCatalog",
    "privateEndpointConnections",
    "authorizations",
    "uiDefinitionUri",
    "createdBy",
    "updatedBy",
    "createdDateTime",
    "provisioningState",
    "workspaceId",
    "workspaceUrl",
    "isUcEnabled",
    "diskEncryptionSetId",
    "storageAccountIdentity",
    "managedDiskIdentity",
};

bool is_known(const std::string& property) {
  return std::find(known_properties.begin(), known_properties.end(), property) !=
         known_properties.end();
}

bool fits_name(const std::string& name) {
  constexpr std::size_t shortest = 3;
  constexpr std::size_t longest = 64;
  return name.size() >= shortest && name.size() <= longest &&
         name.find_first_not_of(
             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") ==
             std::string::npos;
}

}  // namespace

std::string setting(std::string_view name) { return std::string(twin_setting) + std::string(name); }

const json& at_dotted(const json& object, std::string_view place) {
  const json* at = &object;
  while (!place.empty()) {
    const std::size_t dot = place.find('.');
    if (!at->is_object()) return nothing;
    const auto found = at->find(std::string(place.substr(0, dot)));
    if (found == at->end()) return nothing;
    at = &*found;
    place = dot == std::string_view::npos ? std::string_view() : place.substr(dot + 1);
  }
  return *at;
}

std::string dotted_text(const json& object, std::string_view place) {
  const json& value = at_dotted(object, place);
  return value.is_string() ? value.get<std::string>() : std::string();
}

void put_dotted(json& object, std::string_view place, json value) {
  json* at = &object;
  for (;;) {
    const std::size_t dot = place.find('.');
    at = &(*at)[std::string(place.substr(0, dot))];
    if (dot == std::string_view::npos) break;
    place.remove_prefix(dot + 1);
  }
  *at = std::move(value);
}

std::string_view name_of(Level level) {
  switch (level) {
    case Level::note: return "note";
    case Level::warning: return "warning";
    case Level::blocker: return "blocker";
  }
  return "?";
}

std::string_view name_of(Fate fate) {
  switch (fate) {
    case Fate::copied: return "copied";
    case Fate::mapped: return "mapped";
    case Fate::made: return "new";
    case Fate::server: return "server";
    case Fate::dropped: return "dropped";
  }
  return "?";
}

bool Twin::is_blocked() const {
  return std::any_of(findings.begin(), findings.end(),
                     [](const TwinFinding& finding) { return finding.level == Level::blocker; });
}

TwinBuilder::TwinBuilder(const json& primary, const TwinSettings& settings, const Regions& regions,
                         const std::optional<json>& existing, int salt)
    : primary_(primary), settings_(settings), regions_(regions), existing_(existing), salt_(salt) {}

const json& TwinBuilder::from(std::string_view place) const { return at_dotted(primary_, place); }

const json& TwinBuilder::existing_at(std::string_view place) const {
  return existing_ ? at_dotted(*existing_, place) : nothing;
}

const json& TwinBuilder::parameter(std::string_view name) const {
  return from("properties.parameters." + std::string(name) + ".value");
}

std::string TwinBuilder::text_parameter(std::string_view name) const {
  const json& value = parameter(name);
  return value.is_string() ? value.get<std::string>() : std::string();
}

bool TwinBuilder::is_serverless() const { return from("properties.computeMode") == "Serverless"; }

std::string TwinBuilder::suffix() const {
  constexpr std::size_t length = 6;
  std::string id = twin_.id;
  std::transform(id.begin(), id.end(), id.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return sha256_hex(id + "#" + std::to_string(salt_)).substr(0, length);
}

void TwinBuilder::set(std::string_view place, json value, Fate fate) {
  TwinProperty property;
  property.place = place;
  property.fate = fate;
  const json& old = from(place);
  if (!old.is_null()) property.from = old.dump();
  property.to = value.dump();
  twin_.properties.push_back(std::move(property));
  put_dotted(twin_.body, place, std::move(value));
}

void TwinBuilder::set_parameter(std::string_view name, json value, Fate fate) {
  const std::string place = "properties.parameters." + std::string(name);
  TwinProperty property;
  property.place = place;
  property.fate = fate;
  const json& old = from(place + ".value");
  if (!old.is_null()) property.from = old.dump();
  property.to = value.dump();
  twin_.properties.push_back(std::move(property));
  // Only the value: the service adds the type and does not want it back.
  put_dotted(twin_.body, place + ".value", std::move(value));
}

void TwinBuilder::skip(std::string_view place, Fate fate) {
  const json& old = from(place);
  if (old.is_null()) return;
  TwinProperty property;
  property.place = place;
  property.fate = fate;
  property.from = old.dump();
  twin_.properties.push_back(std::move(property));
}

void TwinBuilder::tell(Level level, std::string_view about, std::string message,
                       std::string remedy) {
  twin_.findings.emplace_back(level, std::string(about), std::move(message), std::move(remedy));
}

Result<void> TwinBuilder::name_it() {
  const json& id = from("id");
  if (!id.is_string())
    return fail(Fault::config, "the description of the primary workspace has no id",
                "Take it from ARM: GET of the workspace, with its id");
  TRY(primary_id_, resource_id(id.get<std::string>()));
  twin_.subscription =
      settings_.subscription.empty() ? primary_id_.subscription : settings_.subscription;
  twin_.resource_group =
      settings_.resource_group.empty() ? primary_id_.group + "-dr" : settings_.resource_group;
  twin_.name = settings_.name.empty() ? primary_id_.name + "-dr" : settings_.name;
  if (!fits_name(twin_.name))
    tell(Level::blocker, "name", "`" + twin_.name + "` cannot be the name of a workspace",
         "Set " + setting("name") + " to 3 to 64 letters, digits, '-' and '_'");
  twin_.id = "/subscriptions/" + twin_.subscription + "/resourceGroups/" + twin_.resource_group +
             "/providers/Microsoft.Databricks/workspaces/" + twin_.name;
  if (same_id(twin_.id, id.get<std::string>()))
    return fail(Fault::config, "the secondary workspace would be the primary one itself",
                "Set " + setting("name") + " or " + setting("resource_group"));
  return {};
}

void TwinBuilder::choose_region() {
  const json& location = from("location");
  primary_region_ = location.is_string() ? region_name(location.get<std::string>()) : "";
  const std::string suggested = regions_.suggested_for(primary_region_);
  const json& there = existing_at("location");
  twin_.region = !settings_.region.empty() ? region_name(settings_.region)
                 : there.is_string()       ? region_name(there.get<std::string>())
                                           : suggested;
  const std::string remedy = "Set " + setting("region") +
                             (suggested.empty() ? " to a region that offers Azure Databricks"
                              : suggested == twin_.region ? std::string()
                                                          : ", for example to " + suggested);
  if (twin_.region.empty())
    return tell(Level::blocker, "location", "no region is given and none can be suggested", remedy);
  if (settings_.region.empty() && !there.is_string())
    tell(
        Level::note, "location",
        twin_.region + " is suggested" +
            (regions_.find(primary_region_)->pair == twin_.region
                 ? ": the pair of " + primary_region_
                 : ": of the same geography as " + primary_region_ + ", whose pair cannot be used"),
        "Set " + setting("region") + " to choose another one");
  if (twin_.region == primary_region_)
    return tell(Level::blocker, "location",
                "the secondary would be in the region of the primary, " + primary_region_, remedy);
  judge_region(remedy);
}

void TwinBuilder::judge_region(const std::string& remedy) {
  const RegionFacts* const region = regions_.find(twin_.region);
  if (region == nullptr)
    return tell(Level::blocker, "location", "there is no region " + twin_.region, remedy);
  if (!region->has_service)
    tell(regions_.offered_known() ? Level::blocker : Level::warning, "location",
         "Azure Databricks is not offered in " + twin_.region, remedy);
  if (region->restricted)
    tell(Level::warning, "location", twin_.region + " is opened only on request", remedy);
  if (regions_.may_share_plane(twin_.region, primary_region_))
    tell(Level::warning, "location",
         twin_.region + " and " + primary_region_ +
             " may be served by one control plane: one outage could take both",
         remedy);
  else if (region->plane == ControlPlane::unknown)
    tell(Level::note, "location",
         "whether " + twin_.region + " has a control plane of its own is not documented",
         "`twinlake provision` compares the two when both workspaces are there");
}

void TwinBuilder::take_top() {
  set("location", twin_.region, Fate::mapped);
  json tags = from("tags").is_object() ? from("tags") : json::object();
  for (const auto& [name, value] : settings_.tags) tags[name] = value;
  tags["twinlake-twin-of"] = primary_id_.name;
  set("tags", std::move(tags), Fate::mapped);
  const json& sku = from("sku.name");
  std::string name = settings_.sku;
  if (name.empty()) name = sku.is_string() ? sku.get<std::string>() : "premium";
  if (name == "trial")
    tell(Level::blocker, "sku", "a trial cannot be the secondary of anything",
         "Set " + setting("sku") + " to premium or standard");
  set("sku.name", name, settings_.sku.empty() ? Fate::copied : Fate::mapped);
}

void TwinBuilder::take_properties() {
  const json& mode = from("properties.computeMode");
  set("properties.computeMode", mode.is_string() ? mode : json("Hybrid"), Fate::copied);
  if (!is_serverless()) {
    const json& there = existing_at("properties.managedResourceGroupId");
    std::string group = settings_.managed_resource_group;
    constexpr std::size_t longest = 90;
    if (group.empty())
      group = ("databricks-rg-" + twin_.name).substr(0, longest - 7) + "-" + suffix();
    if (!group.starts_with('/'))
      group = "/subscriptions/" + twin_.subscription + "/resourceGroups/" + group;
    set("properties.managedResourceGroupId", there.is_string() ? there : json(group), Fate::made);
  }
  for (const char* const name : {"publicNetworkAccess", "requiredNsgRules"}) {
    const std::string place = std::string("properties.") + name;
    if (from(place).is_string()) set(place, from(place), Fate::copied);
  }
  if (from("properties.publicNetworkAccess") == "Disabled" &&
      from("properties.requiredNsgRules") == "AllRules")
    tell(Level::blocker, "properties.requiredNsgRules",
         "publicNetworkAccess Disabled with AllRules is refused by the service",
         "Correct the primary workspace first");
  const json& catalog = from("properties.defaultCatalog.initialType");
  if (catalog.is_string()) {
    set("properties.defaultCatalog.initialType", catalog, Fate::copied);
    // The service takes no name here (InvalidInitialCatalogName).
    set("properties.defaultCatalog.initialName", "", Fate::copied);
  }
}

void TwinBuilder::take_rest() {
  for (const char* const place : server_places) skip(place, Fate::server);
  for (const char* const place : dropped_places) skip(place, Fate::dropped);
  const json& properties = from("properties");
  if (!properties.is_object()) return;
  for (const auto& [name, value] : properties.items()) {
    if (is_known(name)) continue;
    skip("properties." + name, Fate::dropped);
    tell(Level::warning, "properties." + name,
         "the primary has `" + name + "`, which this version does not know; the twin gets none",
         "Set it by hand where it matters");
  }
}

Result<Twin> TwinBuilder::build() {
  if (!primary_.is_object())
    return fail(Fault::config, "the description of the primary workspace is not a JSON object");
  twin_.body = json::object();
  CHECK(name_it());
  choose_region();
  take_top();
  take_properties();
  take_parameters();
  take_connector();
  take_firewall();
  take_keys();
  take_compliance();
  take_private_endpoints();
  tell_of_surroundings();
  take_rest();
  return std::move(twin_);
}

Result<Twin> twin_of(const json& primary, const TwinSettings& settings, const Regions& regions,
                     const std::optional<json>& existing, int salt) {
  return TwinBuilder(primary, settings, regions, existing, salt).build();
}

}  // namespace twinlake::azure
