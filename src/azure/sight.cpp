#include "azure/sight.h"

#include <algorithm>

#include "azure/provider.h"
#include "base/json_path.h"

namespace twinlake::azure {

using nlohmann::json;

namespace {

constexpr const char* subscriptions_version = "2022-12-01";
constexpr const char* workspaces_version = "2026-01-01";  // facts, azure 4.1
constexpr const char* workspaces_type = "Microsoft.Databricks/workspaces";
/// More than anybody looks through for an answer within a minute.
constexpr std::size_t most_subscriptions = 40;

std::string bare_host(std::string_view url) {
  if (const std::size_t scheme = url.find("://"); scheme != std::string_view::npos)
    url.remove_prefix(scheme + 3);
  return lower_case(url.substr(0, url.find('/')));
}

bool contains(const std::vector<std::string>& ids, const std::string& id) {
  return std::ranges::any_of(
      ids, [&](const std::string& one) { return lower_case(one) == lower_case(id); });
}

Task<void> find_subscriptions(Arm* arm, std::vector<std::string> known, AzureSight* into) {
  into->subscriptions = std::move(known);
  auto seen = co_await arm->list("/subscriptions", subscriptions_version);
  if (!seen) {
    // Who may not list them may look at those that are known; where nobody answers, nothing is
    // seen.
    const Fault fault = seen.error().fault;
    const bool is_gone =
        fault == Fault::network || fault == Fault::unavailable || fault == Fault::unauthenticated;
    (into->subscriptions.empty() || is_gone ? into->blind : into->more) = std::move(seen).error();
    co_return;
  }
  for (const json& one : *seen) {
    const std::string id = text_at(one, "/subscriptionId");
    const std::string state = text_at(one, "/state");
    const bool is_alive =
        state.empty() || state == "Enabled" || state == "Warned" || state == "PastDue";
    const bool is_new = !id.empty() && is_alive && !contains(into->subscriptions, id);
    if (!is_new) continue;
    if (into->subscriptions.size() < most_subscriptions)
      into->subscriptions.push_back(id);
    else
      into->more = Error(Fault::refused,
                         "our principal sees more than " + std::to_string(most_subscriptions) +
                             " subscriptions, and no more are looked at",
                         "Let it see only those where the workspaces and what they use are");
  }
  if (into->subscriptions.empty())
    into->blind = Error(Fault::forbidden, "our principal sees no subscription",
                        "Give it the role Reader in the subscriptions of both workspaces");
}

/// Has the cloud no such version of the provider?
bool is_unknown_version(const Error& error) {
  return error.fault == Fault::disabled && error.service_code != "MissingSubscriptionRegistration";
}

/// The newest version of a type that this cloud has; empty: it does not say.
Task<std::string> version_there(Arm* arm, std::string subscription, std::string type) {
  const std::size_t slash = type.find('/');
  const auto facts = co_await ask_provider(*arm, std::move(subscription), type.substr(0, slash));
  co_return facts ? newest_version(*facts, type.substr(slash + 1), "") : std::string();
}

Task<void> list_one(Arm* arm, std::string subscription, std::string type, std::string version,
                    Listed* into) {
  const std::string path = "/subscriptions/" + subscription + "/providers/" + type;
  auto listed = co_await arm->list(path, version);
  if (!listed && is_unknown_version(listed.error())) {
    std::string older = co_await version_there(arm, subscription, type);
    if (!older.empty() && older != version) listed = co_await arm->list(path, std::move(older));
  }
  if (!listed) {
    // Where the provider was never registered, nothing of it can be.
    if (listed.error().service_code != "MissingSubscriptionRegistration")
      into->errors.push_back(std::move(listed).error());
    co_return;
  }
  for (json& resource : *listed) into->resources.push_back(std::move(resource));
}

Task<Result<WorkspacePlace>> read_place(Arm* arm, std::string id) {
  auto resource = co_await arm->get(id, workspaces_version);
  if (const auto parts = outer_resource_id(id);
      parts && !resource && is_unknown_version(resource.error())) {
    std::string older = co_await version_there(arm, parts->subscription, workspaces_type);
    if (!older.empty()) resource = co_await arm->get(id, std::move(older));
  }
  if (!resource) co_return fail(std::move(resource).error());
  co_return workspace_place_of(*resource);
}

Task<Result<WorkspacePlace>> find_place(Arm* arm, const Listed* workspaces, std::string id,
                                        std::string host) {
  if (!id.empty()) co_return co_await read_place(arm, id);
  for (const json& resource : workspaces->resources)
    if (bare_host(text_at(resource, "/properties/workspaceUrl")) == bare_host(host))
      co_return workspace_place_of(resource);
  Error error = workspaces->absent("workspace " + bare_host(host));
  if (error.hint.empty())
    error.hint = "Give its resource id, or the role Reader on its resource group";
  co_return fail(std::move(error));
}

}  // namespace

Error Listed::absent(std::string_view what) const {
  const std::string name(what);
  if (errors.empty())
    return Error(
        Fault::not_found, "no subscription that we see has the " + name,
        "Give our principal the role Reader in the subscription where it is, or correct the name");
  Error error = errors.front();
  error.message = "whether the " + name + " is there could not be seen: " + error.message;
  if (error.hint.empty()) error.hint = "Give our principal the role Reader in that subscription";
  return error;
}

const json* Listed::with_id(std::string_view id) const {
  const auto found = std::ranges::find_if(
      resources, [&](const json& resource) { return same_id(text_at(resource, "/id"), id); });
  return found == resources.end() ? nullptr : &*found;
}

const json* Listed::named(std::string_view name) const {
  const auto found = std::ranges::find_if(resources, [&](const json& resource) {
    return lower_case(text_at(resource, "/name")) == lower_case(name);
  });
  return found == resources.end() ? nullptr : &*found;
}

Task<Listed> list_everywhere(Arm& arm, const AzureSight& sight, std::string type,
                             std::string api_version) {
  Listed listed;
  TaskGroup questions(arm.loop());
  for (const std::string& subscription : sight.subscriptions)
    questions.start(list_one(&arm, subscription, type, api_version, &listed));
  co_await questions.join();
  if (sight.more) listed.errors.push_back(*sight.more);
  co_return listed;
}

WorkspacePlace workspace_place_of(const json& resource) {
  WorkspacePlace place;
  place.id = text_at(resource, "/id");
  if (const auto id = outer_resource_id(place.id)) place.subscription = id->subscription;
  place.region = region_name(text_at(resource, "/location"));
  place.managed_group = text_at(resource, "/properties/managedResourceGroupId");
  const auto parameter = [&](const char* name) {
    return text_at(resource, std::string("/properties/parameters/") + name + "/value");
  };
  place.root_account = lower_case(parameter("storageAccountName"));
  place.network = parameter("customVirtualNetworkId");
  place.host_subnet = parameter("customPublicSubnetName");
  place.container_subnet = parameter("customPrivateSubnetName");
  place.is_public = text_at(resource, "/properties/publicNetworkAccess") != "Disabled";
  if (const json* endpoints = find_at(resource, "/properties/privateEndpointConnections");
      endpoints != nullptr && endpoints->is_array())
    for (const json& endpoint : *endpoints)
      if (text_at(endpoint, "/properties/privateLinkServiceConnectionState/status") == "Approved")
        ++place.private_endpoints;
  return place;
}

std::map<std::string, std::string> pairs_in(const std::vector<json>& locations) {
  std::map<std::string, std::string> pairs;
  for (const json& location : locations) {
    if (text_at(location, "/metadata/regionType") == "Logical") continue;
    pairs[region_name(text_at(location, "/name"))] =
        region_name(text_at(location, "/metadata/pairedRegion/0/name"));
  }
  return pairs;
}

Task<AzureSight> look_around_workspaces(Arm& arm, SightOptions options) {
  AzureSight sight;
  for (const std::string* id : {&options.primary_id, &options.standby_id})
    if (const auto parsed = outer_resource_id(*id);
        parsed && !contains(options.subscriptions, parsed->subscription))
      options.subscriptions.push_back(parsed->subscription);
  co_await find_subscriptions(&arm, options.subscriptions, &sight);
  if (sight.blind) co_return sight;
  const bool must_search = (options.primary_id.empty() && !options.primary_host.empty()) ||
                           (options.standby_id.empty() && !options.standby_host.empty());
  Listed workspaces;
  if (must_search)
    workspaces = co_await list_everywhere(arm, sight, workspaces_type, workspaces_version);
  if (!options.primary_host.empty() || !options.primary_id.empty())
    sight.primary =
        co_await find_place(&arm, &workspaces, options.primary_id, options.primary_host);
  if (!options.standby_host.empty() || !options.standby_id.empty())
    sight.standby =
        co_await find_place(&arm, &workspaces, options.standby_id, options.standby_host);
  if (sight.subscriptions.empty()) co_return sight;
  const std::string path = "/subscriptions/" + sight.subscriptions.front() + "/locations";
  if (const auto locations = co_await arm.list(path, subscriptions_version))
    sight.pairs = pairs_in(*locations);
  co_return sight;
}

}  // namespace twinlake::azure
