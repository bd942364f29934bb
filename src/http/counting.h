#pragma once
// What really went over the wire: for the report, for tests ("the second run wrote nothing") and
// for the bench.
#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "http/transport.h"

namespace twinlake::http {

struct Counts {
  std::uint64_t sent = 0;
  std::uint64_t throttled = 0;               ///< answers that asked to slow down
  std::uint64_t failed = 0;                  ///< no answer at all
  std::array<std::uint64_t, 3> by_effect{};  ///< reads, writes, executes
  /// By lane and method name.
  std::map<std::pair<std::string, std::string>, std::uint64_t> by_lane;

  [[nodiscard]] std::uint64_t of(Effect effect) const {
    return by_effect[static_cast<std::size_t>(effect)];
  }
};

/// Nearest to the wire, so that each attempt counts.
class CountingTransport final : public Transport {
 public:
  explicit CountingTransport(Transport& inner) : inner_(inner) {}
  [[nodiscard]] Task<Result<Response>> send(Request request) override;
  [[nodiscard]] const Counts& counts() const { return counts_; }

 private:
  Transport& inner_;
  Counts counts_;
};

}  // namespace twinlake::http
