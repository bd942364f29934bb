// The plan: from what Azure says to ordered steps.
#include "azure/provision.h"

#include <algorithm>
#include <set>

#include "azure/inspection.h"
#include "azure/twin_builder.h"

namespace twinlake::azure {

using nlohmann::json;

namespace {

constexpr std::string_view provider_name = "Microsoft.Databricks";
constexpr int most_salts = 5;

ProvisionStep step_of(StepKind kind, http::Method method, std::string title, std::string path,
                      std::string api_version, json body) {
  ProvisionStep step;
  step.kind = kind;
  step.title = std::move(title);
  step.method = method;
  step.path = std::move(path);
  step.api_version = std::move(api_version);
  step.body = std::move(body);
  return step;
}

/// Older versions refuse what they do not know.
json body_for(json body, const std::string& version) {
  if (version < "2025-10-01") body["properties"].erase("computeMode");
  return body;
}

/// Everything but tags is changed by a PUT of the whole: what is there, with what is wanted.
json merged(const json& found, const json& wanted) {
  json body = json::object();
  for (const char* const name : {"location", "tags", "sku"})
    if (found.contains(name)) body[name] = found[name];
  json properties = found.value("properties", json::object());
  for (const char* const server :
       {"createdBy", "updatedBy", "createdDateTime", "provisioningState", "workspaceId",
        "workspaceUrl", "isUcEnabled", "diskEncryptionSetId", "storageAccountIdentity",
        "managedDiskIdentity", "privateEndpointConnections", "authorizations", "uiDefinitionUri"})
    properties.erase(server);
  if (properties.contains("parameters") && properties["parameters"].is_object()) {
    properties["parameters"].erase("resourceTags");
    for (auto& [name, parameter] : properties["parameters"].items())
      if (parameter.is_object()) parameter.erase("type");
  }
  body["properties"] = std::move(properties);
  body.merge_patch(wanted);
  return body;
}

bool only_tags(const std::vector<TwinDifference>& differences) {
  return std::all_of(differences.begin(), differences.end(), [](const TwinDifference& difference) {
    return difference.place.starts_with("tags.") || !difference.can_change;
  });
}

class Planner {
 public:
  Planner(ProvisionPlan& plan, const Seen& seen, const std::optional<json>& existing,
          const PlanOptions& options)
      : plan_(plan), twin_(plan.twin), seen_(seen), existing_(existing), options_(options) {}

  void plan() {
    if (!seen_.provider.is_registered()) add_registration();
    if (existing_) return plan_existing();
    add_surroundings();
    add_workspace(twin_.first_body.value_or(twin_.body));
    if (twin_.first_body) add_root_key();
  }

 private:
  void add(ProvisionStep step) { plan_.steps.push_back(std::move(step)); }

  void add_registration() {
    add(step_of(StepKind::register_provider, http::Method::post,
                "register the provider " + std::string(provider_name) + " in the subscription",
                "/subscriptions/" + twin_.subscription + "/providers/" +
                    std::string(provider_name) + "/register",
                providers_version, json()));
  }

  void add_surroundings() {
    if (seen_.group.absent()) {
      json body = json::object();
      body["location"] = twin_.region;
      add(step_of(
          StepKind::resource_group, http::Method::put,
          "create the resource group " + twin_.resource_group + " in " + twin_.region,
          "/subscriptions/" + twin_.subscription + "/resourcegroups/" + twin_.resource_group,
          providers_version, std::move(body)));
    }
    if (seen_.network.absent() && twin_.network) {
      add(step_of(StepKind::security_group, http::Method::put, "create a network security group",
                  twin_.security_group->id, network_version, twin_.security_group->body));
      add(step_of(StepKind::network, http::Method::put,
                  "create the network with two delegated subnets", twin_.network->id,
                  network_version, twin_.network->body));
    }
    if (seen_.connector.absent() && twin_.connector)
      add(step_of(StepKind::connector, http::Method::put, "create the access connector",
                  twin_.connector->id, plan_.api_version, twin_.connector->body));
  }

  void add_workspace(const json& body) {
    add(step_of(StepKind::workspace, http::Method::put,
                "create the workspace " + twin_.name + " in " + twin_.region, twin_.id,
                plan_.api_version, body_for(body, plan_.api_version)));
  }

  void add_root_key() {
    if (!options_.keys_granted) {
      ProvisionStep grant = step_of(StepKind::grant, http::Method::get,
                                    "let the workspace use the key of its DBFS root", twin_.id,
                                    plan_.api_version, json());
      grant.what_to_do =
          "Give the identity storageAccountIdentity of the workspace get, wrapKey and unwrapKey on "
          "the key in " +
          dotted_text(twin_.body, "properties.parameters.encryption.value.keyvaulturi") +
          ", then repeat the command with --keys-granted";
      add(std::move(grant));
    }
    add(step_of(StepKind::encryption, http::Method::put,
                "encrypt the DBFS root with the key of your own", twin_.id, plan_.api_version,
                body_for(twin_.body, plan_.api_version)));
  }

