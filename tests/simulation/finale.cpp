// The end of a history: nothing is broken any more, what was begun is brought to its end, and one more sync has to make
// everything equal but for what people made irreconcilable.
#include <algorithm>

#include "base/json_path.h"
#include "simulation/player.h"

namespace twinlake::simulation {

using nlohmann::json;

void Player::come_to_an_end() {
  log("the end");
  playing_ = "the end";
  disarm();
  return_regions();
  // What another machine left locked expires, and what somebody started by hand comes to rest.
  pass(std::chrono::minutes(12));
  finish_what_is_open();
  if (!witness_.problem().empty() || is_stuck_) return;
  Flags flags;
  flags.allow_deletes = 10'000;
  flags.looks = true;
  // A standby that was lost to its role in the middle of a write: what was made there is recognised by the first sync, and
  // what has its name on the other side finds its own place by the next one.
  if (!journal_.open_intents(facts_.primary).empty()) (void)run(Command::sync, flags);
  const Done synced = run(Command::sync, std::move(flags));
  log(synced.ending.told);
  if (synced.ending.word != "complete" && synced.ending.word != "partial") {
    is_stuck_ = waits_for_people(synced.ending);
    if (is_stuck_) return log("the sync waits for who mends what names what is gone");
    return report("the end", "the last sync did not come to its end: " + synced.ending.told);
  }
  pass(std::chrono::minutes(1));
  check_equal();
  if (witness_.problem().empty()) check_second_sync();
}

/// The service takes no change of what names something that people removed, be it there or, after them, by us on the
/// other side; and so no pause of it and no release either: then nobody but people can go on.
bool Player::waits_for_people(const Ending& ending) {
  const auto is_named = [&](const std::string& id) { return ending.told.find(id) != std::string::npos; };
  return std::ranges::any_of(people_.dangling(), is_named) || std::ranges::any_of(facts_.removed_by_us, is_named);
}

void Player::finish_what_is_open() {
  const auto unfinished = [this]() -> std::optional<state::Failover> {
    auto store = state();
    const auto last = store ? (*store)->last_failover() : std::nullopt;
    return failover::is_unfinished(last) ? last : std::nullopt;
  };
  // A new machine learns from the mirror what there is to finish.
  if (!journal_.primary()) (void)run(Command::reconcile, {});
  if (const auto open = unfinished()) {
    const Command again = open->type == state::Failover::Type::planned ? Command::planned : Command::forced;
    Done finished = run(again, {});
    if (unfinished() && waits_for_people(finished.ending) && !finished.ending.unreleased.empty()) {
      Flags flags;
      flags.without = finished.ending.unreleased;
      finished = run(again, std::move(flags));
    }
    if (unfinished()) {
      const Done aborted = run(Command::abort, {});
      is_stuck_ = unfinished() && (waits_for_people(finished.ending) || waits_for_people(aborted.ending));
      if (is_stuck_) return log("the failover waits for who mends what names " + finished.ending.told + aborted.ending.told);
    }
    if (unfinished()) report("the end", "a failover can be brought to no end");
  }
  commit();
  auto store = state();
  const auto drill = store ? (*store)->last_drill() : std::nullopt;
  if (!drill || drill->cleaned) return;
  const Done cleaned = run(Command::clean_up, {});
  if (!cleaned.ending.is_complete) report("drill", "something of a drill is left: " + cleaned.ending.told);
}

/// Everything is in sync, but for what people made so that it cannot be.
void Player::check_equal() {
  const Done read = run(Command::reconcile, {});
  if (read.ending.word != "read") return report("the end", "the reconciliation did not come to its end: " + read.ending.told);
  const std::set<std::string> known = excused(read.ending.verdicts);
  report_unequal("the end", read.ending.verdicts, known);
  if (known.empty() && journal_.intents_in_doubt() > 0) report("the end", "writes are in doubt although everything is in sync");
  const auto sight = site_.look_at(secondary());
  for (const auto& [key, name] : sight->live())
    if (!may_be_live(secondary(), key)) report("rule 1", key + " " + name + " is live on the standby");
  for (const std::string& key : sight->running())
    if (!facts_.is_of_people(secondary(), key) && !facts_.was_started.contains(key)) report("rule 1", key + " runs on the standby");
}

void Player::report_unequal(const std::string& rule, const std::vector<engine::Verdict>& verdicts, const std::set<std::string>& known) {
  for (const engine::Verdict& verdict : verdicts) {
    if (!verdict.spoils || known.contains(verdict.address())) continue;
    std::string text = verdict.address() + " is " + std::string(engine::name_of(verdict.standing)) + ", " + verdict.because;
    for (const model::Change& change : verdict.changes) text += "; " + change.pointer + " " + change.before + " -> " + change.after;
    report(rule, text);
  }
}

/// What people did that no sync can mend, precisely; and what needs such a thing.
std::set<std::string> Player::excused(const std::vector<engine::Verdict>& verdicts) {
  std::set<std::string> known;
  for (const engine::Verdict& verdict : verdicts)
    if (verdict.spoils && is_excused(verdict)) known.insert(verdict.address());
  for (bool grows = true; grows;) {
    grows = false;
    for (const engine::Verdict& verdict : verdicts) {
      if (!verdict.spoils || known.contains(verdict.address())) continue;
      // Of a child the key is its parent's address.
      const bool needs_one = std::ranges::any_of(known, [&](const std::string& address) {
        return verdict.because.find(address) != std::string::npos || (verdict.stop == engine::Stop::conflict && verdict.key == address);
      });
      if (needs_one) grows = known.insert(verdict.address()).second || grows;
    }
  }
  return known;
}

bool Player::is_excused(const engine::Verdict& verdict) {
  const Side standby = secondary();
  const auto sight_there = site_.look_at(standby);
  const auto sight_here = site_.look_at(facts_.primary);
  const auto& there = sight_there->things();
  const auto& here = sight_here->things();
  const auto is_theirs = [&](const Thing& thing) { return facts_.is_of_people(standby, thing.key()); };
  // What people made on the standby is reported and stays, and so do the folders in which it lies.
  if (verdict.standing == engine::Standing::extra)
    return std::ranges::any_of(there, [&](const auto& entry) {
      return is_theirs(entry.second) && (entry.second.name == verdict.key || entry.second.name.starts_with(verdict.key + "/"));
    });
  if (verdict.stop == engine::Stop::conflict)
    return std::ranges::any_of(there, [&](const auto& entry) {
      return (is_theirs(entry.second) || facts_.forgotten.contains(entry.first)) && entry.second.name == verdict.key;
    });
  // It names what people removed on the primary.
  const auto names_what_is_gone = [&](const std::string& id) {
    const bool is_gone = std::ranges::none_of(here, [&](const auto& entry) { return entry.second.id == id; });
    return is_gone && verdict.because.find(id) != std::string::npos;
  };
  return verdict.stop == engine::Stop::blocked &&
         (std::ranges::any_of(people_.dangling(), names_what_is_gone) || std::ranges::any_of(facts_.removed_by_us, names_what_is_gone));
}

/// Rule 9.
void Player::check_second_sync() {
  const Done again = run(Command::sync, {});
  if (witness_.writes() > 0) report("rule 9", "a second sync writes " + std::to_string(witness_.writes()) + " times:\n" + again.ending.told);
}

}  // namespace twinlake::simulation
