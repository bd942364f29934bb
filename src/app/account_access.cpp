#include "app/account_access.h"

#include "app/side_access.h"
#include "workspace/connection.h"
#include "workspace/profile.h"

namespace twinlake::app {

Result<std::vector<azure::ManagedGroup>> managed_groups(Loop& loop, http::CurlEngine& engine,
                                                        const std::string& name) {
  const auto explained = [&](Error error) {
    error.message = "the account (profile `" + name + "`): " + error.message;
    if (error.hint.empty())
      error.hint = "Check the profile and the rights of its principal: it must be an account admin";
    return fail(std::move(error));
  };
  auto profile =
      workspace::resolve_profile(name, workspace::process_environment(), workspace::disk_reader());
  if (!profile) return explained(std::move(profile).error());
  if (profile->account_id.empty())
    return fail(Fault::config, "the profile `" + name + "` has no account_id",
                "Add account_id to it, and host = https://accounts.azuredatabricks.net");
  profile->host_kind = workspace::HostKind::account;
  workspace::ConnectOptions options;
  options.user_agent = "twinlake/" TWINLAKE_VERSION;
  options.ca_file = ca_file_of_environment();
  options.retry.budget = std::chrono::seconds(20);
  auto connection = workspace::connect(loop, engine, *profile, options);
  if (!connection) return explained(std::move(connection).error());
  auto groups = loop.run(azure::read_managed_groups(connection->transport(), profile->account_id));
  if (!groups) return explained(std::move(groups).error());
  return groups;
}

}  // namespace twinlake::app
