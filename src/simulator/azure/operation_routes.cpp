// Asking about operations: the addresses in Azure-AsyncOperation and Location.
#include "simulator/azure/arm.h"

namespace twinlake::simulator {

namespace {
constexpr std::string_view ticket_parameter = "t";

std::string poll_address(const ArmCall& call, const Operation& operation, const char* which) {
  std::string path = call.cloud.subscription_id();
  if (!call.id.provider.empty()) {
    const json* resource = call.cloud.resources().find(operation.resource);
    path += "/providers/" + call.id.provider + "/locations/" +
            (resource == nullptr ? "global" : text_of(*resource, "location", "global"));
  }
  return call.cloud.address_for(call.request) + path + "/" + which + "/" + operation.name +
         "?api-version=" + call.api_version + "&" + std::string(ticket_parameter) + "=" +
         operation.ticket;
}

void add_wait(const ArmCall& call, http::Response& response) {
  response.headers.emplace_back("Retry-After",
                                std::to_string(call.cloud.options().retry_after.count()));
}

void add_poll_headers(const ArmCall& call, const Operation& operation, http::Response& response) {
  OperationStyle style = call.cloud.options().style;
  // An action has no resource that could be asked instead.
  if (style == OperationStyle::resource_only && call.request.method == http::Method::post)
    style = OperationStyle::location_only;
  switch (style) {
    case OperationStyle::resource_only: break;
    case OperationStyle::both:
      response.headers.emplace_back("Azure-AsyncOperation",
                                    poll_address(call, operation, "operationStatuses"));
      [[fallthrough]];
    case OperationStyle::location_only:
      response.headers.emplace_back("Location", poll_address(call, operation, "operationResults"));
  }
  add_wait(call, response);
}

/// The operation that is asked for, or the refusal: the query of the address has to come back as it
/// was given.
Operation* asked_operation(ArmCall& call, http::Response& refusal) {
  Operation* operation = call.cloud.operations().find(call.id.name());
  if (operation != nullptr && operation->ticket != call.query(ticket_parameter)) {
    refusal = arm_error(400, "InvalidOperationToken", "The address is not the one that was given.");
    return nullptr;
  }
  const bool hidden =
      operation != nullptr && operation->polls++ == 0 && call.cloud.options().first_poll_missing;
  if (operation != nullptr && !hidden) return operation;
  refusal = arm_error(404, "OperationNotFound",
                      "The operation '" + call.id.name() + "' could not be found.");
  return nullptr;
}

http::Response show_status(ArmCall& call) {
  http::Response response;
  const Operation* operation = asked_operation(call, response);
  if (operation == nullptr) return response;
  response = answer(operation_body(*operation, call.id.text, call.cloud.now_millis()));
  if (operation->status == "Running") add_wait(call, response);
  return response;
}

http::Response show_result(ArmCall& call) {
  http::Response response;
  const Operation* operation = asked_operation(call, response);
  if (operation == nullptr) return response;
  if (operation->status == "Running") {
    response = {202, ""};
    response.headers.emplace_back("Location", call.cloud.address_for(call.request) +
                                                  call.request.path + "?" +
                                                  http::encode_query(call.request.query));
    add_wait(call, response);
    return response;
  }
  if (operation->status != "Succeeded")
    return arm_error(409, text_of(operation->error, "code", "Conflict"),
                     text_of(operation->error, "message"));
  const json* resource = call.cloud.resources().find(operation->resource);
  if (!operation->gives_resource || resource == nullptr) return {204, ""};
  return answer(shown(call, *resource));
}
}  // namespace

http::Response begin(ArmCall& call, Operation operation, std::chrono::seconds takes, int status,
                     const json& body) {
  operation.name = call.cloud.ids().uuid();
  operation.ticket = call.cloud.ids().hex(24);
  if (operation.resource.empty()) operation.resource = call.id.text;
  operation.started = call.cloud.now_millis();
  operation.due = operation.started + std::chrono::milliseconds(takes).count();
  const Operation& started = call.cloud.operations().start(std::move(operation));
  const bool only_location = call.cloud.options().style == OperationStyle::location_only;
  http::Response response(only_location ? 202 : status, body.is_null() ? "" : answer(body).body);
  add_poll_headers(call, started, response);
  return response;
}

void add_operation_routes(ArmRoutes& routes) {
  for (const char* provider :
       {"microsoft.databricks", "microsoft.storage", "microsoft.sql", "microsoft.dbformysql",
        "microsoft.network", "microsoft.resources"}) {
    const std::string base = std::string(provider) + "/locations/{}/";
    routes.add(http::Method::get, base + "operationStatuses/{}", show_status);
    routes.add(http::Method::get, base + "operationResults/{}", show_result);
  }
  routes.add(http::Method::get, "subscriptions/{}/operationStatuses/{}", show_status);
  routes.add(http::Method::get, "subscriptions/{}/operationResults/{}", show_result);
}

}  // namespace twinlake::simulator
