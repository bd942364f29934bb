#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "kinds/audit_events.h"
#include "kinds/calls.h"
#include "kinds/compute_fields.h"
#include "kinds/places.h"

namespace twinlake::kinds::cluster_policy {

using namespace model;
using nlohmann::json;

namespace {

/// Of a family's policy the service shows the merged definition too; only the overrides are its
/// own.
json shape(const json& item) {
  json policy = item;
  if (!text_at(policy, "/policy_family_id").empty()) policy.erase("definition");
  return policy;
}

bool is_default(const json& item) {
  const json* value = find_at(item, "/is_default");
  return value != nullptr && value->is_boolean() && value->get<bool>();
}

/// A policy that rules nothing is compared as one without a definition, but must be sent with one.
Write with_definition(Write write) {
  if (write.definition->contains("definition") || write.definition->contains("policy_family_id"))
    return write;
  json definition = *write.definition;
  definition["definition"] = "{}";
  write.definition = std::make_shared<const json>(std::move(definition));
  return write;
}

Task<Result<std::string>> create(Write write) {
  Kind row = *write.kind;
  row.create_verb = nullptr;
  write = with_definition(std::move(write));
  write.kind = &row;
  co_return co_await workspace::create_by_row(write);
}

Task<Result<std::string>> update(Write write) {
  Kind row = *write.kind;
  row.update_verb = nullptr;
  write = with_definition(std::move(write));
  write.kind = &row;
  co_return co_await workspace::update_by_row(write);
}

// Rules are objects by dotted name; any of these members may carry the value.
constexpr std::string_view rules_of[] = {"/definition", "/policy_family_definition_overrides"};
constexpr Reference rule_references[] = {
    compute::machine("/node_type_id/value"),
    compute::machine("/node_type_id/defaultValue"),
    compute::machine("/node_type_id/values/*"),
    compute::machine("/driver_node_type_id/value"),
    compute::machine("/driver_node_type_id/defaultValue"),
    compute::machine("/driver_node_type_id/values/*"),
    {.path = "/instance_pool_id/value", .kinds = compute::pools},
    {.path = "/instance_pool_id/defaultValue", .kinds = compute::pools},
    {.path = "/instance_pool_id/values/*", .kinds = compute::pools},
    {.path = "/driver_instance_pool_id/value", .kinds = compute::pools},
    {.path = "/driver_instance_pool_id/defaultValue", .kinds = compute::pools},
    {.path = "/driver_instance_pool_id/values/*", .kinds = compute::pools},
    {.path = "/**",
     .kinds = compute::scopes,
     .match = Match::inside_text,
     .missing = IfMissing::keep},
};
constexpr std::string_view libraries[] = {"/libraries/*"};

/// Names of rules cannot be matched in part, so the first scripts are named one by one.
Places<Reference> all_references() {
  constexpr int scripts = 10;
  constexpr std::array<std::string_view, 2> members{"/value", "/defaultValue"};
  Places<Reference> places;
  places.below(rules_of, rule_references).below(libraries, compute::library_references);
  for (int i = 0; i < scripts; ++i) {
    const std::string name = "/init_scripts." + std::to_string(i) + ".workspace.destination";
    for (const std::string_view rules : rules_of) {
      const std::string place = std::string(rules) + name;
      const std::string_view prefix[] = {place};
      for (const std::string_view member : members) {
        const Reference row[] = {{.path = member,
                                  .kinds = file_kinds,
                                  .match = Match::path,
                                  .missing = IfMissing::keep}};
        places.below(prefix, row);
      }
    }
  }
  return places;
}

/// Each rule is called as the setting that it rules: `spark_conf.x`, `spark_env_vars.Y`.
constexpr std::string_view settings[] = {"/definition/*/*",
                                         "/policy_family_definition_overrides/*/*"};
constexpr std::string_view free_text[] = {"/description"};

Places<std::string_view> all_region_bound() {
  constexpr int scripts = 10;
  constexpr std::string_view members[] = {"/value", "/defaultValue"};
  Places<std::string_view> places;
  for (int i = 0; i < scripts; ++i)
    for (const std::string_view rules : rules_of) {
      const std::string place =
          std::string(rules) + "/init_scripts." + std::to_string(i) + ".abfss.destination";
      const std::string_view prefix[] = {place};
      places.below(prefix, members);
    }
  return places;
}

/// Alternatives of a pattern that are written out: machines can be told from each other then.
std::vector<std::string> alternatives_of(const std::string& pattern) {
  std::vector<std::string> all;
  std::string one;
  for (const char c : pattern + "|") {
    if (c == '|') {
      all.push_back(std::exchange(one, {}));
    } else if (c != '^' && c != '$' && c != '(' && c != ')') {
      one += c;
    }
  }
  const auto is_plain = [](const std::string& text) {
    return !text.empty() && text.find_first_of(".*+?[]{}\\") == std::string::npos;
  };
  return std::ranges::all_of(all, is_plain) ? all : std::vector<std::string>();
}

/// A pattern for machines of which the region offers none leaves nothing to choose.
std::vector<std::string> doubts(const json& policy, const Offers& offers) {
  std::vector<std::string> found;
  for (const std::string_view rules : rules_of)
    for (const char* rule : {"/node_type_id/pattern", "/driver_node_type_id/pattern"}) {
      const std::string place = std::string(rules) + rule;
      const auto wanted = alternatives_of(text_at(policy, place));
      const auto is_offered = [&](const std::string& name) { return offers("node_type", name); };
      if (!wanted.empty() && std::ranges::none_of(wanted, is_offered))
        found.push_back("allows only machines at " + place +
                        " of which the other side offers none: " + text_at(policy, place));
    }
  return found;
}

constexpr std::string_view strip[] = {"/policy_id", "/is_default", "/created_at_timestamp",
                                      "/creator_user_name"};
constexpr std::string_view json_text[] = {"/definition", "/policy_family_definition_overrides"};
constexpr Default defaults[] = {
    {"/max_clusters_per_user", "0"}};  // "no limit" must not be sent as 0
constexpr Unordered unordered[] = {{"/libraries", ""}};

constexpr AuditEvent told_by[] = {acl_event("clusterPolicies", "changeClusterPolicyAcl")};

Kind row(std::span<const Reference> references, std::span<const std::string_view> region_bound) {
  return {
      .name = "cluster_policy",
      .plural = "cluster policies",
      .about = "rules for clusters; those of a family keep their family, built-in ones are edited",
      .list = {.endpoint = {.path = "/api/2.0/policies/clusters/list"}, .items = "/policies"},
      .id_at = "/policy_id",
      .key_at = "/name",
      .is_built_in = is_default,
      .shape = shape,
      .strip = strip,
      .json_text = json_text,
      .defaults = defaults,
      .unordered = unordered,
      .references = references,
      .settings = settings,
      .free_text = free_text,
      .region_bound = region_bound,
      .doubts = doubts,
      .create = {.method = Method::post,
                 .path = "/api/2.0/policies/clusters/create",
                 .effect = Effect::writes,
                 .repeat = Repeat::unsafe},
      .update = {.method = Method::post,
                 .path = "/api/2.0/policies/clusters/edit",
                 .effect = Effect::writes,
                 .body_id = "/policy_id"},
      .remove = {.method = Method::post,
                 .path = "/api/2.0/policies/clusters/delete",
                 .effect = Effect::writes,
                 .body_id = "/policy_id"},
      .created_id_at = "/policy_id",
      .create_verb = create,
      .update_verb = update,
      .permission_type = "cluster-policies",
      .told_by = told_by,
  };
}

}  // namespace

const Kind& cluster_policy_kind() {
  static const Places<Reference> references = all_references();
  static const Places<std::string_view> region_bound = all_region_bound();
  static const Kind kind = row(references.rows(), region_bound.rows());
  return kind;
}

}  // namespace twinlake::kinds::cluster_policy
