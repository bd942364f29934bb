#include "support/lab.h"

#include "base/json_path.h"
#include "http/message.h"
#include "model/kind.h"
#include "workspace/connection.h"

namespace twinlake::test {

using nlohmann::json;

Task<Result<http::Response>> Wire::send(http::Request request) {
  if (*life && **life <= 0) throw Killed();
  ++log.total;
  std::string line = std::string(http::name_of(request.method)) + " " + request.path;
  const bool is_write = request.effect != http::Effect::reads;
  ++log.by_route[line];
  auto answer = co_await inner_.send(std::move(request));
  if (is_write && answer && answer->ok()) log.writes.push_back(std::move(line));
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

}  // namespace

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
  }
}

void Lab::reset_logs() {
  primary_wire_->log = {};
  secondary_wire_->log = {};
}

json Lab::ask(simulator::Region& region, std::string_view method, std::string path, const json& body) {
  http::Request request(*http::method_from(method), path);
  if (const std::size_t question = path.find('?'); question != std::string::npos) {
    request.path = path.substr(0, question);
    request.query = http::decode_query(path.substr(question + 1));
  }
  request.headers.emplace_back("Authorization", "Bearer " + region.options().token);
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

json Lab::primary(std::string_view method, std::string path, const json& body) { return ask(*home_, method, std::move(path), body); }
json Lab::secondary(std::string_view method, std::string path, const json& body) { return ask(*away_, method, std::move(path), body); }

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
  auto primary = connect_wire(lab.loop(), lab.primary_wire(), lab.home(), http::Effect::reads, lab.rules.observe.primary.has_value(), oauth);
  auto secondary = connect_wire(lab.loop(), lab.secondary_wire(), lab.away(), http::Effect::writes, lab.rules.observe.secondary.has_value(), oauth);
  if (!primary || !secondary) throw std::runtime_error("cannot connect");
  return Run{lab.loop(), Connections{std::move(*primary), std::move(*secondary)}, nullptr, nullptr, nullptr};
}

void enter_both(Run& run, Lab& lab, events::Sink& sink) {
  run.primary = run.loop.run(enter(&run.loop, model::Side::home, &run.connections.primary));
  run.secondary = run.loop.run(enter(&run.loop, model::Side::away, &run.connections.secondary));
  for (workspace::Workspace* side : {run.primary.get(), run.secondary.get()}) side->give(lab.given);
  static const std::vector<const model::Kind*> all = kinds::all();
  run.session = std::make_unique<engine::Session>(run.loop, all, *run.primary, *run.secondary, lab.store(), sink, lab.rules);
}

}  // namespace

Result<engine::SyncReport> Lab::sync() {
  Run run = make_run(*this);
  enter_both(run, *this, *sink_);
  return loop_->run(run.session->sync({}));
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

bool Lab::sync_killed_after(int exchanges) {
  *primary_wire_->life = exchanges;
  try {
    const auto report = sync();
    *primary_wire_->life = std::nullopt;
    return true;
  } catch (const Killed&) {
    restart();
    return false;
  }
}

std::string told(const Result<engine::SyncReport>& report) {
  if (!report) return describe(report.error());
  std::string text = report->outcome + "\n";
  for (const auto& object : report->objects)
    if (object.outcome != "done") text += object.address + " " + object.action + " " + object.outcome + ": " + object.error + "\n";
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
