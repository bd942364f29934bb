#pragma once
// Makes the plan: assesses each pair, lets blocks travel, limits removals, sorts. Pure.
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/assess.h"
#include "engine/plan.h"

namespace twinlake::engine {

/// What was decided of one object that came late.
struct LateDecision {
  std::size_t verdict_at = 0;  ///< where its verdict goes in the plan
  Verdict verdict;
  std::optional<Step> step;
  std::vector<model::Finding> findings;
  std::string verdict_of;  ///< the uuid
  std::optional<std::vector<state::OriginalRecord>> originals;  ///< where they are others than the state knows
  std::optional<state::Agreed> agreed;                          ///< see Plan
};

/// Was it found equal, without a word that has to be said in every run (what was left out now may be possible in the
/// next one)?
[[nodiscard]] bool is_equal(const LateDecision& decision);

/// decide_all(), then decide() and take() for what came late, then seal(). A late object may also be
/// decided after seal(): then its step is not in the plan, and the caller has to carry it out.
class Planner {
 public:
  /// World and errors must outlive it; both may be completed before decide().
  Planner(const World& world, const KnownState& known, const ReadErrors& errors, PlanOptions options);

  /// All but those at the positions `late`, which keep a place among the verdicts.
  void decide_all(const std::vector<std::size_t>& late);
  /// A late pair, now that it has been read. Nothing refers to such an object, so what was decided of
  /// the others stays right.
  [[nodiscard]] LateDecision decide(const Pair& pair);
  void take(LateDecision decision);
  /// After decide_all(): is it on both sides, equal, and without a step or a reason to stop?
  [[nodiscard]] bool is_settled(const Pair& pair) const;
  /// A late pair that is not read: it was found equal at that moment.
  void trust(const Pair& pair, Time read);
  /// The plan in its order.
  [[nodiscard]] Plan seal();

 private:
  /// What others need to know of an object: will it be there, and if not, why.
  struct Fate {
    bool has_target = false;
    bool has_step = false;  ///< one that leaves it on the secondary
    Stop stop = Stop::none;
    SharedText because;
    [[nodiscard]] bool will_be_there() const { return has_target || has_step; }
  };
  /// A step that may still be taken away.
  struct Draft {
    std::size_t pair = 0;
    std::size_t verdict = 0;
    std::vector<model::Use> uses;
    std::optional<Step> step;
  };

  void assess(std::size_t position);
  [[nodiscard]] bool has_verdict(std::size_t position) const;
  void tell_unlisted();
  void tell_unlisted(const model::Kind& kind, const std::string& prefix, const Error& error, std::string_view which);
  void limit_removals();
  void keep(const std::vector<Draft*>& doomed, std::size_t bound);
  /// What lies in a folder.
  struct Filling {
    std::string first;  ///< its address
    std::int64_t count = 0;
    void add(std::string address) {
      if (count++ == 0) first = std::move(address);
    }
  };
  [[nodiscard]] static const workspace::Item* left_by(const Pair& pair, const Step& step);
  [[nodiscard]] std::map<std::string, Filling> fillings(const std::map<std::string, Draft*>& doomed) const;
  void keep_what_is_filled();
  void block_dependents();
  [[nodiscard]] bool must_go(const Pair& pair, const std::vector<model::Use>& uses, const Step& step, Verdict& verdict) const;
  [[nodiscard]] bool leave_out(const Pair& pair, const std::vector<model::Use>& uses, Verdict& verdict) const;
  void complete_step(const std::vector<model::Use>& uses, Step& step) const;
  void add_removals_of_moved();
  void note_capacity();
  void note_not_offered(const Pair& pair, const model::Use& use);
  void note_kept_references(const Pair& pair, const std::vector<model::Use>& uses);
  [[nodiscard]] const Pair* find(const std::string& uuid) const;
  [[nodiscard]] Fate& fate_of(const Pair& pair) { return fates_[position_of(pair)]; }
  [[nodiscard]] const Fate& fate_of(const Pair& pair) const { return fates_[position_of(pair)]; }
  [[nodiscard]] std::size_t position_of(const Pair& pair) const { return static_cast<std::size_t>(&pair - world_.pairs.data()); }
  void record(const Pair& pair, bool has_step, const Verdict& verdict);
  [[nodiscard]] std::string why_missing(const model::Use& use) const;
  [[nodiscard]] bool names_what_we_make(const model::Use& use) const;
  [[nodiscard]] std::string cause_of_block(const Pair& pair, const std::vector<model::Use>& uses) const;
  [[nodiscard]] std::string cause_of_leaving_out(const Pair& pair, const std::vector<model::Use>& uses) const;
  [[nodiscard]] std::string fingerprint() const;

  const World& world_;
  PlanOptions options_;
  Plan plan_;
  std::vector<model::Finding> findings_;
  std::set<std::string> beyond_capacity_;
  Assessor assessor_;
  std::deque<Draft> drafts_;  ///< in the order of the pairs
  std::vector<Fate> fates_;   ///< by position of the pair
  std::unordered_map<std::size_t, std::size_t> late_verdicts_;  ///< position of the pair -> place in the plan
};

}  // namespace twinlake::engine
