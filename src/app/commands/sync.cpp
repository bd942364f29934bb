#include <memory>

#include <nlohmann/json.hpp>

#include "app/commands/commands.h"
#include "app/failover_text.h"
#include "app/group_access.h"
#include "app/locked_run.h"
#include "app/output.h"
#include "app/plan_file.h"
#include "app/progress.h"
#include "app/report_json.h"
#include "app/report_text.h"
#include "app/rules.h"

namespace twinlake::app {

namespace {

struct SyncFlags {
  std::string plan;
  std::int64_t allow_deletes = -1;
  std::vector<std::string> take;
  bool look = false;
  bool reprotects = false;
};

/// What `status` shows until the next reconciliation.
std::map<std::string, std::int64_t> verdicts_after(const engine::SyncReport& report) {
  std::map<std::string, std::int64_t> counts;
  for (const auto& [kind, c] : report.kinds) {
    counts["in_sync"] += c.created + c.updated + c.adopted + c.unchanged;
    counts["failed"] += c.failed;
    counts["blocked"] += c.blocked;
    counts["skipped"] += c.skipped;
  }
  std::erase_if(counts, [](const auto& entry) { return entry.second == 0; });
  return counts;
}

/// A run with the lock held, and what must be said about it beside the report.
struct Finished {
  engine::SyncReport report;
  std::vector<Error> troubles;
};

/// After a failover nobody syncs by habit: what the old primary had and nobody replicated would be
/// lost.
Result<void> check_committed(const state::Store& store) {
  const auto last = store.last_failover();
  // One that is under way is refused by the session itself.
  if (!last || !last->turned || !last->finished || last->committed) return {};
  return fail(Fault::refused,
              "the " + std::string(state::name_of(last->type)) + " failover of " +
                  to_rfc3339(*last->turned) + " is not committed",
              "Look at both sides; then `twinlake commit` makes it final, and `twinlake reprotect` "
              "makes the old "
              "primary the standby");
}

/// What a lost primary could not be told comes before anything else, also before the lock.
Result<void> pay_debt(GroupAccess& group, const Settings& settings, events::Sink& sink) {
  if (!failover::owes_fence(group.store().last_failover())) return {};
  failover::Turnover turnover = group.debt(sink, rules_of(settings.group));
  TRY(const failover::TurnoverReport paid, group.loop().run(turnover.pay()));
  say(turnover_text(paid, settings.group.name, settings.err));
  if (paid.outcome == "complete") return {};
  return fail(Fault::refused, "not everything that the old primary may start could be held",
              "Pause what is named above by hand, and run this again");
}

Result<Finished> sync_locked(GroupAccess& group, const Settings& settings, engine::Session& session,
                             engine::Session::SyncOptions options) {
  Finished finished;
  const auto work = [&](std::atomic<bool>& stop) -> Result<void> {
    options.stop = &stop;
    group.remember_identity();
    TRY(finished.report, group.loop().run(session.sync(std::move(options))));
    group.store().put_verdicts(verdicts_after(finished.report), group.loop().now());
    return {};
  };
  CHECK(run_locked(group, settings, work, finished.troubles));
  return finished;
}

void print_result(const Settings& settings, GroupAccess& group, const Finished& finished) {
  if (settings.json) {
    nlohmann::json document = sync_json(finished.report);
    document["group"] = settings.group.name;
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
    print(sync_text(finished.report, settings.group.name, group.loop().now(), settings.out));
  }
  print_troubles(settings, finished.troubles);
}

ExitCode exit_code_of(const Finished& finished) {
  for (const Error& trouble : finished.troubles)
    if (trouble.fault == Fault::refused) return ExitCode::refused;
  if (finished.report.outcome == "failed") return ExitCode::fatal;
  const bool good = finished.report.outcome == "complete" && finished.troubles.empty();
  return good ? ExitCode::good : ExitCode::partly;
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

Result<ExitCode> run_sync(const Globals& globals, const SyncFlags& flags) {
  TRY(Settings settings, settle(globals, Needs::both));
  if (flags.allow_deletes >= 0) settings.group.allow_deletes = flags.allow_deletes;
  settings.group.conflicts.take = flags.take;
  TRY(const SavedPlan plan, saved_plan(flags, settings));
  TRY(const auto group, GroupAccess::open(settings, Purpose::write));
  if (!flags.plan.empty())
    CHECK(check_plan(plan, settings.group.name, group->store().generation()));
  auto progress = make_progress(group->loop(), settings);
  CHECK(pay_debt(*group, settings, *progress));
  CHECK(check_committed(group->store()));
  if (flags.reprotects && !group->store().last_failover())
    return fail(Fault::refused, "the primary role of this group has never moved",
                "Use `twinlake sync`");
  engine::Rules rules = rules_of(settings.group);
  if (flags.look) {
    rules.observe.every = Micros(0);
    rules.observe.every_of.clear();
  }
  engine::Session session = group->session(*progress, std::move(rules));
  engine::Session::SyncOptions options;
  options.expected_fingerprint = plan.fingerprint;
  TRY(const Finished finished, sync_locked(*group, settings, session, std::move(options)));
  progress.reset();
  print_result(settings, *group, finished);
  return exit_code_of(finished);
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
      "Ctrl-C ends a run after the steps in hand; the next run goes on from there.";
  command.options = {
      {"--plan", "FILE", "Carry out this saved plan, or refuse when anything has changed since",
       &flags->plan},
      {"--allow-deletes", "N",
       "Let so many objects of a kind be deleted (without it at most 5, or 10 % of the kind)",
       &flags->allow_deletes},
      {"--take", "ADDRESS",
       "Of what was changed on both sides, write the primary's (* for any text); given again for "
       "more",
       &flags->take},
      {"--look", "",
       "Look at mounts and the Hive metastore again, however fresh what was seen last is",
       &flags->look},
  };
  command.examples = {"twinlake --primary prod-weu --secondary prod-neu sync",
                      "twinlake sync --plan tonight.plan.json",
                      "twinlake sync --take 'job:\"nightly load\"'",
                      "twinlake -o json sync | jq .counts"};
  command.run = [flags](const Globals& globals) { return run_sync(globals, *flags); };
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
