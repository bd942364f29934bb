#pragma once
// Two regions, the time that passes in them, and the wires between them and the machines on which Twinlake runs. One per
// history.
#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include <nlohmann/json.hpp>

#include "base/loop.h"
#include "http/transport.h"
#include "model/side.h"
#include "simulation/world.h"
#include "simulator/region.h"
#include "simulator/transport.h"

namespace twinlake::simulation {

using model::Side;

/// The machine died: whatever ran there ends where it stood.
struct Killed : std::runtime_error {
  Killed() : std::runtime_error("killed") {}
};

/// Who watches the wires. Called for each exchange of our programs, in the order in which they happen.
class Watcher {
 public:
  virtual ~Watcher() = default;
  virtual void before(Side side, const http::Request& request) = 0;
  /// Whatever became of it on the way back. Not called for what a killed program did not hear of.
  virtual void after(Side side, const http::Request& request, const Result<http::Response>& answer) = 0;
};

class Site {
 public:
  explicit Site(std::uint64_t seed);
  ~Site();

  [[nodiscard]] Loop& loop() { return *loop_; }
  [[nodiscard]] simulator::Region& region(Side side);
  /// What is there now. shared_ptr: who looked keeps what was there then, while the next one sees what has come of it.
  [[nodiscard]] std::shared_ptr<Sight> look_at(Side side);
  /// Of the service itself; what goes over it is watched. Owned by the site.
  [[nodiscard]] http::Transport& wire(Side side);
  void watch(Watcher* watcher) { watcher_ = watcher; }
  [[nodiscard]] bool is_lost(Side side);

  /// A request of a person, whom neither faults nor limits concern; throws where the service refuses, with its answer.
  nlohmann::json ask(Side side, std::string_view method, std::string path, const nlohmann::json& body = nullptr);

  /// From now on nothing goes on in any program: loop().run() throws Killed.
  void kill() { dying_ = true; }
  void kill_after_events(unsigned events) { events_left_ = events; }
  /// The programs have ended, one way or the other: what of them waits in the loop goes, and nothing is about to kill.
  void end_programs();
  [[nodiscard]] bool is_dying() const { return dying_; }

  static constexpr const char* client_id = "5e0c0000-0000-4000-8000-00000000c11e";
  static constexpr const char* client_secret = "dose-simulated";

 private:
  class Wire;
  class Seen;
  [[nodiscard]] static std::size_t at(Side side) { return side == Side::home ? 0 : 1; }
  void look();
  [[nodiscard]] Micros now() const { return std::chrono::duration_cast<Micros>(loop_->now().time_since_epoch()); }

  std::unique_ptr<Loop> loop_;
  std::array<std::unique_ptr<Seen>, 2> regions_;
  std::array<std::unique_ptr<simulator::InProcessTransport>, 2> transports_;
  std::array<std::unique_ptr<Wire>, 2> wires_;
  Watcher* watcher_ = nullptr;
  bool dying_ = false;
  std::optional<unsigned> events_left_;
};

}  // namespace twinlake::simulation
