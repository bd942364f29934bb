#include "simulator/server/server_session.h"

#include <optional>
#include <sstream>
#include <string>
#include <utility>

#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include "simulator/router.h"

namespace twinlake::simulator {

namespace {
namespace asio = boost::asio;
namespace beast = boost::beast;
namespace bhttp = boost::beast::http;
using BeastRequest = bhttp::request<bhttp::string_body>;
using BeastResponse = bhttp::response<bhttp::string_body>;

std::int64_t wall_clock_micros() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::string text(beast::string_view view) { return {view.data(), view.size()}; }

std::optional<http::Request> request_from(BeastRequest& from, bool secure) {
  const auto method = http::method_from(text(from.method_string()));
  if (!method) return std::nullopt;
  const std::string target = text(from.target());
  const std::size_t question = target.find('?');
  http::Request request(*method, target.substr(0, question));
  if (question != std::string::npos)
    request.query = http::decode_query(target.substr(question + 1));
  for (const auto& header : from)
    request.headers.emplace_back(text(header.name_string()), text(header.value()));
  // The host builds links to itself and cannot see how the client came.
  request.headers.emplace_back("X-Forwarded-Proto", secure ? "https" : "http");
  request.content_type = text(from[bhttp::field::content_type]);
  request.body = std::move(from.body());
  return request;
}

BeastResponse response_from(http::Response& from, const BeastRequest& request) {
  BeastResponse response(static_cast<bhttp::status>(from.status), request.version());
  bool has_length = false;
  for (const auto& [name, value] : from.headers) {
    if (beast::iequals(name, "Content-Length")) has_length = true;
    response.insert(name, value);
  }
  response.keep_alive(request.keep_alive());
  response.body() = std::move(from.body);
  // The answer to HEAD names the length of what GET would give.
  if (request.method() == bhttp::verb::head && has_length) return response;
  if (from.status == 204) response.erase(bhttp::field::content_type);
  response.prepare_payload();
  if (request.method() == bhttp::verb::head) response.body().clear();
  return response;
}

/// Keeps itself alive through its pending operation.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(const Served& served, std::unique_ptr<Wire> wire)
      : served_(served), wire_(std::move(wire)), timer_(wire_->socket().get_executor()) {}

  void start() {
    wire_->begin([self = shared_from_this()](Wire::Problem problem) {
      if (!problem) self->read();
    });
  }

 private:
  void read() {
    parser_.emplace();
    parser_->body_limit(served_.body_limit);
    parser_->header_limit(64 * 1024);  // page tokens and filters may be long
    parse();
  }

  /// Feeds what has come to the parser: first up to the end of the header, then the body.
  void parse() {
    while (!parser_->is_done() && buffer_.size() > 0) {
      Wire::Problem problem;
      buffer_.consume(parser_->put(buffer_.data(), problem));
      if (problem == bhttp::error::need_more) return read_more();
      if (problem) return on_request(problem);
      if (parser_->is_header_done() && !parser_->eager()) return welcome();
    }
    if (parser_->is_done()) return on_request({});
    read_more();
  }

  void read_more() {
    wire_->read_some(buffer_.prepare(std::size_t{64} * 1024),
                     [self = shared_from_this()](Wire::Problem problem, std::size_t size) {
                       if (problem == asio::error::eof) return self->close();
                       if (problem) return;
                       self->buffer_.commit(size);
                       self->parse();
                     });
  }

  /// A client with a large body may wait for leave to send it.
  void welcome() {
    parser_->eager(true);
    if (!beast::iequals(parser_->get()[bhttp::field::expect], "100-continue")) return parse();
    static constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
    wire_->write({asio::buffer(go_on.data(), go_on.size()), asio::const_buffer()},
                 [self = shared_from_this()](Wire::Problem problem, std::size_t) {
                   if (!problem) self->parse();
                 });
  }

  void on_request(Wire::Problem problem) {
    if (problem == bhttp::error::body_limit) return refuse(413, "The body is too large.");
    if (problem) return;
    request_ = parser_->release();
    auto request = request_from(request_, wire_->secure());
    if (!request) return refuse(501, "Unknown method.");
    in_flight_.emplace(served_.host);
    outcome_ = served_.host.serve(*request, wall_clock_micros());
    const auto wait = served_.latency + outcome_.extra_delay;
    if (wait.count() <= 0) return deliver();
    timer_.expires_after(wait);
    timer_.async_wait([self = shared_from_this()](Wire::Problem stopped) {
      if (!stopped) self->deliver();
    });
  }

  void refuse(int status, std::string message) {
    outcome_ = Outcome{};
    outcome_.response = error(status, "BAD_REQUEST", std::move(message));
    request_.keep_alive(false);  // what is left of the body would be taken for the next request
    deliver();
  }

  void deliver() {
    switch (outcome_.delivery) {
      case Delivery::answer: return write();
      case Delivery::truncated: return write_half();
      case Delivery::unreachable:
      case Delivery::lost_before_work:
      case Delivery::lost_after_work: return reset();
    }
  }

  void write() {
    prepare();
    wire_->write({asio::buffer(head_), asio::buffer(response_.body())},
                 [self = shared_from_this()](Wire::Problem problem, std::size_t) {
                   self->in_flight_.reset();
                   if (problem) return;
                   if (self->response_.need_eof() || !self->request_.keep_alive())
                     return self->close();
                   self->read();
                 });
  }

  /// Promises the whole length and sends half of it.
  void write_half() {
    prepare();
    wire_->write({asio::buffer(head_), asio::buffer(response_.body(), response_.body().size() / 2)},
                 [self = shared_from_this()](Wire::Problem, std::size_t) { self->reset(); });
  }

  void prepare() {
    response_ = response_from(outcome_.response, request_);
    std::ostringstream head;
    head << response_.base();
    head_ = std::move(head).str();
  }

  /// The connection ends without a farewell, as when a machine is gone.
  void reset() {
    in_flight_.reset();
    Wire::Problem ignored;
    (void)wire_->socket().close(ignored);
  }

  void close() {
    in_flight_.reset();
    Wire::Problem ignored;
    (void)wire_->socket().shutdown(Wire::Socket::shutdown_send, ignored);
  }

  const Served& served_;
  std::unique_ptr<Wire> wire_;
  asio::steady_timer timer_;
  beast::flat_buffer buffer_;
  std::optional<bhttp::request_parser<bhttp::string_body>> parser_;
  BeastRequest request_;
  Outcome outcome_;
  BeastResponse response_;
  std::string head_;
  std::optional<InFlight> in_flight_;
};
}  // namespace

void start_session(const Served& served, std::unique_ptr<Wire> wire) {
  std::make_shared<Session>(served, std::move(wire))->start();
}

}  // namespace twinlake::simulator
