#include "simulator/azure/cloud_control.h"

#include "simulator/azure/arm.h"
#include "simulator/azure/locations.h"
#include "simulator/identity/entra.h"

namespace twinlake::simulator {

namespace {
using Method = http::Method;

http::Response bad_control(const std::string& message) {
  return arm_error(400, "InvalidControl", message);
}

http::Response control_faults(Cloud& cloud, const http::Request& request, const json& body) {
  if (request.method == Method::del) {
    cloud.faults().clear();
    return done();
  }
  json ids = json::array();
  if (request.method == Method::post) {
    for (const json& rule : body.is_array() ? body : json::array({body})) {
      std::string problem;
      auto read = fault_rule_from(rule, problem);
      if (!read) return bad_control(problem);
      ids.push_back(cloud.faults().add(std::move(*read)));
    }
    return answer(json::object({{"ids", std::move(ids)}}));
  }
  for (const FaultRule& rule : cloud.faults().rules()) ids.push_back(to_json(rule));
  return answer(json::object({{"rules", std::move(ids)}}));
}

http::Response control_requests(Cloud& cloud) {
  json routes = json::array();
  for (const auto& [key, count] : cloud.traffic().routes)
    routes.push_back(json::object({{"method", key.first},
                                   {"route", key.second},
                                   {"requests", count.requests},
                                   {"throttled", count.throttled},
                                   {"failed", count.failed}}));
  return answer(json::object({{"total", cloud.traffic().total},
                              {"throttled", cloud.traffic().throttled},
                              {"routes", std::move(routes)}}));
}

std::string set_style(Cloud& cloud, const std::string& wanted) {
  OperationStyle& style = cloud.change_options().style;
  if (wanted == "both")
    style = OperationStyle::both;
  else if (wanted == "location_only")
    style = OperationStyle::location_only;
  else if (wanted == "resource_only")
    style = OperationStyle::resource_only;
  else
    return "style is both, location_only or resource_only, not " + wanted;
  return {};
}

/// One member of the body; what is wrong with it, or nothing.
std::string set_option(Cloud& cloud, const std::string& name, const json& value) {
  CloudOptions& options = cloud.change_options();
  const auto seconds = [&] { return std::chrono::seconds(value.get<std::int64_t>()); };
  if (name == "enforce_limits")
    options.enforce_limits = value.get<bool>();
  else if (name == "first_poll_missing")
    options.first_poll_missing = value.get<bool>();
  else if (name == "managed_group_hides")
    options.managed_group_hides = value.get<bool>();
  else if (name == "page_size")
    options.page_size = value.get<std::size_t>();
  else if (name == "token_seconds")
    options.token_seconds = value.get<std::int64_t>();
  else if (name == "workspace_seconds")
    options.workspace_time = seconds();
  else if (name == "operation_seconds")
    options.operation_time = seconds();
  else if (name == "retry_after")
    options.retry_after = seconds();
  else if (name == "advance_seconds")
    cloud.advance(seconds());
  else if (name == "foreign_names")
    options.foreign_names = value.get<std::set<std::string>>();
  else if (name == "unregistered")
    cloud.unregister(value.get<std::string>());
  else if (name == "style")
    return set_style(cloud, value.get<std::string>());
  else
    return "there is no option " + name;
  return {};
}

http::Response control_options(Cloud& cloud, const json& body) {
  if (!body.is_object()) return bad_control("options are an object");
  for (const auto& [name, value] : body.items())
    if (const std::string problem = set_option(cloud, name, value); !problem.empty())
      return bad_control(problem);
  return done();
}

http::Response control_sizes(Cloud& cloud, const json& body) {
  const std::string limit = text_of(body, "limit", "absent");
  const std::map<std::string, SizeLimit> known{{"absent", SizeLimit::absent},
                                               {"restricted", SizeLimit::restricted},
                                               {"two_zones", SizeLimit::two_zones}};
  if (!known.contains(limit)) return bad_control("limit is absent, restricted or two_zones");
  cloud.capacity().limit_size(text_of(body, "location"), text_of(body, "size"), known.at(limit));
  return done();
}

void set_status_of_accounts(Cloud& cloud, const Location* place, const char* status) {
  std::vector<std::string> ids;
  for (const json* account :
       cloud.resources().of_type("Microsoft.Storage/storageAccounts", cloud.subscription_id()))
    ids.push_back(text_of(*account, "id"));
  for (const std::string& id : ids) {
    json& properties = (*cloud.resources().find(id))["properties"];
    if (place == nullptr || same_id(text_of(properties, "primaryLocation"), place->name))
      properties["statusOfPrimary"] = status;
    if (properties.contains("secondaryLocation") &&
        (place == nullptr || same_id(text_of(properties, "secondaryLocation"), place->name)))
      properties["statusOfSecondary"] = status;
  }
}

/// ARM itself goes on: it is no part of any region.
http::Response lose_location(Cloud& cloud, const std::string& name, bool silent) {
  const Location* place = find_location(name);
  if (place == nullptr) return bad_control("there is no region " + name);
  set_status_of_accounts(cloud, place, "unavailable");
  if (silent) return done();
  for (const char* service : {"Azure Databricks", "Storage"})
    cloud.add_event(json::object({{"location", name}, {"service", service}}));
  return done();
}

http::Response restore_all(Cloud& cloud) {
  cloud.faults().end_outage();
  set_status_of_accounts(cloud, nullptr, "available");
  for (json& event : cloud.events()) event["properties"]["status"] = "Resolved";
  return done();
}

http::Response control_outage(Cloud& cloud, const json& body) {
  if (body.is_object() && body.contains("location"))
    return lose_location(cloud, text_of(body, "location"), flag_of(body, "silent"));
  const auto seconds = body.is_object() ? integer_of(body, "for_seconds") : std::nullopt;
  std::optional<std::int64_t> until;
  if (seconds) until = cloud.now_millis() + *seconds * 1000;
  cloud.faults().start_outage(until);
  return done();
}

http::Response control_workspaces(Cloud& cloud, const json& body) {
  WorkspaceEnd end;
  end.status = text_of(body, "status", end.status);
  end.code = text_of(body, "code", "DeploymentFailed");
  end.message = text_of(body, "message", "The deployment failed.");
  end.at_once = static_cast<int>(integer_of(body, "at_once").value_or(0));
  if (end.status != "Failed" && end.status != "Canceled")
    return bad_control("status is Failed or Canceled");
  cloud.next_workspace(std::move(end));
  return done();
}

http::Response control_credentials(Cloud& cloud, const json& body) {
  Credential application;
  application.client_id = body.at("client_id").get<std::string>();
  application.secret = text_of(body, "client_secret");
  for (const json& pem : list_of(body, "certificates"))
    application.certificates.push_back(pem.get<std::string>());
  for (const json& each : list_of(body, "federations")) {
    Federation trusted;
    trusted.issuer = text_of(each, "issuer");
    trusted.subject = text_of(each, "subject");
    trusted.audience = text_of(each, "audience", trusted.audience);
    trusted.public_key = text_of(each, "public_key");
    application.federations.push_back(std::move(trusted));
  }
  cloud.entra().add(application);
  const std::string role = text_of(body, "role", "contributor");
  cloud.set_role(application.client_id, role == "none"     ? AzureRole::none
                                        : role == "reader" ? AzureRole::reader
                                        : role == "owner"  ? AzureRole::owner
                                                           : AzureRole::contributor);
  return done();
}

http::Response control_cancel(Cloud& cloud, const json& body) {
  Operation* running = cloud.operations().running_on(text_of(body, "resource"));
  if (running == nullptr) return bad_control("nothing runs on " + text_of(body, "resource"));
  cloud.operations().cancel(running->name, cloud.now_millis());
  return done();
}

http::Response control_change(Cloud& cloud, const std::string& what, const json& body) {
  if (what == "outage") return control_outage(cloud, body);
  if (what == "restore") return restore_all(cloud);
  if (what == "resources") return answer(cloud.add(body));
  if (what == "workspaces") return control_workspaces(cloud, body);
  if (what == "vault-secrets") {
    cloud.vault_data().put(text_of(body, "vault"), text_of(body, "name"), text_of(body, "value"));
    return done();
  }
  if (what == "credentials") return control_credentials(cloud, body);
  if (what == "sizes") return control_sizes(cloud, body);
  if (what == "options") return control_options(cloud, body);
  if (what == "operations/cancel") return control_cancel(cloud, body);
  if (what == "quota") {
    cloud.capacity().set_quota(
        text_of(body, "location"), text_of(body, "name"),
        {integer_of(body, "used").value_or(0), integer_of(body, "limit").value_or(0)});
    return done();
  }
  if (what == "policies" && body.contains("tag")) {
    cloud.require_tag(text_of(body, "type", "*"), text_of(body, "tag"));
    return done();
  }
  if (what == "policies") {
    cloud.allow_locations(text_of(body, "type", "*"),
                          body.at("locations").get<std::vector<std::string>>());
    return done();
  }
  if (what == "events") {
    cloud.add_event(body);
    return done();
  }
  return bad_control("there is no /sim/" + what);
}
}  // namespace

http::Response serve_control(Cloud& cloud, const http::Request& request) {
  const std::string what = request.path.substr(5);
  json body;
  if (!request.body.empty()) body = json::parse(request.body, nullptr, false);
  if (body.is_discarded()) return bad_control("the body is no JSON");
  if (what == "world") return answer(cloud.world());
  if (what == "faults") return control_faults(cloud, request, body);
  if (what == "requests") return control_requests(cloud);
  if (what == "requests/reset") {
    cloud.traffic() = {};
    return done();
  }
  if (what == "events" && request.method == Method::del) {
    cloud.events() = json::array();
    return done();
  }
  try {
    return control_change(cloud, what, body);
  } catch (const std::invalid_argument& problem) {
    return bad_control(problem.what());
  }
}

}  // namespace twinlake::simulator
