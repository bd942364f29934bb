#pragma once
// Regions and the cloud around them on loopback, for the command line and for clients that are not ours.
// One thread serves all of them, so two regions may share an account and a cloud without locks.
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "simulator/host.h"

namespace twinlake::simulator {

struct ListenOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  ///< 0: the system picks one
  std::chrono::milliseconds latency{0};
  std::string certificate_file, key_file;  ///< PEM; with both the server speaks TLS
  std::uint64_t body_limit = 5ULL << 30U;  ///< the largest upload that the service takes at once
};

class Server {
 public:
  Server();
  /// Closes all connections and ends the thread.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Serves a host, which must live longer than the server, and gives the port.
  /// Throws std::system_error when the address is taken or a file cannot be read.
  std::uint16_t listen(Host& host, const ListenOptions& options = {});
  /// Runs a function on the server's thread and waits for it: the only safe way to look into a
  /// host that is being served.
  void run(const std::function<void()>& function);

 private:
  struct Engine;  // keeps Boost out of this header
  std::unique_ptr<Engine> engine_;
};

}  // namespace twinlake::simulator
