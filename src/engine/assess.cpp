#include "engine/assess.h"

#include <algorithm>

#include "base/json_path.h"

namespace twinlake::engine {

using model::Canonical;
using model::Change;
using model::Kind;
using model::Support;
using nlohmann::json;

namespace {

std::string up(std::string pointer, int levels) {
  for (int i = 0; i < levels && !pointer.empty(); ++i) pointer.erase(pointer.rfind('/'));
  return pointer;
}

/// The first change that no update can make.
const Change* first_immutable(const Kind& kind, const std::vector<Change>& changes) {
  for (const Change& change : changes)
    for (const std::string_view path : kind.immutable)
      if (change.pointer == path || change.pointer.starts_with(std::string(path) + "/")) return &change;
  return nullptr;
}

void stop(Verdict& verdict, Stop how, Standing standing, const SharedText& because, const SharedText& what_to_do = {}) {
  verdict.stop = how;
  verdict.standing = standing;
  verdict.because = because;
  verdict.what_to_do = what_to_do;
  verdict.spoils = true;
}

}  // namespace

bool is_built_in(const Pair& pair) {
  const Kind& kind = *pair.kind;
  if (std::find(kind.built_in_keys.begin(), kind.built_in_keys.end(), pair.key) != kind.built_in_keys.end()) return true;
  // Of what was kept there is no item as a workspace lists it.
  const bool is_read = pair.primary != nullptr && !pair.primary->raw.is_null();
  const workspace::Item* item = is_read || pair.secondary == nullptr ? pair.primary : pair.secondary;
  return kind.is_built_in != nullptr && item != nullptr && kind.is_built_in(item->raw);
}

bool is_common(const Pair& pair) { return pair.kind->same_everywhere || is_built_in(pair); }

bool is_of_others(const Pair& pair) {
  if (pair.secondary == nullptr || pair.bond != Bond::key || is_common(pair) || !pair.kind->child_of.empty()) return false;
  return pair.kind->comes_by_itself == nullptr || !pair.kind->comes_by_itself(pair.secondary->raw);
}

Assessor::Assessor(const World& world, const KnownState& known, const ReadErrors& read_errors,
                   const PlanOptions& options, const std::set<std::string>& beyond_capacity,
                   std::vector<model::Finding>& findings)
    : world_(world), known_(known), read_errors_(read_errors), options_(options), beyond_capacity_(beyond_capacity),
      findings_(findings), not_yet_("is not on " + options.words.to() + " yet") {}

Assessment Assessor::assess(const Pair& pair) {
  Assessment result = assess_alone(pair);
  leave_to_others(pair, result);
  return result;
}

/// What differs is told all the same; only the step goes. To know an object is no write, unless it may have to be
/// stopped.
void Assessor::leave_to_others(const Pair& pair, Assessment& result) const {
  const bool writes = result.step && (result.step->action != Action::adopt || result.step->was_interrupted);
  if (!writes || !options_.kept_by_others) return;
  const std::optional<Error> keeper = options_.kept_by_others(*pair.kind, pair.key);
  if (!keeper) return;
  result.step.reset();
  result.verdict.stop = Stop::others;
  result.verdict.say_also(keeper->message);
  result.verdict.what_to_do = keeper->hint;
}

namespace {
/// An item may carry its own words; the kind has some for all.
void tell_of_unsupported(const Pair& pair, Verdict& verdict) {
  verdict.standing = Standing::unsupported;
  const json& item = (pair.primary != nullptr ? pair.primary : pair.secondary)->raw;
  const auto say = [&](std::string_view pointer, std::string_view otherwise) {
    const std::string own = text_at(item, pointer);
    return own.empty() ? std::string(otherwise) : own;
  };
  verdict.because = say("/because", pair.kind->about);
  verdict.what_to_do = say("/what_to_do", pair.kind->what_to_do);
}
}  // namespace

Assessment Assessor::assess_alone(const Pair& pair) {
  Assessment result;
  result.pair = &pair;
  result.verdict.uuid = pair.uuid;
  result.verdict.kind = pair.kind;
  result.verdict.key = pair.key;
  result.has_target = pair.secondary != nullptr;
  if (pair.kind->support == Support::lookup || (options_.takes && !options_.takes(pair))) return result;
  if (pair.kind->support == Support::unsupported) {
    tell_of_unsupported(pair, result.verdict);
    return result;
  }
  if (listings_failed(pair, result) || beyond_capacity_.contains(pair.uuid)) return result;
  if (!pair.ambiguity.empty()) {
    result.has_target = false;
    stop(result.verdict, Stop::conflict, Standing::drifted, pair.ambiguity + ": a name proves nothing here",
         "Rename or remove the wrong ones on " + options_.words.to() + ", then " + options_.words.again());
    return result;
  }
  if (pair.primary == nullptr) {
    assess_one_sided(pair, result);
    return result;
  }
  const auto in_turn = known_.in_turn.find(pair.uuid);
  const std::optional<Time> read = in_turn == known_.in_turn.end() ? std::nullopt : std::optional(in_turn->second.read);
  if (is_unchanged(pair, known_, world_.primary.side) && !pair.primary->complete) {
    result.verdict.read = read;
    if (read) tell_of_listed(pair, result);
    return result;
  }
  if (read_failed(pair, result) || is_made_by_service(pair, result)) return result;
  result.verdict.read = read;
  if (!make_desired(pair, Seen::whole, result)) return result;
  if (stopped_by_rewriting(pair, result)) return result;
  compare(pair, result);
  check_login(pair, result);
  return result;
}

/// What is read in its turn lacks little in its listing: what has to be said of it is said in every run.
void Assessor::tell_of_listed(const Pair& pair, Assessment& result) {
  Assessment listed;
  make_desired(pair, Seen::as_listed, listed);
  result.primary.uses = std::move(listed.primary.uses);
}

void Assessor::check_login(const Pair& pair, Assessment& result) const {
  const bool writes = result.step && (result.step->action == Action::create || result.step->action == Action::update);
  if (pair.kind->cannot_write == nullptr || options_.to == nullptr || !writes) return;
  const std::optional<Error> refusal = pair.kind->cannot_write(*result.desired, *options_.to);
  if (!refusal) return;
  result.step.reset();
  stop(result.verdict, Stop::blocked, result.verdict.standing, refusal->message, refusal->hint);
}

std::string what_happened(Error error) {
  error.hint.clear();
  return describe(error);
}

bool Assessor::listings_failed(const Pair& pair, Assessment& result) const {
  for (const auto* inventory : {&world_.primary, &world_.secondary}) {
    // A child is found in the listing of its own parent's kind; those of other kinds do not concern it.
    for (const Kind* kind : {pair.kind, pair.parent_kind}) {
      const Error* const error = kind == nullptr ? nullptr : inventory->of(*kind).unlisted(pair.key);
      if (error == nullptr) continue;
      const std::string which = inventory == &world_.primary ? options_.words.from() : options_.words.to();
      stop(result.verdict, Stop::failed, Standing::unknown, which + " could not be listed: " + what_happened(*error), error->hint);
      return true;
    }
  }
  return false;
}

bool Assessor::read_failed(const Pair& pair, Assessment& result) const {
  for (const workspace::Item* item : {pair.primary, pair.secondary}) {
    const auto found = item == nullptr ? read_errors_.end() : read_errors_.find(item);
    if (found == read_errors_.end()) continue;
    const std::string which = item == pair.primary ? options_.words.from() : options_.words.to();
    stop(result.verdict, Stop::failed, Standing::unknown, "could not be read on " + which + ": " + describe(found->second),
         found->second.hint);
    return true;
  }
  return false;
}

bool Assessor::is_made_by_service(const Pair& pair, Assessment& result) const {
  if (pair.kind->is_foreign == nullptr || !pair.kind->is_foreign(pair.primary->raw)) return false;
  result.verdict.standing = Standing::unsupported;
  result.verdict.stop = Stop::left_out;
  result.verdict.because = "the service makes it for another object";
  result.verdict.what_to_do = "It appears with that object";
  return true;
}

model::CanonicalContext context_on(const World& world, bool primary) {
  const Index& index = primary ? world.primary_index : world.secondary_index;
  model::CanonicalContext context;
  context.uuid_of = [&index](std::string_view kind, const std::string& id) { return index.by_id(kind, id); };
  context.uuid_by_key = [&index](std::string_view kind, const std::string& key) { return index.by_key(kind, key); };
  context.self = primary ? world.primary_self : world.secondary_self;
  return context;
}

bool Assessor::has_no_target(const model::Use& use) const {
  if (!use.uuid) return true;
  const auto found = world_.by_uuid.find(*use.uuid);
  if (found == world_.by_uuid.end()) return true;
  const Pair& target = world_.pairs[found->second];
  return target.kind->support != Support::replicated && target.secondary == nullptr;
}

void Assessor::drop_unknown(const Pair& pair, Assessment& result) {
  std::vector<std::string> places;
  for (const model::Use& use : result.primary.uses) {
    const bool is_told = use.reference->missing == model::IfMissing::drop;
    if ((!is_told && use.reference->missing != model::IfMissing::ignore) || !has_no_target(use)) continue;
    places.push_back(up(use.place, use.reference->drop_levels));
    if (!is_told) continue;
    findings_.push_back(model::Finding{pair.address(), "names " + use.text + ", which does not exist; the entry is left out",
                                       "Remove the entry on " + options_.words.from() + ", or create the principal"});
  }
  if (places.empty()) return;
  erase_all(*result.desired, std::move(places));
  model::normalise(*pair.kind, *result.desired);
}

/// What names an object that only the secondary has says nothing about the primary.
void Assessor::drop_extras(const Pair& pair, Canonical& current) const {
  std::vector<std::string> places;
  for (const model::Use& use : current.uses) {
    if (use.reference->missing != model::IfMissing::ignore) continue;
    const auto target = use.uuid ? world_.by_uuid.find(*use.uuid) : world_.by_uuid.end();
    if (target == world_.by_uuid.end() || world_.pairs[target->second].primary == nullptr)
      places.push_back(up(use.place, use.reference->drop_levels));
  }
  if (places.empty()) return;
  erase_all(*current.form, std::move(places));
  model::normalise(*pair.kind, *current.form);
}

bool Assessor::make_desired(const Pair& pair, Seen seen, Assessment& result) {
  if (!options_.source) {
    result.primary = model::canonical(*pair.kind, pair.primary->raw, context_on(world_, true));
  } else if (!read_kept(pair, result)) {
    return false;
  }
  if (options_.saw && seen == Seen::whole) options_.saw(pair, *result.primary.form);
  // The canonical form itself is needed no more: one document an object, not two.
  result.desired = std::move(result.primary.form);
  drop_unknown(pair, result);
  rewrite(pair, result);
  if (options_.is_live) return true;
  for (model::LiveTrigger& trigger : model::hold(*pair.kind, *result.desired))
    result.holds.push_back(state::HoldRecord{pair.uuid, std::move(trigger.place), std::move(trigger.live), options_.now});
  return true;
}

Step Assessor::step_for(const Pair& pair, const Assessment& result, Action action) const {
  Step step;
  step.action = action;
  step.uuid = pair.uuid;
  step.kind = pair.kind;
  step.parent_kind = pair.parent_kind;
  step.key = pair.key;
  step.parent_uuid = pair.parent_uuid;
  // What stands there once it is made is ours, whoever's it was that is gone or stays in its old place.
  step.origin = action == Action::create ? state::Origin::created : pair.origin;
  step.was_interrupted = pair.was_interrupted;
  if (pair.primary != nullptr) step.source_id = pair.primary->id;
  if (pair.secondary != nullptr) step.target_id = pair.secondary->id;
  if (result.desired) step.desired = model::PackedForm(*result.desired);
  step.rewritten = result.rewritten;
  step.marks_unrewritten = result.marks_unrewritten;
  return step;
}

void Assessor::settle_equal(const Pair& pair, Assessment& result) const {
  remember_equal(pair, result);
  // It may have been started by the write that broke off: then it is stopped again.
  const bool may_run = pair.was_interrupted && pair.kind->follow_up.endpoint.exists();
  if ((pair.bond == Bond::bound && !may_run) || !pair.kind->child_of.empty()) return;
  if (options_.restores && pair.bond == Bond::key) return;
  result.step = step_for(pair, result, Action::adopt);
  result.step->reason = pair.bond == Bond::key ? "is there already and equal" : "was written by an earlier run";
}

void Assessor::settle_different(const Pair& pair, const json& current, Assessment& result,
                                std::vector<Change> changes) const {
  Verdict& verdict = result.verdict;
  // Our own principal on the secondary is never changed: a run must not lock itself out.
  if (pair.kind->same_everywhere && world_.secondary_self.contains(pair.secondary->id)) return settle_equal(pair, result);
  verdict.changes = changes;
  verdict.spoils = true;
  const ChangedBy changed = changed_by(pair, *result.desired, current, changes);
  const bool only_there = changed.secondary && !changed.primary;
  verdict.standing = only_there ? Standing::drifted : Standing::lagging;
  verdict.because = only_there ? "was changed on " + options_.words.to() : "changed on " + options_.words.from();
  if (is_of_others(pair) && !(options_.may_overwrite && options_.may_overwrite(*pair.kind, pair.key))) {
    stop(verdict, Stop::conflict, Standing::drifted, options_.words.to() + " has another object of that name, not made by Twinlake",
         options_.restores ? "Rename one of them, then restore again" : "Rename one of them, or allow `adopt: overwrite` for it in twinlake.yml");
    return;
  }
  if (const Change* change = first_immutable(*pair.kind, changes); change != nullptr && pair.bond != Bond::none) {
    stop(verdict, Stop::conflict, verdict.standing, change->pointer + " cannot be changed in place",
         "Remove the object there when nothing uses it, then " + options_.words.again());
    return;
  }
  if (changed.both() && settle_conflict(pair, current, changed, result)) return;
  result.step = step_for(pair, result, Action::update);
  result.step->changes = std::move(changes);
  result.step->reason = verdict.because;
}

/// Takes what cannot be set out of the comparison, and says where it differs.
void Assessor::tell(const Pair& pair, json& current, json& desired) const {
  for (const std::string_view pointer : pair.kind->only_told) {
    const std::string here = text_at(desired, pointer);
    const std::string there = text_at(current, pointer);
    for (json* form : {&current, &desired}) JsonPath(pointer).erase_from(*form);
    if (here == there) continue;
    const std::string what(pointer.substr(1));
    findings_.push_back(model::Finding{pair.address(), what + " is " + here + " on " + options_.words.from() + " and " + there + " on " + options_.words.to(),
                                       "It cannot be set from outside; bring it up to date where it is used"});
  }
}

namespace {

/// Takes out what one of the two sides cannot tell.
void drop_untold(const Kind& kind, json& current, json& desired) {
  for (const std::string_view pointer : kind.compared_if_told) {
    if (find_at(current, pointer) != nullptr && find_at(desired, pointer) != nullptr) continue;
    for (json* form : {&current, &desired}) JsonPath(pointer).erase_from(*form);
  }
}

std::vector<Change> differences_between(const Kind& kind, const json& current, const json& desired,
                                        const model::LiteralRules& literals) {
  if (kind.compared_if_told.empty()) return model::differences(kind, current, desired, literals);
  json one = current;
  json other = desired;
  drop_untold(kind, one, other);
  return model::differences(kind, one, other, literals);
}

}  // namespace

/// A name is no proof that the old place is ours: what a killed run may have made there goes only when it is what that
/// run would have written.
void Assessor::leave_unproved(const Pair& pair, const json& current, Assessment& result) const {
  if (pair.bond != Bond::in_doubt) return;
  json there = current;
  json here = *result.desired;
  for (const std::string_view place : pair.kind->named_by)
    for (json* form : {&there, &here}) JsonPath(place).erase_from(*form);
  if (differences_between(*pair.kind, there, here, options_.literals).empty()) return;
  result.step->target_id = {};
  findings_.push_back(model::Finding{pair.address(), "an earlier run may have made " + std::string(pair.secondary->key) + ", which is another one now; it stays",
                                     "Remove it on " + options_.words.to() + " by hand if nobody needs it"});
}

void Assessor::settle_missing(const Pair& pair, Assessment& result) const {
  result.verdict.standing = Standing::missing;
  result.verdict.spoils = true;
  result.verdict.because = pair.was_bound ? SharedText("was removed on " + options_.words.to()) : not_yet_;
  // A child without content appears with its parent by itself.
  if (!pair.kind->child_of.empty() && result.desired->empty()) {
    result.verdict = Verdict{pair.uuid, pair.kind, pair.key, {}, {}, {}, {}, {}, false};
    return;
  }
  if (is_built_in(pair)) {
    stop(result.verdict, Stop::blocked, Standing::missing, "is made by the service, and " + options_.words.to() + " does not have it",
         "It appears with its user or feature; " + options_.words.again() + " afterwards");
    return;
  }
  result.step = step_for(pair, result, Action::create);
  result.step->reason = result.verdict.because;
}

void Assessor::compare(const Pair& pair, Assessment& result) const {
  if (pair.secondary == nullptr) return settle_missing(pair, result);
  Canonical current = model::canonical(*pair.kind, pair.secondary->raw, context_on(world_, false));
  drop_extras(pair, current);
  if (pair.kind->key_is_path && pair.primary->key != pair.secondary->key && pair.kind->child_of.empty()) {
    result.verdict.standing = Standing::lagging;
    result.verdict.spoils = true;
    result.verdict.because = "moved here from " + pair.secondary->key;
    result.has_target = false;
    result.step = step_for(pair, result, Action::create);
    result.step->reason = result.verdict.because;
    leave_unproved(pair, *current.form, result);
    return;
  }
  tell(pair, *current.form, *result.desired);
  std::vector<Change> changes = differences_between(*pair.kind, *current.form, *result.desired, options_.literals);
  if (changes.empty()) {
    settle_equal(pair, result);
  } else {
    settle_different(pair, *current.form, result, std::move(changes));
    if (result.verdict.stop == Stop::conflict && pair.bond == Bond::key) result.has_target = false;
  }
  if (result.step && !result.step->current) result.step->current = model::PackedForm(*current.form);
}

}  // namespace twinlake::engine
