#pragma once
// Azure Resource Manager's manners: routes by resource type, answers, error bodies, pages.
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/azure/cloud.h"
#include "simulator/body.h"

namespace twinlake::simulator {

/// One request to ARM, taken apart.
struct ArmCall {
  Cloud& cloud;
  const http::Request& request;
  std::string caller;  ///< client id of the token
  ResourceId id;       ///< of what the path names
  std::string api_version;
  json body;  ///< null when there is none

  [[nodiscard]] std::string query(std::string_view name) const;
};

using ArmHandler = std::function<http::Response(ArmCall&)>;

/// A type of resource as its provider describes it.
struct ResourceType {
  std::string provider;                   ///< "Microsoft.Storage"
  std::string name;                       ///< "storageAccounts", "servers/failoverGroups"
  std::vector<std::string> api_versions;  ///< newest first
  bool everywhere = true;                 ///< false: only where Azure Databricks is offered
};
/// All that this cloud knows.
[[nodiscard]] const std::vector<ResourceType>& resource_types();
/// nullptr when no provider has it; a name of a type below one that is known counts as that one.
[[nodiscard]] const ResourceType* find_type(std::string_view provider, std::string_view name);

// Of providers.cpp: what the subscription may use.
[[nodiscard]] http::Response show_provider(ArmCall& call);
[[nodiscard]] http::Response register_provider(ArmCall& call);
[[nodiscard]] http::Response list_providers(ArmCall& call);

class ArmRoutes {
 public:
  /// `route` as ResourceId::route() writes it: "microsoft.sql/servers/{}/failovergroups".
  void add(http::Method method, std::string_view route, ArmHandler handler);
  [[nodiscard]] const ArmHandler* find(http::Method method, const std::string& route) const;

 private:
  std::map<std::pair<http::Method, std::string>, ArmHandler> handlers_;
};

// Each of these adds the routes of a part of the API.
void add_subscription_routes(ArmRoutes& routes);  ///< locations, groups, providers
void add_workspace_routes(ArmRoutes& routes);
void add_storage_routes(ArmRoutes& routes);
void add_compute_routes(ArmRoutes& routes);
void add_database_routes(ArmRoutes& routes);
void add_network_routes(ArmRoutes& routes);
void add_health_routes(ArmRoutes& routes);
void add_authorization_routes(ArmRoutes& routes);
void add_connector_routes(ArmRoutes& routes);
void add_operation_routes(ArmRoutes& routes);
/// What every resource can that has nothing of its own: GET, lists, PUT, PATCH of tags, DELETE.
[[nodiscard]] http::Response serve_plainly(ArmCall& call);

/// The checks that all types share, then the handler of the route or the plain one.
[[nodiscard]] http::Response serve_arm(ArmCall& call, AzureRole role, const ArmRoutes& routes);

/// The error body of ARM: {"error":{"code","message"}}. The status is what a client may rely on.
/// Sources name these codes: ResourceNotFound, DenyAssignmentAuthorizationFailed, SkuNotAvailable,
/// OperationNotAllowed, ResourceQuotaExceeded, InvalidTemplateDeployment,
/// InvalidInitialCatalogName, RetryableErrorDueToAnotherOperation; and, without a confirmation,
/// MissingSubscriptionRegistration and RoleAssignmentExists. All others here are in the manner of
/// the service and not told by any source: a client that decides by one of them is not proved by
/// this.
[[nodiscard]] http::Response arm_error(int status, std::string_view code, std::string_view message);
[[nodiscard]] http::Response not_found(const ArmCall& call);
[[nodiscard]] http::Response with_status(int status, const json& body);
/// `value` and, when there is more, an absolute `nextLink`.
[[nodiscard]] http::Response page_of(const ArmCall& call, const json& all);
/// What GET shows of a resource: what is asked for with $expand only is left out.
[[nodiscard]] json shown(const ArmCall& call, const json& resource);

/// Starts an operation on the resource of the call and makes the answer that tells so. `status` and
/// `body` are those of the first answer: 201 with the resource, or 202; a null body is no body.
[[nodiscard]] http::Response begin(ArmCall& call, Operation operation, std::chrono::seconds takes,
                                   int status, const json& body = json());
/// The resource group must be there; else the refusal.
[[nodiscard]] Refusal without_group(const ArmCall& call);
/// Writes inside the managed resource group of a workspace are refused to everybody.
[[nodiscard]] Refusal denied_by_workspace(const ArmCall& call);
/// A lock on it, above it, or (for a deletion) on what lies in it.
[[nodiscard]] Refusal locked(const ArmCall& call);
/// The region offers the type, the policies let it lie there, the provider is registered.
[[nodiscard]] Refusal misplaced(const ArmCall& call, const std::string& location);

/// A workspace is gone, with its managed resource group; its region is absent again.
void remove_workspace(Cloud& cloud, const std::string& id);

/// Adds what the service derives from the rest of a resource.
void complete(json& resource);
void complete_account(json& account);

}  // namespace twinlake::simulator
