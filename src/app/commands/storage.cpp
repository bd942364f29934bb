#include <algorithm>
#include <memory>

#include <nlohmann/json.hpp>

#include "app/azure_estate.h"
#include "app/azure_report.h"
#include "app/commands/commands.h"
#include "app/output.h"
#include "azure/dependency_reading.h"
#include "azure/storage_reading.h"

namespace twinlake::app {

namespace {

struct AzureFlags {
  bool all = false;
  bool no_code = false;
};

AzureHead head_of(const Settings& settings, const EstateView& view) {
  AzureHead head;
  head.group = settings.group.name;
  if (view.sight.primary) head.primary_region = view.sight.primary->region;
  if (view.sight.standby) head.standby_region = view.sight.standby->region;
  if (view.no_azure) head.no_azure = why_no_azure(*view.no_azure);
  head.is_primary_lost = view.is_primary_lost;
  head.texts_of_code = view.uses.texts_of_code;
  for (const auto* place : {&view.sight.primary, &view.sight.standby})
    if (!*place && !view.no_azure)
      head.findings.push_back({place == &view.sight.primary ? "primary" : "standby",
                               place->error().message, place->error().hint});
  for (const auto* reading : {&view.primary, &view.standby})
    head.findings.insert(head.findings.end(), reading->unread.begin(), reading->unread.end());
  const auto hidden = azure::tell_of_what_is_hidden(view.uses);
  head.findings.insert(head.findings.end(), hidden.begin(), hidden.end());
  return head;
}

model::Side primary_of(const EstateView& view) {
  return model::other(view.group->secondary().workspace().side());
}

Error not_asked() { return Error(Fault::config, "Azure was not asked", how_to_open_azure); }

azure::StorageSight storage_of(const Settings& settings, EstateView& view) {
  std::vector<std::string> accounts;
  for (const azure::Used* used : azure::of_service(view.uses, azure::Service::storage))
    accounts.push_back(used->name);
  std::map<std::string, std::string> twins;
  for (const auto& [key, twin] : twins_of(settings.group, primary_of(view), view.uses))
    if (key.first == azure::Service::storage) twins[key.second] = twin;
  if (view.azure)
    return view.group->loop().run(azure::look_at_storage(view.azure->arm(), std::move(accounts),
                                                         std::move(twins), view.sight));
  azure::StorageSight sight;
  for (const std::string& name : accounts) sight.unknown.emplace(name, not_asked());
  for (const auto& [name, twin] : twins) sight.unknown.emplace(twin, not_asked());
  sight.twins = std::move(twins);
  return sight;
}

azure::DependencySight dependencies_of(const Settings& settings, EstateView& view) {
  auto twins = twins_of(settings.group, primary_of(view), view.uses);
  if (view.azure)
    return view.group->loop().run(
        azure::look_at_dependencies(view.azure->arm(), &view.uses, std::move(twins), &view.sight));
  azure::DependencySight sight;
  for (const auto& [key, used] : view.uses.things) sight.evidence[key].error = not_asked();
  sight.twins = std::move(twins);
  return sight;
}

template <class Verdict>
ExitCode exit_of(const std::vector<Verdict>& verdicts) {
  return std::ranges::any_of(verdicts, [](const Verdict& verdict) { return needs_work(verdict); })
             ? ExitCode::partly
             : ExitCode::good;
}

Result<ExitCode> run_storage(const Globals& globals, const AzureFlags& flags) {
  TRY(const Settings settings, settle(globals, Needs::both));
  TRY(const auto view, view_estate(settings, flags.no_code ? ReadCode::no : ReadCode::yes));
  const azure::StorageSight sight = storage_of(settings, *view);
  const auto verdicts = azure::judge_storage(view->uses, sight);
  const AzureHead head = head_of(settings, *view);
  if (settings.json)
    print_json(head_json(head), "accounts", verdicts.size(),
               [&](std::size_t i) { return account_json(verdicts[i]); });
  else
    print(storage_text(head, verdicts, flags.all, settings.out));
  return exit_of(verdicts);
}

Result<ExitCode> run_dependencies(const Globals& globals, const AzureFlags& flags) {
  TRY(const Settings settings, settle(globals, Needs::both));
  TRY(const auto view, view_estate(settings, flags.no_code ? ReadCode::no : ReadCode::yes));
  const auto verdicts = azure::judge_dependencies(view->uses, dependencies_of(settings, *view));
  const AzureHead head = head_of(settings, *view);
  if (settings.json)
    print_json(head_json(head), "dependencies", verdicts.size(),
               [&](std::size_t i) { return dependency_json(verdicts[i]); });
  else
    print(dependencies_text(head, verdicts, flags.all, settings.out));
  return exit_of(verdicts);
}

std::vector<Option> options_into(AzureFlags* flags) {
  return {
      {"--all", "", "Name every place that uses a thing, and what is in order too", &flags->all},
      {"--no-code", "", "Do not read notebooks and files: definitions only, which is quicker",
       &flags->no_code}};
}

}  // namespace

Command storage_command() {
  const auto flags = std::make_shared<AzureFlags>();
  Command command;
  command.name = "storage";
  command.about =
      "Say which storage accounts the estate uses, and what a loss of the region would cost";
  command.details =
      "Looks through mounts, external tables, cluster and pipeline settings, policies, init "
      "scripts, "
      "libraries, notebooks and files of both workspaces for storage accounts, and asks Azure "
      "Resource "
      "Manager for each: redundancy, where its copy is and how old, whether it can fail over. "
      "Nothing is "
      "written, no key is asked for, and nothing fails over. What Azure does not show is "
      "`unknown`, with "
      "the reason. Works without the primary. Exits with 2 when an account is unknown or has a "
      "problem.";
  command.options = options_into(flags.get());
  command.examples = {
      "twinlake storage",
      "twinlake -o json storage --no-code | jq '.accounts[] | {name, sku, loss_minutes}'"};
  command.run = [flags](const Globals& globals) { return run_storage(globals, *flags); };
  return command;
}

Command dependencies_command() {
  const auto flags = std::make_shared<AzureFlags>();
  Command command;
  command.name = "dependencies";
  command.about =
      "Say what else in Azure the estate depends on, and whether that outlives the region";
  command.details =
      "Key vaults, external Hive metastores and other databases, Event Hubs, Cosmos DB, Synapse, "
      "HDInsight, "
      "Log Analytics, container registries, Cognitive Services and resources by their id, as "
      "definitions "
      "and code of both workspaces name them; for each what Azure tells of its copies, and what to "
      "do. "
      "References to secrets are not followed: their names are told. Nothing is written. Exits "
      "with 2 when "
      "something is unknown or has a problem.";
  command.options = options_into(flags.get());
  command.examples = {
      "twinlake dependencies",
      "twinlake -o json dependencies | jq '.dependencies[] | select(.known | not)'"};
  command.run = [flags](const Globals& globals) { return run_dependencies(globals, *flags); };
  return command;
}

}  // namespace twinlake::app
