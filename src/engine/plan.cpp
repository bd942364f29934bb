#include "engine/plan.h"

#include <algorithm>
#include <deque>

#include <nlohmann/json.hpp>

#include "base/hash.h"
#include "base/json_path.h"
#include "engine/assess.h"
#include "engine/graph.h"

namespace twinlake::engine {

using model::Kind;
using model::Support;
using nlohmann::json;

std::string_view name_of(Action action) {
  switch (action) {
    case Action::create: return "create";
    case Action::update: return "update";
    case Action::adopt: return "adopt";
    case Action::remove: return "delete";
  }
  return "?";
}

std::string_view name_of(Standing standing) {
  switch (standing) {
    case Standing::in_sync: return "in_sync";
    case Standing::lagging: return "lagging";
    case Standing::drifted: return "drifted";
    case Standing::missing: return "missing";
    case Standing::extra: return "extra";
    case Standing::failed: return "failed";
    case Standing::unsupported: return "unsupported";
    case Standing::unknown: return "unknown";
  }
  return "?";
}

bool is_unchanged(const Pair& pair, const KnownState& known, model::Side primary) {
  if (pair.primary == nullptr || pair.secondary == nullptr || pair.bond != Bond::bound) return false;
  if (pair.kind->must_read != nullptr && pair.kind->must_read(pair.primary->raw)) return false;
  const auto found = known.by_uuid.find(pair.uuid);
  if (found == known.by_uuid.end() || found->second.fingerprint != known.rules) return false;
  const bool home_is_primary = primary == model::Side::home;
  const std::string& mine = home_is_primary ? found->second.home_indicator : found->second.away_indicator;
  const std::string& theirs = home_is_primary ? found->second.away_indicator : found->second.home_indicator;
  return !mine.empty() && !theirs.empty() && mine == pair.primary->indicator && theirs == pair.secondary->indicator;
}

std::vector<std::string> doubtful_after_recreation(const World& world) {
  std::set<std::string_view> recreated;
  for (const Pair& pair : world.pairs)
    if (pair.primary != nullptr && pair.secondary == nullptr && pair.was_bound) recreated.insert(pair.kind->name);
  std::vector<std::string> doubtful;
  if (recreated.empty()) return doubtful;
  const auto names_one = [&](const model::Reference& reference) {
    return reference.match == model::Match::id &&
           std::any_of(reference.kinds.begin(), reference.kinds.end(), [&](auto kind) { return recreated.contains(kind); });
  };
  for (const Pair& pair : world.pairs) {
    const auto& references = pair.kind->references;
    if (std::any_of(references.begin(), references.end(), names_one)) doubtful.push_back(pair.uuid);
  }
  return doubtful;
}

std::vector<ToRead> items_to_read(World& world, const KnownState& known, bool everything) {
  std::vector<ToRead> items;
  for (Pair& pair : world.pairs) {
    const Kind& kind = *pair.kind;
    if (kind.support != Support::replicated || kind.detail == model::Detail::none || pair.primary == nullptr) continue;
    if (!everything && is_unchanged(pair, known, world.primary.side)) continue;
    // Content is read to compare; where there is nothing to compare with it is read when it is copied.
    if (kind.detail == model::Detail::content && pair.secondary == nullptr) continue;
    for (workspace::Item* item : {pair.primary, pair.secondary})
      if (item != nullptr && !item->complete) items.push_back(ToRead{item, item == pair.primary});
  }
  return items;
}

namespace {

/// The standby has room for so many held children (pins): those that the primary holds itself first.
std::set<std::string> find_beyond_capacity(const World& world) {
  std::map<const Kind*, std::vector<const Pair*>> limited;
  for (const Pair& pair : world.pairs)
    if (pair.kind->standby_capacity > 0 && pair.primary != nullptr) limited[pair.kind].push_back(&pair);
  std::set<std::string> beyond;
  for (auto& [kind, pairs] : limited) {
    const auto is_live = [&](const Pair* pair) { return model::live_triggers(*kind, pair->primary->raw).empty(); };
    std::stable_sort(pairs.begin(), pairs.end(), [&](const Pair* a, const Pair* b) { return is_live(a) > is_live(b); });
    for (std::size_t i = static_cast<std::size_t>(kind->standby_capacity); i < pairs.size(); ++i)
      beyond.insert(pairs[i]->uuid);
  }
  return beyond;
}

class Planner {
 public:
  Planner(const World& world, const KnownState& known, const ReadErrors& errors, const PlanOptions& options)
      : world_(world), options_(options), beyond_capacity_(find_beyond_capacity(world)),
        assessor_(world, known, errors, options, beyond_capacity_, plan_.findings) {}

