#include "workspace/azure_cli.h"

#include "http/classify.h"

namespace twinlake::workspace {

namespace {
/// The part after "/subscriptions/" of an ARM id, whatever its case.
std::string subscription_of(std::string_view resource_id) {
  constexpr std::string_view begin = "/subscriptions/";
  if (resource_id.size() <= begin.size()) return {};
  const std::string_view rest = resource_id.substr(begin.size());
  return std::string(rest.substr(0, rest.find('/')));
}

/// An argument that az could take for an option.
bool is_plain(std::string_view text) { return !text.empty() && text.front() != '-'; }

/// The Azure CLI is what a profile without credentials comes down to, so its owner may never have
/// meant it.
Error not_run(Error error) {
  error.hint = error.fault == Fault::config
                   ? "Put a token, or a client id with its secret, into the profile. Without them "
                     "the Azure CLI is asked: install it and run `az login`"
                   : "Run `az account get-access-token` by hand to see what it waits for";
  return error;
}
}  // namespace

std::vector<std::vector<std::string>> azure_cli_commands(const std::string& program,
                                                         std::string_view resource,
                                                         std::string_view resource_id,
                                                         std::string_view tenant) {
  const std::vector<std::string> plain{
      program,    "account", "get-access-token", "--resource", std::string(resource),
      "--output", "json"};
  std::vector<std::vector<std::string>> commands;
  if (const std::string subscription = subscription_of(resource_id); is_plain(subscription)) {
    commands.push_back(plain);
    commands.back().insert(commands.back().end(), {"--subscription", subscription});
  }
  if (is_plain(tenant)) {
    commands.push_back(plain);
    commands.back().insert(commands.back().end(), {"--tenant", std::string(tenant)});
  }
  commands.push_back(plain);
  return commands;
}

Task<Result<AccessToken>> AzureCliOrigin::fetch() {
  Error last(Fault::unauthenticated, "the Azure CLI gave no token", "Run `az login`");
  for (const auto& command : commands_) {
    std::vector<std::string> copy = command;
    auto ran = co_await run_(std::move(copy));
    if (!ran) co_return fail(not_run(std::move(ran).error()));
    ProcessOutput& output = *ran;
    if (output.exit_code == 0) {
      auto token = read_azure_cli_answer(output.out);
      wipe(output.out);
      co_return token;
    }
    last.message = "the Azure CLI gave no token: " + http::tidy_message(output.err);
  }
  co_return fail(std::move(last));
}

}  // namespace twinlake::workspace
