#include "simulator/server.h"

#include <future>
#include <optional>
#include <sstream>
#include <system_error>
#include <thread>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>

namespace twinlake::simulator {

namespace {
namespace asio = boost::asio;
namespace beast = boost::beast;
namespace bhttp = boost::beast::http;
using tcp = asio::ip::tcp;
using Stream = beast::tcp_stream;
using TlsStream = beast::ssl_stream<Stream>;
using BeastRequest = bhttp::request<bhttp::string_body>;
using BeastResponse = bhttp::response<bhttp::string_body>;

std::int64_t wall_clock_micros() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

/// What the connections of one address share. Lives as long as the engine.
struct Listening {
  Region& region;
  ListenOptions options;
  tcp::acceptor acceptor;
  std::optional<asio::ssl::context> tls;
};

std::string text(beast::string_view view) { return {view.data(), view.size()}; }

std::optional<http::Request> request_from(BeastRequest& from, bool tls) {
  const auto method = http::method_from(text(from.method_string()));
  if (!method) return std::nullopt;
  const std::string target = text(from.target());
  const std::size_t question = target.find('?');
  http::Request request(*method, target.substr(0, question));
  if (question != std::string::npos)
    request.query = http::decode_query(target.substr(question + 1));
  for (const auto& header : from)
    request.headers.emplace_back(text(header.name_string()), text(header.value()));
  // The region builds links to itself and cannot see how the client came.
  request.headers.emplace_back("X-Forwarded-Proto", tls ? "https" : "http");
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

tcp::socket& socket_of(Stream& stream) { return stream.socket(); }
tcp::socket& socket_of(TlsStream& stream) { return beast::get_lowest_layer(stream).socket(); }

/// One connection, one request at a time. Keeps itself alive through its pending operation.
template <class Connection>
class Session : public std::enable_shared_from_this<Session<Connection>> {
 public:
  template <class... Arguments>
  explicit Session(Listening& listening, Arguments&&... arguments)
      : listening_(listening),
        stream_(std::forward<Arguments>(arguments)...),
        timer_(stream_.get_executor()) {}

  void start() {
    if constexpr (std::is_same_v<Connection, TlsStream>)
      stream_.async_handshake(asio::ssl::stream_base::server,
                              [self = this->shared_from_this()](beast::error_code problem) {
                                if (!problem) self->read();
                              });
    else
      read();
  }

 private:
  void read() {
    parser_.emplace();
    parser_->body_limit(listening_.options.body_limit);
    parser_->header_limit(64 * 1024);  // page tokens and filters may be long
    bhttp::async_read_header(
        stream_, buffer_, *parser_,
        [self = this->shared_from_this()](beast::error_code problem, std::size_t) {
          if (problem) return self->on_request(problem);
          self->welcome();
        });
  }

  /// A client with a large body may wait for leave to send it.
  void welcome() {
    if (!beast::iequals(parser_->get()[bhttp::field::expect], "100-continue")) return read_body();
    static constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
    asio::async_write(stream_, asio::buffer(go_on.data(), go_on.size()),
                      [self = this->shared_from_this()](beast::error_code problem, std::size_t) {
                        if (!problem) self->read_body();
                      });
  }

  void read_body() {
    bhttp::async_read(stream_, buffer_, *parser_,
                      [self = this->shared_from_this()](beast::error_code problem, std::size_t) {
                        self->on_request(problem);
                      });
  }

  void on_request(beast::error_code problem) {
    if (problem == bhttp::error::body_limit) return refuse(413, "The body is too large.");
    if (problem == bhttp::error::end_of_stream) return close();
    if (problem) return;
    request_ = parser_->release();
    auto request = request_from(request_, std::is_same_v<Connection, TlsStream>);
    if (!request) return refuse(501, "Unknown method.");
    in_flight_.emplace(listening_.region);
    outcome_ = listening_.region.serve(*request, wall_clock_micros());
    const auto wait = listening_.options.latency + outcome_.extra_delay;
    if (wait.count() <= 0) return deliver();
    timer_.expires_after(wait);
    timer_.async_wait([self = this->shared_from_this()](beast::error_code stopped) {
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
    response_ = response_from(outcome_.response, request_);
    serializer_.emplace(response_);
    const auto done = [self = this->shared_from_this()](beast::error_code problem, std::size_t) {
      self->in_flight_.reset();
      if (problem) return;
      if (self->response_.need_eof() || !self->request_.keep_alive()) return self->close();
      self->read();
    };
    if (request_.method() == bhttp::verb::head)
      bhttp::async_write_header(stream_, *serializer_, done);
    else
      bhttp::async_write(stream_, *serializer_, done);
  }

  /// Promises the whole length and sends half of it.
  void write_half() {
    response_ = response_from(outcome_.response, request_);
    const std::size_t kept = response_.body().size() / 2;
    std::ostringstream whole;
    whole << response_.base() << response_.body().substr(0, kept);
    half_ = whole.str();
    asio::async_write(
        stream_, asio::buffer(half_),
        [self = this->shared_from_this()](beast::error_code, std::size_t) { self->reset(); });
  }

  /// The connection ends without a farewell, as when a machine is gone.
  void reset() {
    in_flight_.reset();
    beast::error_code ignored;
    socket_of(stream_).close(ignored);
  }

  void close() {
    in_flight_.reset();
    beast::error_code ignored;
    socket_of(stream_).shutdown(tcp::socket::shutdown_send, ignored);
  }

  Listening& listening_;
  Connection stream_;
  asio::steady_timer timer_;
  beast::flat_buffer buffer_;
  std::optional<bhttp::request_parser<bhttp::string_body>> parser_;
  BeastRequest request_;
  Outcome outcome_;
  BeastResponse response_;
  std::optional<bhttp::response_serializer<bhttp::string_body>> serializer_;
  std::optional<InFlight> in_flight_;
  std::string half_;
};

void accept_next(Listening& listening) {
  listening.acceptor.async_accept([&listening](beast::error_code problem, tcp::socket socket) {
    if (problem == asio::error::operation_aborted) return;
    if (!problem) {
      beast::error_code ignored;
      socket.set_option(tcp::no_delay(true), ignored);
      if (listening.tls)
        std::make_shared<Session<TlsStream>>(listening, std::move(socket), *listening.tls)->start();
      else
        std::make_shared<Session<Stream>>(listening, std::move(socket))->start();
    }
    accept_next(listening);
  });
}

tcp::acceptor open(asio::io_context& context, const ListenOptions& options) {
  const tcp::endpoint endpoint(asio::ip::make_address(options.address), options.port);
  return tcp::acceptor(context, endpoint, /*reuse_addr=*/true);
}

std::optional<asio::ssl::context> tls_context(const ListenOptions& options) {
  if (options.certificate_file.empty() || options.key_file.empty()) return std::nullopt;
  asio::ssl::context tls(asio::ssl::context::tls_server);
  tls.use_certificate_chain_file(options.certificate_file);
  tls.use_private_key_file(options.key_file, asio::ssl::context::pem);
  return tls;
}
}  // namespace

struct Server::Engine {
  asio::io_context context{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{context.get_executor()};
  std::vector<std::unique_ptr<Listening>> listenings;
  std::thread thread{[this] { context.run(); }};
};

Server::Server() : engine_(std::make_unique<Engine>()) {}

Server::~Server() {
  engine_->context.stop();
  engine_->thread.join();
}

void Server::run(const std::function<void()>& function) {
  std::promise<void> finished;
  asio::post(engine_->context, [&] {
    try {
      function();
      finished.set_value();
    } catch (...) {
      finished.set_exception(std::current_exception());
    }
  });
  finished.get_future().get();
}

std::uint16_t Server::listen(Region& region, const ListenOptions& options) try {
  std::uint16_t port = 0;
  run([&] {
    auto listening = std::make_unique<Listening>(
        Listening{region, options, open(engine_->context, options), tls_context(options)});
    port = listening->acceptor.local_endpoint().port();
    accept_next(*listening);
    engine_->listenings.push_back(std::move(listening));
  });
  return port;
} catch (const boost::system::system_error& problem) {
  throw std::system_error(problem.code(), "cannot listen on " + options.address);
}

}  // namespace twinlake::simulator
