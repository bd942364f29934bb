#pragma once
// One simulated workspace in one region: its content, its clock, its limits and its faults.
// It speaks the REST API as documented, from facts about the service, never from our own kinds.
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "http/message.h"
#include "simulator/host.h"
#include "simulator/router.h"

namespace twinlake::simulator {

class Account;
class Entra;

/// Tokens of somebody else that an application may sign in with: of a cluster, of a pipeline.
struct Federation {
  std::string issuer;
  std::string subject;
  std::string audience = "api://AzureADTokenExchange";
  std::string public_key = {};  ///< of the issuer, PEM; empty: nobody checks the signature
};

/// A client that may ask for tokens: OAuth machine-to-machine, Entra ID and managed identity.
/// It is a service principal of the workspace unless `provision` is off.
struct Credential {
  std::string client_id;          ///< the application id
  std::string secret;             ///< empty: there is none
  bool managed_identity = false;  ///< the machine's own identity, answered by the metadata service
  bool provision = true;          ///< make it a service principal and an admin of the workspace
  /// PEM. The application signs in with an assertion that the key of one of them has signed.
  std::vector<std::string> certificates = {};
  std::vector<Federation> federations = {};
};

/// Where the sources about the service contradict each other. False: what more of them say. A
/// client that works with both is right whatever the service does.
struct Unsettled {
  bool secret_grants_once = false;       ///< acls/put of a grant that is there is refused
  bool secret_times_as_text = false;     ///< last_updated_timestamp is a string
  bool warehouse_owner_refused = false;  ///< IS_OWNER is refused where a warehouse has an owner
  bool ip_lists_always_checked = false;  ///< also while the lists are off, none may shut us out
};

struct RegionOptions {
  std::string name = "primary";  ///< shown in messages and in /sim/world
  std::int64_t workspace_id = 1111111111111111;
  std::string admin = "replicator@twinlake.example";  ///< caller of the default token
  std::string token = "dapi-simulated";               ///< the personal access token of that admin
  std::uint64_t seed = 1;                             ///< ids are invented from it
  bool enforce_limits = false;                        ///< the published limits table answers 429

  /// With an account, identity federation is on: users and groups are shared with the other
  /// workspaces of that account. shared_ptr because two regions own it together.
  std::shared_ptr<Account> account;
  std::vector<Credential> credentials;
  std::string tenant = "0c0ffee0-7e11-4a11-9a11-000000000001";  ///< Entra tenant of the workspace
  /// The tenant itself, where several workspaces trust the same one; else each makes its own.
  /// shared_ptr because two regions own it together.
  std::shared_ptr<Entra> entra;
  std::int64_t token_seconds = 3600;  ///< lifetime of OAuth and Entra tokens
  bool eventual_consistency = false;  ///< the first read of a new object answers 404, once
  bool local_groups = true;           ///< newer workspaces refuse workspace-local groups
  bool legacy_dbfs_disabled = false;  ///< DBFS root and mounts are refused
  bool absent = false;                ///< no workspace is there (yet): its host knows nothing

  /// The documentation says that secrets/get answers inside a cluster only; in practice it answers
  /// everywhere. True: as documented.
  bool secrets_stay_inside = false;
  std::string caller_address = "192.0.2.10";  ///< where every request comes from
  Unsettled unsettled;
};

/// Ids as the service makes them.
class Ids {
 public:
  explicit Ids(std::uint64_t seed) : random_(seed) {}
  std::int64_t number();          ///< positive, up to 2^62, never repeated
  std::string digits(int count);  ///< numeric string
  std::string hex(int count);     ///< lower case
  std::string upper_hex(int count);
  std::string uuid();

 private:
  std::string letters(std::string_view alphabet, int count);
  std::mt19937_64 random_;
  std::set<std::int64_t> used_;
};

class Service;  ///< one family of endpoints (workspace tree, jobs, ...), see service.h
class Faults;
class Limiter;
class Freshness;

class Region : public Host {
 public:
  explicit Region(RegionOptions options);
  ~Region() override;
  Region(const Region&) = delete;
  Region& operator=(const Region&) = delete;

