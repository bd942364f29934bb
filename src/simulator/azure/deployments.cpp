#include "simulator/azure/deployments.h"

#include <algorithm>
#include <array>
#include <limits>

namespace twinlake::simulator {

namespace {
/// Thrown while a resource that is referred to is still being made.
struct NotYet {};

/// Members of a resource in a template that are about the template.
constexpr std::array<const char*, 7> about_template{"type",      "apiVersion", "name", "dependsOn",
                                                    "condition", "comments",   "scope"};

json failed_with(const std::string& code, const std::string& message) {
  json inner = json::object({{"code", code}, {"message", message}});
  json out = json::object({{"code", "DeploymentFailed"}});
  out["message"] =
      "At least one resource deployment operation failed. Please list deployment "
      "operations for details.";
  out["details"] = json::array({std::move(inner)});
  return out;
}

std::vector<std::string> names_in_path(const std::string& name) {
  std::vector<std::string> out;
  std::size_t from = 0;
  for (std::size_t slash = 0; slash != std::string::npos; from = slash + 1) {
    slash = name.find('/', from);
    out.push_back(name.substr(from, slash == std::string::npos ? slash : slash - from));
  }
  return out;
}

std::map<std::string, json> parameter_values(const json& document, const json& given,
                                             const TemplateScope& scope) {
  std::map<std::string, json> out;
  const json declared = document.value("parameters", json::object());
  for (const auto& [name, value] : given.items())
    if (!declared.contains(name))
      throw TemplateProblem("The template parameter '" + name +
                            "' is not declared in the template.");
  for (const auto& [name, declaration] : declared.items()) {
    if (const json* value = field(given, name))
      out[name] = value->value("value", json());
    else if (declaration.contains("defaultValue"))
      out[name] = evaluate(declaration.at("defaultValue"), scope);
    else
      throw TemplateProblem("The value for the template parameter '" + name + "' is not provided.");
  }
  return out;
}

json template_of(const ArmCall& call) {
  const json properties = call.body.is_object() ? call.body.value("properties", json()) : json();
  const json* document = field(properties, "template");
  if (document == nullptr || !document->is_object())
    throw TemplateProblem("The property 'properties.template' is required.");
  if (text_of(properties, "mode") != "Incremental")
    throw TemplateProblem("Only the mode Incremental is simulated.");
  if (text_of(*document, "$schema").find("/deploymentTemplate.json") == std::string::npos)
    throw TemplateProblem("The template is not one of a resource group, by its $schema.");
  if (text_of(*document, "contentVersion").empty())
    throw TemplateProblem("The template has no contentVersion.");
  return *document;
}

/// The type and its version must be known before anything is begun.
void check_type(const std::string& type, const std::string& api_version) {
  const std::size_t slash = type.find('/');
  const ResourceType* known = slash == std::string::npos
                                  ? nullptr
                                  : find_type(type.substr(0, slash), type.substr(slash + 1));
  if (known == nullptr) throw TemplateProblem("The resource type '" + type + "' is not known.");
  const auto& versions = known->api_versions;
  if (std::find(versions.begin(), versions.end(), api_version) == versions.end())
    throw TemplateProblem("No registered resource provider found for API version '" + api_version +
                          "' and type '" + type + "'.");
}
}  // namespace

std::vector<Deployments::Part> Deployments::read_parts(const json& document,
                                                       const TemplateScope& scope) {
  const std::string group =
      "/subscriptions/" + scope.subscription + "/resourceGroups/" + scope.group;
  std::vector<Part> parts;
  for (const json& definition : list_of(document, "resources")) {
    for (const char* unknown : {"copy", "resources"})
      if (definition.contains(unknown))
        throw TemplateProblem(std::string("'") + unknown + "' in a resource is not simulated.");
    if (evaluate(definition.value("condition", json(true)), scope) == false) continue;
    const std::string type = text_of(definition, "type");
    Part part;
    part.api_version = text_of(definition, "apiVersion");
    check_type(type, part.api_version);
    const std::string name = evaluate(definition.at("name"), scope).get<std::string>();
    std::string inside = group;
    if (definition.contains("scope"))
      inside = evaluate(definition.at("scope"), scope).get<std::string>();
    if (!inside.starts_with("/subscriptions/")) inside = group + "/providers/" + inside;
    part.id = template_resource_id(inside, type, names_in_path(name));
    part.definition = definition;
    for (const json& need : list_of(definition, "dependsOn"))
      part.needs.push_back(evaluate(need, scope).get<std::string>());
    parts.push_back(std::move(part));
  }
  // A need may be a name only.
  for (Part& part : parts)
    for (std::string& need : part.needs) {
      const auto found = std::find_if(parts.begin(), parts.end(), [&](const Part& other) {
        return same_id(other.id, need) || lower(other.id).ends_with("/" + lower(need));
      });
      if (found == parts.end())
        throw TemplateProblem("The resource '" + need + "' is not defined in the template.");
      need = found->id;
    }
  return parts;
}

Deployments::Deployment Deployments::read(const ArmCall& call) {
  const json document = template_of(call);
  Deployment out;
  out.id = call.id.text;
  out.caller = call.caller;
  out.scope.subscription = call.id.subscription;
  out.scope.group = call.id.group;
  out.scope.tenant = call.cloud.options().tenant;
  const json* group = call.cloud.resources().find(call.id.group_id());
  if (group != nullptr) out.scope.group_location = text_of(*group, "location");
  const json given = call.body.at("properties").value("parameters", json::object());
  out.scope.parameters = parameter_values(document, given, out.scope);
  out.scope.variables = document.value("variables", json::object());
  out.parts = read_parts(document, out.scope);
  out.outputs = document.value("outputs", json::object());
  return out;
}

http::Response Deployments::validate(ArmCall& call) {
  try {
    const Deployment read_now = read(call);
    json ids = json::array();
    for (const Part& part : read_now.parts) ids.push_back({{"id", part.id}});
    return answer(
        {{"id", call.id.parent()},
         {"properties", {{"provisioningState", "Succeeded"}, {"validatedResources", ids}}}});
  } catch (const TemplateProblem& problem) {
    return arm_error(
        400, "InvalidTemplate",
        "Deployment template validation failed: '" + std::string(problem.what()) + "'.");
  }
}

http::Response Deployments::put(ArmCall& call) {
  Deployment made;
  try {
    made = read(call);
  } catch (const TemplateProblem& problem) {
    return arm_error(
        400, "InvalidTemplate",
        "Deployment template validation failed: '" + std::string(problem.what()) + "'.");
  }
  json stored = json::object({{"id", call.id.text}, {"type", "Microsoft.Resources/deployments"}});
  stored["properties"] = {{"provisioningState", "Running"}, {"mode", "Incremental"}};
  const json& resource = call.cloud.resources().put(std::move(stored));
  Operation operation;
  operation.gives_resource = true;
  Cloud& cloud = call.cloud;
  // Only a cancellation ends it here; the rest is found by its steps.
  operation.finish = [&cloud, id = call.id.text](Operation& ended) {
    if (json* found = cloud.resources().find(id))
      (*found)["properties"]["provisioningState"] = ended.status;
  };
  http::Response response =
      begin(call, std::move(operation), std::chrono::hours(24 * 365), 201, resource);
  made.operation = call.cloud.operations().running_on(call.id.text)->name;
  running_.push_back(std::move(made));
  return response;
}

bool Deployments::is_there(Cloud& cloud, const std::string& id) {
  const json* found = cloud.resources().find(id);
  if (found == nullptr || cloud.operations().running_on(id) != nullptr) return false;
  return text_of(found->at("properties"), "provisioningState", "Succeeded") == "Succeeded";
}

void Deployments::end(Cloud& cloud, const Deployment& deployment, const json& error) {
  json* stored = cloud.resources().find(deployment.id);
  if (stored == nullptr) return;
  json& properties = (*stored)["properties"];
  const std::string status = error.is_null() ? "Succeeded" : "Failed";
  properties["provisioningState"] = status;
  if (!error.is_null()) properties["error"] = error;
  if (Operation* operation = cloud.operations().find(deployment.operation)) {
    operation->status = status;
    operation->due = cloud.now_millis();
    operation->error = error;
  }
}

/// Writes one resource, when its expressions can be evaluated now. What went wrong, or null.
json Deployments::begin_part(Cloud& cloud, const Deployment& deployment, Part& part) {
  json body = part.definition;
  for (const char* member : about_template) body.erase(member);
  try {
    body = evaluate(body, deployment.scope);
  } catch (const NotYet&) {
    return {};
  }
  http::Request request(http::Method::put, http::percent_encode_path(part.id));
  request.with_query("api-version", part.api_version);
  request.body = body.dump();
  const http::Response response = cloud.act_for(deployment.caller, request);
  part.begun = true;
  if (response.ok()) return {};
  const json said = json::parse(response.body, nullptr, false).value("error", json::object());
  return failed_with(text_of(said, "code"), text_of(said, "message"));
}

json Deployments::resource_for(Cloud& cloud, const Deployment& deployment, const std::string& id) {
  if (is_there(cloud, id)) return *cloud.resources().find(id);
  for (const Part& part : deployment.parts)
    if (same_id(part.id, id)) throw NotYet{};
  throw TemplateProblem("The resource '" + id + "' was not found.");
}

/// Begins what can begin. Ends the deployment when everything is there, or something failed.
void Deployments::step(Cloud& cloud, Deployment& deployment) {
  deployment.scope.resource = [&](const std::string& id) {
    return resource_for(cloud, deployment, id);
  };
  bool all = true;
  for (Part& part : deployment.parts) {
    const bool busy = cloud.operations().running_on(part.id) != nullptr;
    if (part.begun && !busy) {
      if (is_there(cloud, part.id)) continue;
      return end(cloud, deployment,
                 failed_with("ResourceDeploymentFailure",
                             "The resource operation completed with a terminal provisioning state "
                             "that is not Succeeded: " +
                                 part.id));
    }
    all = false;
    const bool waits = std::any_of(part.needs.begin(), part.needs.end(),
                                   [&](const std::string& need) { return !is_there(cloud, need); });
    if (part.begun || waits) continue;
    if (const json error = begin_part(cloud, deployment, part); !error.is_null())
      return end(cloud, deployment, error);
  }
  if (!all) return;
  json outputs = json::object();
  for (const auto& [name, output] : deployment.outputs.items())
    outputs[name] = {{"type", text_of(output, "type")},
                     {"value", evaluate(output.value("value", json()), deployment.scope)}};
  (*cloud.resources().find(deployment.id))["properties"]["outputs"] = std::move(outputs);
  end(cloud, deployment, json());
}

void Deployments::catch_up(Cloud& cloud) {
  for (Deployment& deployment : running_) {
    try {
      step(cloud, deployment);
    } catch (const TemplateProblem& problem) {
      end(cloud, deployment, failed_with("InvalidTemplate", problem.what()));
    }
  }
  std::erase_if(running_, [&](const Deployment& deployment) {
    return cloud.operations().running_on(deployment.id) == nullptr;
  });
}

}  // namespace twinlake::simulator
