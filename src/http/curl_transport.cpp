#include "http/curl_transport.h"

#include <algorithm>
#include <cctype>

#include "http/curl_engine.h"
#include "http/curl_exchange.h"

namespace twinlake::http {

namespace {

/// An IPv4 address in dotted form whose first numbers are `prefix` ("127." or "169.254.").
bool is_ipv4_in(std::string_view host, std::string_view prefix) {
  const bool numeric = std::all_of(host.begin(), host.end(),
                                   [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
  return numeric && host.starts_with(prefix) && std::count(host.begin(), host.end(), '.') == 3;
}

bool is_loopback(std::string_view host) {
  return host == "localhost" || host == "[::1]" || is_ipv4_in(host, "127.");
}

/// "host[:port]" of a URL without path, or an error that says what is wrong with it.
Result<std::string> authority_of(std::string_view url, std::string_view scheme) {
  const std::string_view rest = url.substr(scheme.size());
  if (rest.empty() || rest.front() == ':')
    return fail(Fault::config, "no host name in " + std::string(url));
  if (rest.find('@') != std::string_view::npos)
    return fail(Fault::config, "a host must not contain a user name or password");
  if (rest.find_first_of("/?#\\ \t\r\n\"<>%") != std::string_view::npos)
    return fail(Fault::config, "a host must be scheme, name and port only: " + std::string(url));
  return std::string(rest);
}

std::string_view without_port(std::string_view authority) {
  if (authority.starts_with('[')) return authority.substr(0, authority.find(']') + 1);
  return authority.substr(0, authority.find(':'));
}

Result<void> check(std::string_view url, bool link_local_too) {
  if (url.starts_with("https://")) {
    CHECK(authority_of(url, "https://"));
    return {};
  }
  if (!url.starts_with("http://"))
    return fail(Fault::config, "a host must begin with https://: " + std::string(url));
  TRY(const std::string authority, authority_of(url, "http://"));
  const std::string_view host = without_port(authority);
  if (is_loopback(host) || (link_local_too && is_ipv4_in(host, "169.254."))) return {};
  return fail(Fault::config,
              "plain http is allowed to this machine only, not to " + std::string(host),
              "use https://" + authority);
}

bool is_printable(std::string_view text, bool blanks) {
  return std::all_of(text.begin(), text.end(), [blanks](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte > 0x20 ? byte != 0x7f : (blanks && (c == ' ' || c == '\t'));
  });
}

/// Line breaks in a header or blanks in a path would make two requests out of one.
Result<void> check_request(const Request& request) {
  if (!request.path.starts_with('/') || !is_printable(request.path, false) ||
      request.path.find_first_of("?#") != std::string::npos)
    return fail(Fault::bug, "a request path must be encoded and without query: " + request.path);
  if (!is_printable(request.raw_query, false) || request.raw_query.find('#') != std::string::npos)
    return fail(Fault::bad_answer, "a link of the service cannot be followed: " + request.path);
  for (const auto& [name, value] : request.headers)
    if (name.empty() || !is_printable(name, false) || !is_printable(value, true))
      return fail(Fault::invalid,
                  "the header " + name + " contains characters that cannot be sent");
  return {};
}

/// Waits for an exchange; destroyed early (with its coroutine) it abandons it.
class Flight {
 public:
  Flight(std::shared_ptr<CurlEngine::Impl> engine, std::shared_ptr<Exchange> exchange)
      : engine_(std::move(engine)), exchange_(std::move(exchange)) {}
  ~Flight() {
    if (!submitted_ || exchange_->done) return;
    exchange_->waiter = {};
    exchange_->abandoned.store(true);
    engine_->wake();
  }
  Flight(const Flight&) = delete;
  Flight& operator=(const Flight&) = delete;

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> self) {
    exchange_->waiter = self;
    submitted_ = true;
    engine_->submit(exchange_);
  }
  Result<Response> await_resume() { return std::move(exchange_->outcome); }

 private:
  std::shared_ptr<CurlEngine::Impl> engine_;
  std::shared_ptr<Exchange> exchange_;
  bool submitted_ = false;
};

class CurlTransport final : public Transport {
 public:
  CurlTransport(std::unique_ptr<CurlEngine> own, std::shared_ptr<CurlEngine::Impl> engine,
                CurlOptions options)
      : own_(std::move(own)),
        engine_(std::move(engine)),
        options_(std::make_shared<const CurlOptions>(std::move(options))) {}

  Task<Result<Response>> send(Request request) override {
    CO_CHECK(check_request(request));
    Flight flight(engine_, std::make_shared<Exchange>(options_, std::move(request)));
    co_return co_await flight;
  }

 private:
  std::unique_ptr<CurlEngine> own_;  // only when it is not shared with other hosts
  std::shared_ptr<CurlEngine::Impl> engine_;
  std::shared_ptr<const CurlOptions> options_;
};

Result<void> check_options(CurlOptions& options) {
  if (options.base_url.ends_with('/')) options.base_url.pop_back();
  return check(options.base_url, options.metadata_service);
}

}  // namespace

Result<void> check_host(std::string_view url) { return check(url, false); }
Result<void> check_metadata_host(std::string_view url) { return check(url, true); }

Result<std::unique_ptr<Transport>> make_curl_transport(CurlEngine& engine, CurlOptions options) {
  CHECK(check_options(options));
  return std::make_unique<CurlTransport>(nullptr, engine.impl(), std::move(options));
}

Result<std::unique_ptr<Transport>> make_curl_transport(Loop& loop, CurlOptions options) {
  CHECK(check_options(options));
  auto engine = std::make_unique<CurlEngine>(loop);
  auto impl = engine->impl();
  return std::make_unique<CurlTransport>(std::move(engine), std::move(impl), std::move(options));
}

}  // namespace twinlake::http
