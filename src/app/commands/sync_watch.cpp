#include "app/commands/sync_watch.h"

#include <unistd.h>

#include <algorithm>
#include <memory>

#include <nlohmann/json.hpp>

#include "app/duration.h"
#include "app/locked_run.h"
#include "app/output.h"
#include "app/progress.h"
#include "app/rules.h"
#include "app/stop_signal.h"
#include "app/sync_run.h"
#include "app/watch.h"
#include "app/watch_mark.h"
#include "app/who.h"

namespace twinlake::app {

namespace {

constexpr Micros longest_every = std::chrono::days(7);
constexpr Micros look_again = std::chrono::seconds(30);

/// A loop's time goes on evenly from where the clock stood when it was made. Over weeks the clock
/// is set, and machines sleep.
Time wall_now() { return Loop().now(); }

class Watch {
 public:
  Watch(const Globals& globals, const WatchFlags& flags, Settings settings, Micros every,
        WatchMark mark)
      : globals_(globals),
        flags_(flags),
        settings_(std::move(settings)),
        every_(every),
        times_(every, spread_by(settings_)),
        mark_(std::move(mark)) {}

  Result<ExitCode> run();

 private:
  static std::string spread_by(const Settings& settings);
  [[nodiscard]] WatchedRun run_once();
  [[nodiscard]] Result<void> sync_into(WatchedRun& run);
  [[nodiscard]] Result<void> check_direction(const GroupAccess& group);
  [[nodiscard]] Result<void> read_settings();
  [[nodiscard]] Result<void> tell(const WatchedRun& run) const;
  void look_up_point(WatchedRun& run) const;
  void warn_of_short_every();
  void wait_until(Time next) const;

  const Globals& globals_;
  const WatchFlags& flags_;
  Settings settings_;
  Micros every_;
  WatchTimes times_;
  WatchMark mark_;
  std::string primary_workspace_;
  ExitCode code_ = ExitCode::good;
  bool said_short_ = false;
};

std::string Watch::spread_by(const Settings& settings) {
  return settings.group.name + " " + who_is_here().host + " " + std::to_string(getpid());
}

/// A failover that somebody committed meanwhile turns the profiles of a group round. What only the
/// old primary had would be written over: a person says that it shall be so.
Result<void> Watch::check_direction(const GroupAccess& group) {
  const std::string& now = group.primary_workspace_id();
  if (primary_workspace_.empty()) primary_workspace_ = now;
  if (now == primary_workspace_) return {};
  return fail(Fault::refused,
              "the primary role of the group `" + settings_.group.name +
                  "` has moved to the workspace " + now + " since this watch began",
              "Look at both sides; a new `twinlake sync --watch` replicates from there");
}

Result<void> Watch::sync_into(WatchedRun& run) {
  TRY(const auto group, GroupAccess::open(settings_, Purpose::write));
  CHECK(check_direction(*group));
  std::unique_ptr<events::Sink> progress = std::make_unique<events::Sink>();
  if (settings_.verbose || can_redraw(stderr)) progress = make_progress(group->loop(), settings_);
  CHECK(clear_the_way(*group, settings_, *progress));
  engine::Rules rules = rules_of(settings_.group);
  if (flags_.look && !settings_.is_repeated) {
    rules.observe.every = Micros(0);
    rules.observe.every_of.clear();
  }
  engine::Session session = group->session(*progress, std::move(rules));
  TRY(Finished finished, sync_locked(*group, settings_, session, {}));
  code_ = exit_code_of(finished);
  run.report = std::move(finished.report);
  run.troubles = std::move(finished.troubles);
  return {};
}

WatchedRun Watch::run_once() {
  WatchedRun run;
  run.began = wall_now();
  code_ = ExitCode::fatal;
  try {
    if (auto done = sync_into(run); !done) run.error = std::move(done).error();
  } catch (const state::StateFailure& failure) {
    run.error = failure.error();  // a disk that is full now may have room at the next run
  }
  run.ended = wall_now();
  look_up_point(run);
  return run;
}

/// From the state, so that a run that could not begin tells the lag as well.
void Watch::look_up_point(WatchedRun& run) const {
  if (!state::Store::exists(settings_.state_folder, settings_.group.name)) return;
  try {
    if (const auto store = state::Store::open(settings_.state_folder, settings_.group.name))
      run.point = (*store)->replication_point();
  } catch (const state::StateFailure& failure) {
    if (!run.error) run.error = failure.error();
  }
}

Result<void> Watch::tell(const WatchedRun& run) const {
  const auto rpo = settings_.group.rpo;
  if (settings_.json) {
    nlohmann::json line = watch_json(run, rpo);
    line["group"] = settings_.group.name;
    print(line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
  } else {
    print(watch_line(run, rpo, settings_.out));
    print_troubles(settings_, run.troubles);
  }
  if (finish_output()) return {};
  return fail(Fault::io, "standard output cannot be written", "Check where it goes");
}

/// Each run goes by what stands in the file when it begins.
Result<void> Watch::read_settings() {
  TRY(Settings now, settle(globals_, Needs::both));
  if (flags_.allow_deletes >= 0) now.group.allow_deletes = flags_.allow_deletes;
  now.is_repeated = true;
  if (now.group.name != settings_.group.name || now.state_folder != settings_.state_folder)
    return fail(Fault::config, "the configuration names another group or state than before",
                "Start the watch again");
  if (rules_of(now.group).digest != rules_of(settings_.group).digest)
    say("the configuration has changed; this run goes by the new one\n");
  settings_ = std::move(now);
  return {};
}

void Watch::warn_of_short_every() {
  if (said_short_ || !times_.was_late()) return;
  said_short_ = true;
  warn(settings_.err,
       "a run takes longer than --every " + flags_.every +
           ": the next one begins when it has ended, and none is made up for",
       "Give --every more time, or narrow the scope");
}

/// Until the clock says so; but no longer than `every`, should somebody set it back.
void Watch::wait_until(Time next) const {
  const Loop steady;
  const Time latest = steady.now() + every_;
  while (!stop_was_asked()) {
    const Micros left = std::min(next - wall_now(), latest - steady.now());
    if (left <= Micros(0)) return;
    wait_or_stop(std::min(left, look_again));
  }
}

Result<ExitCode> Watch::run() {
  static_cast<void>(stop_on_signal());
  for (;;) {
    const WatchedRun run = run_once();
    CHECK(tell(run));
    if (run.error && ends_watch(*run.error)) return fail(*run.error);
    if (stop_was_asked()) return code_;
    const Time next = times_.next(run.began, run.ended);
    warn_of_short_every();
    mark_.tell_next(next);
    wait_until(next);
    if (stop_was_asked()) return ExitCode::good;
    CHECK(read_settings());
  }
}

}  // namespace

Result<ExitCode> run_watch(const Globals& globals, const WatchFlags& flags) {
  TRY(const Micros every, duration_of(flags.every, "--every", longest_every));
  TRY(Settings settings, settle(globals, Needs::both));
  if (flags.allow_deletes >= 0) settings.group.allow_deletes = flags.allow_deletes;
  TRY(WatchMark mark, WatchMark::make(settings.state_folder, settings.group.name));
  if (settings.group.rpo && every > *settings.group.rpo)
    warn(settings.err, "--every " + flags.every + " is longer than the RPO that is aimed at",
         "Give --every less, or targets: rpo_minutes more");
  return Watch(globals, flags, std::move(settings), every, std::move(mark)).run();
}

}  // namespace twinlake::app
