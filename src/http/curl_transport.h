#pragma once
// The wire: libcurl's multi interface on one thread of its own, behind Transport.
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/loop.h"
#include "http/transport.h"

namespace twinlake::http {

struct CurlOptions {
  std::string base_url;  ///< "https://host[:port]"; see check_host
  std::string ca_file;   ///< empty: the system's certificates
  std::string user_agent = "twinlake";
  Millis connect_timeout{30'000};
  /// Nothing received or sent for so long ends a request.
  std::chrono::seconds inactivity_timeout{60};
  Millis total_timeout{0};  ///< of one request, whatever it is doing; 0: no limit
  /// A larger answer that was not asked for as a file is refused instead of eating the memory.
  std::uint64_t max_answer_in_memory = 512ULL << 20U;
  /// The identity endpoint of an Azure machine: plain http on a link-local address, never a proxy.
  bool metadata_service = false;

  CurlOptions() = default;
  explicit CurlOptions(std::string url) : base_url(std::move(url)) {}
};

/// Credentials must not travel in the clear: https, or plain http to this very machine.
[[nodiscard]] Result<void> check_host(std::string_view url);
/// The same, with plain http to 169.254.0.0/16 too, which never leaves the Azure host.
[[nodiscard]] Result<void> check_metadata_host(std::string_view url);

/// One thread and one connection pool for any number of hosts. The loop must outlive it; transports
/// must not be used after it. Requests in flight at its end get Fault::cancelled, or
/// Fault::in_doubt when they were not safe to repeat.
class CurlEngine {
 public:
  explicit CurlEngine(Loop& loop);
  ~CurlEngine();
  CurlEngine(const CurlEngine&) = delete;
  CurlEngine& operator=(const CurlEngine&) = delete;

  class Impl;
  /// Shared, so that a request that is destroyed after the engine finds something to ask.
  [[nodiscard]] const std::shared_ptr<Impl>& impl() const { return impl_; }

 private:
  std::shared_ptr<Impl> impl_;
};

[[nodiscard]] Result<std::unique_ptr<Transport>> make_curl_transport(CurlEngine& engine,
                                                                     CurlOptions options);
/// With an engine of its own, for a single host.
[[nodiscard]] Result<std::unique_ptr<Transport>> make_curl_transport(Loop& loop,
                                                                     CurlOptions options);

}  // namespace twinlake::http
