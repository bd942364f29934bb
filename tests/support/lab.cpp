#include "support/lab.h"

#include "base/json_path.h"
#include "engine/mirror.h"
#include "http/message.h"
#include "model/kind.h"
#include "simulator/faults.h"
#include "workspace/connection.h"

namespace twinlake::test {

using nlohmann::json;

Task<Result<http::Response>> Wire::send(http::Request request) {
  if (*life && **life <= 0) throw Killed();
  ++log.total;
  if (on_exchange) on_exchange();
  std::string line = std::string(http::name_of(request.method)) + " " + request.path;
  const bool is_write = request.effect != http::Effect::reads;
  ++log.by_route[line];
  const http::Request sent = on_write ? request : http::Request();
  auto answer = co_await inner_.send(std::move(request));
  if (is_write && answer && answer->ok()) {
    log.writes.push_back(std::move(line));
    if (on_write) on_write(sent);
  }
  // The work is done, and the process dies before it hears of it: the worst moment.
  if (*life && --**life <= 0) throw Killed();
  co_return answer;
}

namespace {

/// What the connection owns must not own the wire that the lab looks at.
class Borrowed : public http::Transport {
 public:
  explicit Borrowed(http::Transport& inner) : inner_(inner) {}
  [[nodiscard]] Task<Result<http::Response>> send(http::Request request) override { return inner_.send(std::move(request)); }