  Plan run() {
    for (const Pair& pair : world_.pairs) {
      Assessment& made = assessments_.emplace_back(assessor_.assess(pair));
      // Compared: only a step needs what it is to write, and it has it.
      made.primary.form.reset();
      made.desired.reset();
      by_uuid_[pair.uuid] = assessments_.size() - 1;
    }
    limit_removals();
    block_dependents();
    plan_.verdicts.reserve(assessments_.size());
    for (Assessment& assessment : assessments_) finish(assessment);
    add_removals_of_moved();
    // They are as large as the world; what is to be done is in the steps now.
    by_uuid_.clear();
    assessments_.clear();
    order();
    note_capacity();
    plan_.fingerprint = fingerprint();
    return std::move(plan_);
  }

 private:
  Assessment* find(const std::string& uuid) {
    const auto found = by_uuid_.find(uuid);
    return found == by_uuid_.end() ? nullptr : &assessments_[found->second];
  }

  void limit_removals() {
    std::map<const Kind*, std::vector<Assessment*>> removals;
    std::map<const Kind*, std::size_t> bound;
    for (Assessment& assessment : assessments_) {
      if (assessment.pair->was_bound) ++bound[assessment.pair->kind];
      if (assessment.step && assessment.step->action == Action::remove) removals[assessment.pair->kind].push_back(&assessment);
    }
    for (auto& [kind, doomed] : removals) {
      const std::size_t count = doomed.size();
      const bool many = count > 5 && count * 10 > bound[kind];
      const bool told = options_.allow_deletes >= 0 && count <= static_cast<std::size_t>(options_.allow_deletes);
      if (!many || told) continue;
      for (Assessment* assessment : doomed) {
        assessment->step.reset();
        assessment->verdict.stop = Stop::kept;
        assessment->verdict.because = "is gone on the primary, but " + std::to_string(count) + " of " +
                                      std::to_string(bound[kind]) + " " + std::string(kind->plural) + " would be deleted";
        assessment->verdict.what_to_do = "If that is right: --allow-deletes " + std::to_string(count);
      }
    }
  }

  /// Will the secondary have this object once the plan is carried out?
  [[nodiscard]] bool will_be_there(const Assessment& target) const {
    if (target.has_target) return true;
    return target.step && target.step->action != Action::remove;
  }

  [[nodiscard]] std::string why_missing(const model::Use& use) {
    const Assessment* target = use.uuid ? find(*use.uuid) : nullptr;
    if (target == nullptr || target->pair->primary == nullptr) return {};
    if (will_be_there(*target)) return {};
    const std::string address = target->pair->address();
    if (target->pair->kind->support == Support::lookup) return "needs " + address + ", which the secondary does not have";
    if (target->verdict.stop != Stop::none) return "needs " + address + ", which is not there: " + target->verdict.because;
    return "needs " + address + ", which the secondary does not have";
  }

  /// What one object needs and will not find; empty: nothing.
  std::string cause_of_block(Assessment& assessment) {
    for (const model::Use& use : assessment.primary.uses) {
      if (use.reference->missing == model::IfMissing::drop) continue;
      std::string cause = why_missing(use);
      if (cause.empty() && !use.uuid && use.reference->missing == model::IfMissing::block)
        cause = "refers to " + std::string(use.reference->kinds.front()) + " " + use.text + " at " + use.place +
                ", which the primary does not have";
      if (cause.empty()) continue;
      if (use.reference->missing == model::IfMissing::block) return cause;
    }
    if (!assessment.pair->parent_uuid.empty()) {
      const Assessment* parent = find(assessment.pair->parent_uuid);
      if (parent != nullptr && !will_be_there(*parent)) return "its " + parent->pair->address() + " is not there";
    }
    return {};
  }

  void note_kept_references(const Assessment& assessment) {
    for (const model::Use& use : assessment.primary.uses) {
      if (use.reference->missing != model::IfMissing::keep || use.uuid) continue;
      plan_.findings.push_back(model::Finding{assessment.pair->address(),
                                              "refers to " + use.text + " at " + use.place +
                                                  ", which is not in scope or does not exist; kept as it is",
                                              "Check that the secondary has it before failing over"});
    }
  }

  /// Why an object is left out although it could be read; empty: it is not.
  [[nodiscard]] std::string cause_of_leaving_out(const Assessment& assessment) {
    for (const model::Use& use : assessment.primary.uses) {
      if (use.reference->missing == model::IfMissing::leave_out && !use.uuid)
        return "belongs to " + use.text + ", who does not exist any more";
      const Assessment* target = use.uuid ? find(*use.uuid) : nullptr;
      if (target != nullptr && target->verdict.stop == Stop::left_out) return target->verdict.because;
    }
    const Assessment* parent = assessment.pair->parent_uuid.empty() ? nullptr : find(assessment.pair->parent_uuid);
    return parent != nullptr && parent->verdict.stop == Stop::left_out ? parent->verdict.because : "";
  }

