#pragma once
// A third workspace, which is no side of the group of a lab: something of the lab's history comes back into it.
#include <memory>
#include <string>

#include "support/lab.h"

namespace twinlake::test {

class Outside {
 public:
  /// `state_folder`: empty: its state is lost with it.
  explicit Outside(Lab& lab, std::string state_folder = {});

  [[nodiscard]] simulator::Region& region() { return *region_; }
  [[nodiscard]] Wire& wire() { return *wire_; }
  /// A request to its own API as its admin; throws with the body on an answer that is no success.
  nlohmann::json ask(std::string_view method, const std::string& path, const nlohmann::json& body = nullptr);
  /// As `twinlake restore --to PROFILE --yes` does, and without --yes.
  [[nodiscard]] Result<engine::SyncReport> restore(engine::RestoreOptions options);
  [[nodiscard]] Result<engine::Reading> plan(engine::RestoreOptions options);

 private:
  template <class Work>
  auto with_restore(engine::RestoreOptions options, const Work& work);

  Lab& lab_;
  std::string state_folder_;
  std::unique_ptr<simulator::Region> region_;
  std::unique_ptr<simulator::InProcessTransport> transport_;
  std::unique_ptr<Wire> wire_;
  std::unique_ptr<state::Store> kept_;  ///< while it is in memory
};

}  // namespace twinlake::test
