#include "engine/planner.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/hash.h"
#include "base/json_path.h"
#include "engine/graph.h"

namespace twinlake::engine {

using model::Finding;
using model::IfMissing;
using model::Kind;
using model::Support;

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

bool leaves_it_there(const std::optional<Step>& step) { return step && step->action != Action::remove; }

}  // namespace

Planner::Planner(const World& world, const KnownState& known, const ReadErrors& errors, PlanOptions options)
    : world_(world), options_(std::move(options)), beyond_capacity_(find_beyond_capacity(world)),
      assessor_(world, known, errors, options_, beyond_capacity_, findings_) {}

Plan Planner::plan(const std::vector<std::size_t>& late) {
  late_.insert(late.begin(), late.end());
  assess_all();
  limit_removals();
  block_dependents();
  plan_.verdicts.reserve(assessments_.size());
  for (Assessment& assessment : assessments_) finish(assessment);
  add_removals_of_moved();
  // They are as large as the world; what is to be done is in the steps now.
  assessments_.clear();
  plan_.steps = in_order(std::move(plan_.steps));
  note_capacity();
  plan_.findings = std::exchange(findings_, {});
  plan_.fingerprint = fingerprint();
  return std::move(plan_);
}

LateDecision Planner::decide(const Pair& pair) {
  Assessment assessment = assessor_.assess(pair);
  if (assessment.step) (void)settle_step(assessment);
  LateDecision decision;
  decision.verdict_at = late_verdicts_.at(pair.uuid);
  note_kept_references(assessment, findings_);
  if (assessment.step) {
    complete_step(assessment, *assessment.step);
    decision.step = std::move(assessment.step);
  }
  decision.verdict = std::move(assessment.verdict);
  decision.findings = std::exchange(findings_, {});
  return decision;
}

void Planner::assess_all() {
  for (std::size_t i = 0; i < world_.pairs.size(); ++i) {
    const Pair& pair = world_.pairs[i];
    if (late_.contains(i)) {
      Assessment& unseen = assessments_.emplace_back();
      unseen.pair = &pair;
      unseen.verdict = Verdict{pair.uuid, pair.kind, pair.key, {}, {}, {}, {}, {}, false};
      continue;
    }
    Assessment& made = assessments_.emplace_back(assessor_.assess(pair));
    // Compared: only a step needs what it is to write, and it has it.
    made.primary.form.reset();
    made.desired.reset();
    record(made);
  }
}

void Planner::record(const Assessment& assessment) {
  Fate& fate = fates_[assessment.pair->uuid];
  fate.pair = assessment.pair;
  fate.has_target = assessment.has_target;
  fate.has_step = leaves_it_there(assessment.step);
  fate.stop = assessment.verdict.stop;
  fate.because = fate.stop == Stop::none ? std::string() : assessment.verdict.because;
}

const Planner::Fate* Planner::find(const std::string& uuid) const {
  const auto found = fates_.find(uuid);
  return found == fates_.end() ? nullptr : &found->second;
}

void Planner::limit_removals() {
  std::map<const Kind*, std::vector<Assessment*>> removals;
  std::map<const Kind*, std::size_t> bound;
  for (Assessment& assessment : assessments_) {
    if (assessment.pair->was_bound) ++bound[assessment.pair->kind];
    if (assessment.step && assessment.step->action == Action::remove) removals[assessment.pair->kind].push_back(&assessment);
  }
  for (auto& [kind, doomed] : removals) keep(doomed, bound[kind]);
}

void Planner::keep(std::vector<Assessment*>& doomed, std::size_t bound) {
  const std::size_t count = doomed.size();
  const bool many = count > 5 && count * 10 > bound;
  const bool told = options_.allow_deletes >= 0 && count <= static_cast<std::size_t>(options_.allow_deletes);
  if (!many || told) return;
  for (Assessment* assessment : doomed) {
    assessment->step.reset();
    assessment->verdict.stop = Stop::kept;
    assessment->verdict.because = "is gone on the primary, but " + std::to_string(count) + " of " + std::to_string(bound) +
                                  " " + std::string(assessment->pair->kind->plural) + " would be deleted";
    assessment->verdict.what_to_do = "If that is right: --allow-deletes " + std::to_string(count);
    record(*assessment);
  }
}

std::string Planner::why_missing(const model::Use& use) const {
  const Fate* target = use.uuid ? find(*use.uuid) : nullptr;
  if (target == nullptr || target->pair->primary == nullptr || target->will_be_there()) return {};
  const std::string address = target->pair->address();
  if (target->pair->kind->support == Support::lookup || target->stop == Stop::none)
    return "needs " + address + ", which the secondary does not have";
  return "needs " + address + ", which is not there: " + target->because;
}