  bool leave_out(Assessment& assessment) {
    const std::string cause = cause_of_leaving_out(assessment);
    if (cause.empty()) return false;
    assessment.step.reset();
    assessment.verdict.standing = Standing::unsupported;
    assessment.verdict.stop = Stop::left_out;
    assessment.verdict.because = cause;
    assessment.verdict.what_to_do = "Move what is still needed to a folder of somebody who exists";
    assessment.verdict.spoils = false;
    return true;
  }

  /// A block travels along references until nothing changes.
  void block_dependents() {
    for (bool changed = true; changed;) {
      changed = false;
      for (Assessment& assessment : assessments_) {
        if (!assessment.step || assessment.step->action == Action::remove || assessment.step->action == Action::adopt) continue;
        if (leave_out(assessment)) {
          changed = true;
          continue;
        }
        const std::string cause = cause_of_block(assessment);
        if (cause.empty()) continue;
        assessment.step.reset();
        assessment.verdict.stop = Stop::blocked;
        assessment.verdict.because = "blocked: " + cause;
        assessment.verdict.spoils = true;
        changed = true;
      }
    }
  }

  void finish(Assessment& assessment) {
    const Kind& kind = *assessment.pair->kind;
    if (kind.support == Support::lookup) return;
    if (kind.support == Support::unsupported && assessment.pair->primary == nullptr) return;
    if (beyond_capacity_.contains(assessment.pair->uuid)) return;
    note_kept_references(assessment);
    if (!assessment.holds.empty()) plan_.holds[assessment.pair->uuid] = assessment.holds;
    if (assessment.step) add_step(assessment);
    plan_.verdicts.push_back(std::move(assessment.verdict));
  }

  void add_step(Assessment& assessment) {
    Step step = std::move(*assessment.step);
    for (const model::Use& use : assessment.primary.uses) {
      const Assessment* target = use.uuid ? find(*use.uuid) : nullptr;
      if (target != nullptr && !target->has_target) step.waits_for.insert(*use.uuid);
    }
    if (!step.parent_uuid.empty() && step.action != Action::remove) {
      const Assessment* parent = find(step.parent_uuid);
      if (parent != nullptr && !parent->has_target) step.waits_for.insert(step.parent_uuid);
    }
    plan_.steps.push_back(std::move(step));
  }

  /// What moved leaves its old place behind; it goes once the new one stands.
  void add_removals_of_moved() {
    std::vector<Step> removals;
    for (const Step& step : plan_.steps) {
      if (step.action != Action::create || step.target_id.empty()) continue;
      const Pair& pair = world_.pairs[world_.by_uuid.at(step.uuid)];
      if (pair.origin == state::Origin::adopted) continue;
      Step removal;
      removal.action = Action::remove;
      removal.kind = step.kind;
      removal.key = pair.secondary->key;
      removal.target_id = pair.secondary->id;
      removal.uuid = uuid_from("moved/" + step.uuid + "/" + pair.secondary->id);
      removal.waits_for.insert(step.uuid);
      removal.reason = "moved to " + step.key;
      removals.push_back(std::move(removal));
    }
    std::move(removals.begin(), removals.end(), std::back_inserter(plan_.steps));
  }

  void order() { plan_.steps = in_order(std::move(plan_.steps)); }

  void note_capacity() {
    for (const std::string& uuid : beyond_capacity_) {
      const Pair& pair = world_.pairs[world_.by_uuid.at(uuid)];
      plan_.findings.push_back(model::Finding{pair.address(),
                                              "no room on the standby (at most " +
                                                  std::to_string(pair.kind->standby_capacity) + "); recreated at failover if it vanishes",
                                              ""});
    }
  }

  std::string fingerprint() const {
    Sha256 steps;
    for (const Step& step : plan_.steps) {
      steps.update(std::string(name_of(step.action)) + " " + step.uuid + " " + step.target_id);
      if (step.desired) steps.update(" " + to_text(*step.desired));
      steps.update("\n");
    }
    return hmac_sha256_hex(options_.fingerprint_key, steps.finish_hex());
  }

  const World& world_;
  const PlanOptions& options_;
  Plan plan_;
  std::set<std::string> beyond_capacity_;
  Assessor assessor_;
  std::deque<Assessment> assessments_;  // large elements, never moved
  std::unordered_map<std::string, std::size_t> by_uuid_;
};

}  // namespace

Plan make_plan(const World& world, const KnownState& known, const ReadErrors& read_errors, const PlanOptions& options) {
  return Planner(world, known, read_errors, options).run();
}

}  // namespace twinlake::engine
