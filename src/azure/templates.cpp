#include "azure/templates.h"

#include <algorithm>
#include <vector>

#include "azure/arm.h"

namespace twinlake::azure {

using nlohmann::json;

namespace {

struct Part {
  std::string symbol;  ///< in Bicep and Terraform
  std::string id;
  std::string type;  ///< "Microsoft.Databricks/workspaces"
  std::string name;
  std::string version;
  json body;
  std::vector<std::string> after;  ///< symbols
};

Part part_of(std::string symbol, const TwinResource& resource, std::string version) {
  Part part;
  const auto id = resource_id(resource.id);
  part.symbol = std::move(symbol);
  part.id = resource.id;
  if (id) part.type = id->provider + "/" + id->type;
  if (id) part.name = id->name;
  part.version = std::move(version);
  part.body = resource.body;
  return part;
}

bool has_step(const ProvisionPlan& plan, StepKind kind) {
  for (const ProvisionStep& step : plan.steps)
    if (step.kind == kind) return true;
  return false;
}

std::vector<Part> parts_of(const ProvisionPlan& plan) {
  const Twin& twin = plan.twin;
  std::vector<Part> parts;
  if (twin.network && (plan.exists || has_step(plan, StepKind::network))) {
    parts.push_back(part_of("securityGroup", *twin.security_group, network_version));
    parts.push_back(part_of("network", *twin.network, network_version));
    parts.back().after = {"securityGroup"};
  }
  if (twin.connector) parts.push_back(part_of("connector", *twin.connector, plan.api_version));
  TwinResource workspace;
  workspace.id = twin.id;
  workspace.body = twin.first_body.value_or(twin.body);
  Part last = part_of("workspace", workspace, plan.api_version);
  for (const Part& part : parts)
    if (part.symbol != "securityGroup") last.after.push_back(part.symbol);
  parts.push_back(std::move(last));
  return parts;
}

/// What a reader of the file has to know.
std::vector<std::string> remarks_of(const ProvisionPlan& plan) {
  std::vector<std::string> remarks;
  remarks.push_back("The secondary of an Azure Databricks workspace, for the resource group " +
                    plan.twin.resource_group + " of the subscription " + plan.twin.subscription +
                    ".");
  if (plan.twin.first_body)
    remarks.emplace_back(
        "The key of the DBFS root comes with a second deployment: let the identity "
        "storageAccountIdentity of the workspace use the key, then set parameters.encryption.");
  for (const TwinFinding& finding : plan.findings)
    if (finding.level == Level::blocker)
      remarks.push_back("Not ready, " + finding.about + ": " + finding.message + ". " +
                        finding.what_to_do);
  // They stand in comments, which end with their line.
  for (std::string& remark : remarks)
    std::ranges::replace_if(remark, [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return remarks;
}

/// A text that begins with '[' would be taken for an expression.
json escaped_for_arm(const json& value) {
  if (value.is_string() && value.get_ref<const std::string&>().starts_with('['))
    return "[" + value.get<std::string>();
  if (!value.is_structured()) return value;
  json out = value;
  for (auto& [key, member] : out.items()) member = escaped_for_arm(member);
  return out;
}

std::string arm_text(const ProvisionPlan& plan, const std::vector<Part>& parts) {
  nlohmann::ordered_json document;
  document["$schema"] =
      "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#";
  document["contentVersion"] = "1.0.0.0";
  std::string remarks;
  for (const std::string& remark : remarks_of(plan))
    remarks += (remarks.empty() ? "" : " ") + remark;
  document["metadata"]["description"] = remarks;
  document["resources"] = nlohmann::ordered_json::array();
  for (const Part& part : parts) {
    nlohmann::ordered_json resource;
    resource["type"] = part.type;
    resource["apiVersion"] = part.version;
    resource["name"] = part.name;
    for (const auto& [key, value] : part.body.items()) resource[key] = escaped_for_arm(value);
    for (const std::string& symbol : part.after)
      for (const Part& other : parts)
        if (other.symbol == symbol)
          resource["dependsOn"].push_back("[resourceId('" + other.type + "', '" + other.name +
                                          "')]");
    document["resources"].push_back(std::move(resource));
  }
  const std::string reference = "[reference(resourceId('" + parts.back().type + "', '" +
                                parts.back().name + "')).workspaceUrl]";
  document["outputs"]["workspaceUrl"] = {{"type", "string"}, {"value", reference}};
  return document.dump(2) + "\n";
}

bool is_identifier(const std::string& key) {
  if (key.empty() || (key.front() >= '0' && key.front() <= '9')) return false;
  return key.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") ==
         std::string::npos;
}

std::string bicep_string(const std::string& text) {
  std::string out = "'";
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\'' || c == '\\') out += '\\';
    if (c == '$' && i + 1 < text.size() && text[i + 1] == '{') out += '\\';
    if (c == '\n')
      out += "\\n";
    else
      out += c;
  }
  return out + "'";
}

std::string hcl_string(const std::string& text) {
  std::string out = json(text).dump(-1, ' ', false, json::error_handler_t::replace);
  for (const char* const mark : {"${", "%{"})
    for (std::size_t at = out.find(mark); at != std::string::npos; at = out.find(mark, at + 3))
      out.insert(at, 1, mark[0]);
  return out;
}

/// Both languages write objects alike, but for the sign between name and value and the texts.
struct Dialect {
  std::string_view sign;
  std::string_view comma;  ///< between the elements of a list
  std::string (*text)(const std::string&);
};
constexpr Dialect bicep{": ", "", &bicep_string};
constexpr Dialect hcl{" = ", ",", &hcl_string};

std::string value_text(const json& value, const std::string& margin, const Dialect& dialect) {
  const std::string inner = margin + "  ";
  if (value.is_string()) return dialect.text(value.get<std::string>());
  if (value.is_object()) {
    std::string out = "{\n";
    for (const auto& [key, member] : value.items())
      out += inner + (is_identifier(key) ? key : dialect.text(key)) + std::string(dialect.sign) +
             value_text(member, inner, dialect) + "\n";
    return out + margin + "}";
  }
  if (value.is_array()) {
    std::string out = "[\n";
    for (const json& element : value)
      out += inner + value_text(element, inner, dialect) + std::string(dialect.comma) + "\n";
    return out + margin + "]";
  }
  return value.dump();
}

std::string bicep_text(const ProvisionPlan& plan, const std::vector<Part>& parts) {
  std::string out;
  for (const std::string& remark : remarks_of(plan)) out += "// " + remark + "\n";
  for (const Part& part : parts) {
    out += "\nresource " + part.symbol + " '" + part.type + "@" + part.version + "' = {\n";
    out += "  name: " + bicep_string(part.name) + "\n";
    for (const auto& [key, value] : part.body.items())
      out += "  " + key + ": " + value_text(value, "  ", bicep) + "\n";
    if (!part.after.empty()) {
      out += "  dependsOn: [\n";
      for (const std::string& symbol : part.after) out += "    " + symbol + "\n";
      out += "  ]\n";
    }
    out += "}\n";
  }
  return out + "\noutput workspaceUrl string = workspace.properties.workspaceUrl\n";
}

std::string terraform_part(const Part& part, const std::string& parent) {
  std::string out = "\nresource \"azapi_resource\" \"" + part.symbol + "\" {\n";
  out += "  type      = \"" + part.type + "@" + part.version + "\"\n";
  out += "  name      = " + hcl_string(part.name) + "\n";
  out += "  parent_id = " + parent + "\n";
  out += "  location  = " + hcl_string(part.body.value("location", "")) + "\n";
  json body = part.body;
  body.erase("location");
  if (body.contains("tags")) out += "  tags = " + value_text(body["tags"], "  ", hcl) + "\n";
  body.erase("tags");
  if (body.contains("identity"))
    out += "  identity {\n    type = " + hcl_string(body["identity"].value("type", "")) + "\n  }\n";
  body.erase("identity");
  if (!body.empty()) out += "  body = " + value_text(body, "  ", hcl) + "\n";
  if (part.symbol == "workspace")
    out += "  response_export_values = [\"properties.workspaceUrl\"]\n";
  if (!part.after.empty()) {
    out += "  depends_on = [";
    for (const std::string& symbol : part.after)
      out += (symbol == part.after.front() ? "" : ", ") + ("azapi_resource." + symbol);
    out += "]\n";
  }
  return out + "}\n";
}

std::string terraform_text(const ProvisionPlan& plan, const std::vector<Part>& parts) {
  std::string out;
  for (const std::string& remark : remarks_of(plan)) out += "# " + remark + "\n";
  out +=
      "\nterraform {\n  required_providers {\n    azapi = {\n      source = \"Azure/azapi\"\n    "
      "}\n  }\n}\n";
  const bool makes_group = has_step(plan, StepKind::resource_group);
  const std::string group_id =
      "/subscriptions/" + plan.twin.subscription + "/resourceGroups/" + plan.twin.resource_group;
  if (makes_group)
    out +=
        "\nresource \"azapi_resource\" \"group\" {\n  type      = "
        "\"Microsoft.Resources/resourceGroups@" +
        std::string(providers_version) +
        "\"\n  name      = " + hcl_string(plan.twin.resource_group) +
        "\n  parent_id = " + hcl_string("/subscriptions/" + plan.twin.subscription) +
        "\n  location  = " + hcl_string(plan.twin.region) + "\n}\n";
  for (const Part& part : parts) {
    const auto id = resource_id(part.id);
    const bool in_made = makes_group && id && same_id(id->group_path(), group_id);
    out += terraform_part(
        part, in_made ? "azapi_resource.group.id" : hcl_string(id ? id->group_path() : group_id));
  }
  return out +
         "\noutput \"workspace_url\" {\n  value = "
         "azapi_resource.workspace.output.properties.workspaceUrl\n}\n";
}

}  // namespace

Result<std::string> template_of(const ProvisionPlan& plan, TemplateKind kind) {
  const std::vector<Part> parts = parts_of(plan);
  if (kind == TemplateKind::terraform) return terraform_text(plan, parts);
  for (const Part& part : parts) {
    const auto id = resource_id(part.id);
    if (id && !same_id(id->group, plan.twin.resource_group))
      return fail(Fault::config,
                  "a template of the resource group " + plan.twin.resource_group + " cannot make " +
                      part.name + " in " + id->group,
                  "Make it beforehand, or print terraform");
  }
  return kind == TemplateKind::arm ? arm_text(plan, parts) : bicep_text(plan, parts);
}

}  // namespace twinlake::azure
