// From what is there to what has to be done, in order.
#include "azure/provision_steps.h"

#include <algorithm>

#include "azure/twin_builder.h"
#include "base/text.h"

namespace twinlake::azure {

using nlohmann::json;

namespace {

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
    make_anew();
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

  /// Nothing of what is there may get lost by it.
  [[nodiscard]] json whole_body() const {
    json body = body_for(twin_.body, plan_.api_version);
    return existing_ ? merged(*existing_, body) : body;
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
                whole_body()));
  }

  void plan_existing() {
    if (same_id(plan_.state, "Deleting")) return plan_removed();
    const Ending ending = ending_of(plan_.state);
    const bool ended_badly = ending == Ending::failed || ending == Ending::cancelled;
    // It has an address, so its creation went well: what failed is a change of it, and what is in
    // it counts.
    change_failed_ = ended_badly && !plan_.host.empty();
    if (ended_badly && !change_failed_) return plan_failed();
    if (change_failed_)
      plan_.findings.emplace_back(Level::warning, "workspace",
                                  "its last change has " + plan_.state + "; it is repeated",
                                  "Look at its activity log in the portal where it fails again");
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
    if (plan_.differences.empty() && !change_failed_) return;
    const bool root_key_missing =
        twin_.first_body &&
        at_dotted(*existing_, "properties.parameters.encryption.value.KeyName").is_null();
    if (root_key_missing) return add_root_key();
    if (only_tags(plan_.differences) && !change_failed_) {
      // A PATCH replaces all tags: those of others stay.
      json body = json::object();
      body["tags"] = merged(*existing_, twin_.body)["tags"];
      return add(step_of(StepKind::tags, http::Method::patch, "set the tags of the workspace",
                         twin_.id, plan_.api_version, std::move(body)));
    }
    const auto count = static_cast<std::int64_t>(plan_.differences.size());
    add(step_of(StepKind::update, http::Method::put,
                count == 0
                    ? std::string("repeat the change of the workspace")
                    : "change " + counted(count, "setting", "settings") + " of the workspace",
                twin_.id, plan_.api_version, whole_body()));
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
    make_anew();
  }

  /// Somebody removes it just now.
  void plan_removed() {
    add(step_of(StepKind::remove, http::Method::get,
                "wait until the workspace, which is being removed, is gone", twin_.id,
                plan_.api_version, json()));
    make_anew();
  }

  void make_anew() {
    existing_.reset();  // nothing of it outlives it
    add_workspace(twin_.first_body.value_or(twin_.body));
    if (twin_.first_body) add_root_key();
  }

  ProvisionPlan& plan_;
  const Twin& twin_;
  const Seen& seen_;
  std::optional<json> existing_;
  const PlanOptions& options_;
  bool change_failed_ = false;
};

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

void plan_steps(ProvisionPlan& plan, const Seen& seen, const std::optional<json>& existing,
                const PlanOptions& options) {
  Planner(plan, seen, existing, options).plan();
}

}  // namespace twinlake::azure
