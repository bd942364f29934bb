#pragma once
// A failover group ready for work: both workspaces, the state, and who has which role.
#include <cstdint>
#include <memory>
#include <optional>

#include "app/settings.h"
#include "app/side_access.h"
#include "engine/session.h"
#include "state/store.h"
#include "workspace/given.h"

namespace twinlake::app {

enum class Purpose {
  read,   ///< neither side is written
  write,  ///< the secondary is; one run at a time
};

/// The side that is primary now. Refused when the profiles contradict what the group is.
[[nodiscard]] Result<model::Side> primary_side(const std::optional<state::Identity>& identity,
                                               const std::string& primary_workspace,
                                               const std::string& secondary_workspace);

class GroupAccess {
 public:
  /// Connects, opens the state and brings it up to the mirror. With Purpose::write it holds the
  /// local lock from then on.
  static Result<std::unique_ptr<GroupAccess>> open(const Settings& settings, Purpose purpose);

  [[nodiscard]] Loop& loop() { return loop_; }
  [[nodiscard]] SideAccess& primary() { return primary_; }
  [[nodiscard]] SideAccess& secondary() { return secondary_; }
  [[nodiscard]] state::Store& store() { return *store_; }
  /// Of the mirror on the secondary as it was found; nothing when there was none.
  [[nodiscard]] std::optional<std::int64_t> mirrored() const { return mirrored_; }
  [[nodiscard]] engine::Session session(events::Sink& sink, engine::Rules rules);
  /// Fixes for ever which workspace is home and which is away. At the first sync.
  void remember_identity();

 private:
  explicit GroupAccess(const Settings& settings);
  [[nodiscard]] Result<void> reach_both();
  [[nodiscard]] Result<void> read_given();
  [[nodiscard]] std::string fingerprint_of_given() const;
  [[nodiscard]] Result<void> open_state(Purpose purpose);
  [[nodiscard]] Result<void> connect(Purpose purpose);
  [[nodiscard]] Result<void> read_mirror(Purpose purpose);
  [[nodiscard]] Result<void> check_roles_of_unknown_group();
  void warn_of_rights() const;

  Settings settings_;
  workspace::Given given_;
  Loop loop_;
  http::CurlEngine engine_;
  SideAccess primary_;
  SideAccess secondary_;
  std::optional<state::LocalLock> lock_;
  std::unique_ptr<state::Store> store_;
  model::Side primary_side_ = model::Side::home;
  std::optional<std::int64_t> mirrored_;
};

}  // namespace twinlake::app
