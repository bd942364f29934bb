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

/// What was decided is in the plan; the definitions of a hundred thousand objects must not stand in memory beside it.
/// Those of lookup kinds are asked for once more, to suggest what is there instead.
void forget_definition(const Pair& pair) {
  if (pair.kind->support == Support::lookup) return;
  for (workspace::Item* item : {pair.primary, pair.secondary})
    if (item != nullptr) item->raw = nullptr;
}

bool leaves_it_there(const std::optional<Step>& step) { return step && step->action != Action::remove; }

}  // namespace

Planner::Planner(const World& world, const KnownState& known, const ReadErrors& errors, PlanOptions options)
    : world_(world), options_(std::move(options)), beyond_capacity_(find_beyond_capacity(world)),
      assessor_(world, known, errors, options_, beyond_capacity_, findings_) {}

void Planner::decide_all(const std::vector<std::size_t>& late) {
  fates_.resize(world_.pairs.size());
  plan_.verdicts.reserve(world_.pairs.size());
  std::vector<bool> unseen(world_.pairs.size());
  for (const std::size_t position : late) unseen[position] = true;
  // The same words for all of them.
  const SharedText because("was not looked at before the run ended");
  const SharedText what_to_do(options_.words.do_again());
  for (std::size_t i = 0; i < world_.pairs.size(); ++i) {
    const Pair& pair = world_.pairs[i];
    if (!unseen[i]) {
      assess(i);
      if (options_.decided) options_.decided(pair);
      forget_definition(pair);
    } else if (has_verdict(i)) {
      late_verdicts_[i] = plan_.verdicts.size();
      plan_.verdicts.push_back(Verdict{pair.uuid, pair.kind, pair.key, Standing::unknown, Stop::failed, because, what_to_do, {}, true});
    }
  }
  tell_unlisted();
  limit_removals();
  block_dependents();
  keep_what_is_filled();
  for (; !drafts_.empty(); drafts_.pop_front()) {
    Draft& draft = drafts_.front();
    if (!draft.step) continue;
    complete_step(draft.uses, *draft.step);
    plan_.steps.push_back(std::move(*draft.step));
  }
  add_removals_of_moved();
}

/// What could not be listed has no pairs of its own on that side: it must not pass as nothing.
void Planner::tell_unlisted() {
  for (const auto* inventory : {&world_.primary, &world_.secondary}) {
    const std::string_view which = inventory == &world_.primary ? options_.words.source : options_.words.target;
    for (const auto& [name, listing] : inventory->kinds) {
      if (listing.kind == nullptr || listing.kind->support == Support::lookup) continue;
      if (listing.error) tell_unlisted(*listing.kind, "", *listing.error, which);
      for (const workspace::Hole& hole : listing.holes) tell_unlisted(*listing.kind, hole.prefix, hole.error, which);
    }
  }
}

void Planner::tell_unlisted(const Kind& kind, const std::string& prefix, const Error& error, std::string_view which) {
  const bool is_told = std::any_of(plan_.verdicts.begin(), plan_.verdicts.end(), [&](const Verdict& verdict) {
    return verdict.kind == &kind && verdict.standing == Standing::unknown && verdict.key.starts_with(prefix);
  });
  if (is_told) return;
  plan_.verdicts.push_back(Verdict{uuid_from("unlisted/" + std::string(which) + "/" + std::string(kind.name) + "/" + prefix), &kind, prefix + "*",
                                   Standing::unknown, Stop::failed,
                                   "could not be listed on the " + std::string(which) + ": " + what_happened(error), error.hint, {}, true});
}

LateDecision Planner::decide(const Pair& pair) {
  // What is found of this object belongs to its decision, not to what was found before.
  auto earlier = std::exchange(findings_, {});
  Assessment assessment = assessor_.assess(pair);
  const std::vector<model::Use>& uses = assessment.primary.uses;
  LateDecision decision;
  decision.verdict_at = late_verdicts_.at(position_of(pair));
  if (assessment.step && !must_go(pair, uses, *assessment.step, assessment.verdict)) {
    complete_step(uses, *assessment.step);
    decision.step = std::move(assessment.step);
  }
  note_kept_references(pair, uses);
  decision.findings = std::exchange(findings_, std::move(earlier));
  decision.verdict_of = pair.uuid;
  decision.originals = std::move(assessment.originals);
  decision.agreed = std::move(assessment.agreed);
  decision.verdict = std::move(assessment.verdict);
  return decision;
}

