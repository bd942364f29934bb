#include "simulator/azure/storage.h"

#include <algorithm>
#include <array>

#include "simulator/azure/locations.h"
#include "simulator/azure/workspaces.h"

namespace twinlake::simulator {

namespace {
constexpr const char* account_type = "Microsoft.Storage/storageAccounts";
constexpr std::array<std::string_view, 14> sku_names{
    "Standard_LRS",    "Standard_ZRS",    "Standard_GRS",  "Standard_RAGRS", "Standard_GZRS",
    "Standard_RAGZRS", "Premium_LRS",     "Premium_ZRS",   "StandardV2_LRS", "StandardV2_GRS",
    "StandardV2_ZRS",  "StandardV2_GZRS", "PremiumV2_LRS", "PremiumV2_ZRS"};

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}
bool is_geo(std::string_view sku) { return has(sku, "GRS") || has(sku, "GZRS"); }
bool is_zonal(std::string_view sku) { return has(sku, "ZRS"); }
bool is_readable_there(std::string_view sku) { return has(sku, "RAG"); }

json endpoints_of(const std::string& host) {
  json out = json::object();
  for (const char* service : {"blob", "dfs", "file", "queue", "table", "web"})
    out[service] = "https://" + host + "." + service + ".core.windows.net/";
  return out;
}

json* account_of(ArmCall& call) {
  const ResourceId id = ResourceId::parse(call.id.names_one() ? call.id.text : call.id.parent());
  return call.cloud.resources().find(id.text);
}

http::Response check_account_name(ArmCall& call) {
  const std::string name = text_of(call.body, "name");
  json body = json::object({{"nameAvailable", true}});
  if (!is_account_name(name)) {
    body = json::object({{"nameAvailable", false},
                         {"reason", "AccountNameInvalid"},
                         {"message", name + " is not a valid storage account name."}});
  } else if (is_account_taken(call.cloud, name)) {
    body = json::object({{"nameAvailable", false},
                         {"reason", "AlreadyExists"},
                         {"message", "The storage account named " + name + " is already taken."}});
  }
  return answer(body);
}

json sku_row(std::string_view name, const Location& location) {
  const bool offered =
      (!is_geo(name) || !location.pair.empty()) && (!is_zonal(name) || location.zones > 0);
  json row = json::object({{"name", name},
                           {"tier", has(name, "Premium") ? "Premium" : "Standard"},
                           {"resourceType", "storageAccounts"},
                           {"kind", "StorageV2"},
                           {"locations", json::array({location.name})},
                           {"restrictions", json::array()}});
  if (!offered)
    row["restrictions"].push_back(json::object({{"type", "location"},
                                                {"values", json::array({location.name})},
                                                {"reasonCode", "NotAvailableForSubscription"}}));
  return row;
}

http::Response list_storage_skus(ArmCall&) {
  json all = json::array();
  for (const Location& location : locations())
    for (const std::string_view name : sku_names) all.push_back(sku_row(name, location));
  return answer(json::object({{"value", std::move(all)}}));
}

http::Response storage_usages(ArmCall& call) {
  const Location* place = find_location(call.id.name());
  if (place == nullptr) return not_found(call);
  std::int64_t count = 0;
  for (const json* each :
       call.cloud.resources().of_type(account_type, call.cloud.subscription_id()))
    if (same_id(text_of(*each, "location"), place->name)) ++count;
  json row = json::object({{"unit", "Count"}, {"currentValue", count}, {"limit", 250}});
  row["name"] =
      json::object({{"value", "StorageAccounts"}, {"localizedValue", "Storage Accounts"}});
  return answer(json::object({{"value", json::array({row})}}));
}

http::Response put_account(ArmCall& call) {
  if (!call.body.is_object())
    return arm_error(400, "InvalidRequestContent", "The request content is missing.");
  const json* before = call.cloud.resources().find(call.id.text);
  const std::string location = text_of(call.body, "location");
  if (auto refusal = misplaced(call, location)) return *refusal;
  const std::string sku = text_of(call.body.value("sku", json::object()), "name");
  if (auto refusal = refuse_storage_sku(sku, location)) return *refusal;
  if (!is_account_name(call.id.name()))
    return arm_error(400, "AccountNameInvalid",
                     call.id.name() + " is not a valid storage account name.");
  if (before == nullptr && is_account_taken(call.cloud, call.id.name()))
    return arm_error(409, "StorageAccountAlreadyTaken",
                     "The storage account named " + call.id.name() + " is already taken.");
  if (before != nullptr && text_of(*before, "location") != find_location(location)->name)
    return arm_error(409, "InvalidResourceLocation", "The storage account is in another location.");
  json body = call.body;
  body["id"] = call.id.text;
  body["location"] = find_location(location)->name;
  const bool is_new = before == nullptr;
  // Where it stands now, and how its copy does, is not for clients to write.
  if (!is_new && text_of(before->at("sku"), "name") == sku) {
    const json old = before->at("properties");
    for (const auto& [name, value] : old.items())
      if (!body["properties"].contains(name)) body["properties"][name] = value;
  }
  const json& stored = call.cloud.add(std::move(body));
  return with_status(is_new ? 201 : 200, shown(call, stored));
}

void forget_copy(json& properties) {
  for (const char* member :
       {"secondaryLocation", "statusOfSecondary", "secondaryEndpoints", "geoReplicationStats"})
    properties.erase(member);
}

http::Response patch_account(ArmCall& call) {
  json* account = account_of(call);
  if (account == nullptr) return not_found(call);
  const std::string old = text_of(account->at("sku"), "name");
  const std::string sku = text_of(call.body.value("sku", json::object()), "name", old);
  if (is_zonal(old) != is_zonal(sku))
    return arm_error(409, "SkuConversionNotAllowed",
                     "Zonal redundancy changes by startAccountMigration only.");
  if (has(old, "Premium") != has(sku, "Premium"))
    return arm_error(409, "SkuConversionNotAllowed",
                     "An account cannot change between standard and premium.");
  const std::string place = text_of(account->at("properties"), "primaryLocation");
  if (auto refusal = refuse_storage_sku(sku, place)) return *refusal;
  (*account)["sku"] = json::object({{"name", sku}});
  if (const json* tags = field(call.body, "tags")) (*account)["tags"] = *tags;
  if (sku != old) {
    forget_copy((*account)["properties"]);
  }
  complete_account(*account);
  return answer(shown(call, *account));
}

http::Response list_keys(ArmCall& call) {
  const json* account = account_of(call);
  if (account == nullptr) return not_found(call);
  json keys = json::array();
  for (const char* name : {"key1", "key2"})
    keys.push_back(json::object({{"keyName", name},
                                 {"value", base64_encode(sha256_hex(call.id.name() + name))},
                                 {"permissions", "FULL"}}));
  return answer(json::object({{"keys", std::move(keys)}}));
}

/// Zonal redundancy comes and goes by a conversion that takes its time.
http::Response start_migration(ArmCall& call) {
  json* account = account_of(call);
  if (account == nullptr) return not_found(call);
  const std::string target =
      text_of(call.body.value("properties", json::object()), "targetSkuName");
  const std::string place = text_of(account->at("properties"), "primaryLocation");
  if (auto refusal = refuse_storage_sku(target, place)) return *refusal;
  (*account)["properties"]["accountMigrationInProgress"] = true;
  Operation operation;
  Cloud& cloud = call.cloud;
  operation.resource = text_of(*account, "id");
  operation.finish = [&cloud, id = operation.resource, target](Operation& ended) {
    json* found = cloud.resources().find(id);
    if (found == nullptr) return;
    (*found)["properties"].erase("accountMigrationInProgress");
    if (ended.status != "Succeeded") return;
    (*found)["sku"] = json::object({{"name", target}});
    forget_copy((*found)["properties"]);
    complete_account(*found);
  };
  return begin(call, std::move(operation), std::chrono::hours(72), 202);
}

void fail_over(json& account, bool planned) {
  json& properties = account["properties"];
  const std::string from = text_of(properties, "primaryLocation");
  const std::string to = text_of(properties, "secondaryLocation");
  const json stats = properties.value("geoReplicationStats", json::object());
  const char* member = planned ? "postPlannedFailoverRedundancy" : "postFailoverRedundancy";
  account["sku"] = json::object({{"name", text_of(stats, member, "Standard_LRS")}});
  properties["primaryLocation"] = to;  // `location` stays: the resource provider does not fail over
  forget_copy(properties);
  if (planned) properties["secondaryLocation"] = from;
}

/// Why an account cannot fail over just now; which codes the service has for that is not told.
Refusal refuse_failover(ArmCall& call, const json& account, bool planned) {
  const auto refused = [&](const std::string& why) {
    return arm_error(409, "AccountNotEligibleForFailover",
                     "The storage account '" + call.id.parent() + "' cannot fail over: " + why);
  };
  const std::string id = text_of(account, "id");
  const json& properties = account.at("properties");
  if (call.cloud.operations().running_on(id) != nullptr)
    return arm_error(409, "StorageAccountOperationInProgress",
                     "An operation on the storage account is in progress.");
  const json stats = properties.value("geoReplicationStats", json::object());
  if (!flag_of(stats, planned ? "canPlannedFailover" : "canFailover"))
    return refused("it is not eligible.");
  if (text_of(properties, "statusOfSecondary") == "unavailable")
    return refused("its secondary is unavailable.");
  if (planned && text_of(properties, "statusOfPrimary") == "unavailable")
    return refused("a planned failover needs both regions.");
  const char* policies = "Microsoft.Storage/storageAccounts/objectReplicationPolicies";
  if (!call.cloud.resources().of_type(policies, id).empty())
    return refused("it takes part in object replication.");
  return std::nullopt;
}

http::Response start_failover(ArmCall& call) {
  json* account = account_of(call);
  if (account == nullptr) return not_found(call);
  const bool planned = same_id(call.query("failoverType"), "Planned");
  if (auto refusal = refuse_failover(call, *account, planned)) return *refusal;
  (*account)["properties"]["failoverInProgress"] = true;
  Operation operation;
  Cloud& cloud = call.cloud;
  operation.resource = text_of(*account, "id");
  operation.finish = [&cloud, id = operation.resource, planned](Operation& ended) {
    json* found = cloud.resources().find(id);
    if (found == nullptr) return;
    (*found)["properties"].erase("failoverInProgress");  // it is true or absent
    if (ended.status != "Succeeded") return;
    fail_over(*found, planned);
    (*found)["properties"]["lastGeoFailoverTime"] = instant(ended.due);
    complete_account(*found);
  };
  return begin(call, std::move(operation), std::chrono::hours(1), 202);
}
}  // namespace

