#pragma once
// One pair at a time: what its secondary should hold, and how that differs from what it holds.
#include "engine/plan.h"

namespace twinlake::engine {

/// The sentence of an error whose hint is told beside it.
[[nodiscard]] std::string what_happened(Error error);

/// How one side names things, for its canonical forms. `world` must outlive it.
[[nodiscard]] model::CanonicalContext context_on(const World& world, bool primary);

/// Every workspace has it from the start.
[[nodiscard]] bool is_built_in(const Pair& pair);
/// Found on both sides without being anybody's creation: taken over, whatever its content.
[[nodiscard]] bool is_common(const Pair& pair);
/// Does the secondary have it by its name alone? Then it is somebody else's until it is adopted.
[[nodiscard]] bool is_of_others(const Pair& pair);

/// A pair while the plan is being made.
struct Assessment {
  const Pair* pair = nullptr;
  Verdict verdict;
  std::optional<Step> step;
  model::Canonical primary;                        ///< form is null when it was not looked at
  std::shared_ptr<nlohmann::json> desired;
  std::vector<state::HoldRecord> holds;
  std::vector<model::Change> rewritten;
  std::vector<std::string> conflicts;  ///< why nobody knows whether what rules made of it is right
  std::vector<std::string> losses;     ///< what they would lose
  std::string marks_unrewritten;       ///< see Step
  std::optional<state::Agreed> agreed; ///< both sides are equal, and the state knows otherwise
  /// What one-way rules replaced, where the state knows otherwise.
  std::optional<std::vector<state::OriginalRecord>> originals;
  bool has_target = false;   ///< the secondary has it, and it is the right one
};

class Assessor {
 public:
  /// `beyond_capacity`: children that the standby has no room to hold (pins beyond 100).
  Assessor(const World& world, const KnownState& known, const ReadErrors& read_errors, const PlanOptions& options,
           const std::set<std::string>& beyond_capacity, std::vector<model::Finding>& findings);
  [[nodiscard]] Assessment assess(const Pair& pair);

 private:
  /// What is at hand of an object: all that this run looks at, or what its listing tells until it has its turn.
  enum class Seen { whole, as_listed };
  [[nodiscard]] Assessment assess_alone(const Pair& pair);
  void leave_to_others(const Pair& pair, Assessment& result) const;
  bool listings_failed(const Pair& pair, Assessment& result) const;
  void assess_one_sided(const Pair& pair, Assessment& result) const;
  bool stays_anyway(const Pair& pair, bool ours, Verdict& verdict) const;
  bool read_failed(const Pair& pair, Assessment& result) const;
  bool is_made_by_service(const Pair& pair, Assessment& result) const;
  /// False: its form could not be had.
  bool make_desired(const Pair& pair, Seen seen, Assessment& result);
  bool read_kept(const Pair& pair, Assessment& result);
  void tell_of_listed(const Pair& pair, Assessment& result);
  void rewrite(const Pair& pair, Assessment& result);
  /// `same`: places that the configuration says are right on both sides.
  void look_at_texts(const Pair& pair, const nlohmann::json& before, const nlohmann::json& now,
                     const std::vector<std::string>& same) const;
  void settle_rewritten(const Pair& pair, const nlohmann::json& before, model::Rewritten rewritten, Assessment& result) const;
  [[nodiscard]] bool stopped_by_rewriting(const Pair& pair, Assessment& result) const;
  [[nodiscard]] model::Way way() const;
  void check_login(const Pair& pair, Assessment& result) const;
  void compare(const Pair& pair, Assessment& result) const;
  void leave_unproved(const Pair& pair, const nlohmann::json& current, Assessment& result) const;
  void drop_unknown(const Pair& pair, Assessment& result);
  void tell(const Pair& pair, nlohmann::json& current, nlohmann::json& desired) const;
  void drop_extras(const Pair& pair, model::Canonical& current) const;
  void settle_missing(const Pair& pair, Assessment& result) const;
  void settle_equal(const Pair& pair, Assessment& result) const;
  void remember_equal(const Pair& pair, Assessment& result) const;
  void settle_different(const Pair& pair, const nlohmann::json& current, Assessment& result,
                        std::vector<model::Change> changes) const;
  [[nodiscard]] Step step_for(const Pair& pair, const Assessment& result, Action action) const;
  [[nodiscard]] ChangedBy changed_by(const Pair& pair, const nlohmann::json& desired, const nlohmann::json& current,
                                     const std::vector<model::Change>& changes) const;
  /// Has a side something else than when both agreed, as far as its listing tells? An indicator that is not known
  /// tells nothing.
  [[nodiscard]] static bool has_moved(const state::Known& then, model::Side side, const workspace::Item& now);
  [[nodiscard]] OnConflict policy_of(const Pair& pair) const;
  /// Is this object, changed on both sides, left as it is?
  bool settle_conflict(const Pair& pair, const nlohmann::json& current, const ChangedBy& changed, Assessment& result) const;
  bool spared_from_removal(const Pair& pair, Verdict& verdict) const;
  [[nodiscard]] bool has_no_target(const model::Use& use) const;

  const World& world_;
  const KnownState& known_;
  const ReadErrors& read_errors_;
  const PlanOptions& options_;
  const std::set<std::string>& beyond_capacity_;
  std::vector<model::Finding>& findings_;
  SharedText not_yet_;  ///< of a first sync it is said of every object
};

}  // namespace twinlake::engine
