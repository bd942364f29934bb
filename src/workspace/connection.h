#pragma once
// The whole stack of one side, put together in one visible place.
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/loop.h"
#include "http/counting.h"
#include "http/curl_transport.h"
#include "http/guard.h"
#include "http/lane_ledger.h"
#include "http/retry.h"
#include "workspace/auth.h"
#include "workspace/profile.h"

namespace twinlake::workspace {

struct SharedBudget {
  std::string folder;
  std::string workspace;                                   ///< its id, or its host
  std::function<void(const std::string& why)> on_trouble;  ///< once, when it works alone
};

struct ConnectOptions {
  http::Effect allowed = http::Effect::reads;
  bool may_execute = false;  ///< see EffectGuard::allow_execution()
  std::string why_not_more = "this command only reads";
  http::RetryOptions retry;
  double most_of_published =
      1;  ///< rates of lanes rise at most to so many times the published ones
  /// Where several processes share what they ask of this workspace (ADR 0035); nothing: alone.
  std::optional<SharedBudget> budget = {};
  std::string ca_file;
  std::string user_agent = "twinlake";
  Environment environment = process_environment();
};

/// Owns the decorators of one side. Must be gone before the engine and the loop.
class Connection {
 public:
  /// What callers send through.
  [[nodiscard]] http::Transport& transport() { return *guard_; }
  [[nodiscard]] http::EffectGuard& guard() { return *guard_; }
  [[nodiscard]] const http::Counts& counts() const { return counting_->counts(); }
  [[nodiscard]] const std::string& host() const { return host_; }

 private:
  Connection() = default;
  friend Result<Connection> connect_over(Loop&, std::unique_ptr<http::Transport>,
                                         const OpenTransport&, const Profile&,
                                         const ConnectOptions&);

  // From the wire outward; destroyed in the opposite order.
  std::string host_;
  std::unique_ptr<http::Transport> wire_;
  std::unique_ptr<http::CountingTransport> counting_;
  std::unique_ptr<http::LaneLedger> ledger_;
  std::unique_ptr<http::Transport> throttled_;
  std::unique_ptr<Credentials> credentials_;
  std::unique_ptr<http::Transport> authenticated_;
  std::unique_ptr<http::Transport> retrying_;
  std::unique_ptr<http::EffectGuard> guard_;
};

/// Opens login hosts, vaults and the metadata service over libcurl, each with retries of its own.
[[nodiscard]] OpenTransport open_by_curl(Loop& loop, http::CurlEngine& engine,
                                         const ConnectOptions& options);

/// Over libcurl. Sends nothing yet.
[[nodiscard]] Result<Connection> connect(Loop& loop, http::CurlEngine& engine,
                                         const Profile& profile,
                                         const ConnectOptions& options = {});

/// The same stack over any wire: the simulator in process, or a test.
[[nodiscard]] Result<Connection> connect_over(Loop& loop, std::unique_ptr<http::Transport> wire,
                                              const OpenTransport& open, const Profile& profile,
                                              const ConnectOptions& options);

}  // namespace twinlake::workspace
