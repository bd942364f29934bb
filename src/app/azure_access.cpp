#include "app/azure_access.h"

#include <nlohmann/json.hpp>

#include "app/side_access.h"

namespace twinlake::app {

namespace {

workspace::ConnectOptions wire_options() {
  workspace::ConnectOptions options;
  options.user_agent = "twinlake/" TWINLAKE_VERSION;
  options.ca_file = ca_file_of_environment();
  return options;
}

std::string hint_for(const Error& error) {
  if (!error.hint.empty() && error.fault != Fault::unauthenticated) return error.hint;
  if (error.fault == Fault::unauthenticated && error.message.starts_with(workspace::no_token))
    return error.hint;
  if (error.fault == Fault::unauthenticated)
    return "Check the tenant, the client id and the secret with which Azure is opened";
  if (error.fault == Fault::network)
    return "Check network, proxy and firewall of this machine, and azure_arm_host of the profile";
  return error.hint;
}

}  // namespace

std::string arm_host_of(const workspace::Profile& profile) {
  if (!profile.arm_host.empty()) return profile.arm_host;
  return std::string(workspace::endpoints_of(profile.cloud).arm);
}

Result<std::unique_ptr<AzureAccess>> AzureAccess::open_over(
    Loop& loop, std::unique_ptr<http::Transport> wire, const workspace::OpenTransport& open,
    const workspace::Profile& profile, const workspace::Environment& environment, May may) {
  std::unique_ptr<AzureAccess> made(new AzureAccess());
  TRY(made->who_, workspace::azure_sign_in(profile, environment, workspace::disk_reader()));
  TRY(auto credentials, workspace::make_azure_credentials(
                            loop, made->who_, environment, open,
                            workspace::endpoints_of(made->who_.cloud).management_resource));
  azure::ArmOptions options;
  options.host = arm_host_of(made->who_);
  options.allowed = may.effect;
  options.why_not_more = std::move(may.why_not_more);
  options.retry = may.retry;
  made->connection_ = std::make_unique<azure::ArmConnection>(
      loop, std::move(wire), std::move(credentials), std::move(options));
  return made;
}

Result<std::unique_ptr<AzureAccess>> AzureAccess::open(Loop& loop, http::CurlEngine& engine,
                                                       const workspace::Profile& profile, May may) {
  const workspace::ConnectOptions options = wire_options();
  TRY(const workspace::Profile who,
      workspace::azure_sign_in(profile, options.environment, workspace::disk_reader()));
  http::CurlOptions curl(arm_host_of(who));
  curl.ca_file = options.ca_file;
  curl.user_agent = options.user_agent;
  TRY(auto wire, http::make_curl_transport(engine, std::move(curl)));
  return open_over(loop, std::move(wire), workspace::open_by_curl(loop, engine, options), who,
                   options.environment, std::move(may));
}

Error AzureAccess::explained(Error error) const {
  error.hint = hint_for(error);
  const std::string as = who_.client_id.empty()
                             ? std::string(name_of(who_.auth))
                             : std::string(name_of(who_.auth)) + " " + who_.client_id;
  error.message = "Azure (as " + as + "): " + error.message;
  return error;
}

Result<std::string> host_of_workspace(const std::string& workspace_url,
                                      const std::string& arm_host) {
  std::string url = workspace_url;
  const bool is_plain = arm_host.starts_with("http://") && url.find("://") == std::string::npos;
  if (is_plain) url = "http://" + url;
  TRY(const workspace::HostParts parts, workspace::normalise_host(url));
  return parts.host;
}

Task<Result<std::string>> host_from_arm(Loop& loop, http::CurlEngine& engine,
                                        workspace::Profile profile) {
  AzureAccess::May reads;
  reads.retry = patience_of_first_question();
  CO_TRY(const auto azure, AzureAccess::open(loop, engine, profile, std::move(reads)));
  auto workspace = co_await azure->arm().get(profile.azure_resource_id, "2018-04-01");
  if (!workspace) co_return fail(azure->explained(std::move(workspace).error()));
  const nlohmann::json properties = workspace->value("properties", nlohmann::json::object());
  const std::string url = properties.is_object() && properties.contains("workspaceUrl") &&
                                  properties["workspaceUrl"].is_string()
                              ? properties["workspaceUrl"].get<std::string>()
                              : std::string();
  if (url.empty())
    co_return fail(Fault::config, "Azure does not tell the address of " + profile.azure_resource_id,
                   "It may still be in the making; else add `host` to the profile");
  co_return host_of_workspace(url, azure->arm().host());
}

}  // namespace twinlake::app