bool is_account_name(const std::string& name) {
  return name.size() >= 3 && name.size() <= 24 && std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
         });
}

bool is_account_taken(const Cloud& cloud, const std::string& name) {
  for (const auto& [id, resource] : cloud.resources().all()) {
    if (text_of(resource, "type") == account_type && text_of(resource, "name") == name) return true;
    if (text_of(resource, "type") == "Microsoft.Databricks/workspaces" &&
        parameter_of(resource.at("properties"), "storageAccountName") == name)
      return true;
  }
  return cloud.options().foreign_names.contains(name);
}

Refusal refuse_storage_sku(const std::string& sku, const std::string& location) {
  if (std::find(sku_names.begin(), sku_names.end(), sku) == sku_names.end())
    return arm_error(400, "InvalidSku", "The storage account SKU '" + sku + "' is not known.");
  const Location* place = find_location(location);
  if (place == nullptr) return std::nullopt;  // somebody else has refused it
  if (is_geo(sku) && place->pair.empty())
    return arm_error(
        400, "SkuNotAvailable",
        "The SKU '" + sku + "' is not available in '" + location + "': the region has no pair.");
  if (is_zonal(sku) && place->zones == 0)
    return arm_error(400, "SkuNotAvailable",
                     "The SKU '" + sku + "' is not available in '" + location +
                         "': the region has no availability zones.");
  return std::nullopt;
}

