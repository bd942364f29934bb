#pragma once
// A workspace that is no side of the group, into which something of the group's history comes back.
// It gets a state and a journal of its own beside those of the group.
#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/settings.h"
#include "app/side_access.h"
#include "engine/restore.h"
#include "state/store.h"
#include "workspace/given.h"

namespace twinlake::app {

class OutsideAccess {
 public:
  enum class Purpose { look, write };
  /// Refused where the profile leads to a side of this group or to one that a group has a mirror
  /// on. With Purpose::write it holds the local lock of that state from then on.
  static Result<std::unique_ptr<OutsideAccess>> open(const Settings& settings,
                                                     const std::string& profile, Purpose purpose);

  [[nodiscard]] Loop& loop() { return loop_; }
  [[nodiscard]] const workspace::Self& self() const { return there_.self(); }
  [[nodiscard]] const std::string& host() const { return there_.host(); }
  [[nodiscard]] engine::Restore restore(events::Sink& sink, engine::Rules rules,
                                        history::History& history, engine::RestoreOptions options);
  /// Runs `work` with the run lock held on that workspace. What went wrong with the lock afterwards
  /// comes into `troubles`.
  [[nodiscard]] Result<void> run_locked(
      const std::function<Result<void>(std::atomic<bool>& stop)>& work,
      std::vector<Error>& troubles);

 private:
  explicit OutsideAccess(const Settings& settings);
  [[nodiscard]] Result<void> check_no_side() const;
  [[nodiscard]] Result<void> check_no_mirror();
  [[nodiscard]] Result<void> open_state(Purpose purpose);

  Settings settings_;
  workspace::Given given_;
  Loop loop_;
  http::CurlEngine engine_;
  SideAccess there_;
  std::optional<state::LocalLock> lock_;
  std::unique_ptr<state::Store> store_;
};

}  // namespace twinlake::app
