#include <memory>

#include "app/azure_list.h"
#include "app/commands/commands.h"

namespace twinlake::app {

namespace {

std::vector<azure::Dependency> look_at_services(const Settings& settings, EstateView& view) {
  return azure::judge_dependencies(view.uses, ask_of_dependencies(question_of(settings, view)));
}

constexpr AzureList<azure::Dependency> dependencies{.name = "dependencies",
                                                    .look = &look_at_services,
                                                    .text = &dependencies_text,
                                                    .document = &dependency_json};

}  // namespace

Command dependencies_command() {
  const auto flags = std::make_shared<AzureFlags>();
  Command command;
  command.name = "dependencies";
  command.about =
      "Say what else in Azure the estate depends on, and whether that outlives the region";
  command.details =
      "Key vaults, external Hive metastores and other databases, Event Hubs, Cosmos DB, Synapse, "
      "HDInsight, Log Analytics, container registries, Cognitive Services and resources by their "
      "id, as definitions and code of both workspaces name them; for each what Azure tells of its "
      "copies, and what to do. References to secrets are not followed: their names are told. "
      "Nothing is written. Exits with 2 when something is unknown or has a problem.";
  command.options = azure_options(flags.get());
  command.examples = {
      "twinlake dependencies",
      "twinlake -o json dependencies | jq '.dependencies[] | select(.known | not)'"};
  command.run = [flags](const Globals& globals) { return run_list(globals, *flags, dependencies); };
  return command;
}

}  // namespace twinlake::app
