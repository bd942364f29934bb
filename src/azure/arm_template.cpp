#include "azure/arm_template.h"

#include <map>
#include <memory>

#include "azure/arm.h"
#include "azure/arm_expression.h"
#include "azure/twin_builder.h"

namespace twinlake::azure {

using nlohmann::json;

namespace {

constexpr int deepest = 8;
// What a template does not say; they fall out of the twin, whose names are those of the settings.
constexpr const char* unknown_subscription = "00000000-0000-0000-0000-000000000000";
constexpr const char* unknown_group = "template";

/// One template with its parameters. Variables may use variables, and parameters' defaults both.
class Template {
 public:
  Template(const json& document, json given, std::string location)
      : document_(document), given_(std::move(given)) {
    scope_.subscription = unknown_subscription;
    scope_.group = unknown_group;
    scope_.location = std::move(location);
    scope_.parameter = [this](std::string_view name) { return parameter(std::string(name)); };
    scope_.variable = [this](std::string_view name) { return variable(std::string(name)); };
  }
  Template(const Template&) = delete;
  Template& operator=(const Template&) = delete;

  /// With all expressions replaced that can be told; the others become null and are noted.
  json resolved(const json& value, const std::string& place, std::vector<std::string>& unknown) {
    if (value.is_string()) {
      const std::string text = value.get<std::string>();
      if (text.starts_with("[[")) return text.substr(1);
      if (!is_expression(text)) return value;
      if (auto known = evaluate(text, scope_)) return resolved(*known, place, unknown);
      unknown.push_back(place + ": " + text);
      return json();
    }
    if (!value.is_structured()) return value;
    json out = value;
    for (auto& [key, member] : out.items())
      member = resolved(member, place.empty() ? key : place + "." + key, unknown);
    return out;
  }

  [[nodiscard]] const json& document() const { return document_; }

 private:
  std::optional<json> parameter(const std::string& name) {
    const json& value = at_dotted(given_, name);
    if (value.is_object() && value.contains("value")) {
      // What the outer template could not tell is null here.
      if (value["value"].is_null()) return std::nullopt;
      return value["value"];
    }
    return looked_up("parameters", name, "defaultValue");
  }
  std::optional<json> variable(const std::string& name) {
    return looked_up("variables", name, nullptr);
  }
  std::optional<json> looked_up(const char* list, const std::string& name, const char* member) {
    const auto all = document_.find(list);
    if (all == document_.end() || !all->is_object() || !all->contains(name)) return std::nullopt;
    const json* value = &(*all)[name];
    if (member != nullptr) {
      if (!value->is_object() || !value->contains(member)) return std::nullopt;
      value = &(*value)[member];
    }
    // One variable may name another, also twice, and in a circle too: each is computed once, and
    // while that lasts it cannot be told.
    const auto [known, is_new] = known_.try_emplace({list, name});
    constexpr int deepest_name = 256;
    if (!is_new || depth_ == deepest_name) return known->second;
    ++depth_;
    std::vector<std::string> unknown;
    json out = resolved(*value, "", unknown);
    --depth_;
    if (unknown.empty()) known->second = std::move(out);
    return known->second;
  }

