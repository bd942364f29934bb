#include <memory>

#include <nlohmann/json.hpp>

#include "app/commands/commands.h"
#include "app/commands/recovery_flags.h"
#include "app/failover_text.h"
#include "app/group_access.h"
#include "app/known_state.h"
#include "app/locked_run.h"
#include "app/output.h"
#include "app/progress.h"
#include "app/rules.h"

namespace twinlake::app {

using failover::TurnoverReport;
using state::Failover;

namespace {

struct FailoverFlags {
  bool planned = false;
  bool forced = false;
  bool dry_run = false;
  bool abort = false;
  bool despite_differences = false;
  std::vector<std::string> without;
  bool turn_back = false;
  std::string runs = "wait";
  std::int64_t runs_minutes = 30;
  bool take_over = false;
  bool is_failback = false;
  RecoveryFlags recovery;
};

Result<Failover::Type> type_of(const FailoverFlags& flags) {
  if (flags.planned == flags.forced)
    return fail(
        Fault::config, "say whether the failover is planned or forced",
        "--planned: both regions are there and nothing is lost; --forced: the primary is gone");
  return flags.planned ? Failover::Type::planned : Failover::Type::forced;
}

Result<failover::TurnoverOptions> options_of(const FailoverFlags& flags, const GroupConfig& group) {
  failover::TurnoverOptions options;
  TRY(options.recovery, recovery_options(flags.recovery, group));
  options.runs = flags.runs == "cancel"  ? failover::Runs::cancel
                 : flags.runs == "leave" ? failover::Runs::leave
                                         : failover::Runs::wait;
  options.runs_deadline = std::chrono::minutes(flags.runs_minutes);
  options.despite_differences = flags.despite_differences;
  options.without = {flags.without.begin(), flags.without.end()};
  options.turn_back = flags.turn_back;
  return options;
}

void print_report(const Settings& settings, const TurnoverReport& report) {
  if (!settings.json) return print(turnover_text(report, settings.group.name, settings.out));
  nlohmann::json document = turnover_json(report);
  document["group"] = settings.group.name;
  print_json(document, "objects", report.turned.size(),
             [&](std::size_t i) { return turned_json(report.turned[i]); });
}

Result<TurnoverReport> preview(GroupAccess& group, const Settings& settings, Failover::Type type,
                               failover::TurnoverOptions options) {
  auto progress = make_progress(group.loop(), settings);
  failover::Turnover turnover =
      group.turnover(*progress, rules_of(settings.group), std::move(options));
  return group.loop().run(turnover.preview(type));
}

/// Home is where one started: going there again needs a primary that is away.
Result<void> check_failback(const state::Store& store) {
  const auto identity = store.identity();
  const auto last = store.last_failover();
  if (identity && identity->primary == model::Side::home && !failover::is_unfinished(last))
    return fail(Fault::refused, "the primary role is at home already",
                "`twinlake failover` moves it away");
  if (last && last->turned && !last->committed && !failover::is_unfinished(last))
    return fail(Fault::refused, "the failover is not committed, and the way back not prepared",
                "Run `twinlake commit`, then `twinlake reprotect`, and look at the result");
  if (failover::owes_fence(last))
    return fail(Fault::refused, "the old primary may still start things on its own",
                "Run `twinlake reprotect` first");
  return {};
}

/// Whoever got the role may be lost before all was released: then going on waits for that region.
Error with_way_back(Error error, const Settings& settings) {
  if (error.fault != Fault::network && error.fault != Fault::unavailable) return error;
  const auto store = open_existing_state(settings);
  const auto last = store ? (*store)->last_failover() : std::nullopt;
  if (!failover::is_unfinished(last) || !last->turned) return error;
  error.hint += (error.hint.empty() ? "If" : ". If") +
                std::string(
                    " the region that got the role is lost too: `twinlake failover --forced "
                    "--turn-back` gives the role back");
  return error;
}

Result<std::unique_ptr<GroupAccess>> open_group(const FailoverFlags& flags,
                                                const Settings& settings, bool is_forced) {
  if (flags.turn_back && !is_forced)
    return fail(Fault::config, "--turn-back is for a region that is lost", "Add --forced");
  const Purpose purpose = flags.turn_back ? Purpose::back
                          : is_forced     ? Purpose::force
                                          : Purpose::turn;
  auto group = GroupAccess::open(settings, purpose);
  if (!group && !flags.turn_back) return fail(with_way_back(std::move(group).error(), settings));
  return group;
}

Result<ExitCode> run_turnover(const Globals& globals, const FailoverFlags& flags) {
  TRY(Settings settings, settle(globals, Needs::both));
  settings.take_over_lock = flags.take_over;
  TRY(const Failover::Type type, type_of(flags));
  TRY(failover::TurnoverOptions options, options_of(flags, settings.group));
  const bool is_forced = type == Failover::Type::forced;
  TRY(const auto group, open_group(flags, settings, is_forced));
  if (flags.is_failback) CHECK(check_failback(group->store()));
  if (flags.dry_run) {
    TRY(const TurnoverReport report, preview(*group, settings, type, std::move(options)));
    print_report(settings, report);
    return ExitCode::good;
  }
  auto progress = make_progress(group->loop(), settings);
  const engine::Rules rules = rules_of(settings.group);
  engine::Session session = group->session(*progress, rules);
  TurnoverReport report;
  std::vector<Error> troubles;
  const auto work = [&](std::atomic<bool>& stop) -> Result<void> {
    options.stop = &stop;
    if (auto recorded = group->record(session, rules); !recorded)
      troubles.push_back(std::move(recorded).error());
    failover::Turnover turnover = group->turnover(*progress, rules, std::move(options));
    auto done = group->loop().run(flags.abort ? turnover.abort()
                                  : is_forced ? turnover.forced()
                                              : turnover.planned(session));
    if (!done) return fail(std::move(done).error());
    report = std::move(*done);
    return {};
  };
  CHECK(run_locked(*group, settings, work, troubles));
  progress.reset();
  print_report(settings, report);
  print_troubles(settings, troubles);
  return report.outcome == "complete" && troubles.empty() ? ExitCode::good : ExitCode::partly;
}

Result<ExitCode> run_abort(const Globals& globals, FailoverFlags flags) {
  flags.planned = true;
  flags.forced = false;
  return run_turnover(globals, flags);
}

Result<ExitCode> run_commit(const Globals& globals) {
  TRY(const Settings settings, settle(globals, Needs::nothing));
  TRY(const auto lock, state::LocalLock::take(settings.state_folder, settings.group.name));
  TRY(const auto store, open_existing_state(settings));
  auto last = store->last_failover();
  if (!last || !last->turned)
    return fail(Fault::refused, "the primary role has not moved: there is nothing to commit",
                "`twinlake status` tells who has it");
  if (!last->finished)
    return fail(Fault::refused, "the failover is not finished: it stands at " + last->phase,
                "Run the same `twinlake failover` command again; it goes on where it stands");
  const bool is_new = !last->committed;
  if (is_new)
    last->committed = std::chrono::time_point_cast<Micros>(std::chrono::system_clock::now());
  store->put_failover(*last);
  if (settings.json) {
    nlohmann::json document = nlohmann::json::object();
    document["group"] = settings.group.name;
    document["committed"] = to_rfc3339(*last->committed);
    print_json(document);
  } else {
    print((is_new ? "Committed. `twinlake reprotect` makes the old primary the standby.\n"
                  : "Was committed already, at " + to_rfc3339(*last->committed) + ".\n"));
  }
  return ExitCode::good;
}

std::vector<Option> options_into(const std::shared_ptr<FailoverFlags>& flags) {
  std::vector<Option> options = {
      {"--dry-run", "", "Print what would be held and released, object by object; write nothing",
       &flags->dry_run},
      {"--runs",
       "WHAT",
       "Runs of the old primary that are under way: wait, cancel or leave (wait)",
       &flags->runs,
       {"wait", "cancel", "leave"}},
      {"--runs-minutes", "N", "How long to wait for them (30)", &flags->runs_minutes},
      {"--despite-differences", "", "Go on although the standby does not equal the primary",
       &flags->despite_differences},
      {"--without", "ADDRESS",
       "Leave the triggers of this object held, which cannot be released; may be given several "
       "times",
       &flags->without},
  };
  for (Option& option : recovery_flags_into(flags->recovery)) options.push_back(std::move(option));
  return options;
}

constexpr const char* failover_details =
    "--planned: both regions are there. Syncs, holds the triggers of the primary and remembers "
    "them, waits for its runs, syncs what changed, moves the role, and gives the triggers to the "
    "new primary, exactly as they were.\n"
    "--forced: the primary is gone. It is not asked for anything; what it may still start when it "
    "comes back is held before anything else by the next run that reaches it.\n"
    "A run that was killed goes on where it stood with the same command. A planned failover whose "
    "role has not moved yet can be given up: --abort gives the triggers back. Where the role has "
    "moved and who got it is lost too: --forced --turn-back.";

}  // namespace

Command failover_command() {
  const auto flags = std::make_shared<FailoverFlags>();
  Command command;
  command.name = "failover";
  command.about = "Move the primary role to the secondary";
  command.details = failover_details;
  command.options = {
      {"--planned", "", "Nothing is lost; needs both regions", &flags->planned},
      {"--forced", "", "The primary region is lost", &flags->forced},
      {"--take-over", "", "Do not wait for the run lock of a machine that was lost with the region",
       &flags->take_over},
      {"--abort", "", "Give up a planned failover whose role has not moved yet", &flags->abort},
      {"--turn-back", "",
       "With --forced: who just got the role is lost before everything was released; who had it "
       "takes it again",
       &flags->turn_back}};
  for (Option& option : options_into(flags)) command.options.push_back(std::move(option));
  for (Option& option : say_flags_into(flags->recovery))
    command.options.push_back(std::move(option));
  command.examples = {"twinlake failover --planned --dry-run",
                      "twinlake failover --planned --runs cancel",
                      "twinlake failover --forced",
                      "twinlake failover --planned --canary 'smoke check' --wave tag=tier:gold",
                      "twinlake failover --confirm 'switch the gateway'",
                      "twinlake failover --abort",
                      "twinlake failover --forced --turn-back"};
  command.run = [flags](const Globals& globals) {
    if (says_something(flags->recovery)) return run_say(globals, flags->recovery);
    return flags->abort ? run_abort(globals, *flags) : run_turnover(globals, *flags);
  };
  return command;
}

Command failback_command() {
  const auto flags = std::make_shared<FailoverFlags>();
  flags->planned = true;
  flags->is_failback = true;
  Command command;
  command.name = "failback";
  command.about = "Move the primary role home again, after reprotect";
  command.details =
      "A planned failover the other way: what was done on the other side meanwhile has come home "
      "by reprotect, and the "
      "last of it comes now. The triggers that are live there come to live at home, exactly as "
      "they are.";
  command.options = options_into(flags);
  command.examples = {"twinlake failback --dry-run", "twinlake failback"};
  command.run = [flags](const Globals& globals) { return run_turnover(globals, *flags); };
  return command;
}

Command commit_command() {
  Command command;
  command.name = "commit";
  command.about = "Say that a failover stays: from then on the old primary may become the standby";
  command.details =
      "Until then `sync` and `reprotect` are refused: they would overwrite what the old primary "
      "had and nobody had "
      "replicated.";
  command.examples = {"twinlake commit", "twinlake commit && twinlake reprotect"};
  command.run = run_commit;
  return command;
}

}  // namespace twinlake::app
