#include "app/sync_run.h"

#include "app/failover_text.h"
#include "app/locked_run.h"
#include "app/output.h"
#include "app/rules.h"

namespace twinlake::app {

namespace {

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

}  // namespace

Result<void> clear_the_way(GroupAccess& group, const Settings& settings, events::Sink& sink) {
  CHECK(pay_debt(group, settings, sink));
  return check_committed(group.store());
}

Result<Finished> sync_locked(GroupAccess& group, const Settings& settings, engine::Session& session,
                             engine::Session::SyncOptions options) {
  Finished finished;
  const auto work = [&](std::atomic<bool>& stop) -> Result<void> {
    options.stop = &stop;
    group.remember_identity();
    if (auto recorded = group.record(session, rules_of(settings.group)); !recorded)
      finished.troubles.push_back(std::move(recorded).error());
    TRY(finished.report, group.loop().run(session.sync(std::move(options))));
    if (finished.report.history_trouble)
      finished.troubles.push_back(*finished.report.history_trouble);
    group.store().put_verdicts(verdicts_after(finished.report), group.loop().now());
    return {};
  };
  CHECK(run_locked(group, settings, work, finished.troubles));
  return finished;
}

ExitCode exit_code_of(const Finished& finished) {
  for (const Error& trouble : finished.troubles)
    if (trouble.fault == Fault::refused) return ExitCode::refused;
  if (finished.report.outcome == "failed") return ExitCode::fatal;
  const bool good = finished.report.outcome == "complete" && finished.troubles.empty();
  return good ? ExitCode::good : ExitCode::partly;
}

}  // namespace twinlake::app
