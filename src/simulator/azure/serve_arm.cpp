// One request to ARM: what all types have in common.
#include <algorithm>

#include "simulator/azure/arm.h"
#include "simulator/azure/locations.h"

namespace twinlake::simulator {

namespace {
bool is_read(http::Method method) {
  return method == http::Method::get || method == http::Method::head;
}

std::string listed(const std::vector<std::string>& versions) {
  std::string out;
  for (const std::string& version : versions) out += (out.empty() ? "" : ",") + version;
  return out;
}

/// Old spellings of actions that ask only.
bool only_asks(const ArmCall& call) {
  return same_id(call.id.words.back(), "checkNameAvailability");
}

Refusal check_version(ArmCall& call) {
  call.api_version = lower(call.query("api-version"));
  if (call.api_version.empty())
    return arm_error(
        400, "MissingApiVersionParameter",
        "The api-version query parameter (?api-version=) is required for all requests.");
  const bool is_action_of_provider =
      call.id.words.size() == 1 && lower(call.id.words[0]) == "register";
  if (call.id.provider.empty() || call.id.words.empty() || is_action_of_provider) {
    if (call.api_version.size() < 10 || call.api_version[4] != '-')
      return arm_error(400, "InvalidApiVersionParameter",
                       "The api-version '" + call.api_version + "' is invalid.");
    return std::nullopt;
  }
  const std::string type = call.id.type().substr(call.id.provider.size() + 1);
  const ResourceType* known = find_type(call.id.provider, type);
  if (known == nullptr)
    return arm_error(404, "InvalidResourceType",
                     "The resource type '" + type + "' could not be found in the namespace '" +
                         call.id.provider + "' for api version '" + call.api_version + "'.");
  const auto& versions = known->api_versions;
  if (std::find(versions.begin(), versions.end(), call.api_version) == versions.end())
    return arm_error(400, "NoRegisteredProviderFound",
                     "No registered resource provider found for API version '" + call.api_version +
                         "' for type '" + type + "'. The supported api-versions are '" +
                         listed(versions) + "'.");
  return std::nullopt;
}

Refusal check_scope(const ArmCall& call) {
  if (!call.id.subscription.empty() &&
      !same_id(call.id.subscription, call.cloud.options().subscription))
    return arm_error(404, "SubscriptionNotFound",
                     "The subscription '" + call.id.subscription + "' could not be found.");
  // Groups are made and asked for by routes of their own.
  if (call.id.provider.empty()) return std::nullopt;
  return without_group(call);
}

Refusal check_role(const ArmCall& call, AzureRole role) {
  const bool reads = is_read(call.request.method) || only_asks(call);
  const bool needs_owner = !reads && same_id(call.id.provider, "Microsoft.Authorization");
  const AzureRole needed = reads         ? AzureRole::reader
                           : needs_owner ? AzureRole::owner
                                         : AzureRole::contributor;
  if (role >= needed) return std::nullopt;
  return arm_error(403, "AuthorizationFailed",
                   "The client '" + call.caller + "' with object id '" + call.caller +
                       "' does not have authorization to perform action '" + call.id.type() +
                       (reads ? "/read" : "/write") + "' over scope '" + call.id.text +
                       "' or the scope is invalid. If access was recently granted, please refresh "
                       "your credentials.");
}

Refusal check_deny(const ArmCall& call) {
  if (call.id.provider.empty() && is_read(call.request.method)) return std::nullopt;
  if (same_id(call.id.provider, "Microsoft.Authorization")) return std::nullopt;
  if (is_read(call.request.method) && !call.cloud.options().managed_group_hides)
    return std::nullopt;
  return denied_by_workspace(call);
}

Refusal read_body(ArmCall& call) {
  if (call.request.body.empty() || is_read(call.request.method)) return std::nullopt;
  call.body = json::parse(call.request.body, nullptr, false);
  const bool is_object = call.body.is_object();
  if (is_object &&
      (field(call.body, "properties") == nullptr || call.body["properties"].is_object()))
    return std::nullopt;
  return arm_error(400, "InvalidRequestContent",
                   "The request content was invalid and could not be deserialized.");
}

http::Response put_plainly(ArmCall& call) {
  if (!call.body.is_object())
    return arm_error(400, "InvalidRequestContent", "The request content is missing.");
  const std::string parent = call.id.parent();
  const bool nested = call.id.words.size() > 2;
  if (nested && call.cloud.resources().find(parent) == nullptr)
    return arm_error(404, "ParentResourceNotFound",
                     "Failed to perform 'write' on resource(s) of type '" + call.id.type() +
                         "', because the parent resource '" + parent + "' could not be found.");
  json body = call.body;
  const std::string location = text_of(body, "location");
  if (location.empty() && !nested && !call.id.group.empty() &&
      call.id.provider != "Microsoft.Authorization")
    return arm_error(400, "LocationRequired",
                     "The location property is required for this definition.");
  if (!location.empty()) {
    if (auto refusal = misplaced(call, location)) return *refusal;
    body["location"] = find_location(location)->name;
  }
  const json* before = call.cloud.resources().find(call.id.text);
  if (before != nullptr && text_of(*before, "location") != text_of(body, "location"))
    return arm_error(409, "InvalidResourceLocation",
                     "The resource '" + call.id.name() + "' already exists in location '" +
                         text_of(*before, "location") + "'.");
  const bool is_new = before == nullptr;
  body["id"] = is_new ? call.id.text : before->at("id").get<std::string>();
  body.erase("name");
  body.erase("type");
  json& stored = call.cloud.add(std::move(body));
  return with_status(is_new ? 201 : 200, shown(call, stored));
}

http::Response list_plainly(ArmCall& call) {
  json all = json::array();
  for (const json* resource : call.cloud.resources().of_type(call.id.type(), call.id.parent()))
    all.push_back(shown(call, *resource));
  return page_of(call, all);
}

http::Response patch_plainly(ArmCall& call) {
  json* resource = call.cloud.resources().find(call.id.text);
  if (resource == nullptr) return not_found(call);
  if (const json* tags = field(call.body, "tags")) (*resource)["tags"] = *tags;
  if (const json* properties = field(call.body, "properties"))
    (*resource)["properties"].merge_patch(*properties);
  return answer(shown(call, *resource));
}
}  // namespace

http::Response serve_plainly(ArmCall& call) {
  using http::Method;
  json* resource = call.cloud.resources().find(call.id.text);
  if (!call.id.names_one()) {
    if (call.request.method == Method::get) return list_plainly(call);
    return arm_error(404, "InvalidResourceOperation", "There is no such action: " + call.id.text);
  }
  switch (call.request.method) {
    case Method::get: return resource == nullptr ? not_found(call) : answer(shown(call, *resource));
    case Method::head: return {resource == nullptr ? 404 : 204, ""};
    case Method::put: return put_plainly(call);
    case Method::patch: return patch_plainly(call);
    case Method::del: return {call.cloud.resources().remove(call.id.text) ? 200 : 204, ""};
    case Method::post: break;
  }
  return arm_error(405, "MethodNotAllowed", "The method is not allowed here.");
}

http::Response serve_arm(ArmCall& call, AzureRole role, const ArmRoutes& routes) {
  if (auto refusal = check_version(call)) return *refusal;
  if (auto refusal = check_scope(call)) return *refusal;
  if (auto refusal = check_role(call, role)) return *refusal;
  if (auto refusal = check_deny(call)) return *refusal;
  if (auto refusal = locked(call)) return *refusal;
  if (auto refusal = read_body(call)) return *refusal;
  if (const ArmHandler* handler = routes.find(call.request.method, call.id.route()))
    return (*handler)(call);
  if (call.id.provider.empty() || call.id.words.empty())
    return arm_error(404, "NotFound", "There is nothing at " + call.id.text + ".");
  return serve_plainly(call);
}

}  // namespace twinlake::simulator
