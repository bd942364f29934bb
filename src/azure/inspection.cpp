#include "azure/inspection.h"

#include <algorithm>

#include "azure/subnets.h"
#include "azure/twin_builder.h"
#include "base/text.h"

namespace twinlake::azure {

using nlohmann::json;

namespace {

TwinFinding not_seen(const std::string& what, const Error& error) {
  return TwinFinding(Level::warning, what, "could not be looked at: " + error.message,
                     error.fault == Fault::forbidden
                         ? "Give the principal that signs in to Azure the role Reader there"
                         : error.hint);
}

/// Looks at things one after the other; remembers what it was not shown.
class Looker {
 public:
  Looker(Arm& arm, Seen& seen) : arm_(arm), seen_(seen) {}

  Task<Look> at(std::string what, std::string path, std::string api_version) {
    auto found = co_await arm_.find(std::move(path), std::move(api_version));
    Look look;
    if (found) {
      look.known = true;
      look.found = std::move(*found);
    } else {
      seen_.unknown.push_back(not_seen(what, found.error()));
    }
    co_return look;
  }

  Task<std::optional<std::vector<json>>> list(std::string what, std::string path,
                                              std::string api_version) {
    auto found = co_await arm_.list(std::move(path), std::move(api_version));
    if (found) co_return std::move(*found);
    seen_.unknown.push_back(not_seen(what, found.error()));
    co_return std::nullopt;
  }