 private:
  http::Transport& inner_;
};

constexpr const char* client_id = "5e0c0000-0000-4000-8000-00000000c11e";
constexpr const char* client_secret = "dose-simulated";

simulator::RegionOptions region_options(const Lab::Options& options, bool home) {
  simulator::RegionOptions region;
  region.name = home ? "primary" : "secondary";
  region.workspace_id = home ? 1111111111111111 : 2222222222222222;
  region.seed = options.seed * 2 + (home ? 0U : 1U);
  region.enforce_limits = options.limits;
  region.account = options.account;
  region.token_seconds = options.token_seconds;
  if (options.oauth) region.credentials.push_back(simulator::Credential{.client_id = client_id, .secret = client_secret});
  return region;
}

workspace::Profile profile_of(const simulator::Region& region, bool oauth) {
  workspace::Profile profile;
  profile.name = region.options().name;
  profile.host = "http://127.0.0.1";
  profile.auth = oauth ? workspace::AuthKind::oauth_m2m : workspace::AuthKind::pat;
  if (oauth) profile.client_id = client_id;
  profile.secret = Secret(oauth ? std::string(client_secret) : region.options().token);
  return profile;
}

}  // namespace

Result<workspace::Connection> connect_wire(Loop& loop, Wire& wire, const simulator::Region& region,
                                           http::Effect allowed, bool may_execute, bool oauth) {
  workspace::ConnectOptions options;
  options.allowed = allowed;
  options.may_execute = may_execute;
  const workspace::OpenTransport open = [&wire](const std::string&, bool) -> Result<std::unique_ptr<http::Transport>> {
    return std::make_unique<Borrowed>(wire);
  };
  return workspace::connect_over(loop, std::make_unique<Borrowed>(wire), open, profile_of(region, oauth), options);
}

struct Connections {
  workspace::Connection primary;
  workspace::Connection secondary;
};

Lab::Lab() : Lab(Options{}) {}

Lab::Lab(Options options)
    : options_(std::move(options)),
      loop_(std::make_unique<Loop>(Loop::Clock::virtual_time, options_.seed)),
      home_(std::make_unique<simulator::Region>(region_options(options_, true))),
      away_(std::make_unique<simulator::Region>(region_options(options_, false))),
      home_transport_(std::make_unique<simulator::InProcessTransport>(*loop_, *home_, options_.latency)),
      away_transport_(std::make_unique<simulator::InProcessTransport>(*loop_, *away_, options_.latency)),
      primary_wire_(std::make_unique<Wire>(*home_transport_)),
      secondary_wire_(std::make_unique<Wire>(*away_transport_)),
      sink_(std::make_unique<events::Sink>()) {
  secondary_wire_->life = primary_wire_->life;
  rules.group = "main";
  rules.digest = "test";
  rules.in_scope = [](const model::Kind& kind, const std::string& key) {
    return !kind.key_is_path || !key.starts_with("/Twinlake");
  };
  start();
}

Lab::~Lab() = default;

void Lab::keep_history(engine::RecorderOptions options, std::string key) {
  recording_ = std::move(options);
  history_key_ = std::move(key);
  open_history();
}

void Lab::open_history() {
  auto history = history::History::open(options_.state_folder.empty() ? "memory" : options_.state_folder, rules.group,
                                        Secret(std::string_view(history_key_)));
  if (!history) throw std::runtime_error(describe(history.error()));
  history_ = std::move(*history);
}

void Lab::start() {
  auto store = state::Store::open(options_.state_folder.empty() ? "memory" : options_.state_folder, rules.group);
  if (!store) throw std::runtime_error(describe(store.error()));
  store_ = std::move(*store);
}

void Lab::restart() {
  *primary_wire_->life = std::nullopt;
  // The killed process's frames are gone with its tasks; its timers must not wake them.
  loop_->forget_everything();
  if (!options_.state_folder.empty()) {
    store_.reset();
    start();
    if (history_) {
      history_.reset();
      open_history();
    }
  }
}

void Lab::reset_logs() {
  primary_wire_->log = {};
  secondary_wire_->log = {};
}

json Lab::ask(simulator::Region& region, const std::string& token, std::string_view method, std::string path, const json& body) {
  http::Request request(*http::method_from(method), path);
  if (const std::size_t question = path.find('?'); question != std::string::npos) {
    request.path = path.substr(0, question);
    request.query = http::decode_query(path.substr(question + 1));
  }
  request.headers.emplace_back("Authorization", "Bearer " + token);
  if (!body.is_null()) {
    request.body = body.dump();
    request.content_type = "application/json";
  }
  const http::Response response =
      region.handle(request, std::chrono::duration_cast<Micros>(loop_->now().time_since_epoch()).count());
  if (!response.ok())
    throw std::runtime_error(std::string(method) + " " + path + ": " + std::to_string(response.status) + " " + response.body);
  return response.body.empty() ? json::object() : json::parse(response.body, nullptr, false);
}

json Lab::primary(std::string_view method, std::string path, const json& body) {
  return ask(*home_, home_->options().token, method, std::move(path), body);
}
json Lab::secondary(std::string_view method, std::string path, const json& body) {
  return ask(*away_, away_->options().token, method, std::move(path), body);
}
json Lab::as(const std::string& token, std::string_view method, std::string path, const json& body) {
  return ask(*home_, token, method, std::move(path), body);
}

json Lab::as_there(const std::string& token, std::string_view method, std::string path, const json& body) {
  return ask(*away_, token, method, std::move(path), body);
}

namespace {

/// One run of the program: connects, asks who it is, makes a session, works.
struct Run {
  Loop& loop;
  Connections connections;
  std::unique_ptr<workspace::Workspace> primary;
  std::unique_ptr<workspace::Workspace> secondary;
  std::unique_ptr<engine::Session> session;
};

Task<std::unique_ptr<workspace::Workspace>> enter(Loop* loop, model::Side side, workspace::Connection* connection) {
  auto self = co_await workspace::who_am_i(connection->transport());
  if (!self) throw std::runtime_error(describe(self.error()));
  co_return std::make_unique<workspace::Workspace>(*loop, side, connection->transport(), *self, "/tmp");
}

Run make_run(Lab& lab) {
  const bool oauth = lab.options().oauth;
  const bool home_is_primary = lab.primary_side() == model::Side::home;
  Wire& primary_wire = home_is_primary ? lab.primary_wire() : lab.secondary_wire();
  Wire& secondary_wire = home_is_primary ? lab.secondary_wire() : lab.primary_wire();
  auto primary = connect_wire(lab.loop(), primary_wire, lab.with_primary_role(), http::Effect::reads, lab.rules.observe.primary || lab.rules.observe.primary_sql || lab.rules.audit.primary, oauth);
  auto secondary = connect_wire(lab.loop(), secondary_wire, lab.with_secondary_role(), http::Effect::writes, lab.rules.observe.secondary || lab.rules.observe.secondary_sql || lab.rules.audit.secondary, oauth);
  if (!primary || !secondary) throw std::runtime_error("cannot connect");
  return Run{lab.loop(), Connections{std::move(*primary), std::move(*secondary)}, nullptr, nullptr, nullptr};
}

/// Who the side is when nobody answers there.
workspace::Self stranger(const simulator::Region& region) {
  workspace::Self self;
  self.workspace_id = std::to_string(region.options().workspace_id);
  return self;
}

std::unique_ptr<workspace::Workspace> enter_or_pass(Lab& lab, model::Side side, workspace::Connection& connection,
                                                    simulator::Region& region, bool may_be_lost) {
  const auto now = std::chrono::duration_cast<Millis>(lab.loop().now().time_since_epoch()).count();
  if (may_be_lost && region.faults().in_outage(now))
    return std::make_unique<workspace::Workspace>(lab.loop(), side, connection.transport(), stranger(region), "/tmp");
  return lab.loop().run(enter(&lab.loop(), side, &connection));
}

void enter_both(Run& run, Lab& lab, events::Sink& sink, bool may_be_lost = false) {
  const model::Side primary = lab.primary_side();
  run.primary = enter_or_pass(lab, primary, run.connections.primary, lab.with_primary_role(), may_be_lost);
  run.secondary = enter_or_pass(lab, model::other(primary), run.connections.secondary, lab.with_secondary_role(), may_be_lost);
  for (workspace::Workspace* side : {run.primary.get(), run.secondary.get()}) side->give(lab.given);
  if (!lab.store().identity()) {
    state::Identity identity;
    identity.group = lab.rules.group;
    identity.home_workspace_id = run.primary->self().workspace_id;
    identity.away_workspace_id = run.secondary->self().workspace_id;
    lab.store().set_identity(identity);
  }
  static const std::vector<const model::Kind*> all = kinds::all();
  run.session = std::make_unique<engine::Session>(run.loop, all, *run.primary, *run.secondary, lab.store(), sink, lab.rules);
}

}  // namespace

Result<engine::SyncReport> Lab::sync(engine::Session::SyncOptions options) {
  Run run = make_run(*this);
  enter_both(run, *this, *sink_);
  std::optional<engine::Recorder> recorder;
  if (history_) run.session->record_with(recorder.emplace(*history_, *recording_));
  return loop_->run(run.session->sync(std::move(options)));
}

template <class Work>
auto Lab::with_restore(engine::RestoreOptions options, const Work& work) {
  Run run = make_run(*this);
  enter_both(run, *this, *sink_, true);
  if (options.to == engine::RestoreTo::primary) run.connections.primary.guard().allow(http::Effect::writes, "");
  workspace::Workspace& target = options.to == engine::RestoreTo::primary ? *run.primary : *run.secondary;
  static const std::vector<const model::Kind*> all = kinds::all();
  engine::Restore restore(*loop_, all, target, *store_, *history_, *sink_, rules, std::move(options), given);
  return work(restore);
}

Result<engine::SyncReport> Lab::restore(engine::RestoreOptions options) {
  return with_restore(std::move(options), [this](engine::Restore& restore) { return loop_->run(restore.carry_out("", nullptr)); });
}

engine::Reading Lab::plan_restore(engine::RestoreOptions options) {
  return with_restore(std::move(options), [this](engine::Restore& restore) {
    auto reading = loop_->run(restore.plan());
    if (!reading) throw std::runtime_error(describe(reading.error()));
    return std::move(*reading);
  });
}

engine::Reading Lab::read(bool everything) {
  Run run = make_run(*this);
  enter_both(run, *this, *sink_);
  auto reading = loop_->run(run.session->read(everything));
  if (!reading) throw std::runtime_error(describe(reading.error()));
  return std::move(*reading);
}

std::vector<engine::Verdict> Lab::reconcile() { return read(true).plan.verdicts; }

std::string Lab::not_in_sync() {
  std::string text;
  for (const engine::Verdict& verdict : reconcile()) {
    if (!verdict.spoils) continue;
    text += verdict.address() + ": " + std::string(engine::name_of(verdict.standing)) + ", " + verdict.because;
    for (const model::Change& change : verdict.changes) text += "\n    " + change.pointer + " " + change.before + " -> " + change.after;
    text += "\n";
  }
  return text;
}

bool Lab::killed_after(int exchanges, const std::function<void()>& work) {
  *primary_wire_->life = exchanges;
  try {
    work();
    *primary_wire_->life = std::nullopt;
    return true;
  } catch (const Killed&) {
    restart();
    return false;
  }
}

bool Lab::lost_at(simulator::Region& region, int exchange, const std::function<void()>& work) {
  int left = exchange;
  const auto count = [&] {
    if (--left == 0) region.faults().start_outage();
  };
  primary_wire_->on_exchange = count;
  secondary_wire_->on_exchange = count;
  try {
    work();
  } catch (const std::runtime_error&) {
    if (left > 0) throw;
  }
  primary_wire_->on_exchange = nullptr;
  secondary_wire_->on_exchange = nullptr;
  return left <= 0;
}

bool Lab::sync_killed_after(int exchanges) {
  return killed_after(exchanges, [this] { (void)sync(); });
}

model::Side Lab::primary_side() const {
  const auto identity = store_->identity();
  return identity ? identity->primary : model::Side::home;
}

Result<failover::TurnoverReport> Lab::turn(
    const std::function<Task<Result<failover::TurnoverReport>>(failover::Turnover&, engine::Session&)>& how) {
  Run run = make_run(*this);
  enter_both(run, *this, *sink_, true);
  failover::TurnoverOptions options = turnover;
  options.group = rules.group;
  options.in_scope = rules.in_scope;
  options.rewrite = rules.rewrite;
  options.literals = rules.literals;
  // A killed one whose role has moved already goes on with the sides that it had.
  const auto last = store_->last_failover();
  const bool has_moved = failover::is_unfinished(last) && last->turned && !turnover.turn_back;
  if (has_moved) run.connections.primary.guard().allow(http::Effect::writes, "");
  options.open_old_primary = [&run, has_moved](bool open) {
    if (has_moved) return;
    run.connections.primary.guard().allow(open ? http::Effect::writes : http::Effect::reads, "it has the primary role");
  };
  options.let_run = [&run, has_moved](bool open) {
    workspace::Connection& there = has_moved ? run.connections.primary : run.connections.secondary;
    there.guard().allow(open ? http::Effect::executes : http::Effect::writes, "nothing is started there");
  };
  static const std::vector<const model::Kind*> all = kinds::all();
  failover::Turnover moving(*loop_, all, has_moved ? *run.secondary : *run.primary, has_moved ? *run.primary : *run.secondary,
                              *store_, *sink_, std::move(options));
  return loop_->run(how(moving, *run.session));
}

Result<failover::TurnoverReport> Lab::fail_over(state::Failover::Type type) {
  return turn([type](failover::Turnover& turnover, engine::Session& session) {
    return type == state::Failover::Type::planned ? turnover.planned(session) : turnover.forced();
  });
}

Result<failover::TurnoverReport> Lab::abort_failover() {
  return turn([](failover::Turnover& turnover, engine::Session&) { return turnover.abort(); });
}

Result<failover::TurnoverReport> Lab::turn_back() {
  turnover.turn_back = true;
  auto report = turn([](failover::Turnover& turnover, engine::Session&) { return turnover.forced(); });
  turnover.turn_back = false;
  return report;
}

void Lab::turn_roles() {
  state::Identity identity = *store_->identity();
  identity.primary = model::other(identity.primary);
  store_->set_identity(identity);
}

void Lab::commit() {
  state::Failover last = *store_->last_failover();
  last.committed = loop_->now();
  store_->put_failover(last);
}

/// The role has moved already: the old primary is what is written to now.
Result<failover::TurnoverReport> Lab::pay() {
  Run run = make_run(*this);
  enter_both(run, *this, *sink_);
  failover::TurnoverOptions options = turnover;
  options.group = rules.group;
  options.in_scope = rules.in_scope;
  options.open_old_primary = [](bool) {};
  static const std::vector<const model::Kind*> all = kinds::all();
  failover::Turnover moving(*loop_, all, *run.secondary, *run.primary, *store_, *sink_, std::move(options));
  return loop_->run(moving.pay());
}

Result<failover::DrillReport> Lab::drill(const std::function<Task<Result<failover::DrillReport>>(failover::Drill&)>& how) {
  Run run = make_run(*this);
  enter_both(run, *this, *sink_, true);
  run.connections.secondary.guard().allow(http::Effect::executes, "");
  failover::DrillOptions options = drill_options;
  options.group = rules.group;
  options.literals = rules.literals;
  options.in_scope = rules.in_scope;
  static const std::vector<const model::Kind*> all = kinds::all();
  failover::Drill drill(*loop_, all, *run.secondary, *store_, *sink_, std::move(options));
  return loop_->run(how(drill));
}

std::vector<failover::Check> Lab::readiness() {
  Run run = make_run(*this);
  enter_both(run, *this, *sink_);
  failover::Glimpse glimpse;
  const auto glance = [&glimpse](const engine::World& world) { glimpse = failover::glimpse_of(world); };
  auto reading = loop_->run(run.session->read(false, glance));
  if (!reading) throw std::runtime_error(describe(reading.error()));
  failover::ReadinessOptions options;
  options.surroundings = surroundings;
  options.surroundings.knows_tables = rules.observe.primary_sql.has_value();
  failover::Surroundings seen = loop_->run(failover::look_around(*run.primary, *run.secondary, options.surroundings));
  seen.glimpse = std::move(glimpse);
  const auto mirror = loop_->run(engine::read_mirror(*run.secondary, rules.group));
  if (mirror && *mirror) seen.mirrored = engine::generation_of(**mirror);
  return failover::check_readiness(&*reading, &seen, *store_, loop_->now(), options);
}

void Lab::write_mirror() {
  Run run = make_run(*this);
  enter_both(run, *this, *sink_);
  const auto written = loop_->run(engine::write_mirror(*run.secondary, rules.group, *store_, std::nullopt));
  if (!written) throw std::runtime_error(describe(written.error()));
}

void Lab::take_mirror() {
  Run run = make_run(*this);
  enter_both(run, *this, *sink_);
  const auto mirror = loop_->run(engine::read_mirror(*run.secondary, rules.group));
  if (!mirror) throw std::runtime_error(describe(mirror.error()));
  const auto taken = engine::catch_up(*store_, *mirror);
  if (!taken || !*taken) throw std::runtime_error(taken ? "the mirror tells nothing new" : describe(taken.error()));
}

std::string told(const Result<engine::SyncReport>& report) {
  if (!report) return describe(report.error());
  std::string text = report->outcome + "\n";
  for (const auto& object : report->objects)
    if (object.outcome != "done") text += object.address + " " + object.action + " " + object.outcome + ": " + object.error + "\n";
  return text;
}

std::string told(const Result<failover::TurnoverReport>& report) {
  if (!report) return describe(report.error());
  std::string text = report->outcome + "\n";
  for (const auto& turned : report->turned)
    text += turned.action + " " + turned.address + " " + turned.outcome + " " + turned.error + "\n";
  for (const auto& finding : report->findings) text += finding.address + " " + finding.message + "\n";
  return text;
}

std::string told(const Result<failover::DrillReport>& report) {
  if (!report) return describe(report.error());
  std::string text = report->outcome + "\n";
  for (const auto& run : report->runs) text += run.name + " " + run.result + " " + run.because + "\n";
  for (const auto& finding : report->findings) text += finding.address + " " + finding.message + "\n";
  return text;
}

std::vector<std::string> live_triggers(simulator::Region& region) {
  std::vector<std::string> live;
  const json world = region.world();
  for (const json& trigger : world.at("live_job_triggers"))
    live.push_back(text_at(trigger, "/name") + ": " + text_at(trigger, "/trigger"));
  return live;
}

std::vector<std::string> running_compute(simulator::Region& region) {
  std::vector<std::string> running;
  const json world = region.world();
  const auto collect = [&](const char* list, const char* name, const std::set<std::string>& stopped) {
    for (const json& item : world.at(list))
      if (!stopped.contains(text_at(item, "/state"))) running.push_back(text_at(item, name));
  };
  collect("clusters", "/cluster_name", {"TERMINATED", "TERMINATING"});
  collect("warehouses", "/name", {"STOPPED", "STOPPING"});
  collect("pipelines", "/name", {"IDLE"});
  return running;
}

}  // namespace twinlake::test
