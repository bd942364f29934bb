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
  Error last(Fault::unauthenticated, "the Azure CLI gave no token", "run `az login`");
  for (const auto& command : commands_) {
    std::vector<std::string> copy = command;
    CO_TRY(ProcessOutput output, co_await run_(std::move(copy)));
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
