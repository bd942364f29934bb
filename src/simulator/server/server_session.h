#pragma once
// One connection of the server: requests one after another, each answered by the host.
#include <chrono>
#include <cstdint>
#include <memory>

#include "simulator/host.h"
#include "simulator/server/wire.h"

namespace twinlake::simulator {

/// What the connections of one address share. Lives longer than they do.
struct Served {
  Host& host;
  std::chrono::milliseconds latency;
  std::uint64_t body_limit;
};

/// Takes the connection over; it lives until one side closes it or the loop is destroyed.
void start_session(const Served& served, std::unique_ptr<Wire> wire);

}  // namespace twinlake::simulator
