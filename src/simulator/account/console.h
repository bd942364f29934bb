#pragma once
// The Databricks account above the workspaces, as far as Managed Disaster Recovery needs it: the
// token endpoint of the account, failover groups and stable URLs. Written from facts about the
// service, never from how we ask it.
//
// What a group replicates is not simulated: nothing moves between the workspaces because of it. It
// is created, copies for the first time, is active, fails over and is deleted, each in its time.
//
//   AccountConsole console({.credentials = {{.client_id = "admin", .secret = "s"}}});
//   console.add_workspace({.id = "1111111111111111", .region = "westeurope"});
//   InProcessTransport transport(loop, console, Millis(5));
//
// From outside: POST /sim/options, /sim/workspaces, /sim/groups, /sim/faults, /sim/outage.
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "simulator/account/failover_groups.h"
#include "simulator/account/stable_urls.h"
#include "simulator/body.h"
#include "simulator/faults.h"
#include "simulator/host.h"
#include "simulator/region.h"

namespace twinlake::simulator {

struct ConsoleOptions {
  std::string account_id = "7ac00000-0000-4000-8000-000000000001";
  /// Service principals of the account with an OAuth secret, all of them account admins.
  std::vector<Credential> credentials;
  /// Others who sign in and are no admins.
  std::vector<Credential> strangers;
  /// Its tokens open the account too, for whoever is an admin here; nullptr: none do. shared_ptr
  /// because the regions own it together.
  std::shared_ptr<Entra> entra;
  std::int64_t token_seconds = 3600;
  std::uint64_t seed = 11;
  std::size_t page_size = 20;          ///< unless `page_size` asks for fewer
  std::chrono::seconds step_time{30};  ///< each state of a group that passes by itself
};

class AccountConsole : public Host {
 public:
  explicit AccountConsole(ConsoleOptions options);

  [[nodiscard]] Outcome serve(const http::Request& request, std::int64_t now_micros) override;
  [[nodiscard]] Traffic& traffic() override { return traffic_; }
  [[nodiscard]] std::string label() const override { return "the account console"; }

  void add_workspace(const AccountWorkspace& workspace);
  [[nodiscard]] FailoverGroups& groups() { return groups_; }
  [[nodiscard]] Faults& faults() { return faults_; }
  [[nodiscard]] const ConsoleOptions& options() const { return options_; }
  void advance(std::chrono::milliseconds by) { ahead_ += by; }
  [[nodiscard]] json world() const;

 private:
  struct Token {
    std::string principal;
    std::int64_t expires_at = 0;  ///< milliseconds
  };
  [[nodiscard]] http::Response work(const http::Request& request);
  [[nodiscard]] http::Response give_token(const http::Request& request);
  [[nodiscard]] http::Response describe_host(const http::Request& request) const;
  [[nodiscard]] Refusal refuse_caller(const http::Request& request);
  [[nodiscard]] http::Response work_for_admin(const http::Request& request);
  [[nodiscard]] http::Response control(const http::Request& request);
  [[nodiscard]] http::Response control_change(std::string_view what, const json& body);
  void expire_token_of(const http::Request& request);

  ConsoleOptions options_;
  std::int64_t now_micros_ = 0;
  std::chrono::milliseconds ahead_{0};
  Ids ids_;
  Ids request_ids_;  ///< of their own, so that reading changes no object's id
  Faults faults_;
  Traffic traffic_;
  std::map<std::string, Token> tokens_;
  AccountWorkspaces workspaces_;
  StableUrls urls_;
  FailoverGroups groups_;
};

}  // namespace twinlake::simulator
