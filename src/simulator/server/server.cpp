#include "simulator/server/server.h"

#include <exception>
#include <future>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>

#include "simulator/server/server_session.h"

namespace twinlake::simulator {

namespace {
namespace asio = boost::asio;
using tcp = asio::ip::tcp;

/// Lives as long as the engine.
struct Listening {
  Served served;
  tcp::acceptor acceptor;
  std::optional<asio::ssl::context> tls;
};

void accept_next(Listening& listening) {
  listening.acceptor.async_accept([&listening](Wire::Problem problem, tcp::socket socket) {
    if (problem == asio::error::operation_aborted) return;
    if (!problem) {
      Wire::Problem ignored;
      (void)socket.set_option(tcp::no_delay(true), ignored);
      start_session(listening.served, listening.tls ? tls_wire(std::move(socket), *listening.tls)
                                                    : plain_wire(std::move(socket)));
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
  // Kept here and not in the promise: so only this thread ever holds it when it is read and freed.
  // (How libstdc++ counts the holders of an exception is hidden from the thread sanitizer.)
  std::exception_ptr thrown;
  std::promise<void> finished;
  asio::post(engine_->context, [&] {
    try {
      function();
    } catch (...) {
      thrown = std::current_exception();
    }
    finished.set_value();
  });
  finished.get_future().get();
  if (thrown) std::rethrow_exception(std::move(thrown));
}

std::uint16_t Server::listen(Host& host, const ListenOptions& options) try {
  std::uint16_t port = 0;
  run([&] {
    auto listening =
        std::make_unique<Listening>(Listening{{host, options.latency, options.body_limit},
                                              open(engine_->context, options),
                                              tls_context(options)});
    port = listening->acceptor.local_endpoint().port();
    accept_next(*listening);
    engine_->listenings.push_back(std::move(listening));
  });
  return port;
} catch (const boost::system::system_error& problem) {
  throw std::system_error(problem.code(), "cannot listen on " + options.address);
}

}  // namespace twinlake::simulator