  /// The whole service: outage, faults, limits, authentication, the handler. Never throws, and
  /// blocks only for commands on a cluster, while they run; `now_micros` is the caller's clock
  /// (virtual or real), microseconds since the epoch.
  [[nodiscard]] Outcome serve(const http::Request& request, std::int64_t now_micros) override;
  [[nodiscard]] std::string label() const override { return "region " + options_.name; }

  [[nodiscard]] const RegionOptions& options() const { return options_; }
  [[nodiscard]] std::int64_t now_millis() const { return now_micros_ / 1000; }
  [[nodiscard]] std::int64_t now_micros() const { return now_micros_; }
  [[nodiscard]] Ids& ids() { return ids_; }
  [[nodiscard]] Router& router() { return router_; }
  [[nodiscard]] Faults& faults() { return *faults_; }
  [[nodiscard]] Limiter& limiter() { return *limiter_; }
  [[nodiscard]] Traffic& traffic() override { return traffic_; }

  /// Whole content of all services, GET /sim/world.
  [[nodiscard]] json world() const;
  /// The region's clock runs ahead of the caller's by this much more, e.g. to let tokens expire.
  void advance(std::chrono::milliseconds by) { ahead_ += by; }
  /// The answer to the request being served comes this much later: a client that asked to wait.
  void hold_answer(std::chrono::milliseconds by) { held_ += by; }
  void set_enforce_limits(bool on) { options_.enforce_limits = on; }
  /// The service's true limits, when enforced, are so many times the published ones.
  void scale_limits(double factor);
  void set_eventual_consistency(bool on) { options_.eventual_consistency = on; }
  void set_legacy_dbfs_disabled(bool on) { options_.legacy_dbfs_disabled = on; }
  void set_absent(bool absent) { options_.absent = absent; }
  void set_token_seconds(std::int64_t seconds) { options_.token_seconds = seconds; }
  void set_secrets_stay_inside(bool on) { options_.secrets_stay_inside = on; }
  /// An IPv4 address; a text that is none is on no list.
  void set_caller_address(std::string address) { options_.caller_address = std::move(address); }
  void set_unsettled(const Unsettled& wanted) { options_.unsettled = wanted; }

  /// Work that was due earlier: the region's clock shows that moment while it lives.
  class Earlier {
   public:
    Earlier(Region& region, std::int64_t millis) : now_(region.now_micros_), before_(now_) {
      now_ = millis * 1000;
    }
    ~Earlier() { now_ = before_; }
    Earlier(const Earlier&) = delete;
    Earlier& operator=(const Earlier&) = delete;

   private:
    std::int64_t& now_;
    std::int64_t before_;
  };

  /// The service of a type, e.g. region.get<Tree>(); they know each other only through this.
  template <class T>
  [[nodiscard]] T& get();

 private:
  void make_services();
  void catch_up();
  void let_commands_read_secrets();
  [[nodiscard]] Outcome serve_checked(const http::Request& request);
  [[nodiscard]] Outcome outcome_of(const http::Request& request, const Router::Match& match);
  [[nodiscard]] http::Response work_within_limits(const http::Request& request,
                                                  const Router::Match& match);
  [[nodiscard]] http::Response work(const http::Request& request, const Router::Match& match);

  RegionOptions options_;
  std::int64_t now_micros_ = 0;
  std::chrono::milliseconds ahead_{0};
  std::chrono::milliseconds held_{0};
  Ids ids_;
  Ids request_ids_;  ///< of their own, so that reading changes no object's id
  Router router_;
  Traffic traffic_;
  std::unique_ptr<Faults> faults_;
  std::unique_ptr<Limiter> limiter_;
  std::unique_ptr<Freshness> freshness_;
  std::vector<std::unique_ptr<Service>> services_;
};

}  // namespace twinlake::simulator
