#include <memory>

#include "app/azure_list.h"
#include "app/commands/commands.h"

namespace twinlake::app {

namespace {

std::vector<azure::AccountVerdict> look_at_accounts(const Settings& settings, EstateView& view) {
  return azure::judge_storage(view.uses, ask_of_storage(question_of(settings, view)));
}

constexpr AzureList<azure::AccountVerdict> accounts{.name = "accounts",
                                                    .look = &look_at_accounts,
                                                    .text = &storage_text,
                                                    .document = &account_json};

}  // namespace

Command storage_command() {
  const auto flags = std::make_shared<AzureFlags>();
  Command command;
  command.name = "storage";
  command.about =
      "Say which storage accounts the estate uses, and what a loss of the region would cost";
  command.details =
      "Looks for storage accounts in the definitions of both workspaces (mounts, external tables, "
      "settings of clusters and pipelines, policies, paths of libraries, triggers) and in their "
      "init scripts, notebooks and files, says what was not looked through, and asks Azure "
      "Resource Manager for each account: redundancy, where its copy is and how old, whether it "
      "can fail over. Nothing is written, no key is asked for, and nothing fails over. What Azure "
      "does not show is `unknown`, with the reason. Works without the primary. Exits with 2 when "
      "an account is unknown or has a problem.";
  command.options = azure_options(flags.get());
  command.examples = {
      "twinlake storage",
      "twinlake -o json storage --no-code | jq '.accounts[] | {name, sku, loss_minutes}'"};
  command.run = [flags](const Globals& globals) { return run_list(globals, *flags, accounts); };
  return command;
}

}  // namespace twinlake::app