void complete_account(json& account) {
  json& properties = account["properties"];
  const std::string name = text_of(account, "name");
  if (!account.contains("sku")) account["sku"] = json::object({{"name", "Standard_LRS"}});
  const std::string sku = text_of(account["sku"], "name");
  account["sku"]["tier"] = has(sku, "Premium") ? "Premium" : "Standard";
  fill(account, json::object({{"kind", "StorageV2"}}));
  fill(properties, json::object({{"primaryLocation", text_of(account, "location")},
                                 {"statusOfPrimary", "available"},
                                 {"primaryEndpoints", endpoints_of(name)},
                                 {"supportsHttpsTrafficOnly", true},
                                 {"minimumTlsVersion", "TLS1_2"}}));
  const Location* place = find_location(text_of(properties, "primaryLocation"));
  if (!is_geo(sku) || place == nullptr) return;
  fill(properties,
       json::object({{"secondaryLocation", place->pair}, {"statusOfSecondary", "available"}}));
  if (is_readable_there(sku))
    fill(properties, json::object({{"secondaryEndpoints", endpoints_of(name + "-secondary")}}));
  json stats = properties.value("geoReplicationStats", json::object());
  fill(stats, json::object({{"status", "Live"},
                            {"canFailover", true},
                            {"canPlannedFailover", true},
                            {"postFailoverRedundancy", "Standard_LRS"},
                            {"postPlannedFailoverRedundancy", sku}}));
  properties["geoReplicationStats"] = std::move(stats);
}

void add_storage_routes(ArmRoutes& routes) {
  using http::Method;
  const std::string one = "microsoft.storage/storageaccounts/{}";
  routes.add(Method::put, one, put_account);
  routes.add(Method::patch, one, patch_account);
  routes.add(Method::post, one + "/listKeys", list_keys);
  routes.add(Method::post, one + "/failover", start_failover);
  routes.add(Method::post, one + "/startAccountMigration", start_migration);
  routes.add(Method::post, "microsoft.storage/checkNameAvailability", check_account_name);
  routes.add(Method::get, "microsoft.storage/skus", list_storage_skus);
  routes.add(Method::get, "microsoft.storage/locations/{}/usages", storage_usages);
}

}  // namespace twinlake::simulator
