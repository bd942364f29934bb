#include "simulation/program.h"

#include <fnmatch.h>

#include <nlohmann/json.hpp>

#include "base/hash.h"
#include "engine/mirror.h"
#include "engine/session.h"
#include "failover/drill.h"
#include "model/kind.h"

namespace twinlake::simulation {

namespace {

/// What the connection owns must not own the wire of the site.
class Borrowed final : public http::Transport {
 public:
  explicit Borrowed(http::Transport& inner) : inner_(inner) {}
  [[nodiscard]] Task<Result<http::Response>> send(http::Request request) override { return inner_.send(std::move(request)); }

 private:
  http::Transport& inner_;
};

const std::vector<const model::Kind*>& all_kinds() {
  static const std::vector<const model::Kind*> kinds = kinds::all();
  return kinds;
}

Result<workspace::Connection> connect_to(Site& site, Side side, http::Effect allowed, bool oauth) {
  const simulator::RegionOptions& region = site.region(side).options();
  workspace::Profile profile;
  profile.name = region.name;
  profile.host = "http://127.0.0.1";
  profile.auth = oauth ? workspace::AuthKind::oauth_m2m : workspace::AuthKind::pat;
  if (oauth) profile.client_id = Site::client_id;
  profile.secret = Secret(oauth ? std::string(Site::client_secret) : region.token);
  workspace::ConnectOptions options;
  options.allowed = allowed;
  options.environment = [](std::string_view) { return std::optional<std::string>(); };
  const workspace::OpenTransport open = [&site, side](const std::string&, bool) -> Result<std::unique_ptr<http::Transport>> {
    return std::make_unique<Borrowed>(site.wire(side));
  };
  return workspace::connect_over(site.loop(), std::make_unique<Borrowed>(site.wire(side)), open, profile, options);
}

bool is_turn(Command command) { return command == Command::planned || command == Command::forced || command == Command::abort; }
bool is_drill(Command command) { return command == Command::drill || command == Command::clean_up; }
bool is_sync(Command command) { return command == Command::sync || command == Command::stale_plan; }
/// Is the primary left alone, be it there or not?
bool asks_secondary_alone(Command command) { return command == Command::forced || is_drill(command); }

std::string lines_of(const engine::SyncReport& report) {
  std::string text = report.outcome + "\n";
  for (const engine::ObjectReport& object : report.objects)
    text += object.action + " " + object.address + " " + object.outcome + " " + object.error + " " + object.what_to_do + "\n";
  for (const model::Finding& finding : report.findings) text += finding.address + " " + finding.message + " " + finding.what_to_do + "\n";
  return text;
}

std::string lines_of(const failover::TurnoverReport& report) {
  std::string text = report.outcome + "\n";
  for (const failover::Turned& turned : report.turned)
    text += turned.action + " " + turned.address + " " + turned.outcome + " " + turned.error + "\n";
  for (const model::Finding& finding : report.findings) text += finding.address + " " + finding.message + "\n";
  if (report.last_sync) text += lines_of(*report.last_sync);
  return text;
}

}  // namespace

/// Keeps every word, to be searched for what must not be in it.
struct Program::Listener final : events::Sink {
  explicit Listener(Program& owner) : program(owner) {}
  void on(const events::Phase& phase) override { program.tell(phase.name); }
  void on(const events::StepFinished& step) override {
    if (step.outcome == events::Outcome::done) ++program.ending_.kinds[step.kind][step.action];
    program.tell(step.action + " " + step.address + " " + std::string(events::name_of(step.outcome)) + " " + step.message);
  }
  void on(const events::Note& note) override { program.tell(note.message); }
  Program& program;
};

Program::Program(Site& site, Machine machine, Flags flags)
    : site_(site), machine_(std::move(machine)), flags_(std::move(flags)), listener_(std::make_unique<Listener>(*this)) {}

Program::~Program() = default;

void Program::tell(const std::string& line) { ending_.told += line + "\n"; }

Task<Ending> Program::run(Command command) {
  try {
    auto done = co_await perform(command);
    if (!done) {
      ending_.word = std::string(name_of(done.error().fault));
      tell(describe(done.error()));
      ending_.is_complete = false;
    }
  } catch (const state::StateFailure& failure) {
    ending_.word = "state failure";
    tell(failure.what());
    ending_.is_complete = false;
  }
  if (primary_connection_ && !is_turn(command)) ending_.left_guard_open = primary_connection_->guard().allowed() != http::Effect::reads;
  co_return std::move(ending_);
}

Result<void> Program::open(Command command) {
  if (command != Command::reconcile) {
    const std::string name = std::string(group_name) + (is_drill(command) ? ".drill" : "");
    TRY(state::LocalLock lock, state::LocalLock::take(machine_.folder, name));
    lock_.emplace(std::move(lock));
  }
  TRY(store_, state::Store::open(machine_.folder, group_name));
  primary_side_ = primary_for(command);
  return {};
}

/// A turnover that was killed goes on with the sides that it had, a drill where it was held.
Side Program::primary_for(Command command) const {
  const auto identity = store_->identity();
  const auto last = store_->last_failover();
  const auto drill = store_->last_drill();
  if (identity && is_turn(command) && failover::is_unfinished(last)) return model::other(last->to);
  if (identity && is_drill(command) && drill && !drill->cleaned) return model::other(drill->side);
  return identity ? identity->primary : Side::home;
}

Result<void> Program::connect(Command command) {
  const http::Effect to_secondary = command == Command::reconcile ? http::Effect::reads
                                    : is_drill(command)           ? http::Effect::executes
                                                                  : http::Effect::writes;
  secondary_.reset();
  primary_.reset();
  TRY(workspace::Connection primary, connect_to(site_, primary_side_, http::Effect::reads, flags_.oauth));
  TRY(workspace::Connection secondary, connect_to(site_, model::other(primary_side_), to_secondary, flags_.oauth));
  primary_connection_.emplace(std::move(primary));
  secondary_connection_.emplace(std::move(secondary));
  return {};
}

Task<Result<void>> Program::enter(Command command) {
  CO_CHECK(connect(command));
  CO_TRY(workspace::Self there, co_await workspace::who_am_i(secondary_connection_->transport()));
  workspace::Self here;
  here.workspace_id = std::to_string(site_.region(primary_side_).options().workspace_id);
  if (!asks_secondary_alone(command)) {
    CO_TRY(here, co_await workspace::who_am_i(primary_connection_->transport()));
  }
  primary_ = std::make_unique<workspace::Workspace>(site_.loop(), primary_side_, primary_connection_->transport(), std::move(here), machine_.folder);
  secondary_ = std::make_unique<workspace::Workspace>(site_.loop(), model::other(primary_side_), secondary_connection_->transport(), std::move(there), machine_.folder);
  co_return Result<void>{};
}

/// Another machine may have been at work since, and whoever is new believes the mirror about the roles too.
Task<Result<void>> Program::read_mirror(Command command) {
  auto read = co_await engine::read_mirror(*secondary_, group_name);
  const bool is_known = store_->identity().has_value();
  if (!read && is_known && read.error().fault == Fault::bad_answer) co_return Result<void>{};
  if (!read) co_return fail(std::move(read).error());
  std::optional<nlohmann::json> mirror = std::move(*read);
  if (mirror) mirrored_ = engine::generation_of(*mirror);
  const bool is_behind = !is_known || (mirror && *mirrored_ > store_->generation());
  if (is_behind && !asks_secondary_alone(command)) {
    CO_TRY(std::optional<nlohmann::json> on_primary, co_await engine::read_mirror(*primary_, group_name));
    if (engine::is_newer(on_primary, mirror)) {
      mirror = std::move(on_primary);
      CO_TRY(const auto told, state::Store::open("memory", group_name));
      CO_CHECK(told->load_mirror(*mirror));
      // It lies on the standby: the profiles are named the wrong way round, and the operator swaps them.
      if (told->identity() && told->identity()->primary != primary_side_) {
        primary_side_ = told->identity()->primary;
        CO_CHECK(co_await enter(command));
        mirrored_ = engine::generation_of(*mirror);
      }
    }
  }
  CO_TRY(const bool was_taken, engine::catch_up(*store_, mirror));
  if (!was_taken) co_return Result<void>{};
  tell("the state was behind the mirror, and was taken from there");
  if (primary_for(command) == primary_side_) co_return Result<void>{};
  primary_side_ = primary_for(command);
  co_return co_await enter(command);
}

engine::Rules Program::rules() const {
  engine::Rules rules;
  rules.group = group_name;
  rules.digest = "simulation";
  rules.allow_deletes = flags_.allow_deletes;
  if (flags_.looks || !flags_.reads_in_turns) rules.sweep = engine::SweepRules::always();
  if (flags_.asks) rules.on_conflict = [](const model::Kind&, const std::string&) { return engine::OnConflict::ask; };
  rules.in_scope = [](const model::Kind& kind, const std::string& key) { return !kind.key_is_path || !key.starts_with("/Twinlake"); };
  return rules;
}

engine::LockOptions Program::lock_options() const {
  engine::LockOptions options;
  options.group = group_name;
  options.owner.host = machine_.name;
  options.owner.pid = 1;
  options.owner.user = "operator";
  options.owner.state = hmac_sha256_hex(store_->fingerprint_key(), "run lock").substr(0, 32);
  options.fencing = store_->to_mirror().at("fencing").get<std::int64_t>() + 1;
  return options;
}

/// What a lost primary could not be told comes before anything else, also before the lock.
Task<Result<void>> Program::pay_debt() {
  if (!failover::owes_fence(store_->last_failover())) co_return Result<void>{};
  failover::TurnoverOptions options;
  options.group = group_name;
  options.in_scope = rules().in_scope;
  options.open_old_primary = [](bool) {};
  failover::Turnover turnover(site_.loop(), all_kinds(), *secondary_, *primary_, *store_, *listener_, std::move(options));
  CO_TRY(const failover::TurnoverReport paid, co_await turnover.pay());
  tell("paid: " + lines_of(paid));
  if (paid.outcome == "complete") co_return Result<void>{};
  co_return fail(Fault::refused, "not everything that the old primary may start could be held");
}

Task<Result<void>> Program::reconcile() {
  session_ = std::make_unique<engine::Session>(site_.loop(), all_kinds(), *primary_, *secondary_, *store_, *listener_, rules());
  CO_TRY(engine::Reading reading, co_await session_->read(true));
  ending_.verdicts = std::move(reading.plan.verdicts);
  ending_.is_complete = true;
  ending_.word = "read";
  co_return Result<void>{};
}

Task<Result<void>> Program::perform(Command command) {
  CO_CHECK(open(command));
  CO_CHECK(co_await enter(command));
  CO_CHECK(co_await read_mirror(command));
  if (command == Command::reconcile) co_return co_await reconcile();
  if (is_drill(command)) co_return co_await drill(command);
  if (is_sync(command)) {
    CO_CHECK(co_await pay_debt());
    const auto last = store_->last_failover();
    if (last && last->turned && last->finished && !last->committed) co_return fail(Fault::refused, "the failover is not committed");
  }
  std::atomic<bool> stop = false;
  run_lock_ = std::make_unique<engine::RunLock>(site_.loop(), *secondary_, lock_options());
  CO_CHECK(co_await run_lock_->take());
  ending_.has_begun = true;
  ending_.began = site_.loop().now();
  run_lock_->keep_alive(&stop);
  std::exception_ptr broken;
  Result<void> done;
  try {
    done = co_await work(command, &stop);
  } catch (const state::StateFailure&) {
    broken = std::current_exception();
  }
  const auto ours = co_await run_lock_->is_still_ours();
  if (done && !broken && ours && *ours) {
    auto written = co_await engine::write_mirror(*secondary_, group_name, *store_, mirrored_);
    if (!written) tell("the mirror could not be written: " + describe(written.error()));
    ending_.is_complete = ending_.is_complete && written;
  }
  if (!ours || !*ours) ending_.is_complete = false;
  ending_.lost_lock = run_lock_->lost();
  ending_.ended = site_.loop().now();
  (void)co_await run_lock_->release();
  if (broken) std::rethrow_exception(broken);
  co_return done;
}

Task<Result<void>> Program::work(Command command, std::atomic<bool>* stop) {
  session_ = std::make_unique<engine::Session>(site_.loop(), all_kinds(), *primary_, *secondary_, *store_, *listener_, rules());
  if (is_turn(command)) co_return co_await turn(command, stop);
  co_return co_await sync(command, stop);
}

Task<Result<void>> Program::sync(Command command, std::atomic<bool>* stop) {
  if (!store_->identity()) {
    state::Identity identity;
    identity.group = group_name;
    identity.home_workspace_id = primary_->self().workspace_id;
    identity.away_workspace_id = secondary_->self().workspace_id;
    store_->set_identity(identity);
  }
  engine::Session::SyncOptions options;
  options.stop = stop;
  if (command == Command::stale_plan) {
    CO_TRY(const engine::Reading reading, co_await session_->read(false));
    options.expected_fingerprint = reading.plan.fingerprint;
    flags_.between();
  }
  CO_TRY(const engine::SyncReport report, co_await session_->sync(std::move(options)));
  tell(lines_of(report));
  ending_.word = report.outcome;
  ending_.has_synced = report.outcome == "complete";
  ending_.is_complete = ending_.has_synced;
  for (const engine::ObjectReport& object : report.objects)
    if (object.outcome == "conflict") ++ending_.kinds[object.kind]["conflict"];
  for (const engine::ObjectReport& object : report.objects) ending_.writes_planned += object.action == "none" ? 0 : 1;
  co_return Result<void>{};
}

Task<Result<void>> Program::turn(Command command, std::atomic<bool>* stop) {
  failover::TurnoverOptions options;
  options.group = group_name;
  options.in_scope = rules().in_scope;
  options.stop = stop;
  options.runs = failover::Runs::cancel;
  options.runs_deadline = std::chrono::minutes(2);
  options.without = flags_.without;
  options.open_old_primary = [this](bool open) {
    primary_connection_->guard().allow(open ? http::Effect::writes : http::Effect::reads, "it has the primary role");
  };
  failover::Turnover turnover(site_.loop(), all_kinds(), *primary_, *secondary_, *store_, *listener_, std::move(options));
  Task<Result<failover::TurnoverReport>> turning = command == Command::planned  ? turnover.planned(*session_)
                                                   : command == Command::forced ? turnover.forced()
                                                                                : turnover.abort();
  CO_TRY(const failover::TurnoverReport report, co_await std::move(turning));
  tell(lines_of(report));
  ending_.word = report.outcome;
  ending_.is_complete = report.outcome == "complete";
  for (const failover::Turned& turned : report.turned)
    if (turned.outcome == "failed" && turned.action != "hold") ending_.unreleased.insert(turned.address);
  ending_.left_guard_open = primary_connection_->guard().allowed() != http::Effect::reads;
  co_return Result<void>{};
}

Task<Result<void>> Program::drill(Command command) {
  failover::DrillOptions options;
  options.group = group_name;
  options.in_scope = rules().in_scope;
  options.matches = [](std::string_view glob, std::string_view text) {
    return fnmatch(std::string(glob).c_str(), std::string(text).c_str(), 0) == 0;
  };
  failover::SmokeRun run;
  run.job = flags_.drilled;
  run.within = std::chrono::minutes(5);
  options.run.push_back(std::move(run));
  failover::Drill drill(site_.loop(), all_kinds(), *secondary_, *store_, *listener_, std::move(options));
  Task<Result<failover::DrillReport>> drilling = command == Command::drill ? drill.start() : drill.cleanup();
  CO_TRY(const failover::DrillReport report, co_await std::move(drilling));
  ending_.word = report.outcome;
  ending_.is_complete = command == Command::drill || report.drill.phase == failover::drill_phase::clean;
  for (const auto& one : report.runs) tell(one.name + " " + one.result + " " + one.because);
  for (const auto& finding : report.findings) tell(finding.address + " " + finding.message);
  co_return Result<void>{};
}

}  // namespace twinlake::simulation