  const json& document_;
  json given_;
  ExpressionScope scope_;
  std::map<std::pair<std::string, std::string>, std::optional<json>> known_;
  int depth_ = 0;
};

struct Found {
  json resource;
  std::vector<std::string> unknown;
};

void search(Template& at, const std::string& location, int depth, std::vector<Found>& found);

void search_nested(Template& outer, const json& deployment, const std::string& location, int depth,
                   std::vector<Found>& found) {
  const json& properties = at_dotted(deployment, "properties");
  const json& inner = at_dotted(properties, "template");
  if (!inner.is_object()) return;
  std::vector<std::string> ignored;
  const json given = outer.resolved(at_dotted(properties, "parameters"), "", ignored);
  const json place = outer.resolved(at_dotted(deployment, "location"), "", ignored);
  Template nested(inner, given, place.is_string() ? place.get<std::string>() : location);
  search(nested, location, depth + 1, found);
}

void search(Template& at, const std::string& location, int depth, std::vector<Found>& found) {
  const json& resources = at_dotted(at.document(), "resources");
  if (depth > deepest || !resources.is_structured()) return;
  for (const json& resource : resources) {
    const json& type = at_dotted(resource, "type");
    if (!type.is_string()) continue;
    const std::string name = type.get<std::string>();
    if (same_id(name, "Microsoft.Resources/deployments"))
      search_nested(at, resource, location, depth, found);
    if (!same_id(name, "Microsoft.Databricks/workspaces")) continue;
    Found one;
    one.resource = at.resolved(resource, "", one.unknown);
    found.push_back(std::move(one));
  }
}

/// The region in which a template puts its resource groups stands for resourceGroup().location.
std::string location_of(const json& document, Template& root) {
  const json& resources = at_dotted(document, "resources");
  if (!resources.is_structured()) return {};
  for (const json& resource : resources) {
    std::vector<std::string> unknown;
    if (at_dotted(resource, "type") != "Microsoft.Resources/resourceGroups") continue;
    const json place = root.resolved(at_dotted(resource, "location"), "", unknown);
    if (place.is_string()) return place.get<std::string>();
  }
  return {};
}

json without_nulls(const json& value) {
  if (!value.is_object()) return value;
  json out = json::object();
  for (const auto& [key, member] : value.items()) {
    json inner = without_nulls(member);
    const bool empty_parameter = member.is_object() && member.contains("value") && inner.empty();
    if (!inner.is_null() && !empty_parameter) out[key] = std::move(inner);
  }
  return out;
}

TemplateWorkspace described(const Found& one) {
  TemplateWorkspace out;
  const json& name = at_dotted(one.resource, "name");
  const std::string called = name.is_string() ? name.get<std::string>() : "workspace";
  out.workspace = json::object();
  for (const char* const member : {"location", "sku", "tags", "properties"})
    if (one.resource.contains(member)) out.workspace[member] = without_nulls(one.resource[member]);
  for (const char* const member : {"location", "sku", "tags", "properties"})
    if (at_dotted(out.workspace, member).is_null()) out.workspace.erase(member);
  out.workspace["id"] = std::string("/subscriptions/") + unknown_subscription + "/resourceGroups/" +
                        unknown_group + "/providers/Microsoft.Databricks/workspaces/" + called;
  out.workspace["name"] = called;
  // A network whose name only a deployment knows is a network all the same.
  for (const std::string& unknown : one.unknown) {
    const std::string place = unknown.substr(0, unknown.find(": "));
    out.findings.emplace_back(
        Level::note, place,
        "only a deployment of the template can tell it: " + unknown.substr(unknown.find(": ") + 2));
    if (place == "properties.parameters.customVirtualNetworkId.value")
      put_dotted(out.workspace, place, "(told by the deployment)");
  }
  return out;
}

}  // namespace

Result<TemplateWorkspace> workspace_of_template(const json& document, const json& parameters) {
  if (!document.is_object() || !document.contains("resources"))
    return fail(Fault::config, "that is no ARM template: it has no `resources`",
                "Export one in the portal, or build one from Bicep with `az bicep build`");
  Template without_place(document, parameters, "");
  const std::string location = location_of(document, without_place);
  Template root(document, parameters, location);
  std::vector<Found> found;
  search(root, location, 0, found);
  if (found.size() == 1) return described(found.front());
  return fail(Fault::config,
              found.empty() ? "the template has no workspace of Azure Databricks"
                            : "the template has " + std::to_string(found.size()) + " workspaces",
              "Give one with exactly one Microsoft.Databricks/workspaces");
}

}  // namespace twinlake::azure
