// Connector, keys, compliance and private endpoints of the twin.
#include "azure/arm.h"
#include "azure/twin_builder.h"

namespace twinlake::azure {

using nlohmann::json;

namespace {

std::string with_slash(std::string vault) {
  if (!vault.ends_with('/')) vault += '/';
  return vault;
}

/// `encryption.entities`: the casing of most of ARM.
json entity_key(const KeySettings& key) {
  json made = json::object();
  made["keySource"] = "Microsoft.Keyvault";
  made["keyVaultProperties"]["keyVaultUri"] = with_slash(key.vault);
  made["keyVaultProperties"]["keyName"] = key.name;
  made["keyVaultProperties"]["keyVersion"] = key.version;
  return made;
}

/// `parameters.encryption`: the same facts in another casing, exactly this one.
json root_key_value(const KeySettings& key) {
  json made = json::object();
  made["keySource"] = "Microsoft.Keyvault";
  made["KeyName"] = key.name;
  made["keyversion"] = key.version;
  made["keyvaulturi"] = with_slash(key.vault);
  return made;
}

}  // namespace

void TwinBuilder::take_connector() {
  const json& connector = from("properties.accessConnector");
  if (!connector.is_object() && settings_.access_connector.empty()) return;
  const std::string& given = settings_.access_connector;
  const json& old = at_dotted(connector, "id");
  const std::string old_id = old.is_string() ? old.get<std::string>() : std::string();
  if (given.empty())
    return tell(Level::blocker, "accessConnector",
                "the primary reads its storage through the connector " + old_id +
                    ", which is of its region",
                "Set " + setting("access_connector") + " to the id of one in " + twin_.region +
                    ", or to a name to have it made");
  const bool user_assigned = at_dotted(connector, "identityType") == "UserAssigned";
  std::string id = given;
  if (!id.starts_with('/')) {
    id = "/subscriptions/" + twin_.subscription + "/resourceGroups/" + twin_.resource_group +
         "/providers/Microsoft.Databricks/accessConnectors/" + given;
    TwinResource made;
    made.id = id;
    made.body = json::object();
    made.body["location"] = twin_.region;
    made.body["identity"]["type"] = "SystemAssigned";
    made.body["properties"] = json::object();
    twin_.connector = std::move(made);
    tell(Level::warning, "accessConnector",
         "the new connector has an identity of its own, which has no rights yet",
         "Repeat the role assignments of " + (old_id.empty() ? "the primary's connector" : old_id) +
             " for it, Storage Blob Data Contributor on the lake above all");
  }
  set("properties.accessConnector.id", id, Fate::mapped);
  const bool keep_user = user_assigned && !twin_.connector;
  set("properties.accessConnector.identityType", keep_user ? "UserAssigned" : "SystemAssigned",
      Fate::copied);
  const json& identity = at_dotted(connector, "userAssignedIdentityId");
  if (keep_user && identity.is_string())
    set("properties.accessConnector.userAssignedIdentityId", identity, Fate::copied);
}

void TwinBuilder::take_firewall() {
  const json& firewall = from("properties.defaultStorageFirewall");
  if (!firewall.is_string()) return;
  set("properties.defaultStorageFirewall", firewall, Fate::copied);
  if (firewall == "Enabled" && at_dotted(twin_.body, "properties.accessConnector.id").is_null() &&
      settings_.access_connector.empty() && !from("properties.accessConnector").is_object())
    tell(Level::blocker, "defaultStorageFirewall", "it needs an access connector",
         "Set " + setting("access_connector"));
}

void TwinBuilder::take_keys() {
  struct Row {
    const char* place;
    const char* name;
    const KeySettings& key;
  };
  const Row rows[] = {
      {"properties.encryption.entities.managedServices", "keys.managed_services",
       settings_.services_key},
      {"properties.encryption.entities.managedDisk", "keys.managed_disks", settings_.disks_key}};
  for (const Row& row : rows) {
    const json& old = from(row.place);
    if (!old.is_object() && row.key.empty()) continue;
    if (row.key.empty()) {
      tell(Level::blocker, row.place,
           "the primary encrypts this with a key in a vault of its region",
           "Set " + setting(row.name) + " to {vault, name, version} of a key in " + twin_.region);
      continue;
    }
    json made = entity_key(row.key);
    const json& rotation = at_dotted(old, "rotationToLatestKeyVersionEnabled");
    if (rotation.is_boolean()) made["rotationToLatestKeyVersionEnabled"] = rotation;
    set(row.place, std::move(made), Fate::mapped);
    tell(Level::note, row.place, "the key can be changed later but not taken away again",
         "Let the application AzureDatabricks (2ff814a6-3304-4ab8-85cb-cd0e6f879c1d) use it: get, "
         "wrapKey, unwrapKey");
  }
  take_root_key();
  const bool any = !settings_.services_key.empty() || !settings_.disks_key.empty() ||
                   !settings_.root_key.empty();
  if (any && at_dotted(twin_.body, "sku.name") != "premium")
    tell(Level::blocker, "encryption", "keys of your own need the SKU premium",
         "Set " + setting("sku") + " to premium");
}

void TwinBuilder::take_root_key() {
  const json& prepare = parameter("prepareEncryption");
  const json& source = at_dotted(parameter("encryption"), "keySource");
  const bool has_key =
      source.is_string() && same_id(source.get<std::string>(), "Microsoft.Keyvault");
  const KeySettings& key = settings_.root_key;
  if (key.empty()) {
    if (has_key)
      tell(Level::blocker, "parameters.encryption",
           "the primary encrypts its DBFS root with a key in a vault of its region",
           "Set " + setting("keys.dbfs_root") + " to {vault, name, version} of a key in " +
               twin_.region);
    if (prepare.is_boolean()) set_parameter("prepareEncryption", prepare, Fate::copied);
    return;
  }
  set_parameter("prepareEncryption", true, Fate::copied);
  // The identity that must be let to the key is made by the first PUT, so the key comes with a
  // second one.
  twin_.first_body = twin_.body;
  set_parameter("encryption", root_key_value(key), Fate::mapped);
}

void TwinBuilder::take_compliance() {
  const std::string base = "properties.enhancedSecurityCompliance";
  const json& all = from(base);
  if (!all.is_object()) return;
  json made = all;
  const json& profile = at_dotted(all, "complianceSecurityProfile.value");
  if (profile == "Enabled") {
    json& standards = made["complianceSecurityProfile"]["complianceStandards"];
    if (!standards.is_array() || standards.empty()) standards = json::array({"NONE"});
    for (const char* const needed : {"automaticClusterUpdate", "enhancedSecurityMonitoring"})
      made[needed]["value"] = "Enabled";
    if (!settings_.accept_compliance)
      tell(Level::blocker, base,
           "the primary has the compliance security profile: on the twin it cannot be switched off "
           "again, nor can its standards",
           "Set " + setting("accept") + ": [compliance_security_profile] to agree");
  }
  set(base, made, Fate::copied);
  if (twin_.first_body) put_dotted(*twin_.first_body, base, std::move(made));
}

/// What lies on the workspace and is no part of it.
void TwinBuilder::tell_of_surroundings() {
  tell(Level::note, "surroundings",
       "role assignments, locks and diagnostic settings of the primary are no part of its "
       "description, so the twin gets none",
       "Make those that it needs when it is there; who signs in by the role Contributor on the "
       "primary needs it on the twin too");
}

void TwinBuilder::take_private_endpoints() {
  const json& connections = from("properties.privateEndpointConnections");
  if (!connections.is_array()) return;
  for (const json& connection : connections) {
    const json& endpoint = at_dotted(connection, "properties.privateEndpoint.id");
    const json& groups = at_dotted(connection, "properties.groupIds");
    std::string what = endpoint.is_string() ? endpoint.get<std::string>() : "a private endpoint";
    if (groups.is_array() && !groups.empty() && groups.front().is_string())
      what += " (" + groups.front().get<std::string>() + ")";
    tell(
        Level::warning, "privateEndpointConnections", "the primary is reached through " + what,
        "Make one in the secondary's network for the twin when it is there; browser_authentication "
        "is needed once per region, on a workspace that stays");
  }
}

}  // namespace twinlake::azure
