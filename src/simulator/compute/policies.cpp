#include "simulator/compute/policies.h"

#include <algorithm>

#include "simulator/identity/permissions.h"

namespace twinlake::simulator {

namespace {
struct Family {
  const char* id;
  const char* name;
  const char* definition;
};
// Two ids are documented; those of the shared and the power user family are our invention.
constexpr Family families[] = {
    {"personal-vm", "Personal Compute",
     R"({"num_workers":{"type":"fixed","value":0,"hidden":true},)"
     R"("autotermination_minutes":{"type":"unlimited","defaultValue":4320},)"
     R"("data_security_mode":{"type":"fixed","value":"SINGLE_USER","hidden":true}})"},
    {"job-cluster", "Job Compute",
     R"({"cluster_type":{"type":"fixed","value":"job"},)"
     R"("spark_version":{"type":"unlimited","defaultValue":"auto:latest-lts"}})"},
    {"shared-compute", "Shared Compute",
     R"({"data_security_mode":{"type":"fixed","value":"USER_ISOLATION","hidden":true},)"
     R"("autotermination_minutes":{"type":"unlimited","defaultValue":60}})"},
    {"power-user", "Power User Compute",
     R"({"autoscale.max_workers":{"type":"unlimited","defaultValue":4},)"
     R"("autotermination_minutes":{"type":"unlimited","defaultValue":60}})"}};

const Family* family_of(std::string_view id) {
  for (const Family& family : families)
    if (family.id == id) return &family;
  return nullptr;
}

json family_json(const Family& family) {
  return json::object({{"policy_family_id", family.id},
                       {"name", family.name},
                       {"description", std::string("Default policy family ") + family.name},
                       {"definition", family.definition}});
}

http::Response no_policy(const std::string& id) {
  return absent("Cluster policy " + id + " does not exist");
}

constexpr const char* server_made[] = {"policy_id", "is_default", "creator_user_name",
                                       "created_at_timestamp"};
}  // namespace

Policies::Policies(Region& region, const Pools& pools) : region_(region), pools_(pools) {
  using http::Method;
  Router& router = region.router();
  const std::string root = "/api/2.0/policies/clusters/";
  router.add(Method::post, root + "create", [this](Call& call) { return create(call); });
  router.add(Method::post, root + "edit", [this](Call& call) { return edit(call); });
  router.add(Method::post, root + "delete", [this](Call& call) { return remove(call); });
  router.add(Method::get, root + "get", [this](Call& call) { return get(call); });
  router.add(Method::get, root + "list", [this](Call& call) { return list(call); });
  router.add(Method::get, "/api/2.0/policy-families",
             [this](Call& call) { return list_families(call); });
  router.add(Method::get, "/api/2.0/policy-families/{id}",
             [this](Call& call) { return get_family(call); });
  region.get<Permissions>().register_type("cluster-policies",
                                          [this](const std::string& id) { return exists(id); });
  for (const Family& family : families) add_default(family.name, family.id);
}

void Policies::add_default(const std::string& name, const std::string& family) {
  const std::string id = region_.ids().upper_hex(16);
  policies_.add(id, json::object({{"policy_id", id},
                                  {"name", name},
                                  {"policy_family_id", family},
                                  {"is_default", true},
                                  {"created_at_timestamp", region_.now_millis()}}));
}

Refusal Policies::check_definition(const json& body, std::string_view key) const {
  const std::string text = text_of(body, key);
  if (text.empty()) return std::nullopt;
  const auto definition = parse_object(text);
  if (!definition)
    return invalid("Validation failed: " + std::string(key) + " is not a JSON object.");
  for (const char* pool_key : {"instance_pool_id", "driver_instance_pool_id"}) {
    const json* rule = field(*definition, pool_key);
    if (rule == nullptr || text_of(*rule, "type") != "fixed") continue;
    if (const std::string id = text_of(*rule, "value"); !pools_.exists(id))
      return invalid("Validation failed: Can't find an instance pool with ID: " + id + ".");
  }
  return std::nullopt;
}

Refusal Policies::check(const json& body, std::string_view own_id) const {
  const std::string name = text_of(body, "name");
  if (name.empty() || name.size() > 100)
    return invalid("The policy name must have 1 to 100 characters.");
  for (const json* other : policies_.all())
    if (text_of(*other, "name") == name && text_of(*other, "policy_id") != own_id)
      return invalid("A policy with the name '" + name +
                     "' already exists. Please choose a different name.");
  const bool by_definition = !text_of(body, "definition").empty();
  const std::string family = text_of(body, "policy_family_id");
  if (by_definition == !family.empty())
    return invalid("Exactly one of definition and policy_family_id must be given.");
  if (!family.empty() && family_of(family) == nullptr)
    return invalid("Policy family " + family + " does not exist.");
  if (family.empty() && !text_of(body, "policy_family_definition_overrides").empty())
    return invalid("policy_family_definition_overrides requires policy_family_id.");
  if (field(body, "max_clusters_per_user") != nullptr &&
      integer_of(body, "max_clusters_per_user").value_or(0) <= 0)
    return invalid("max_clusters_per_user must be greater than 0.");
  if (count_of(body, "libraries") > 500) return invalid("A policy has at most 500 libraries.");
  if (auto refusal = check_definition(body, "definition")) return refusal;
  return check_definition(body, "policy_family_definition_overrides");
}

http::Response Policies::create(Call& call) {
  if (auto refusal = check(call.body, "")) return *refusal;
  const std::string id = region_.ids().upper_hex(16);
  json policy = call.body;
  policy["policy_id"] = id;
  policy["is_default"] = false;
  policy["creator_user_name"] = call.caller;
  policy["created_at_timestamp"] = region_.now_millis();
  policies_.add(id, std::move(policy));
  region_.get<Permissions>().created("cluster-policies", id, call.caller);
  return answer(json::object({{"policy_id", id}}));
}

/// A full replacement: what is not sent again is gone.
http::Response Policies::edit(Call& call) {
  const std::string id = text_of(call.body, "policy_id");
  json* policy = policies_.find(id);
  if (policy == nullptr) return no_policy(id);
  if (auto refusal = check(call.body, id)) return *refusal;
  if (flag_of(*policy, "is_default") &&
      text_of(call.body, "policy_family_id") != text_of(*policy, "policy_family_id"))
    return invalid("The policy family of a default policy cannot be changed.");
  json edited = call.body;
  for (const char* key : server_made) {
    edited.erase(key);
    if (policy->contains(key)) edited[key] = policy->at(key);
  }
  *policy = std::move(edited);
  return done();
}

http::Response Policies::remove(Call& call) {
  const std::string id = text_of(call.body, "policy_id");
  const json* policy = policies_.find(id);
  if (policy == nullptr) return no_policy(id);
  if (flag_of(*policy, "is_default")) return invalid("Default policies cannot be deleted.");
  policies_.erase(id);
  region_.get<Permissions>().removed("cluster-policies", id);
  return done();
}

/// A policy of a family shows the merged definition beside what it was made from.
json Policies::shown(const json& policy) const {
  json out = policy;
  const Family* family = family_of(text_of(policy, "policy_family_id"));
  if (family == nullptr) return out;
  json merged = json::parse(family->definition);
  if (const auto overrides = parse_object(text_of(policy, "policy_family_definition_overrides")))
    merged.update(*overrides);
  out["definition"] = merged.dump();
  return out;
}

http::Response Policies::get(Call& call) const {
  const std::string id = call.query("policy_id");
  const json* policy = policies_.find(id);
  return policy == nullptr ? no_policy(id) : answer(shown(*policy));
}

http::Response Policies::list(Call& call) const {
  std::vector<const json*> found = policies_.all();
  const bool by_name = call.query("sort_column") == "POLICY_NAME";
  if (by_name)
    std::sort(found.begin(), found.end(), [](const json* a, const json* b) {
      return text_of(*a, "name") < text_of(*b, "name");
    });
  const bool down = call.query("sort_order", by_name ? "ASC" : "DESC") == "DESC";
  if (down) std::reverse(found.begin(), found.end());
  json body = json::object();
  for (const json* policy : found) body["policies"].push_back(shown(*policy));
  return answer(body);
}

http::Response Policies::list_families(Call& call) const {
  Refusal refusal;
  const PageWish wish = page_wish(call, "max_results", 20, 100, refusal);
  if (refusal) return *refusal;
  json body = json::object();
  auto at = static_cast<std::size_t>(wish.after.value_or(0));
  for (std::size_t taken = 0; at < std::size(families) && taken < wish.limit; ++at, ++taken)
    body["policy_families"].push_back(family_json(families[at]));
  if (at < std::size(families)) body["next_page_token"] = token_for(static_cast<std::int64_t>(at));
  return answer(body);
}

http::Response Policies::get_family(Call& call) const {
  const std::string& id = call.arguments.at("id");
  const Family* family = family_of(id);
  return family == nullptr ? absent("Policy family " + id + " does not exist.")
                           : answer(family_json(*family));
}

json Policies::world() const {
  json all = json::array();
  for (const json* policy : policies_.all()) all.push_back(*policy);
  return json::object({{"cluster_policies", std::move(all)}});
}

}  // namespace twinlake::simulator
