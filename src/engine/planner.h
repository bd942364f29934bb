#pragma once
// Makes the plan: assesses each pair, lets blocks travel, limits removals, sorts. Pure.
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/assess.h"
#include "engine/plan.h"

namespace twinlake::engine {

/// What was decided of one object after the rest was planned.
struct LateDecision {
  std::size_t verdict_at = 0;  ///< where its verdict goes in the plan
  Verdict verdict;
  std::optional<Step> step;
  std::vector<model::Finding> findings;
};

class Planner {
 public:
  /// World and errors must outlive it; both may be completed between plan() and decide().
  Planner(const World& world, const KnownState& known, const ReadErrors& errors, PlanOptions options);

  /// Once. `late`: positions of pairs that are not looked at yet; each keeps a place among the verdicts.
  [[nodiscard]] Plan plan(const std::vector<std::size_t>& late);
  /// A late pair, now that it has been read. Nothing refers to such an object, so what was decided of
  /// the others stays right.
  [[nodiscard]] LateDecision decide(const Pair& pair);

 private:
  /// What others need to know of an object: will it be there, and if not, why.
  struct Fate {
    const Pair* pair = nullptr;
    bool has_target = false;
    bool has_step = false;  ///< one that leaves it on the secondary
    Stop stop = Stop::none;
    std::string because;
    [[nodiscard]] bool will_be_there() const { return has_target || has_step; }
  };

  void assess_all();
  void limit_removals();
  void keep(std::vector<Assessment*>& doomed, std::size_t bound);
  void block_dependents();
  [[nodiscard]] bool settle_step(Assessment& assessment);
  [[nodiscard]] bool leave_out(Assessment& assessment) const;
  void finish(Assessment& assessment);
  void complete_step(const Assessment& assessment, Step& step) const;
  void add_removals_of_moved();
  void note_capacity();
  void note_kept_references(const Assessment& assessment, std::vector<model::Finding>& findings) const;
  [[nodiscard]] const Fate* find(const std::string& uuid) const;
  void record(const Assessment& assessment);
  [[nodiscard]] std::string why_missing(const model::Use& use) const;
  [[nodiscard]] std::string cause_of_block(const Assessment& assessment) const;
  [[nodiscard]] std::string cause_of_leaving_out(const Assessment& assessment) const;
  [[nodiscard]] std::string fingerprint() const;

  const World& world_;
  PlanOptions options_;
  Plan plan_;
  std::vector<model::Finding> findings_;
  std::set<std::string> beyond_capacity_;
  Assessor assessor_;
  std::set<std::size_t> late_;
  std::deque<Assessment> assessments_;  ///< large elements, never moved; empty once the plan is made
  std::unordered_map<std::string, Fate> fates_;                ///< by uuid
  std::unordered_map<std::string, std::size_t> late_verdicts_;  ///< by uuid: place in the plan
};

}  // namespace twinlake::engine
