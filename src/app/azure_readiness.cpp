#include "app/azure_readiness.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "app/azure_estate.h"
#include "app/rules.h"
#include "azure/capacity_reading.h"
#include "azure/region_health.h"
#include "base/json_path.h"
#include "base/text.h"
#include "model/kind.h"

namespace twinlake::app {

using azure::AzureCheck;
using azure::Gravity;
using failover::Check;
using failover::Level;

namespace {

Check not_looked_at(const Error& error) {
  Check check{
      .name = "azure",
      .level = Level::good,
      .message = "quotas, storage and vaults in Azure were not looked at: " + error.message};
  check.what_to_do = how_to_open(error);
  return check;
}

/// Advice of one thing as findings; the gravest decides.
template <class Verdict>
void take_advice(const Verdict& verdict, const std::string& address, AzureCheck& check) {
  for (const azure::Advice& advice : verdict.advice) {
    if (advice.gravity == Gravity::note) continue;
    check.gravity = std::max(check.gravity.value_or(Gravity::note), advice.gravity);
    check.findings.push_back({address, advice.message, advice.what_to_do});
  }
  if (verdict.why_unknown.empty()) return;
  check.gravity = std::max(check.gravity.value_or(Gravity::note), Gravity::warning);
  check.findings.push_back({address, "is unknown: " + verdict.why_unknown, {}});
}

std::string finish(std::size_t looked_at, const char* one, const char* many,
                   const AzureCheck& check) {
  if (looked_at == 0) return std::string("the estate names no ") + one;
  const std::string all = counted(static_cast<std::int64_t>(looked_at), one, many);
  return check.findings.empty()
             ? all + (looked_at == 1 ? " outlives" : " outlive") + " the region of the primary"
             : all + "; " +
                   counted(static_cast<std::int64_t>(check.findings.size()), "thing stands",
                           "things stand") +
                   " against relying on them";
}

AzureCheck storage_check(const AzureQuestion& question) {
  AzureCheck check{.name = "storage", .gravity = {}, .message = {}};
  std::size_t looked_at = 0;
  const auto seen = ask_of_storage(question);
  for (const azure::AccountVerdict& verdict : azure::judge_storage(question.uses, seen)) {
    if (verdict.root) continue;
    ++looked_at;
    take_advice(verdict, "storage account " + verdict.name, check);
  }
  check.message = finish(looked_at, "storage account", "storage accounts", check);
  return check;
}

azure::EstateUses vaults_of(const azure::EstateUses& all) {
  azure::EstateUses vaults;
  for (const auto& [key, used] : all.things)
    if (key.first == azure::Service::key_vault) vaults.things.emplace(key, used);
  return vaults;
}

/// Of vaults alone.
AzureCheck vault_check(const AzureQuestion& question) {
  AzureCheck check{.name = "key vaults", .gravity = {}, .message = {}};
  const auto seen = ask_of_dependencies(question);
  for (const azure::Dependency& verdict : azure::judge_dependencies(question.uses, seen))
    take_advice(verdict, "key vault " + verdict.name, check);
  check.message = finish(question.uses.things.size(), "key vault", "key vaults", check);
  return check;
}

/// Cores of each machine as the standby lists them, for principals that may not read sizes in ARM.
std::map<std::string, std::int64_t> cores_in(const workspace::Inventory& standby) {
  std::map<std::string, std::int64_t> cores;
  for (const auto& [name, listing] : standby.kinds)
    for (const workspace::Item& item : listing.items)
      if (const auto* count = find_at(item.raw, "/num_cores");
          count != nullptr && count->is_number())
        cores[item.key] = static_cast<std::int64_t>(count->get<double>());
  return cores;
}

std::vector<const model::Kind*> kinds_with(bool (*counts)(const model::Kind&)) {
  static const std::vector<const model::Kind*> all = kinds::all();
  std::vector<const model::Kind*> kinds;
  std::ranges::copy_if(all, std::back_inserter(kinds),
                       [&](const model::Kind* kind) { return counts(*kind); });
  return kinds;
}

bool is_lookup_of_machines(const model::Kind& kind) {
  return kind.support == model::Support::lookup && kind.suggest != nullptr;
}
bool is_defined(const model::Kind& kind) {
  return kind.support != model::Support::lookup && kind.child_of.empty() &&
         kind.detail != model::Detail::content;
}

/// What takes the definitions of the primary.
void check_estate(GroupAccess& group, const Settings& settings, azure::Arm& arm,
                  const azure::AzureSight& sight, azure::ReadinessSight& seen,
                  std::vector<Check>& checks) {
  const engine::Rules rules = rules_of(settings.group);
  auto primary = group.loop().run(
      azure::read_definitions(group.primary().workspace(), kinds_with(is_defined), rules.in_scope));
  const auto machines = group.loop().run(azure::read_definitions(
      group.secondary().workspace(), kinds_with(is_lookup_of_machines), rules.in_scope));
  seen.capacity.cores_of = cores_in(machines.inventory);
  const auto always_on = always_on_of(settings.group);
  const auto is_always_on = [&](const model::Kind& kind, const std::string& key) {
    return std::ranges::any_of(
        always_on, [&](const failover::AlwaysOn& rule) { return rule.matches(kind, key); });
  };
  const model::Way way = group.primary().workspace().side() == model::Side::home ? model::Way::there
                                                                                 : model::Way::back;
  const auto nothing = [](const std::string&, bool, const std::string&) {
    return model::Recalled();
  };
  const auto rewrite = [&](const model::Kind& kind, nlohmann::json& definition) {
    if (rules.rewrite) (void)rules.rewrite(kind, definition, way, nothing);
  };
  azure::Needs needs =
      azure::needs_of(primary.inventory, group.loop().now(), is_always_on, rewrite);
  needs.unknown.insert(needs.unknown.end(), primary.unread.begin(), primary.unread.end());
  for (const AzureCheck& check : azure::judge_capacity(needs, seen.capacity))
    checks.push_back(check_of(check));
  azure::EstateUses uses;
  azure::look_at_inventory(uses, azure::Of::primary, primary.inventory);
  group.loop().run(azure::look_at_unity_catalog(group.primary().workspace(), &primary,
                                                azure::Of::primary, &uses));
  const model::Side side = group.primary().workspace().side();
  const AzureQuestion of_all{group.loop(), settings.group, side, &arm, uses, sight};
  checks.push_back(check_of(storage_check(of_all)));
  const azure::EstateUses vaults = vaults_of(uses);
  const AzureQuestion of_vaults{group.loop(), settings.group, side, &arm, vaults, sight};
  checks.push_back(check_of(vault_check(of_vaults)));
}

}  // namespace

Check check_of(const AzureCheck& check) {
  Check made{.name = check.name,
             .message = check.message,
             .what_to_do = check.what_to_do,
             .findings = check.findings};
  const bool nobody_gets_in = check.name == "private link" && check.gravity == Gravity::problem;
  if (check.gravity && *check.gravity != Gravity::note)
    made.level = nobody_gets_in ? Level::blocker : Level::warning;
  return made;
}

std::vector<Check> azure_checks(GroupAccess& group, const Settings& settings,
                                bool is_primary_lost) {
  auto azure = open_azure(group);
  if (!azure) return {not_looked_at(azure.error())};
  azure::Arm& arm = (*azure)->arm();
  const azure::AzureSight sight =
      group.loop().run(azure::look_around_workspaces(arm, sight_options(settings, group)));
  if (sight.blind) return {not_looked_at((*azure)->explained(*sight.blind))};
  azure::ReadinessSight seen = group.loop().run(azure::look_at_capacity(arm, &sight));
  std::vector<Check> checks;
  if (!is_primary_lost) check_estate(group, settings, arm, sight, seen, checks);
  checks.push_back(check_of(azure::judge_private_link(sight.primary, sight.standby)));
  const std::string primary_region = sight.primary ? sight.primary->region : std::string();
  const std::string standby_region = sight.standby ? sight.standby->region : std::string();
  checks.push_back(check_of(azure::judge_health(seen.events, primary_region, standby_region)));
  return checks;
}

}  // namespace twinlake::app
