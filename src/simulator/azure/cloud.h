#pragma once
// One Azure as one tenant sees it, around the simulated workspaces: the login (Entra ID) and Azure
// Resource Manager on one address, with one subscription in it. Written from facts about the
// service, never from how we ask it.
//
// A test makes and fills one like this:
//
//   Loop loop{Loop::Clock::virtual_time};
//   CloudOptions options;
//   options.entra = entra;             // the tenant that the regions trust too, when there are any
//   options.credentials.push_back({.client_id = "app", .secret = "s"});  // a contributor
//   Cloud cloud(options);
//   InProcessTransport transport(loop, cloud, Millis(5));  // login and ARM both
//
// A resource is added as GET shall show it, see add():
//
//   cloud.add(R"({"id":"/subscriptions/.../storageAccounts/stlake","location":"westeurope",
//                 "sku":{"name":"Standard_GRS"}})"_json);
//
// A workspace that is there already, and a region that is absent until a workspace is created in
// its place:
//
//   cloud.add_workspace(home, {.location = "westeurope", .address = "home.example"},
//                       "/subscriptions/.../workspaces/adb");
//   cloud.add_seat(twin, {.location = "northeurope", .address = "twin.example"});
//
// A token: POST /{tenant}/oauth2/v2.0/token, or cloud.token_for("app") in one call. Time is that of
// the caller: operations go on when `now_micros` does. What goes wrong: faults() for single calls,
// next_workspace() for operations, and CloudOptions for what holds always. The same from outside,
// through POST /sim/faults, /sim/options, /sim/resources, /sim/quota, /sim/events, /sim/outage.
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "simulator/azure/capacity.h"
#include "simulator/azure/operations.h"
#include "simulator/azure/resources.h"
#include "simulator/azure/vault_data.h"
#include "simulator/faults.h"
#include "simulator/host.h"
#include "simulator/region.h"

namespace twinlake::simulator {

class ArmRoutes;
class ArmLimits;
class Deployments;
struct ArmCall;

/// What a principal may do in the subscription.
enum class AzureRole {
  none,
  reader,
  contributor,  ///< also lets it into workspaces as an admin, see Entra::may_administer
  owner,        ///< also gives roles to others, and sets locks
};

struct CloudOptions {
  std::string subscription = "5a7be0f1-0000-4000-8000-000000000001";  ///< that of the demo estate
  std::string tenant = "0c0ffee0-7e11-4a11-9a11-000000000001";
  /// The tenant that the regions trust too; nullptr: one of its own. shared_ptr because they own it
  /// together.
  std::shared_ptr<Entra> entra;
  std::vector<Credential> credentials;  ///< applications of the tenant
  std::int64_t token_seconds = 3600;    ///< lifetime of tokens
  std::uint64_t seed = 7;               ///< ids are invented from it
  bool enforce_limits = false;          ///< the published limits of ARM answer 429
  /// Links are absolute: this, unless the request says how the client came (header Host).
  std::string address = "https://management.azure.com";
  std::size_t page_size = 100;                  ///< lists come in pages of so many
  std::chrono::seconds workspace_time{90};      ///< how long it takes to make or delete one
  std::chrono::seconds operation_time{20};      ///< everything else that takes time
  std::chrono::seconds retry_after{10};         ///< how often to ask about an operation
  OperationStyle style = OperationStyle::both;  ///< how operations show themselves
  bool first_poll_missing = false;  ///< the first question about an operation answers 404
  /// Not settled by any source: whether the deny assignment of a managed resource group also
  /// refuses reads. True: it does.
  bool managed_group_hides = false;
  /// Names of storage accounts and vaults that somebody elsewhere has: names are global.
  std::set<std::string> foreign_names;
};

/// Where a workspace is answered from.
struct Seat {
  std::string location;  ///< "northeurope"
  std::string address;   ///< becomes `workspaceUrl`: a host, without a scheme
};

/// How the next creation of a workspace ends, when it is to end badly.
struct WorkspaceEnd {
  std::string status = "Failed";  ///< or "Canceled"
  std::string code;               ///< "QuotaExceeded", "SkuNotAvailable", ...
  std::string message;
  int at_once = 0;  ///< a status: the PUT itself is refused with it; 0: the operation fails later
};

class Cloud : public Host {
 public:
  explicit Cloud(CloudOptions options);
  ~Cloud() override;
  Cloud(const Cloud&) = delete;
  Cloud& operator=(const Cloud&) = delete;

  /// The whole service: faults, limits, login, authorization, the handler. Never throws.
  [[nodiscard]] Outcome serve(const http::Request& request, std::int64_t now_micros) override;
  [[nodiscard]] Traffic& traffic() override { return traffic_; }
  [[nodiscard]] std::string label() const override { return "the cloud"; }

  // --- filling it

