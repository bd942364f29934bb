#pragma once
// One workspace, from the name of its profile to a connection that is known to work.
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "http/curl_transport.h"
#include "workspace/connection.h"
#include "workspace/workspace.h"

namespace twinlake::app {

/// The file that the variables name which curl and the official tools know; empty: none.
[[nodiscard]] std::string ca_file_of_environment();

/// What cannot be reached should be told at once, and a failover must not wait for it; later
/// requests are patient.
[[nodiscard]] http::RetryOptions patience_of_first_question();

class SideAccess {
 public:
  /// `role`: "primary" or "secondary", for messages.
  SideAccess(Loop& loop, http::CurlEngine& engine, std::string role);

  [[nodiscard]] Result<void> resolve(const std::string& profile);
  /// Where the profile has no host but a resource id: asks Azure.
  [[nodiscard]] Task<Result<void>> find_host();
  /// What Azure told earlier.
  void take_host(std::string host) {
    profile_.host = std::move(host);
    is_host_remembered_ = true;
  }
  /// Asks the workspace who we are. Gives up soon: a wrong host should be told at once, while later
  /// requests are patient. Where a remembered host does not answer well, Azure is asked again: a
  /// workspace that was made anew has another one.
  [[nodiscard]] Task<Result<void>> probe();
  struct May {
    http::Effect effect = http::Effect::reads;
    bool execute = false;
    std::string why_not_more = "this command only reads";
    double most_of_published = 1;
    std::string budget_folder = {};  ///< shared with other processes; empty: with nobody
    std::function<void(const std::string& why)> on_budget_trouble = {};
  };
  [[nodiscard]] Result<void> connect(model::Side side, May may, const std::string& spool_folder);

  /// Roles turn: from here on it may be written to, or no longer.
  void allow(http::Effect effect, std::string why_not_more);
  [[nodiscard]] workspace::Workspace& workspace() { return *workspace_; }
  [[nodiscard]] const workspace::Self& self() const { return self_; }
  [[nodiscard]] const std::string& host() const { return profile_.host; }
  [[nodiscard]] const workspace::Profile& profile() const { return profile_; }
  [[nodiscard]] const http::Counts& counts() const { return connection_->counts(); }
  /// Including the first question.
  [[nodiscard]] std::uint64_t sent() const { return counts().sent + asked_; }
  /// Says of which side and profile an error is, and what to do about it.
  [[nodiscard]] Error explained(Error error) const;

 private:
  [[nodiscard]] Task<Result<void>> ask_who_we_are();

  Loop& loop_;
  http::CurlEngine& engine_;
  std::string role_;
  workspace::Profile profile_;
  workspace::Self self_;
  std::uint64_t asked_ = 0;
  bool is_host_remembered_ = false;
  std::optional<workspace::Connection> connection_;
  std::unique_ptr<workspace::Workspace> workspace_;
};

}  // namespace twinlake::app
