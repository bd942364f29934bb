// A turnover whose triggers are released as a recovery plan says.
#include "failover/turnover.h"

namespace twinlake::failover {

namespace {

/// Sets `enough` when the time is over or the program is told to stop. Ends when it is set.
Task<void> watch_time(Loop* loop, Time deadline, const std::atomic<bool>* stop, std::atomic<bool>* enough) {
  while (!enough->load()) {
    if (loop->now() >= deadline || (stop != nullptr && stop->load())) enough->store(true);
    if (!enough->load()) co_await loop->sleep(std::chrono::milliseconds(250));
  }
}

}  // namespace

Task<Result<void>> Turnover::check_recovery(bool look) {
  const std::optional<state::Failover> last = store_.last_failover();
  state::Failover failover;
  failover.to = new_primary_.side();
  // Only one that is gone on with has done anything of its plan.
  if (is_unfinished(last) && last->to == failover.to) failover = *last;
  Recovery recovery(loop_, new_primary_, store_, sink_, std::move(failover), options_.recovery, options_.stop);
  co_return co_await recovery.check(look);
}

Result<void> Turnover::check_same_plan(const state::Failover& begun) const {
  const std::string kept = kept_plan(store_, begun.id);
  if (options_.recovery.go_on || kept == described(options_.recovery.plan)) return {};
  return fail(Fault::refused,
              "the failover of " + to_rfc3339(begun.started) + (kept.empty() ? " was begun without a recovery plan" : " was begun with another recovery plan:\n" + kept),
              "Give the same --wave and --canary, or the same `recovery_plan` in twinlake.yml; to go on with what is said now, add --continue");
}

Task<Result<bool>> Turnover::recover() {
  Recovery recovery(loop_, new_primary_, store_, sink_, failover_, options_.recovery, options_.stop);
  const Recovery::Release release = [this](PlanAction action) { return release_wave(std::move(action)); };
  const std::function<Task<Result<void>>()> mirror = [this] { return write_mirrors(false); };
  const bool may_run = runs_jobs(options_.recovery.plan) && options_.let_run;
  if (may_run) options_.let_run(true);
  auto through = co_await recovery.run(release, mirror);
  if (may_run) options_.let_run(false);
  report_.halts = recovery.halts();
  co_return through;
}

Task<Result<Recovery::Ending>> Turnover::release_wave(PlanAction action) {
  std::atomic<bool> enough = false;
  std::size_t taken = 0;
  // Empty for the rest: then it is not a part.
  decltype(TriggerOptions::takes) takes;
  if (action.wave.takes)
    takes = [&action, &taken](const model::Kind& kind, const std::string& key, const nlohmann::json& definition) {
      const bool is_taken = action.wave.takes(kind, key, definition);
      if (is_taken) ++taken;
      return is_taken;
    };
  Turning turning = turning_of_release(std::nullopt, std::move(takes));
  turning.stop = &enough;
  TaskGroup watchers(loop_);
  watchers.start(watch_time(&loop_, loop_.now() + action.timeout, options_.stop, &enough));
  auto done = co_await turn(std::move(turning));
  const bool was_cut = enough.exchange(true);
  co_await watchers.join();
  if (!done) co_return fail(std::move(done).error());
  if (*done && action.wave.takes && taken == 0) co_return Recovery::Ending{"done", "nothing that was live on the primary is in this wave"};
  if (*done) co_return Recovery::Ending{"done", {}};
  if (was_cut && !stopping()) co_return Recovery::Ending{"timed out", "not everything could be released in time"};
  if (was_cut) co_return Recovery::Ending();
  co_return Recovery::Ending{"failed", "not everything could be released"};
}

}  // namespace twinlake::failover
