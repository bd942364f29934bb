#include "workspace/connection.h"

#include "http/throttle.h"

namespace twinlake::workspace {

namespace {

/// A login host: retried for a while, no limits of ours, no credentials of the workspace.
class LoginTransport final : public http::Transport {
 public:
  LoginTransport(Loop& loop, std::unique_ptr<http::Transport> wire, Micros budget)
      : wire_(std::move(wire)), retrying_(loop, *wire_, at_most(budget)) {}
  Task<Result<http::Response>> send(http::Request request) override {
    return retrying_.send(std::move(request));
  }

 private:
  static http::RetryOptions at_most(Micros budget) {
    http::RetryOptions options;
    options.budget = budget;
    options.throttled_budget = std::chrono::minutes(1);
    return options;
  }
  std::unique_ptr<http::Transport> wire_;
  http::RetryingTransport retrying_;
};

}  // namespace

OpenTransport open_by_curl(Loop& loop, http::CurlEngine& engine, const ConnectOptions& options) {
  return [&loop, &engine, ca_file = options.ca_file, agent = options.user_agent](
             const std::string& url, bool metadata) -> Result<std::unique_ptr<http::Transport>> {
    http::CurlOptions curl(url);
    curl.ca_file = ca_file;
    curl.user_agent = agent;
    curl.metadata_service = metadata;
    if (metadata) {
      // Off Azure nothing answers there: tell soon.
      curl.connect_timeout = std::chrono::seconds(2);
      curl.inactivity_timeout = std::chrono::seconds(10);
    }
    TRY(auto wire, http::make_curl_transport(engine, std::move(curl)));
    const Micros budget = metadata ? Micros(std::chrono::seconds(4)) : std::chrono::minutes(1);
    return std::make_unique<LoginTransport>(loop, std::move(wire), budget);
  };
}

namespace {

/// TWINLAKE_LIMITS=off: the service keeps to no published limits, as a simulator without them.
std::span<const http::Lane> lanes_for(const ConnectOptions& options) {
  const bool off = options.environment && options.environment("TWINLAKE_LIMITS") == "off";
  return off ? http::lanes_without_rates() : http::lanes();
}

std::unique_ptr<http::LaneLedger> ledger_for(const Loop& loop, std::span<const http::Lane> table,
                                             const ConnectOptions& options) {
  if (!options.budget) return nullptr;
  const SharedBudget& budget = *options.budget;
  http::SharedLedgerOptions shared;
  shared.file = budget.folder + "/" + http::shared_ledger_name(budget.workspace, table);
  shared.on_trouble = budget.on_trouble;
  return http::make_shared_ledger(loop, table, std::move(shared));
}

}  // namespace

// The order, from the caller to the wire:
//   guard         nothing forbidden gets any further
//   retry         each attempt below it pays its way again and carries fresh credentials
//   authenticate  a refused token is renewed without using up an attempt
//   throttle      every request on the wire, the repeated ones too, takes its place in its lane
//   count         what really went over the wire
//   curl
Result<Connection> connect_over(Loop& loop, std::unique_ptr<http::Transport> wire,
                                const OpenTransport& open, const Profile& profile,
                                const ConnectOptions& options) {
  Connection made;
  made.host_ = profile.host;
  made.wire_ = std::move(wire);
  made.counting_ = std::make_unique<http::CountingTransport>(*made.wire_);
  const std::span<const http::Lane> table = lanes_for(options);
  made.ledger_ = ledger_for(loop, table, options);
  http::ThrottleOptions throttle;
  throttle.most = options.most_of_published;
  throttle.ledger = made.ledger_.get();
  made.throttled_ =
      std::make_unique<http::ThrottledTransport>(loop, *made.counting_, table, throttle);
  TRY(made.credentials_, make_credentials(loop, profile, options.environment, open));
  made.authenticated_ =
      std::make_unique<AuthenticatedTransport>(*made.throttled_, *made.credentials_);
  made.retrying_ =
      std::make_unique<http::RetryingTransport>(loop, *made.authenticated_, options.retry);
  made.guard_ =
      std::make_unique<http::EffectGuard>(*made.retrying_, options.allowed, options.why_not_more);
  if (options.may_execute) made.guard_->allow_execution();
  return made;
}

Result<Connection> connect(Loop& loop, http::CurlEngine& engine, const Profile& profile,
                           const ConnectOptions& options) {
  http::CurlOptions curl(profile.host);
  curl.ca_file = options.ca_file;
  curl.user_agent = options.user_agent;
  TRY(auto wire, http::make_curl_transport(engine, std::move(curl)));
  return connect_over(loop, std::move(wire), open_by_curl(loop, engine, options), profile, options);
}

}  // namespace twinlake::workspace
