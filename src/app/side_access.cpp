#include "app/side_access.h"

#include <cstdlib>

#include "app/azure_access.h"
#include "workspace/profile.h"

namespace twinlake::app {

std::string ca_file_of_environment() {
  for (const char* const name : {"CURL_CA_BUNDLE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"})
    if (const char* const file = std::getenv(name); file != nullptr) return file;
  return {};
}

namespace {

workspace::ConnectOptions options_for(http::Effect allowed, std::string why_not_more) {
  workspace::ConnectOptions options;
  options.allowed = allowed;
  options.why_not_more = std::move(why_not_more);
  options.user_agent = "twinlake/" TWINLAKE_VERSION;
  options.ca_file = ca_file_of_environment();
  return options;
}

constexpr const char* new_token =
    "Its token or secret is wrong, expired or of another workspace: make a new one and put it into "
    "the profile";

std::string remedy(const Error& error) {
  if (error.message.starts_with(workspace::no_token) && !error.hint.empty()) return error.hint;
  // Azure answers a wrong token with 403.
  if (error.message.find("nvalid access token") != std::string::npos) return new_token;
  switch (error.fault) {
    case Fault::unauthenticated: return new_token;
    case Fault::forbidden:
      if (!error.hint.empty()) return error.hint;  // a network that is not accepted
      return "Give the principal of that profile the right to use the workspace (workspace admin)";
    case Fault::network:
      if (error.message.find("certificate") != std::string::npos)
        return "Name the file of the certificate authority that signed it in SSL_CERT_FILE, or "
               "install it on this machine";
      return "Check `host` in the profile, and network, proxy and firewall of this machine";
    case Fault::unavailable:
      return "The workspace does not answer now: try again later, and look at the status of the "
             "region";
    case Fault::bad_answer:
    case Fault::not_found:
    case Fault::disabled:
      return "Check that `host` in the profile is the URL of a workspace, like "
             "https://adb-123.4.azuredatabricks.net, "
             "and that no proxy or login page stands between";
    case Fault::already_exists:
    case Fault::invalid:
    case Fault::throttled:
    case Fault::in_doubt:
    case Fault::refused:
    case Fault::config:
    case Fault::io:
    case Fault::ambiguous:
    case Fault::blocked:
    case Fault::cancelled:
    case Fault::bug: return error.hint;
  }
  return error.hint;
}

/// Where the service does not tell its id, the host names the workspace as well.
std::string id_of_workspace(const workspace::Self& self, const workspace::Profile& profile) {
  if (!self.workspace_id.empty()) return self.workspace_id;
  return profile.workspace_id.empty() ? profile.host : profile.workspace_id;
}

}  // namespace

http::RetryOptions patience_of_first_question() {
  http::RetryOptions retry;
  retry.budget = std::chrono::seconds(4);
  retry.throttled_budget = std::chrono::minutes(2);
  retry.most_server_failures = 3;
  return retry;
}

SideAccess::SideAccess(Loop& loop, http::CurlEngine& engine, std::string role)
    : loop_(loop), engine_(engine), role_(std::move(role)) {}

Result<void> SideAccess::resolve(const std::string& profile) {
  auto resolved = workspace::resolve_profile(profile, workspace::process_environment(),
                                             workspace::disk_reader());
  if (!resolved) {
    Error error = std::move(resolved).error();
    error.message = "the " + role_ + " workspace: " + error.message;
    return fail(std::move(error));
  }
  profile_ = std::move(*resolved);
  return {};
}

Error SideAccess::explained(Error error) const {
  if (!profile_.host.empty())
    error.hint = remedy(error);
  else if (error.fault == Fault::not_found)
    error.hint = "Make it with `twinlake provision`, or correct azure_workspace_resource_id";
  std::string who = "the " + role_ + " workspace";
  who += profile_.name.empty() ? " (" : " (profile `" + profile_.name + "`, ";
  const std::string& place = profile_.host.empty() ? profile_.azure_resource_id : profile_.host;
  error.message = who + place + "): " + error.message;
  return error;
}

Task<Result<void>> SideAccess::find_host() {
  if (!profile_.host.empty()) co_return Result<void>{};
  auto host = co_await host_from_arm(loop_, engine_, profile_);
  if (!host) co_return fail(explained(std::move(host).error()));
  profile_.host = std::move(*host);
  co_return Result<void>{};
}

Task<Result<void>> SideAccess::probe() {
  CO_CHECK(co_await find_host());
  auto asked = co_await ask_who_we_are();
  if (asked || !is_host_remembered_) co_return asked;
  const std::string remembered = std::exchange(profile_.host, std::string());
  const auto found = co_await find_host();
  if (!found || profile_.host == remembered) {
    profile_.host = remembered;
    co_return asked;
  }
  is_host_remembered_ = false;
  co_return co_await ask_who_we_are();
}

Task<Result<void>> SideAccess::ask_who_we_are() {
  workspace::ConnectOptions options =
      options_for(http::Effect::reads, "the first question only reads");
  options.retry = patience_of_first_question();
  auto connection = workspace::connect(loop_, engine_, profile_, options);
  if (!connection) co_return fail(explained(std::move(connection).error()));
  auto self = co_await workspace::who_am_i(connection->transport());
  asked_ += connection->counts().sent;
  if (!self) co_return fail(explained(std::move(self).error()));
  self_ = std::move(*self);
  self_.workspace_id = id_of_workspace(self_, profile_);
  self_.has_personal_token = profile_.auth == workspace::AuthKind::pat;
  self_.has_entra_token = workspace::is_entra(profile_.auth);
  co_return Result<void>{};
}

void SideAccess::allow(http::Effect effect, std::string why_not_more) {
  connection_->guard().allow(effect, std::move(why_not_more));
}

Result<void> SideAccess::connect(model::Side side, May may, const std::string& spool_folder) {
  workspace::ConnectOptions options = options_for(may.effect, std::move(may.why_not_more));
  options.may_execute = may.execute;
  options.most_of_published = may.most_of_published;
  if (!may.budget_folder.empty())
    options.budget = workspace::SharedBudget{std::move(may.budget_folder), self_.workspace_id,
                                             std::move(may.on_budget_trouble)};
  auto connection = workspace::connect(loop_, engine_, profile_, options);
  if (!connection) return fail(explained(std::move(connection).error()));
  connection_.emplace(std::move(*connection));
  workspace_ = std::make_unique<workspace::Workspace>(loop_, side, connection_->transport(), self_,
                                                      spool_folder);
  return {};
}

}  // namespace twinlake::app
