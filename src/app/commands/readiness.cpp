#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>

#include "app/azure_readiness.h"
#include "app/commands/commands.h"
#include "app/group_access.h"
#include "app/managed_checks.h"
#include "app/output.h"
#include "app/progress.h"
#include "app/rules.h"
#include "failover/readiness.h"

namespace twinlake::app {

using failover::Check;
using failover::Level;
using nlohmann::json;

namespace {

constexpr std::size_t most_findings = 5;

struct ReadinessFlags {
  std::int64_t rpo_minutes = -1;
  std::int64_t history_days = 7;
  bool all = false;
};

std::string_view verdict_of(Level level) {
  switch (level) {
    case Level::good: return "ready";
    case Level::warning: return "ready with warnings";
    case Level::blocker: return "not ready";
  }
  return "?";
}

Tone tone_of(Level level) {
  return level == Level::good ? Tone::good : level == Level::warning ? Tone::warn : Tone::bad;
}

/// What to do stands with each finding only where the check does not say it for all of them, or
/// where all is wanted.
std::string finding_text(const model::Finding& finding, bool with_remedy, const Style& style) {
  const std::string line =
      finding.address + (finding.message.empty() ? "" : ": " + finding.message);
  std::string text = with_remedy ? wrapped(printable(line), 13, style.columns())
                                 : fit("             " + printable(line), style.columns()) + "\n";
  if (with_remedy && !finding.what_to_do.empty())
    text += wrapped("What to do: " + finding.what_to_do, 15, style.columns());
  return text;
}

std::string check_text(const Check& check, bool all, const Style& style) {
  constexpr int message_at = 29;
  std::string text = "  " +
                     style(tone_of(check.level), fmt::format("{:<9}", name_of(check.level))) +
                     fmt::format("{:<18}", check.name) +
                     wrapped(check.message, message_at, style.columns()).substr(message_at);
  const std::size_t shown =
      all ? check.findings.size() : std::min(most_findings, check.findings.size());
  for (std::size_t i = 0; i < shown; ++i)
    text += finding_text(check.findings[i], check.what_to_do.empty() || all, style);
  if (shown < check.findings.size())
    text += fmt::format("             and {} more (--all)\n", check.findings.size() - shown);
  if (!check.what_to_do.empty())
    text += wrapped("What to do: " + check.what_to_do, 11, style.columns());
  return text;
}

json check_json(const Check& check) {
  json entry = json::object();
  entry["check"] = check.name;
  entry["level"] = name_of(check.level);
  entry["message"] = check.message;
  entry["what_to_do"] = check.what_to_do;
  entry["findings"] = json::array();
  for (const model::Finding& finding : check.findings) {
    json one = json::object();
    one["address"] = finding.address;
    one["level"] = name_of(check.level);
    one["message"] = finding.message;
    one["what_to_do"] = finding.what_to_do.empty() ? check.what_to_do : finding.what_to_do;
    entry["findings"].push_back(std::move(one));
  }
  return entry;
}

failover::ReadinessOptions options_of(const Settings& settings, const ReadinessFlags& flags) {
  failover::ReadinessOptions options;
  if (settings.group.rpo) options.rpo = *settings.group.rpo;
  if (flags.rpo_minutes >= 0) options.rpo = std::chrono::minutes(flags.rpo_minutes);
  failover::SurroundingsOptions& around = options.surroundings;
  around.history = std::chrono::days(flags.history_days);
  around.knows_tables = settings.group.metastore.has_value();
  around.own_addresses = settings.group.own_addresses;
  around.always_on = always_on_of(settings.group);
  return options;
}

Result<std::vector<Check>> check_both(GroupAccess& group, const Settings& settings,
                                      failover::ReadinessOptions options) {
  auto progress = make_progress(group.loop(), settings);
  engine::Session session = group.session(*progress, rules_of(settings.group));
  failover::Glimpse glimpse;
  const auto glance = [&glimpse](const engine::World& world) {
    glimpse = failover::glimpse_of(world);
  };
  TRY(const engine::Reading reading, group.loop().run(session.read(false, glance)));
  options.surroundings.standby_host = group.secondary().host();
  failover::Surroundings seen = group.loop().run(failover::look_around(
      group.primary().workspace(), group.secondary().workspace(), options.surroundings));
  seen.glimpse = std::move(glimpse);
  seen.mirrored = group.mirrored();
  std::vector<Check> checks =
      check_readiness(&reading, &seen, group.store(), group.loop().now(), options);
  progress->on(events::Phase{"asking Azure"});
  std::ranges::move(managed_checks(group, reading.plan.verdicts), std::back_inserter(checks));
  std::ranges::move(azure_checks(group, settings, false), std::back_inserter(checks));
  return checks;
}

/// Nobody asks more urgently than who has just lost the primary: then the state answers, and the
/// standby.
Result<std::vector<Check>> check_all(const Settings& settings,
                                     const failover::ReadinessOptions& options) {
  auto group = GroupAccess::open(settings, Purpose::read);
  if (group) return check_both(**group, settings, options);
  const bool is_lost =
      group.error().fault == Fault::network || group.error().fault == Fault::unavailable;
  if (!is_lost) return fail(std::move(group).error());
  TRY(const auto rest, GroupAccess::open(settings, Purpose::look));
  std::vector<Check> checks =
      check_readiness(nullptr, nullptr, rest->store(), rest->loop().now(), options);
  std::ranges::move(azure_checks(*rest, settings, true), std::back_inserter(checks));
  return checks;
}

void print_checks(const Settings& settings, const ReadinessFlags& flags,
                  const std::vector<Check>& checks) {
  const std::string verdict(verdict_of(failover::worst(checks)));
  if (settings.json) {
    json document = json::object();
    document["group"] = settings.group.name;
    document["verdict"] = verdict;
    return print_json(document, "checks", checks.size(),
                      [&](std::size_t i) { return check_json(checks[i]); });
  }
  std::string text =
      settings.out(Tone::bold, "Failover group " + settings.group.name + ": " + verdict) + "\n";
  for (const Check& check : checks) text += check_text(check, flags.all, settings.out);
  print(text);
}

Result<ExitCode> run_readiness(const Globals& globals, const ReadinessFlags& flags) {
  TRY(const Settings settings, settle(globals, Needs::both));
  TRY(const std::vector<Check> checks, check_all(settings, options_of(settings, flags)));
  print_checks(settings, flags, checks);
  return failover::worst(checks) == Level::blocker ? ExitCode::not_ready : ExitCode::good;
}

}  // namespace

Command readiness_command() {
  const auto flags = std::make_shared<ReadinessFlags>();
  Command command;
  command.name = "readiness";
  command.about = "Say whether the primary role could move now, and what stands in the way";
  command.details =
      "Reads both workspaces and writes neither. Checks the roles, the replication lag, the last "
      "drill, writes in doubt, live triggers on the standby, records of the primary's triggers, "
      "every object's verdict, what is left to people, tables whose data nobody copies, who starts "
      "jobs from outside, who is let in on the standby, and the mirror there. Where Azure can be "
      "asked also quotas, machine sizes and addresses in the region of the standby, storage "
      "accounts, key vaults, private link and the health of both regions. Exits with 0 when "
      "ready, also with warnings, and with 10 when not. Where the primary does not answer, what "
      "the state tells decides about a forced failover.";
  command.options = {
      {"--rpo-minutes", "N",
       "How old the standby may be (that of `targets` in twinlake.yml, or 1440)",
       &flags->rpo_minutes},
      {"--history-days", "N", "How far back the run history is asked who starts jobs (7)",
       &flags->history_days},
      {"--all", "", "Name everything that a check is about, each with what to do", &flags->all}};
  command.examples = {
      "twinlake readiness",
      "twinlake -o json readiness --rpo-minutes 15 | jq '.checks[] | select(.level != \"good\")'"};
  command.run = [flags](const Globals& globals) { return run_readiness(globals, *flags); };
  return command;
}

}  // namespace twinlake::app