 private:
  Arm& arm_;
  Seen& seen_;
};

const std::vector<std::string>& subnet_parameters() {
  static const std::vector<std::string> names{"customPublicSubnetName", "customPrivateSubnetName"};
  return names;
}

std::string parameter_of(const json& workspace, const std::string& name) {
  return dotted_text(workspace, "properties.parameters." + name + ".value");
}

Task<void> look_at_network(Looker* looker, const Twin* of, const json* from_primary, Seen* into) {
  const Twin& twin = *of;
  const json& primary = *from_primary;
  Seen& seen = *into;
  if (twin.vnet_id.empty()) co_return;
  seen.network = co_await looker->at("the network", twin.vnet_id, network_version);
  const std::string primary_vnet = parameter_of(primary, "customVirtualNetworkId");
  for (const std::string& parameter : subnet_parameters()) {
    const std::string name = parameter_of(twin.body, parameter);
    if (name.empty()) continue;
    if (seen.network.found)
      seen.subnets[name] = co_await looker->at("the subnet " + name,
                                               twin.vnet_id + "/subnets/" + name, network_version);
    const std::string counterpart = parameter_of(primary, parameter);
    if (primary_vnet.empty() || counterpart.empty()) continue;
    seen.primary_subnets[name] =
        co_await looker->at("the primary's subnet " + counterpart,
                            primary_vnet + "/subnets/" + counterpart, network_version);
  }
}

void judge_subnet(const std::string& name, const json& subnet, const Look& of_primary,
                  std::vector<TwinFinding>& findings) {
  const std::string about = "subnet " + name;
  const std::string other = "or name another one in " + setting("network");
  bool delegated = false;
  const json& delegations = at_dotted(subnet, "properties.delegations");
  if (delegations.is_array())
    for (const json& one : delegations)
      delegated = delegated || same_id(dotted_text(one, "properties.serviceName"),
                                       "Microsoft.Databricks/workspaces");
  if (!delegated)
    findings.emplace_back(Level::blocker, about, "it is not delegated to Azure Databricks",
                          "Delegate it to Microsoft.Databricks/workspaces, " + other);
  if (dotted_text(subnet, "properties.networkSecurityGroup.id").empty())
    findings.emplace_back(Level::blocker, about, "it has no network security group",
                          "Attach one, an empty one will do, " + other);
  const json& used = at_dotted(subnet, "properties.ipConfigurations");
  if (used.is_array() && !used.empty())
    findings.emplace_back(Level::blocker, about,
                          counted(static_cast<std::int64_t>(used.size()), "address", "addresses") +
                              " in it are taken; a workspace needs a subnet of its own",
                          "Free it, " + other);
  const auto room = room_in(subnet);
  constexpr std::int64_t least = 59;  // a /26
  if (room && *room < least)
    findings.emplace_back(Level::blocker, about,
                          "it has room for " + counted(*room, "machine", "machines") +
                              ", less than the /26 that is needed",
                          "Enlarge it, " + other);
  const auto needed = of_primary.found ? room_in(*of_primary.found) : std::nullopt;
  if (room && *room >= least && needed > room)
    findings.emplace_back(Level::warning, about,
                          "it has room for " + std::to_string(*room) +
                              " machines, the primary's for " + std::to_string(*needed),
                          "Enlarge it to as much as the primary needs at its peak, " + other);
}

/// Of a network that is to be made only the sizes can be wrong.
void judge_planned_network(const Seen& seen, const Twin& twin, std::vector<TwinFinding>& findings) {
  const json& subnets = at_dotted(twin.network->body, "properties.subnets");
  if (!subnets.is_array()) return;
  for (const json& subnet : subnets) {
    const std::string name = dotted_text(subnet, "name");
    const auto of_primary = seen.primary_subnets.find(name);
    if (!room_in(subnet))
      findings.emplace_back(Level::blocker, "subnet " + name,
                            "`" + dotted_text(subnet, "properties.addressPrefix") + "` is no range",
                            "Write " + setting("network") + " with ranges like 10.20.0.0/18");
    judge_subnet(name, subnet,
                 of_primary == seen.primary_subnets.end() ? Look() : of_primary->second, findings);
  }
}

void judge_network(const Seen& seen, const Twin& twin, std::vector<TwinFinding>& findings) {
  if (twin.vnet_id.empty()) return;
  if (seen.network.absent() && !twin.network)
    findings.emplace_back(Level::blocker, "network", "there is no network " + twin.vnet_id,
                          "Make it, or set " + setting("network") +
                              ".address_space, .public_prefix and .private_prefix to have it made");
  if (seen.network.absent() && twin.network) judge_planned_network(seen, twin, findings);
  if (!seen.network.found) return;
  const std::string place = region_name(dotted_text(*seen.network.found, "location"));
  if (!place.empty() && place != twin.region)
    findings.emplace_back(Level::blocker, "network",
                          "it lies in " + place + ", not in " + twin.region,
                          "Set " + setting("network.vnet") + " to one in " + twin.region);
  for (const auto& [name, look] : seen.subnets) {
    if (look.absent())
      findings.emplace_back(Level::blocker, "subnet " + name, "it is not in " + twin.vnet_id,
                            "Make it, or correct the names in " + setting("network"));
    const auto of_primary = seen.primary_subnets.find(name);
    if (look.found)
      judge_subnet(name, *look.found,
                   of_primary == seen.primary_subnets.end() ? Look() : of_primary->second,
                   findings);
  }
}

bool lists(const json& places, const std::string& region) {
  return places.is_array() && std::any_of(places.begin(), places.end(), [&](const json& place) {
           return place.is_string() && region_name(place.get<std::string>()) == region;
         });
}

void judge_storage(const Seen& seen, const Twin& twin, std::vector<TwinFinding>& findings) {
  if (seen.storage_name.known && !seen.storage_name.is_free)
    findings.emplace_back(Level::blocker, "storageAccountName",
                          "the name " + parameter_of(twin.body, "storageAccountName") +
                              " cannot be had: " + seen.storage_name.reason,
                          "Set " + setting("storage_account") + " to another name");
  const std::string wanted = parameter_of(twin.body, "storageAccountSkuName");
  if (wanted.empty() || !seen.storage_skus) return;
  bool offered = false;
  bool restricted = false;
  for (const json& sku : *seen.storage_skus) {
    if (!same_id(dotted_text(sku, "name"), wanted) ||
        !lists(at_dotted(sku, "locations"), twin.region))
      continue;
    offered = true;
    const json& limits = at_dotted(sku, "restrictions");
    if (limits.is_array())
      for (const json& limit : limits)
        restricted = restricted || lists(at_dotted(limit, "values"), twin.region);
  }
  const std::string remedy = "Set " + setting("storage_sku") + ", or another " + setting("region");
  if (!offered)
    findings.emplace_back(Level::blocker, "storageAccountSkuName",
                          wanted + " is not offered in " + twin.region, remedy);
  else if (restricted)
    findings.emplace_back(Level::blocker, "storageAccountSkuName",
                          wanted + " is closed to this subscription in " + twin.region, remedy);
}

void judge_quota(const Seen& seen, const Twin& twin, std::vector<TwinFinding>& findings) {
  if (!seen.storage_usage) return;
  for (const json& usage : *seen.storage_usage) {
    const json& now = at_dotted(usage, "currentValue");
    const json& limit = at_dotted(usage, "limit");
    if (!now.is_number() || !limit.is_number() || now.get<double>() < limit.get<double>()) continue;
    findings.emplace_back(Level::blocker, "quota",
                          "all " + limit.dump() + " storage accounts of the subscription in " +
                              twin.region + " are taken",
                          "Ask for more, remove one, or set another " + setting("region"));
  }
}

}  // namespace

Task<NameCheck> ask_storage_name(Arm& arm, std::string subscription, std::string name) {
  json body = json::object();
  body["name"] = name;
  body["type"] = "Microsoft.Storage/storageAccounts";
  const std::string path =
      "/subscriptions/" + subscription + "/providers/Microsoft.Storage/checkNameAvailability";
  const auto answer = co_await arm.ask(path, storage_version, std::move(body));
  NameCheck check;
  if (!answer) co_return check;
  const json& available = at_dotted(*answer, "nameAvailable");
  check.known = available.is_boolean();
  check.is_free = !check.known || available.get<bool>();
  check.reason = dotted_text(*answer, "reason");
  const std::string message = dotted_text(*answer, "message");
  if (!message.empty()) check.reason += (check.reason.empty() ? "" : ": ") + message;
  co_return check;
}

Task<Seen> look_at_place(Arm& arm, Twin twin, json primary, std::string api_version,
                         bool ask_storage) {
  Seen seen;
  Looker looker(arm, seen);
  const std::string subscription = "/subscriptions/" + twin.subscription;
  seen.group = co_await looker.at("the resource group",
                                  subscription + "/resourcegroups/" + twin.resource_group,
                                  providers_version);
  const std::string managed = dotted_text(twin.body, "properties.managedResourceGroupId");
  if (!managed.empty())
    seen.managed_group =
        co_await looker.at("the managed resource group", managed, providers_version);
  const std::string connector = dotted_text(twin.body, "properties.accessConnector.id");
  if (!connector.empty())
    seen.connector = co_await looker.at("the access connector", connector, std::move(api_version));
  co_await look_at_network(&looker, &twin, &primary, &seen);
  const std::string account = parameter_of(twin.body, "storageAccountName");
  if (account.empty()) co_return seen;
  if (ask_storage) seen.storage_name = co_await ask_storage_name(arm, twin.subscription, account);
  const std::string storage = subscription + "/providers/Microsoft.Storage";
  seen.storage_skus =
      co_await looker.list("the SKUs of storage", storage + "/skus", storage_version);
  seen.storage_usage =
      co_await looker.list("the quota of storage accounts",
                           storage + "/locations/" + twin.region + "/usages", storage_version);
  co_return seen;
}

std::vector<TwinFinding> judge(const Seen& seen, const Twin& twin) {
  std::vector<TwinFinding> findings = seen.unknown;
  if (seen.group.found) {
    const std::string place = region_name(dotted_text(*seen.group.found, "location"));
    if (!place.empty() && place != twin.region)
      findings.emplace_back(Level::note, "resource group",
                            twin.resource_group + " itself lies in " + place +
                                ": its description is kept there, and cannot be changed while that "
                                "region is out",
                            "Set " + setting("resource_group") + " to one in " + twin.region);
  }
  if (seen.managed_group.found)
    findings.emplace_back(Level::blocker, "managedResourceGroupId",
                          "there is a resource group of that name already; the service makes it",
                          "Set " + setting("managed_resource_group") + " to a new name");
  if (seen.connector.absent() && !twin.connector)
    findings.emplace_back(
        Level::blocker, "accessConnector",
        "there is no connector " + dotted_text(twin.body, "properties.accessConnector.id"),
        "Correct " + setting("access_connector") + ", or give it a name to have it made");
  if (seen.connector.found &&
      lower_case(region_name(dotted_text(*seen.connector.found, "location"))) != twin.region)
    findings.emplace_back(Level::warning, "accessConnector", "it lies in another region",
                          "Set " + setting("access_connector") + " to one in " + twin.region);
  judge_network(seen, twin, findings);
  judge_storage(seen, twin, findings);
  judge_quota(seen, twin, findings);
  return findings;
}

}  // namespace twinlake::azure
