#pragma once
// For tests: a small HTTP server of plain sockets on 127.0.0.1 that behaves as badly as told.
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace twinlake::http {

/// One connection, served on a thread of its own.
class Peer {
 public:
  Peer(int socket, int number) : socket_(socket), number_(number) {}

  /// The whole next request (head and body); nothing when the client has closed.
  std::optional<std::string> read_request() {
    for (;;) {
      const std::size_t head = buffer_.find("\r\n\r\n");
      if (head != std::string::npos) {
        const std::size_t whole = head + 4 + body_length(std::string_view(buffer_).substr(0, head));
        if (buffer_.size() >= whole) {
          std::string request = buffer_.substr(0, whole);
          buffer_.erase(0, whole);
          return request;
        }
      }
      char bytes[64 * 1024];
      const ssize_t got = recv(socket_, bytes, sizeof bytes, 0);
      if (got <= 0) return std::nullopt;
      buffer_.append(bytes, static_cast<std::size_t>(got));
    }
  }
  void write(std::string_view text) {
    while (!text.empty()) {
      const ssize_t sent = send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  void answer(int status, std::string_view body, std::string_view headers = "") {
    write("HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Length: " +
          std::to_string(body.size()) + "\r\n" + std::string(headers) + "\r\n" + std::string(body));
  }
  /// Waits until the client closes, or the test ends.
  void hang() {
    while (read_request()) {
    }
  }
  /// Which connection of the server this is, from 1.
  [[nodiscard]] int number() const { return number_; }

 private:
  static std::size_t body_length(std::string_view head) {
    const std::size_t at = head.find("Content-Length: ");
    return at == std::string_view::npos ? 0 : std::stoul(std::string(head.substr(at + 16, 20)));
  }
  int socket_;
  int number_;
  std::string buffer_;
};

class LoopbackServer {
 public:
  using Serve = std::function<void(Peer&)>;

  explicit LoopbackServer(Serve serve) : serve_(std::move(serve)) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof address;
    if (bind(listener_, generic, size) != 0 || listen(listener_, 128) != 0 ||
        getsockname(listener_, generic, &size) != 0)
      throw std::runtime_error("no loopback server");
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { accept_all(); });
  }
  ~LoopbackServer() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    {
      const std::lock_guard lock(mutex_);
      for (const int open : sockets_) shutdown(open, SHUT_RDWR);
    }
    for (std::thread& worker : workers_) worker.join();
    close(listener_);
    for (const int open : sockets_) close(open);
  }
  LoopbackServer(const LoopbackServer&) = delete;
  LoopbackServer& operator=(const LoopbackServer&) = delete;

  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] int connections() {
    const std::lock_guard lock(mutex_);
    return static_cast<int>(sockets_.size());
  }

 private:
  void accept_all() {
    for (;;) {
      const int socket = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (socket < 0) return;
      const std::lock_guard lock(mutex_);
      sockets_.push_back(socket);
      workers_.emplace_back([this, socket, number = static_cast<int>(sockets_.size())] {
        Peer peer(socket, number);
        serve_(peer);
        // The descriptor stays until the end, so that its number is not given to another one.
        shutdown(socket, SHUT_RDWR);
      });
    }
  }

  Serve serve_;
  int listener_ = -1;
  int port_ = 0;
  std::thread thread_;
  std::mutex mutex_;
  std::vector<int> sockets_;
  std::list<std::thread> workers_;
};

/// What a server saw, shared by its threads.
class Log {
 public:
  void add(std::string text) {
    const std::lock_guard lock(mutex_);
    lines_.push_back(std::move(text));
  }
  [[nodiscard]] std::vector<std::string> lines() {
    const std::lock_guard lock(mutex_);
    return lines_;
  }
  [[nodiscard]] int starting_with(std::string_view begin) {
    int count = 0;
    for (const std::string& line : lines()) count += line.starts_with(begin) ? 1 : 0;
    return count;
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> lines_;
};

}  // namespace twinlake::http