void Planner::take(LateDecision decision) {
  plan_.verdicts[decision.verdict_at] = std::move(decision.verdict);
  std::move(decision.findings.begin(), decision.findings.end(), std::back_inserter(findings_));
  if (decision.originals) plan_.originals[decision.verdict_of] = std::move(*decision.originals);
  if (decision.agreed) plan_.agreed.push_back(std::move(*decision.agreed));
  if (decision.step) plan_.steps.push_back(std::move(*decision.step));
}

bool is_equal(const LateDecision& decision) {
  const Verdict& verdict = decision.verdict;
  return !decision.step && verdict.standing == Standing::in_sync && verdict.stop == Stop::none && decision.findings.empty();
}

bool Planner::is_settled(const Pair& pair) const {
  const Fate& fate = fate_of(pair);
  return fate.has_target && !fate.has_step && fate.stop == Stop::none;
}

void Planner::trust(const Pair& pair, Time read) {
  Verdict& verdict = plan_.verdicts[late_verdicts_.at(position_of(pair))];
  verdict = Verdict{pair.uuid, pair.kind, pair.key, Standing::in_sync, Stop::none, {}, {}, {}, false, read};
}

Plan Planner::seal() {
  plan_.steps = in_order(std::move(plan_.steps));
  note_capacity();
  plan_.findings = std::exchange(findings_, {});
  plan_.fingerprint = fingerprint();
  return std::exchange(plan_, Plan{});
}

bool Planner::has_verdict(std::size_t position) const {
  const Pair& pair = world_.pairs[position];
  if (pair.kind->support == Support::lookup || (options_.takes && !options_.takes(pair))) return false;
  if (pair.kind->support == Support::unsupported && pair.primary == nullptr) return false;
  return !beyond_capacity_.contains(pair.uuid);
}

void Planner::assess(std::size_t position) {
  const Pair& pair = world_.pairs[position];
  Assessment made = assessor_.assess(pair);
  record(pair, leaves_it_there(made.step), made.verdict);
  fates_[position].has_target = made.has_target;
  if (!has_verdict(position)) return;
  note_kept_references(pair, made.primary.uses);
  if (!made.holds.empty()) plan_.holds[pair.uuid] = std::move(made.holds);
  // What stays behind although the primary has it no more was live on nobody: a failover must not start it.
  const bool is_left_behind = pair.primary == nullptr && pair.was_bound && made.verdict.standing == Standing::extra;
  if (is_left_behind && !world_.primary.of(*pair.kind).disabled) plan_.holds[pair.uuid].clear();
  if (made.originals) plan_.originals[pair.uuid] = std::move(*made.originals);
  if (made.agreed) plan_.agreed.push_back(std::move(*made.agreed));
  if (made.step) {
    Draft& draft = drafts_.emplace_back();
    draft.pair = position;
    draft.verdict = plan_.verdicts.size();
    draft.uses = std::move(made.primary.uses);
    draft.step = std::move(made.step);
  }
  plan_.verdicts.push_back(std::move(made.verdict));
}

void Planner::record(const Pair& pair, bool has_step, const Verdict& verdict) {
  Fate& fate = fate_of(pair);
  fate.has_step = has_step;
  fate.stop = verdict.stop;
  fate.because = fate.stop == Stop::none ? SharedText() : verdict.because;
}

const Pair* Planner::find(const std::string& uuid) const {
  const auto found = world_.by_uuid.find(uuid);
  return found == world_.by_uuid.end() ? nullptr : &world_.pairs[found->second];
}

std::string Planner::why_missing(const model::Use& use) const {
  const Pair* target = use.uuid ? find(*use.uuid) : nullptr;
  if (target == nullptr || target->primary == nullptr) return {};
  const Fate& fate = fate_of(*target);
  if (fate.will_be_there()) return {};
  if (target->kind->support == Support::lookup || fate.stop == Stop::none)
    return "needs " + target->address() + ", which " + options_.words.to() + " does not have";
  return "needs " + target->address() + ", which is not there: " + fate.because;
}

/// An entry is left out where there is nobody to name. One that stands for an object of ours waits for it:
/// a list without it would be another list.
bool Planner::names_what_we_make(const model::Use& use) const {
  const bool is_entry = use.reference->missing == IfMissing::drop || use.reference->missing == IfMissing::ignore;
  const Pair* target = is_entry && use.uuid ? find(*use.uuid) : nullptr;
  return target != nullptr && target->kind->support == Support::replicated;
}

/// What one object needs and will not find; empty: nothing.
std::string Planner::cause_of_block(const Pair& pair, const std::vector<model::Use>& uses) const {
  for (const model::Use& use : uses) {
    if (use.reference->missing != IfMissing::block && !names_what_we_make(use)) continue;
    std::string cause = why_missing(use);
    if (!cause.empty()) return cause;
    if (!use.uuid && use.reference->missing == IfMissing::block)
      return "refers to " + std::string(use.reference->kinds.front()) + " " + use.text + " at " + use.place +
             ", which " + options_.words.from() + " does not have";
  }
  const Pair* parent = find(pair.parent_uuid);
  if (parent != nullptr && !fate_of(*parent).will_be_there()) return "its " + parent->address() + " is not there";
  return {};
}

