#pragma once
// Azure Resource Manager for a profile: who signs in, where, and what may be done there.
#include <memory>
#include <string>

#include "azure/connection.h"
#include "http/curl_transport.h"
#include "workspace/connection.h"
#include "workspace/profile.h"

namespace twinlake::app {

class AzureAccess {
 public:
  struct May {
    http::Effect effect = http::Effect::reads;
    std::string why_not_more = "this command only reads";
    http::RetryOptions retry = {};
  };
  /// Sends nothing yet. The profile may be one of any kind: where its credentials do not open
  /// Azure, the environment or the Azure CLI does (see workspace::azure_sign_in).
  static Result<std::unique_ptr<AzureAccess>> open(Loop& loop, http::CurlEngine& engine,
                                                   const workspace::Profile& profile, May may);
  /// Over any wire: the simulator in process, or a test.
  static Result<std::unique_ptr<AzureAccess>> open_over(
      Loop& loop, std::unique_ptr<http::Transport> wire, const workspace::OpenTransport& open,
      const workspace::Profile& profile, const workspace::Environment& environment, May may);

  [[nodiscard]] azure::Arm& arm() { return connection_->arm(); }
  [[nodiscard]] const http::Counts& counts() const { return connection_->counts(); }
  /// Who signs in; its tenant may be empty.
  [[nodiscard]] const workspace::Profile& who() const { return who_; }
  /// Says as whom it was asked, and what to do about it.
  [[nodiscard]] Error explained(Error error) const;

 private:
  AzureAccess() = default;
  workspace::Profile who_;
  std::unique_ptr<azure::ArmConnection> connection_;
};

/// "https://management.azure.com" of the profile's cloud, or what the profile says.
[[nodiscard]] std::string arm_host_of(const workspace::Profile& profile);

/// The host of a workspace that the profile names only by its ARM id.
/// Source: `workspaceUrl` of the workspace, which any api-version since 2018-04-01 tells.
[[nodiscard]] Task<Result<std::string>> host_from_arm(Loop& loop, http::CurlEngine& engine,
                                                      workspace::Profile profile);
/// "adb-1.2.azuredatabricks.net" of an answer, as a host to connect to. `arm_host`: a simulator in
/// plain http has its workspaces so too.
[[nodiscard]] Result<std::string> host_of_workspace(const std::string& workspace_url,
                                                    const std::string& arm_host);

}  // namespace twinlake::app
