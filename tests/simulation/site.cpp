#include "simulation/site.h"

#include "simulator/faults.h"
#include "simulator/identity/auth.h"

namespace twinlake::simulation {

using nlohmann::json;

/// A region that knows when it may have changed: a history looks at it far more often than it asks it for anything.
class Site::Seen final : public simulator::Region {
 public:
  using Region::Region;
  simulator::Outcome serve(const http::Request& request, std::int64_t now_micros) override {
    sight_.reset();
    return Region::serve(request, now_micros);
  }
  std::shared_ptr<Sight> look() {
    if (!sight_) sight_ = std::make_shared<Sight>(world());
    return sight_;
  }

 private:
  std::shared_ptr<Sight> sight_;
};

/// Hands over to the region, and lets the watcher see it.
class Site::Wire final : public http::Transport {
 public:
  Wire(Site& site, Side side) : site_(site), side_(side) {}
  Task<Result<http::Response>> send(http::Request request) override {
    // A dead program sends nothing, and nothing that is under way ever wakes it.
    if (site_.dying_) co_await std::suspend_always();
    if (site_.watcher_ != nullptr) site_.watcher_->before(side_, request);
    if (site_.dying_) co_await std::suspend_always();
    http::Request sent = request;
    auto answer = co_await site_.transports_.at(at(side_))->send(std::move(request));
    if (site_.watcher_ != nullptr) site_.watcher_->after(side_, sent, answer);
    if (site_.dying_) co_await std::suspend_always();
    co_return answer;
  }

 private:
  Site& site_;
  Side side_;
};

namespace {

simulator::RegionOptions options_of(Side side, std::uint64_t seed) {
  simulator::RegionOptions options;
  const bool is_home = side == Side::home;
  options.name = is_home ? "home" : "away";
  options.workspace_id = is_home ? 1111111111111111 : 2222222222222222;
  options.seed = seed * 2 + (is_home ? 0U : 1U);
  // Some histories log in with OAuth, whose tokens expire in the middle of them.
  options.token_seconds = 300;
  options.credentials.push_back(simulator::Credential{.client_id = Site::client_id, .secret = Site::client_secret});
  return options;
}

}  // namespace

Site::Site(std::uint64_t seed) : loop_(std::make_unique<Loop>(Loop::Clock::virtual_time, seed)) {
  loop_->between_events([this] { look(); });
  for (const Side side : {Side::home, Side::away}) {
    regions_.at(at(side)) = std::make_unique<Seen>(options_of(side, seed));
    transports_.at(at(side)) = std::make_unique<simulator::InProcessTransport>(*loop_, region(side), Millis(side == Side::home ? 5 : 7));
    wires_.at(at(side)) = std::make_unique<Wire>(*this, side);
  }
}

Site::~Site() = default;

simulator::Region& Site::region(Side side) { return *regions_.at(at(side)); }
std::shared_ptr<Sight> Site::look_at(Side side) { return regions_.at(at(side))->look(); }
http::Transport& Site::wire(Side side) { return *wires_.at(at(side)); }

bool Site::is_lost(Side side) { return region(side).faults().in_outage(now().count() / 1000); }

json Site::ask(Side side, std::string_view method, std::string path, const json& body) {
  simulator::Region& asked = region(side);
  http::Request request(*http::method_from(method), path);
  if (const std::size_t question = path.find('?'); question != std::string::npos) {
    request.path = path.substr(0, question);
    request.query = http::decode_query(path.substr(question + 1));
  }
  request.headers.emplace_back("Authorization", "Bearer " + asked.options().token);
  if (!body.is_null()) {
    request.body = body.dump();
    request.content_type = "application/json";
  }
  // What is broken is broken for our programs: people's calls are no part of the history.
  const simulator::Faults faults = asked.faults();
  const bool is_late = asked.options().eventual_consistency;
  asked.faults() = simulator::Faults();
  asked.set_eventual_consistency(false);
  const http::Response response = asked.handle(request, now().count());
  asked.faults() = faults;
  asked.set_eventual_consistency(is_late);
  if (!response.ok()) throw std::runtime_error(std::string(method) + " " + path + ": " + std::to_string(response.status) + " " + response.body);
  return response.body.empty() ? json::object() : json::parse(response.body, nullptr, false);
}

void Site::look() {
  if (dying_) throw Killed();
  if (events_left_ && (*events_left_)-- == 0) throw Killed();
}

void Site::end_programs() {
  loop_->forget_everything();
  dying_ = false;
  events_left_.reset();
}

}  // namespace twinlake::simulation