/// Of a kind that nobody can create, the secondary may simply have others.
void Planner::note_not_offered(const Pair& pair, const model::Use& use) {
  const Pair* target = find(*use.uuid);
  if (target == nullptr || target->kind->suggest == nullptr || target->secondary != nullptr) return;
  std::vector<const nlohmann::json*> offered;
  for (const workspace::Item& item : world_.secondary.of(*target->kind).items) offered.push_back(&item.raw);
  findings_.push_back(Finding{pair.address(),
                              "needs " + use.text + " at " + use.place + ", which " + options_.words.to() + " does not offer",
                              target->kind->suggest(target->primary->raw, offered)});
}

void Planner::note_kept_references(const Pair& pair, const std::vector<model::Use>& uses) {
  for (const model::Use& use : uses) {
    if (use.reference->missing != IfMissing::keep) continue;
    if (use.uuid) {
      note_not_offered(pair, use);
      continue;
    }
    findings_.push_back(Finding{pair.address(),
                                "refers to " + use.text + " at " + use.place +
                                    ", which is not in scope or does not exist; kept as it is",
                                "Check that " + options_.words.to() + " has it before failing over"});
  }
}

/// Why an object is left out although it could be read; empty: it is not.
std::string Planner::cause_of_leaving_out(const Pair& pair, const std::vector<model::Use>& uses) const {
  for (const model::Use& use : uses) {
    if (use.reference->missing == IfMissing::leave_out && !use.uuid)
      return "belongs to " + use.text + ", who does not exist any more";
    const Pair* target = use.uuid ? find(*use.uuid) : nullptr;
    if (target != nullptr && fate_of(*target).stop == Stop::left_out) return fate_of(*target).because;
  }
  const Pair* parent = find(pair.parent_uuid);
  return parent != nullptr && fate_of(*parent).stop == Stop::left_out ? fate_of(*parent).because : "";
}

bool Planner::leave_out(const Pair& pair, const std::vector<model::Use>& uses, Verdict& verdict) const {
  const std::string cause = cause_of_leaving_out(pair, uses);
  if (cause.empty()) return false;
  verdict.standing = Standing::unsupported;
  verdict.stop = Stop::left_out;
  verdict.because = cause;
  verdict.what_to_do = "Move what is still needed to a folder of somebody who exists";
  verdict.spoils = false;
  return true;
}

/// Can this step not be carried out? Then the verdict says why.
bool Planner::must_go(const Pair& pair, const std::vector<model::Use>& uses, const Step& step, Verdict& verdict) const {
  if (step.action == Action::remove || step.action == Action::adopt) return false;
  if (leave_out(pair, uses, verdict)) return true;
  const std::string cause = cause_of_block(pair, uses);
  if (cause.empty()) return false;
  verdict.stop = Stop::blocked;
  verdict.because = "blocked: " + cause;
  verdict.spoils = true;
  return true;
}

/// A block travels along references until nothing changes.
void Planner::block_dependents() {
  for (bool changed = true; changed;) {
    changed = false;
    for (Draft& draft : drafts_) {
      const Pair& pair = world_.pairs[draft.pair];
      if (!draft.step || !must_go(pair, draft.uses, *draft.step, plan_.verdicts[draft.verdict])) continue;
      draft.step.reset();
      record(pair, false, plan_.verdicts[draft.verdict]);
      changed = true;
    }
  }
}

void Planner::complete_step(const std::vector<model::Use>& uses, Step& step) const {
  for (const model::Use& use : uses) {
    const Pair* target = use.uuid ? find(*use.uuid) : nullptr;
    if (target != nullptr && !fate_of(*target).has_target) step.wait_for(target->uuid);
  }
  if (step.action == Action::remove) return;
  const Pair* parent = find(step.parent_uuid);
  if (parent != nullptr && !fate_of(*parent).has_target) step.wait_for(step.parent_uuid);
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
    if (step.desired) steps.update(" " + to_text(step.desired.unpack()));
    steps.update("\n");
  }
  return hmac_sha256_hex(options_.fingerprint_key, steps.finish_hex());
}

Plan make_plan(const World& world, const KnownState& known, const ReadErrors& read_errors, const PlanOptions& options) {
  Planner planner(world, known, read_errors, options);
  planner.decide_all({});
  return planner.seal();
}

}  // namespace twinlake::engine
