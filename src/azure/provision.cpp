// The plan: from what Azure says to ordered steps.
#include "azure/provision.h"

#include <algorithm>
#include <set>

#include "azure/inspection.h"
#include "azure/provision_steps.h"
#include "azure/twin_builder.h"

namespace twinlake::azure {

using nlohmann::json;

namespace {

constexpr int most_salts = 5;

/// Hosts of the control plane that a workspace depends on.
Task<std::set<std::string>> plane_hosts(Arm& arm, std::string id, std::string api_version) {
  std::set<std::string> hosts;
  const auto all = co_await arm.list(id + "/outboundNetworkDependenciesEndpoints", api_version);
  if (!all) co_return hosts;  // nothing can be said then
  for (const json& group : *all) {
    const std::string category = region_name(dotted_text(group, "category"));
    const bool is_plane = category.find("webapp") != std::string::npos ||
                          category.find("relay") != std::string::npos ||
                          category.find("control") != std::string::npos;
    const json& endpoints = at_dotted(group, "endpoints");
    if (!is_plane || !endpoints.is_array()) continue;
    for (const json& endpoint : endpoints)
      if (const std::string host = dotted_text(endpoint, "domainName"); !host.empty())
        hosts.insert(host);
  }
  co_return hosts;
}

/// A different region alone does not prove it.
Task<void> compare_planes(Arm& arm, std::string primary, ProvisionPlan* plan) {
  const auto ours = co_await plane_hosts(arm, std::move(primary), plan->api_version);
  const auto theirs = co_await plane_hosts(arm, plan->twin.id, plan->api_version);
  std::erase_if(plan->twin.findings, [&](const TwinFinding& finding) {
    return !ours.empty() && !theirs.empty() && finding.about == "location" &&
           finding.message.find("control plane") != std::string::npos;
  });
  for (const std::string& host : ours) {
    if (!theirs.contains(host)) continue;
    plan->twin.findings.emplace_back(
        Level::warning, "location",
        "both workspaces depend on the control plane at " + host + ": one outage takes both",
        "Make the secondary in another region: set " + setting("region"));
    co_return;
  }
}

/// Was a creation begun whose end nobody saw? Then its names count as taken by us.
std::optional<int> begun_salt(const state::Store& store, const std::string& id) {
  const auto step = store.provision_step(id, std::string(name_of(StepKind::workspace)));
  const bool ended = step && (step->outcome == "refused" || step->outcome == "done");
  if (!step || ended) return std::nullopt;
  return step->salt;
}

/// A generated name that is free, or the first one when nothing can be told.
Task<int> free_salt(Arm& arm, json primary, TwinSettings settings, Regions regions) {
  for (int salt = 0; salt < most_salts; ++salt) {
    const auto twin = twin_of(primary, settings, regions, std::nullopt, salt);
    if (!twin) co_return 0;
    const std::string name =
        dotted_text(twin->body, "properties.parameters.storageAccountName.value");
    if (name.empty()) co_return 0;
    const NameCheck check = co_await ask_storage_name(arm, twin->subscription, name);
    if (!check.known || check.is_free) co_return salt;
  }
  co_return 0;
}

Task<Regions> known_regions(Arm& arm, std::string subscription, const ProviderFacts* provider,
                            std::vector<TwinFinding>* findings) {
  Regions regions;
  const auto locations =
      co_await arm.list("/subscriptions/" + subscription + "/locations", locations_version);
  if (locations)
    regions.take_locations(*locations);
  else
    findings->emplace_back(Level::warning, "location",
                           "the regions could not be asked, so a table of 2026-03 counts: " +
                               locations.error().message,
                           "Give the principal the role Reader on the subscription");
  if (const ProviderFacts::Type* type = provider->type("workspaces"))
    regions.take_offered(type->regions);
  co_return regions;
}

}  // namespace

bool ProvisionPlan::is_blocked() const {
  return std::any_of(findings.begin(), findings.end(),
                     [](const TwinFinding& finding) { return finding.level == Level::blocker; });
}

Task<Result<json>> read_workspace(Arm& arm, std::string id) {
  CO_TRY(const ResourceId parts, resource_id(id));
  if (!same_id(parts.provider + "/" + parts.type, "Microsoft.Databricks/workspaces"))
    co_return fail(Fault::config, "`" + id + "` is no workspace of Azure Databricks");
  std::string subscription = parts.subscription;
  const auto provider =
      co_await ask_provider(arm, std::move(subscription), std::string(provider_name));
  std::string version = databricks_version;
  if (provider) version = newest_version(*provider, "workspaces", databricks_version);
  co_return co_await arm.get(std::move(id), std::move(version));
}

Task<Result<json>> find_workspace(Arm& arm, std::string host) {
  CO_TRY(const std::vector<json> subscriptions,
         co_await arm.list("/subscriptions", locations_version));
  host = host.substr(host.find("://") == std::string::npos ? 0 : host.find("://") + 3);
  Error unseen(Fault::not_found, "Azure shows no workspace at " + host,
               "Add azure_workspace_resource_id to its profile, and give the principal the role "
               "Reader on it");
  for (const json& subscription : subscriptions) {
    const std::string id = dotted_text(subscription, "subscriptionId");
    const auto all = co_await arm.list(
        "/subscriptions/" + id + "/providers/Microsoft.Databricks/workspaces", "2018-04-01");
    if (!all) {
      // One that is closed to us is not the one we have access to; of one that does not answer
      // nobody knows.
      const Fault fault = all.error().fault;
      if (fault == Fault::forbidden || fault == Fault::disabled) continue;
      unseen = all.error();
      unseen.message = "whether the workspace at " + host + " is in the subscription " + id +
                       " could not be seen: " + unseen.message;
      continue;
    }
    for (const json& workspace : *all)
      if (same_id(dotted_text(workspace, "properties.workspaceUrl"), host))
        co_return co_await read_workspace(arm, dotted_text(workspace, "id"));
  }
  co_return fail(std::move(unseen));
}

Result<ProvisionPlan> plan_on_paper(const json& primary, const TwinSettings& settings,
                                    const PlanOptions& options) {
  ProvisionPlan plan;
  TRY(plan.twin, twin_of(primary, settings, Regions()));
  plan.api_version = databricks_version;
  plan.findings = plan.twin.findings;
  Seen nothing_there;
  nothing_there.provider.state = "Registered";
  nothing_there.group.known = true;
  nothing_there.connector.known = plan.twin.connector.has_value();
  nothing_there.network.known = plan.twin.network.has_value();
  const auto judged = judge(nothing_there, plan.twin);
  plan.findings.insert(plan.findings.end(), judged.begin(), judged.end());
  const std::optional<json> absent;
  plan_steps(plan, nothing_there, absent, options);
  return plan;
}

Task<Result<ProvisionPlan>> plan_provision(Arm& arm, const state::Store& store, json primary,
                                           TwinSettings settings, PlanOptions options) {
  ProvisionPlan plan;
  Seen seen;
  CO_TRY(const Twin first, twin_of(primary, settings, Regions()));
  CO_TRY(seen.provider, co_await ask_provider(arm, first.subscription, std::string(provider_name)));
  plan.api_version = newest_version(seen.provider, "workspaces", databricks_version);
  const Regions regions =
      co_await known_regions(arm, first.subscription, &seen.provider, &plan.findings);
  auto looked = co_await arm.find(first.id, plan.api_version);
  // Where the provider is not registered yet, nothing of it can be there.
  const bool unregistered = !looked && looked.error().fault == Fault::disabled;
  if (!looked && !unregistered) co_return fail(std::move(looked).error());
  const std::optional<json> existing = looked ? std::move(*looked) : std::nullopt;
  plan.exists = existing.has_value();
  const auto begun = begun_salt(store, first.id);
  if (begun)
    plan.salt = *begun;
  else if (!existing && settings.storage_account.empty())
    plan.salt = co_await free_salt(arm, primary, settings, regions);
  CO_TRY(plan.twin, twin_of(primary, settings, regions, existing, plan.salt));
  if (existing) {
    plan.state = dotted_text(*existing, "properties.provisioningState");
    plan.host = dotted_text(*existing, "properties.workspaceUrl");
    co_await compare_planes(arm, dotted_text(primary, "id"), &plan);
  } else if (regions.find(plan.twin.region) != nullptr) {  // else nothing is to be seen there
    ProviderFacts provider = std::move(seen.provider);
    seen = co_await look_at_place(arm, plan.twin, primary, plan.api_version, !begun);
    seen.provider = std::move(provider);
    if (begun) seen.managed_group = Look();  // made by the creation that was begun
  }
  plan.findings.insert(plan.findings.end(), plan.twin.findings.begin(), plan.twin.findings.end());
  if (!existing) {
    auto judged = judge(seen, plan.twin);
    plan.findings.insert(plan.findings.end(), judged.begin(), judged.end());
  }
  plan_steps(plan, seen, existing, options);
  co_return plan;
}

}  // namespace twinlake::azure
