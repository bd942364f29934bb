#include <iostream>
#include <memory>

#include <nlohmann/json.hpp>

#include "app/commands/commands.h"
#include "app/commands/sync_watch.h"
#include "app/conflict_questions.h"
#include "app/group_access.h"
#include "app/history_text.h"
#include "app/locked_run.h"
#include "app/output.h"
#include "app/plan_file.h"
#include "app/progress.h"
#include "app/report_json.h"
#include "app/report_text.h"
#include "app/rules.h"
#include "app/sync_run.h"

namespace twinlake::app {

namespace {

struct SyncFlags {
  std::string plan;
  std::int64_t allow_deletes = -1;
  std::vector<std::string> take;
  bool look = false;
  bool reprotects = false;
  bool watch = false;
  std::string every;
  bool yes = false;
};

void print_result(const Settings& settings, GroupAccess& group, const Finished& finished) {
  if (settings.json) {
    nlohmann::json document = sync_json(finished.report);
    document["group"] = settings.group.name;
    document["recovery_point"] = finished.report.recovery_point
                                     ? point_json(*finished.report.recovery_point)
                                     : nlohmann::json();
    document["requests"]["primary"] =
        requests_json(group.primary().counts(), group.primary().sent());
    document["requests"]["secondary"] =
        requests_json(group.secondary().counts(), group.secondary().sent());
    document["warnings"] = nlohmann::json::array();
    for (const Error& trouble : finished.troubles)
      document["warnings"].push_back(describe(trouble));
    const auto& objects = finished.report.objects;
    print_json(document, "objects", objects.size(),
               [&](std::size_t i) { return object_json(objects[i]); });
  } else {
    print(sync_text(finished.report, settings.group.name, group.loop().now(), settings.out) +
          recovery_point_text(finished.report));
  }
  print_troubles(settings, finished.troubles);
}

/// The plan of --plan, and with it what it was made with; empty without.
Result<SavedPlan> saved_plan(const SyncFlags& flags, Settings& settings) {
  if (flags.plan.empty()) return SavedPlan();
  if (flags.allow_deletes >= 0 || !flags.take.empty()) {
    const std::string option = flags.take.empty() ? "--allow-deletes" : "--take";
    return fail(Fault::config, "--plan and " + option + " contradict each other",
                "Give " + option + " to `plan`: a saved plan keeps what it was made with");
  }
  TRY(SavedPlan plan, load_plan(flags.plan));
  settings.group.allow_deletes = plan.allow_deletes;
  settings.group.conflicts.take = plan.take;
  return plan;
}

Result<Finished> sync_once(GroupAccess& group, const Settings& settings, const SyncFlags& flags,
                           const SavedPlan& plan, std::unique_ptr<events::Sink> progress) {
  engine::Rules rules = rules_of(settings.group);
  if (flags.look) {
    rules.observe.every = Micros(0);
    rules.observe.every_of.clear();
    rules.sweep = engine::SweepRules::always();
  }
  engine::Session session = group.session(*progress, std::move(rules));
  engine::Session::SyncOptions options;
  options.expected_fingerprint = plan.fingerprint;
  options.planned = plan.created;
  return sync_locked(group, settings, session, std::move(options));
}

/// Is there somebody who answers? A saved plan keeps what it was made with.
bool may_ask(const Settings& settings, const SyncFlags& flags) {
  return !flags.yes && !settings.json && flags.plan.empty() && is_terminal(stdin) &&
         is_terminal(stderr);
}

Result<ExitCode> run_sync(const Globals& globals, const SyncFlags& flags) {
  TRY(Settings settings, settle(globals, Needs::both));
  if (flags.allow_deletes >= 0) settings.group.allow_deletes = flags.allow_deletes;
  settings.group.conflicts.take = flags.take;
  TRY(const SavedPlan plan, saved_plan(flags, settings));
  TRY(const auto group, GroupAccess::open(settings, Purpose::write));
  if (!flags.plan.empty())
    CHECK(check_plan(plan, settings.group.name, group->store().generation()));
  auto progress = make_progress(group->loop(), settings);
  CHECK(clear_the_way(*group, settings, *progress));
  if (flags.reprotects && !group->store().last_failover())
    return fail(Fault::refused, "the primary role of this group has never moved",
                "Use `twinlake sync`");
  TRY(Finished finished, sync_once(*group, settings, flags, plan, std::move(progress)));
  print_result(settings, *group, finished);
  if (may_ask(settings, flags)) {
    settings.group.conflicts.answered =
        ask_about(undecided_of(finished.report), std::cin, std::cerr);
    if (settings.group.conflicts.answered.empty()) return exit_code_of(finished);
    // All else is done; this run looks at what was decided.
    TRY(finished, sync_once(*group, settings, flags, plan, make_progress(group->loop(), settings)));
    print_result(settings, *group, finished);
  }
  return exit_code_of(finished);
}

/// What of `sync` belongs to a watch, and what does not.
Result<ExitCode> run_sync_or_watch(const Globals& globals, const SyncFlags& flags) {
  if (!flags.watch && !flags.every.empty())
    return fail(Fault::config, "--every is of --watch", "Add --watch, or leave --every out");
  if (!flags.watch) return run_sync(globals, flags);
  if (!flags.plan.empty())
    return fail(Fault::config, "--watch and --plan contradict each other",
                "A saved plan is for one run: leave one of them out");
  if (!flags.take.empty())
    return fail(Fault::config, "--watch and --take contradict each other",
                "What was changed on both sides is decided for one run: `twinlake sync --take` "
                "first, or `conflicts` in twinlake.yml for all");
  WatchFlags watch;
  if (!flags.every.empty()) watch.every = flags.every;
  watch.allow_deletes = flags.allow_deletes;
  watch.look = flags.look;
  return run_watch(globals, watch);
}

std::vector<Option> sync_options(SyncFlags& flags) {
  return {
      {"--plan", "FILE", "Carry out this saved plan, or refuse when anything has changed since",
       &flags.plan},
      {"--allow-deletes", "N",
       "Let so many objects of a kind be deleted (without it at most 5, or 10 % of the kind)",
       &flags.allow_deletes},
      {"--take", "ADDRESS",
       "Of what was changed on both sides, write the primary's (* for any text); given again for "
       "more",
       &flags.take},
      {"--yes", "",
       "Ask nothing: what both sides changed and `conflicts: ask` is about waits for --take, as it "
       "does where there is no terminal",
       &flags.yes},
      {"--look", "",
       "Look at permissions, mounts and the Hive metastore again, however fresh what was seen "
       "last is",
       &flags.look},
      {"--watch", "", "Keep going: run again and again until a signal ends it", &flags.watch},
      {"--every", "SPAN",
       "With --watch: from the beginning of a run to that of the next (5m), up to a tenth less",
       &flags.every},
  };
}

}  // namespace

Command sync_command() {
  const auto flags = std::make_shared<SyncFlags>();
  Command command;
  command.name = "sync";
  command.about = "Make the secondary equal to the primary";
  command.details =
      "Reads both workspaces, plans, applies and reads back. The primary is only read. Triggers "
      "are held on the "
      "secondary, clusters stopped, and what was not made by Twinlake is not touched.\n"
      "On a terminal it asks whose change counts where both sides changed an object and "
      "`conflicts` of twinlake.yml says `ask`.\n"
      "Ctrl-C ends a run after the steps in hand; the next run goes on from there.\n"
      "With --watch one run follows the other, a line each: what changed or failed, and the lag "
      "against `targets` of twinlake.yml. It waits out what passes by itself (a workspace that "
      "does not answer, a lock that is held) and ends where a person has to look first: a role "
      "that moved (exit code 3), a configuration that is wrong (1). A signal ends it after the "
      "step in hand, a second one at once.";
  command.options = sync_options(*flags);
  command.examples = {
      "twinlake --primary prod-weu --secondary prod-neu sync",
      "twinlake --group main sync --watch --every 10m", "twinlake sync --plan tonight.plan.json",
      "twinlake sync --take 'job:\"nightly load\"'", "twinlake -o json sync | jq .counts"};
  command.run = [flags](const Globals& globals) { return run_sync_or_watch(globals, *flags); };
  return command;
}

Command reprotect_command() {
  const auto flags = std::make_shared<SyncFlags>();
  flags->reprotects = true;
  Command command;
  command.name = "reprotect";
  command.about = "After a failover: make the old primary the standby of the new one";
  command.details =
      "Replication goes the other way: what was done on the new primary comes to the old one, "
      "held, and what only the "
      "old primary had is reported, never deleted. What the old primary may still start is held "
      "before anything else. "
      "The failover must have been committed. From then on `sync` does the same.";
  command.options = {
      {"--allow-deletes", "N",
       "Let so many objects of a kind be deleted (without it at most 5, or 10 % of the kind)",
       &flags->allow_deletes}};
  command.examples = {"twinlake commit && twinlake reprotect",
                      "twinlake plan    # what reprotect would do"};
  command.run = [flags](const Globals& globals) { return run_sync(globals, *flags); };
  return command;
}

}  // namespace twinlake::app