/// What one object needs and will not find; empty: nothing.
std::string Planner::cause_of_block(const Assessment& assessment) const {
  for (const model::Use& use : assessment.primary.uses) {
    if (use.reference->missing != IfMissing::block) continue;
    std::string cause = why_missing(use);
    if (!cause.empty()) return cause;
    if (!use.uuid)
      return "refers to " + std::string(use.reference->kinds.front()) + " " + use.text + " at " + use.place +
             ", which the primary does not have";
  }
  if (!assessment.pair->parent_uuid.empty()) {
    const Fate* parent = find(assessment.pair->parent_uuid);
    if (parent != nullptr && !parent->will_be_there()) return "its " + parent->pair->address() + " is not there";
  }
  return {};
}

void Planner::note_kept_references(const Assessment& assessment, std::vector<Finding>& findings) const {
  for (const model::Use& use : assessment.primary.uses) {
    if (use.reference->missing != IfMissing::keep || use.uuid) continue;
    findings.push_back(Finding{assessment.pair->address(),
                               "refers to " + use.text + " at " + use.place +
                                   ", which is not in scope or does not exist; kept as it is",
                               "Check that the secondary has it before failing over"});
  }
}

/// Why an object is left out although it could be read; empty: it is not.
std::string Planner::cause_of_leaving_out(const Assessment& assessment) const {
  for (const model::Use& use : assessment.primary.uses) {
    if (use.reference->missing == IfMissing::leave_out && !use.uuid)
      return "belongs to " + use.text + ", who does not exist any more";
    const Fate* target = use.uuid ? find(*use.uuid) : nullptr;
    if (target != nullptr && target->stop == Stop::left_out) return target->because;
  }
  const Fate* parent = assessment.pair->parent_uuid.empty() ? nullptr : find(assessment.pair->parent_uuid);
  return parent != nullptr && parent->stop == Stop::left_out ? parent->because : "";
}

bool Planner::leave_out(Assessment& assessment) const {
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

/// Takes the step away when it cannot be carried out; true when it did.
bool Planner::settle_step(Assessment& assessment) {
  if (assessment.step->action == Action::remove || assessment.step->action == Action::adopt) return false;
  if (leave_out(assessment)) return true;
  const std::string cause = cause_of_block(assessment);
  if (cause.empty()) return false;
  assessment.step.reset();
  assessment.verdict.stop = Stop::blocked;
  assessment.verdict.because = "blocked: " + cause;
  assessment.verdict.spoils = true;
  return true;
}

/// A block travels along references until nothing changes.
void Planner::block_dependents() {
  for (bool changed = true; changed;) {
    changed = false;
    for (Assessment& assessment : assessments_) {
      if (!assessment.step || !settle_step(assessment)) continue;
      record(assessment);
      changed = true;
    }
  }
}

void Planner::finish(Assessment& assessment) {
  const Kind& kind = *assessment.pair->kind;
  if (kind.support == Support::lookup) return;
  if (kind.support == Support::unsupported && assessment.pair->primary == nullptr) return;
  if (beyond_capacity_.contains(assessment.pair->uuid)) return;
  if (late_.contains(static_cast<std::size_t>(assessment.pair - world_.pairs.data())))
    late_verdicts_[assessment.pair->uuid] = plan_.verdicts.size();
  note_kept_references(assessment, findings_);
  if (!assessment.holds.empty()) plan_.holds[assessment.pair->uuid] = assessment.holds;
  if (assessment.step) {
    complete_step(assessment, *assessment.step);
    plan_.steps.push_back(std::move(*assessment.step));
  }
  plan_.verdicts.push_back(std::move(assessment.verdict));
}

void Planner::complete_step(const Assessment& assessment, Step& step) const {
  for (const model::Use& use : assessment.primary.uses) {
    const Fate* target = use.uuid ? find(*use.uuid) : nullptr;
    if (target != nullptr && !target->has_target) step.waits_for.insert(*use.uuid);
  }
  if (step.parent_uuid.empty() || step.action == Action::remove) return;
  const Fate* parent = find(step.parent_uuid);
  if (parent != nullptr && !parent->has_target) step.waits_for.insert(step.parent_uuid);
}

/// What moved leaves its old place behind; it goes once the new one stands.
void Planner::add_removals_of_moved() {
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

void Planner::note_capacity() {
  for (const std::string& uuid : beyond_capacity_) {
    const Pair& pair = world_.pairs[world_.by_uuid.at(uuid)];
    findings_.push_back(Finding{pair.address(),
                                "no room on the standby (at most " + std::to_string(pair.kind->standby_capacity) +
                                    "); recreated at failover if it vanishes",
                                ""});
  }
}

std::string Planner::fingerprint() const {
  Sha256 steps;
  for (const Step& step : plan_.steps) {
    steps.update(std::string(name_of(step.action)) + " " + step.uuid + " " + step.target_id);
    if (step.desired) steps.update(" " + to_text(*step.desired));
    steps.update("\n");
  }
  return hmac_sha256_hex(options_.fingerprint_key, steps.finish_hex());
}

Plan make_plan(const World& world, const KnownState& known, const ReadErrors& read_errors, const PlanOptions& options) {
  return Planner(world, known, read_errors, options).plan({});
}

}  // namespace twinlake::engine