  /// A resource as GET shall show it; at least `id` and, where it has one, `location`. Name, type,
  /// `provisioningState`, the resource group, and what the service derives from the rest (a storage
  /// account's endpoints and locations) are added. Throws std::invalid_argument for a bad id.
  json& add(json resource);
  /// A workspace that is there, with its managed resource group; `more` is merged into the
  /// resource.
  json& add_workspace(Region& region, const Seat& seat, const std::string& id,
                      const json& more = json::object());
  /// The workspace that is created next in that place will be this region, which is absent until
  /// then.
  void add_seat(Region& region, const Seat& seat);
  void set_role(const std::string& principal, AzureRole role) { roles_[principal] = role; }
  /// The next workspace that is created ends like this; once.
  void next_workspace(WorkspaceEnd end) { next_workspace_.push_back(std::move(end)); }
  /// A policy of the subscription: resources of a type ("*": any) may lie in these locations only.
  void allow_locations(const std::string& type, std::vector<std::string> locations);
  /// The same for a tag that resources of a type must have.
  void require_tag(const std::string& type, const std::string& tag) { required_tags_[type] = tag; }
  /// A provider that the subscription has not registered; all others are.
  void unregister(const std::string& provider) { unregistered_[provider] = "NotRegistered"; }
  /// Region-wide trouble, as Service Health tells it: `properties` of an event, or part of them.
  /// Members that are absent are made up; "location" is the region's short name.
  void add_event(const json& event);
  /// A token of this principal that never ends: for tests that are not about logins.
  [[nodiscard]] std::string token_for(const std::string& principal);

  /// All resources, operations and events, for GET /sim/world.
  [[nodiscard]] json world() const;
  void advance(std::chrono::milliseconds by) { ahead_ += by; }

  // --- for whoever serves a part of it

  [[nodiscard]] const CloudOptions& options() const { return options_; }
  [[nodiscard]] CloudOptions& change_options() { return options_; }
  [[nodiscard]] Entra& entra() { return *options_.entra; }
  [[nodiscard]] Faults& faults() { return faults_; }
  [[nodiscard]] Resources& resources() { return resources_; }
  [[nodiscard]] const Resources& resources() const { return resources_; }
  [[nodiscard]] Capacity& capacity() { return capacity_; }
  [[nodiscard]] Operations& operations() { return operations_; }
  [[nodiscard]] Ids& ids() { return ids_; }
  [[nodiscard]] json& events() { return events_; }
  [[nodiscard]] std::int64_t now_millis() const { return now_micros_ / 1000; }
  [[nodiscard]] std::string subscription_id() const {
    return "/subscriptions/" + options_.subscription;
  }
  [[nodiscard]] std::string registration(const std::string& provider) const;
  void register_provider(const std::string& provider);
  /// The address of the service as this client sees it, for links.
  [[nodiscard]] std::string address_for(const http::Request& request) const;
  /// A request of the cloud itself, with the rights of a principal: a deployment makes resources.
  [[nodiscard]] http::Response act_for(const std::string& principal, const http::Request& request);
  /// The seat that waits in a place; taken from those that wait. Region nullptr when there is none.
  struct Taken {
    Region* region = nullptr;
    Seat seat;
  };
  [[nodiscard]] Taken take_seat(const std::string& location);
  /// The workspace is gone: its region is absent again, and its seat is free.
  void leave_seat(const std::string& workspace_id);
  void sit_down(const std::string& workspace_id, const Taken& seat) {
    seated_[workspace_id] = seat;
  }
  [[nodiscard]] std::vector<WorkspaceEnd>& workspace_ends() { return next_workspace_; }
  /// The policy that forbids a resource of this type there, or one without its tag; empty: none.
  [[nodiscard]] std::string policy_against(const std::string& type, const std::string& location,
                                           const json& tags) const;
  /// Secrets of vaults, which ARM never shows.
  [[nodiscard]] VaultData& vault_data() { return vault_data_; }
  [[nodiscard]] json& deleted_vaults() { return deleted_vaults_; }

 private:
  void add_routes();
  [[nodiscard]] Outcome serve_checked(const http::Request& request);
  [[nodiscard]] http::Response work(const http::Request& request);
  [[nodiscard]] http::Response work_for(const http::Request& request, const std::string& caller);
  [[nodiscard]] bool may_administer(const std::string& principal, const std::string& resource,
                                    const std::string& workspace_id) const;
  [[nodiscard]] AzureRole role_of(const std::string& principal) const;

  CloudOptions options_;
  std::int64_t now_micros_ = 0;
  std::chrono::milliseconds ahead_{0};
  Ids ids_;
  Ids request_ids_;  ///< of their own, so that reading changes no object's id
  Faults faults_;
  Traffic traffic_;
  Resources resources_;
  Capacity capacity_;
  Operations operations_;
  std::unique_ptr<ArmRoutes> routes_;
  std::unique_ptr<ArmLimits> limits_;
  std::unique_ptr<Deployments> deployments_;
  json events_ = json::array();
  std::map<std::string, AzureRole> roles_;  ///< by client id; those who are not there: contributor
  std::map<std::string, std::string> unregistered_;
  std::map<std::string, std::vector<std::string>> allowed_locations_;  ///< by type
  std::map<std::string, std::string> required_tags_;                   ///< by type
  json deleted_vaults_ = json::array();
  VaultData vault_data_;
  std::vector<WorkspaceEnd> next_workspace_;
  std::vector<Taken> seats_;
  std::map<std::string, Taken> seated_;  ///< by `workspaceId`
};

}  // namespace twinlake::simulator
