#pragma once
// A recovery point in place of the primary: what it has comes back to one side, by the same planner and executor.
// Nothing is ever removed.
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/report.h"
#include "engine/session.h"
#include "history/history.h"
#include "http/transport.h"
#include "workspace/content_witness.h"

namespace twinlake::engine {

/// Where it comes back to.
enum class RestoreTo {
  secondary,  ///< held, as a sync writes it
  primary,    ///< live, as it was
  outside,    ///< a workspace that is no side of the group: held, and what is there already stays as it is
};

struct RestoreOptions {
  history::Point point;
  RestoreTo to = RestoreTo::secondary;
  /// Outside: what is there under a name that would be written is left alone. Else nothing is planned in such a
  /// workspace (Fault::refused).
  bool leaves_others = false;
  /// Outside: the rewrites replace what they replace for the other side of the group.
  bool rewrites = false;
  /// Which objects come back; empty: all. What they need and is not there comes with them.
  std::function<bool(const model::Kind& kind, const std::string& key)> selected;
};

class Restore final : public workspace::ContentSource {
 public:
  /// `given`: values that no point keeps.
  Restore(Loop& loop, std::span<const model::Kind* const> kinds, workspace::Workspace& target, state::Store& store,
          history::History& history, events::Sink& sink, Rules rules, RestoreOptions options, workspace::Given given);
  ~Restore() override;

  /// Reads the target; writes nothing.
  [[nodiscard]] Task<Result<Reading>> plan();
  /// Plans again, and carries it out. `expected_fingerprint`: of the plan that was shown; another one is
  /// Fault::refused; empty: whatever it is.
  [[nodiscard]] Task<Result<SyncReport>> carry_out(std::string expected_fingerprint, const std::atomic<bool>* stop);

  [[nodiscard]] Task<Result<workspace::Content>> content(nlohmann::json definition) override;

 private:
  struct Selection;
  void find_renamed(const workspace::Inventory& target, const std::vector<history::Entry>& entries);
  using Kinds = std::vector<const model::Kind*>;
  [[nodiscard]] std::optional<workspace::Item> item_of(const history::Entry& entry, const Kinds& kinds) const;
  [[nodiscard]] workspace::Inventory kept_inventory(const workspace::Inventory& target, const Kinds& kinds, Memory* memory);
  [[nodiscard]] Task<void> find_named(World* world, Kinds kinds, Memory memory);
  [[nodiscard]] Result<nlohmann::json> form_of(const Pair& pair);
  void count_what_stays_out(const history::Entry& entry);
  void tell_what_stays_out(std::vector<model::Finding>& findings) const;
  [[nodiscard]] const history::Entry* entry_of(const Pair& pair) const;
  [[nodiscard]] std::vector<bool> select(const World& world, std::vector<model::Finding>& findings);
  [[nodiscard]] PlanOptions options_for(const Reading& reading, const std::vector<bool>& taken);
  void give_reasons(Plan& plan) const;
  [[nodiscard]] Words words() const;
  [[nodiscard]] bool is_live() const { return options_.to == RestoreTo::primary; }
  [[nodiscard]] bool is_outside() const { return options_.to == RestoreTo::outside; }
  [[nodiscard]] Result<void> check_empty(const World& world, const std::vector<bool>& taken) const;
  [[nodiscard]] std::vector<state::Intent> in_doubt() const;
  [[nodiscard]] Task<std::vector<StepResult>> apply(Reading* reading, ExecutorOptions how);
  /// The target beside the point, as far as these kinds go.
  [[nodiscard]] Task<Reading> survey(Kinds kinds);
  /// What has to be listed to read these objects back: themselves, and what their definitions name.
  [[nodiscard]] Kinds kinds_to_read_back(const Plan& plan, const std::map<std::string, std::size_t>& written) const;
  [[nodiscard]] Task<void> read_taken(Reading* reading, std::vector<bool> taken);
  using Written = std::map<std::string, std::size_t>;   ///< by uuid the place of the step
  using Complaints = std::map<std::string, Error>;      ///< by uuid what is wrong with what was written
  [[nodiscard]] Task<void> compare_written(const Plan* plan, const Written* written, Complaints* complaints);
  /// Results of what does not read back as it was written become failures.
  [[nodiscard]] Task<void> read_back(const Plan* plan, std::vector<StepResult>* results);

  Loop& loop_;
  Kinds kinds_;
  workspace::Workspace& target_;
  state::Store& store_;
  history::History& history_;
  events::Sink& sink_;
  Rules rules_;
  RestoreOptions options_;
  std::unique_ptr<http::Transport> nowhere_;
  workspace::Workspace source_;
  std::map<std::string, history::Entry> entries_;  ///< by kind and what the world calls its item
  std::unordered_map<std::string, std::string> renamed_;  ///< uuids of objects that were made again since
  std::map<std::string, std::string> because_of_;  ///< uuid -> address of what needs it
  Kinds not_restorable_;
  std::map<const model::Kind*, std::int64_t> stays_out_;  ///< of those: how many objects were asked for
};

}  // namespace twinlake::engine