  void plan_existing() {
    const Ending ending = ending_of(plan_.state);
    if (ending == Ending::failed || ending == Ending::cancelled) return plan_failed();
    if (ending == Ending::running)
      add(step_of(StepKind::workspace, http::Method::get,
                  "wait for the workspace, which is " + plan_.state, twin_.id, plan_.api_version,
                  json()));
    plan_.differences = differences_of(body_for(twin_.body, plan_.api_version), *existing_);
    for (const TwinDifference& difference : plan_.differences)
      if (!difference.can_change)
        plan_.findings.emplace_back(
            Level::warning, difference.place,
            "the workspace has " + (difference.found.empty() ? "nothing" : difference.found) +
                " and should have " + difference.wanted + ", which only a new one could",
            "Remove the workspace to make it anew, or correct the settings");
    std::erase_if(plan_.differences, [](const TwinDifference& each) { return !each.can_change; });
    plan_changes();
  }

  void plan_changes() {
    if (plan_.differences.empty()) return;
    const bool root_key_missing =
        twin_.first_body &&
        at_dotted(*existing_, "properties.parameters.encryption.value.KeyName").is_null();
    if (root_key_missing) return add_root_key();
    if (only_tags(plan_.differences)) {
      json body = json::object();
      body["tags"] = twin_.body["tags"];
      return add(step_of(StepKind::tags, http::Method::patch, "set the tags of the workspace",
                         twin_.id, plan_.api_version, std::move(body)));
    }
    add(step_of(StepKind::update, http::Method::put,
                "change " + std::to_string(plan_.differences.size()) + " settings of the workspace",
                twin_.id, plan_.api_version,
                merged(*existing_, body_for(twin_.body, plan_.api_version))));
  }

  void plan_failed() {
    const bool ours = at_dotted(*existing_, "tags.twinlake-twin-of").is_string();
    if (!options_.replace_failed || !ours) {
      plan_.findings.emplace_back(
          Level::blocker, "workspace",
          "its creation has " + plan_.state + "; such a workspace can only be removed",
          ours ? "Repeat the command with --replace-failed: it removes it, with its managed "
                 "resource group, and makes it anew"
               : "Remove it in the portal: Twinlake did not make it");
      return;
    }
    add(step_of(StepKind::remove, http::Method::del,
                "remove the workspace whose creation has " + plan_.state, twin_.id,
                plan_.api_version, json()));
    add_workspace(twin_.first_body.value_or(twin_.body));
    if (twin_.first_body) add_root_key();
  }

  ProvisionPlan& plan_;
  const Twin& twin_;
  const Seen& seen_;
  const std::optional<json>& existing_;
  const PlanOptions& options_;
};

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

std::string_view name_of(StepKind kind) {
  switch (kind) {
    case StepKind::register_provider: return "register_provider";
    case StepKind::resource_group: return "resource_group";
    case StepKind::security_group: return "security_group";
    case StepKind::network: return "network";
    case StepKind::connector: return "connector";
    case StepKind::remove: return "remove";
    case StepKind::workspace: return "workspace";
    case StepKind::update: return "update";
    case StepKind::tags: return "tags";
    case StepKind::grant: return "grant";
    case StepKind::encryption: return "encryption";
  }
  return "?";
}

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
  for (const json& subscription : subscriptions) {
    const std::string id = dotted_text(subscription, "subscriptionId");
    const auto all = co_await arm.list(
        "/subscriptions/" + id + "/providers/Microsoft.Databricks/workspaces", "2018-04-01");
    if (!all) continue;  // one that is closed to us is not the one we have access to
    for (const json& workspace : *all)
      if (same_id(dotted_text(workspace, "properties.workspaceUrl"), host))
        co_return co_await read_workspace(arm, dotted_text(workspace, "id"));
  }
  co_return fail(Fault::not_found, "Azure shows no workspace at " + host,
                 "Add azure_workspace_resource_id to its profile, and give the principal the role "
                 "Reader on it");
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
  Planner(plan, nothing_there, absent, options).plan();
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
  } else {
    ProviderFacts provider = std::move(seen.provider);
    seen = co_await look_at_place(arm, plan.twin, primary, !begun);
    seen.provider = std::move(provider);
    if (begun) seen.managed_group = Look();  // made by the creation that was begun
  }
  plan.findings.insert(plan.findings.end(), plan.twin.findings.begin(), plan.twin.findings.end());
  if (!existing) {
    auto judged = judge(seen, plan.twin);
    plan.findings.insert(plan.findings.end(), judged.begin(), judged.end());
  }
  Planner(plan, seen, existing, options).plan();
  co_return plan;
}

}  // namespace twinlake::azure
