// What must be true after each command, whatever happened in it.
#include <filesystem>
#include <fstream>

#include "base/hash.h"
#include "base/json_path.h"
#include "engine/mirror.h"
#include "simulation/player.h"

namespace twinlake::simulation {

using nlohmann::json;

namespace {

bool moves_the_role(Command command) { return command == Command::planned || command == Command::forced || command == Command::abort; }

std::string joined(const std::multiset<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return "{" + text + "}";
}

/// Without what tells a held trigger from a live one.
std::string paused(std::string content) {
  for (const auto& [live, held] : {std::pair<std::string, std::string>{"\"UNPAUSED\"", "\"PAUSED\""}, {"\"continuous\":true", "\"continuous\":false"}})
    for (std::size_t at = content.find(live); at != std::string::npos; at = content.find(live)) content.replace(at, live.size(), held);
  return content;
}

std::string content_of(const std::filesystem::path& path) {
  std::string content(std::filesystem::file_size(path), '\0');
  std::ifstream(path, std::ios::binary).read(content.data(), static_cast<std::streamsize>(content.size()));
  return content;
}

}  // namespace

/// Of what is replicated: the rest is nobody's to hold and to release.
std::multiset<std::string> Player::replicated_names(Side side, const std::map<std::string, std::string>& live) {
  std::multiset<std::string> names;
  for (const auto& [key, name] : live)
    if (const auto bound = journal_.bound(side, key.substr(key.find('/') + 1)); bound && bound->other_id) names.insert(name);
  return names;
}

/// Rules 6 and 11: the role moves by a failover alone, and then it has moved in the state too.
void Player::check_role(Command command, const Before& before, const Done& done) {
  const auto now = journal_.primary();
  if (!moves_the_role(command) && before.role && now && *now != *before.role) report("rule 6", "the role moved in a command that moves no role");
  const bool is_move = command == Command::planned || command == Command::forced;
  if (is_move && done.ending.is_complete && before.role && now == before.role && site_.loop().now() > Time{}) {
    // One that was killed after the role had moved is only finished by this command.
    auto store = state();
    const auto last = store ? (*store)->last_failover() : std::nullopt;
    if (!last || last->to != *now) report("rule 6", "a failover is complete and the role is where it was");
  }
  if (done.ending.left_guard_open) report("rule 6", "the old primary can still be written to when the command is over");
  if (now) facts_.primary = *now;
}

/// Rules 5 and 6, on the ground: what is not ours, and the primary, are as they were.
void Player::check_untouched(Command command, const Before& before, const Done& done) {
  // What was equal may be adopted first and changed after an edit; another machine's state knows what this one learns with the mirror.
  const bool knows_strangers = !moves_the_role(command) && !done.was_edited && done.ending.told.find("was taken from there") == std::string::npos;
  for (const Side side : {Side::home, Side::away}) {
    const auto& touched = facts_.touched[Facts::at(side)];
    const auto& then = before.sights[Facts::at(side)]->things();
    const auto sight = site_.look_at(side);
    const auto& now = sight->things();
    for (const auto& [key, thing] : then)
      if (!touched.contains(key)) check_as_it_was(command, side, thing, now, side == secondary() && knows_strangers && before.strangers.contains(key));
    if (!is_only_read(command, side)) continue;
    for (const auto& [key, thing] : now)
      if (!then.contains(key) && !touched.contains(key)) report("rule 6", key + " " + thing.name + " was made on the primary");
  }
}

/// A drill is held, and cleaned up, where it was begun, whatever that side is now.
bool Player::is_only_read(Command command, Side side) const {
  return side == facts_.primary && !moves_the_role(command) && command != Command::drill && command != Command::clean_up;
}

/// A secret is known by its scope.
bool Player::is_bound(Side side, const Thing& thing) {
  return journal_.bound(side, thing.list == "secrets" ? thing.id.substr(0, thing.id.find('/')) : thing.id).has_value();
}

void Player::check_as_it_was(Command command, Side side, const Thing& thing, const std::map<std::string, Thing>& now, bool is_stranger) {
  const std::string key = thing.key();
  const std::string what = key + " " + thing.name;
  const std::string where(model::name_of(side));
  const bool is_drill = command == Command::drill || command == Command::clean_up;
  const bool is_of_people = facts_.is_of_people(side, key);
  const bool is_known = is_bound(side, thing);
  const bool may_change = !is_stranger && !is_only_read(command, side) && (is_drill ? !is_of_people && !is_known : !is_of_people || is_known || moves_the_role(command));
  const auto same = now.find(key);
  if (same == now.end()) {
    if (is_of_people || is_only_read(command, side)) report("rule 5", what + " is gone from " + where);
    return;
  }
  if (may_change || same->second == thing) return;
  // A lost primary is fenced when it is back, with everything in it that starts by itself.
  if (owes_fence_ && paused(same->second.content) == paused(thing.content)) return;
  report("rule 5", what + " was changed on " + where + ": " + thing.content + " -> " + same->second.content);
}

/// Rule 3: of ours there are never more than people made.
void Player::check_names() {
  for (const Side side : {Side::home, Side::away}) {
    std::map<std::string, int> counts;
    const auto sight = site_.look_at(side);
    for (const auto& [key, thing] : sight->things())
      if (!facts_.is_of_people(side, key)) ++counts[thing.list + "/" + thing.name];
    for (const auto& [name, count] : counts) {
      // Copies of a drill are named after what they are copies of.
      const std::size_t drill = name.find("/drill-");
      const auto ever = facts_.names.find(drill == std::string::npos ? name : name.substr(0, drill + 1) + name.substr(name.find(' ') + 1));
      if (count > 1 && count > (ever == facts_.names.end() ? 1 : ever->second))
        report("rule 3", std::to_string(count) + " of " + name + " on " + std::string(model::name_of(side)));
    }
  }
}

/// What people made there, and copies of a drill that people let run.
bool Player::may_be_live(Side side, const std::string& key) {
  if (facts_.is_of_people(side, key)) return true;
  return facts_.let_live[Facts::at(side)].contains(key) && !journal_.bound(side, key.substr(key.find('/') + 1));
}

/// Rule 1, when a sync says that all is well and nobody was at work meanwhile.
void Player::check_synced(const Before& before, const Done& done) {
  if (done.ending.has_synced) owes_fence_ = false;
  if (!done.ending.has_synced || done.was_edited) return;
  const Side standby = secondary();
  const auto sight = site_.look_at(standby);
  for (const auto& [key, name] : sight->live())
    if (!may_be_live(standby, key)) report("rule 1", key + " " + name + " is live on the standby after a complete sync");
  std::erase_if(facts_.let_live[Facts::at(standby)], [&](const std::string& key) { return !may_be_live(standby, key); });
  const auto& was_running = before.sights[Facts::at(standby)]->running();
  for (const std::string& key : sight->running())
    if (!was_running.contains(key)) report("rule 1", key + " runs on the standby after a complete sync");
  live_at_last_sync_ = site_.look_at(facts_.primary)->live();
}

/// A sync that calls itself complete has left everything equal: whoever looks next finds it so.
void Player::check_said_equal(Command command, const Done& done) {
  if (command == Command::reconcile) {
    if (!is_said_equal_ || was_disturbed_ || done.was_killed || done.was_edited || done.ending.word != "read") return;
    return report_unequal("what a sync says", done.ending.verdicts, excused(done.ending.verdicts));
  }
  const bool is_sync = command == Command::sync || command == Command::stale_plan;
  // What is read in turns may be as old as a day.
  const bool has_read_all = !reads_in_turns() || command_began_ - last_edit_ > std::chrono::hours(24);
  is_said_equal_ = is_sync && done.ending.has_synced && !done.was_edited && !done.was_killed && has_read_all;
}

/// Rules 1 and 2: after a failover the new primary starts exactly what the old one started, and the old one nothing.
void Player::check_turned(Command command, const Before& before, const Done& done) {
  if (command != Command::planned && command != Command::forced) return;
  const Side old_primary = before.role.value_or(Side::home);
  if (command == Command::forced) owes_fence_ = true;
  if (done.was_edited) {
    live_at_start_.reset();
    live_at_last_sync_.reset();
  } else if (command == Command::planned && !before.failing_over_to && before.role) {
    live_at_start_ = before.sights[Facts::at(old_primary)]->live();
  }
  // People let what is live on a primary live there.
  const auto new_sight = site_.look_at(facts_.primary);
  const auto old_sight = site_.look_at(old_primary);
  for (const auto& [key, name] : new_sight->live()) facts_.let_live[Facts::at(facts_.primary)].insert(key);
  for (const auto& [key, name] : old_sight->live()) facts_.let_live[Facts::at(old_primary)].insert(key);
  const bool has_moved = before.role && facts_.primary != *before.role;
  if (!done.ending.is_complete || !has_moved) return;
  const auto now = replicated_names(facts_.primary, new_sight->live());
  const auto& known = command == Command::planned ? live_at_start_ : live_at_last_sync_;
  const auto wanted = replicated_names(old_primary, known.value_or(std::map<std::string, std::string>()));
  if (known && now != wanted) report("rule 2", "given back is " + joined(now) + ", and live had been " + joined(wanted));
  if (command == Command::planned && known)
    for (const std::string& name : replicated_names(old_primary, old_sight->live()))
      report("rule 1", name + " is live on both sides after a planned failover");
  live_at_start_.reset();
  live_at_last_sync_.reset();
}

json Player::mirror_on(Side side) {
  try {
    const json exported = site_.ask(side, "GET", "/api/2.0/workspace/export?path=/Twinlake/main/state.json&format=AUTO");
    return json::parse(base64_decode(text_at(exported, "/content")), nullptr, false);
  } catch (const std::runtime_error&) {
    return nullptr;
  }
}

/// Rule 11: whoever comes next finds this run on the standby.
void Player::check_mirror(const Done& done) {
  if (!done.ending.is_complete || !done.ending.has_begun) return;
  json mirror;
  bool is_hidden = false;
  for (const Side side : {Side::home, Side::away}) {
    if (site_.is_lost(side)) {
      is_hidden = true;
      continue;
    }
    json found = mirror_on(side);
    if (engine::generation_of(found) > engine::generation_of(mirror)) mirror = std::move(found);
  }
  // The region may be lost right after it.
  if (mirror.is_null() && is_hidden) return;
  if (mirror.is_null()) return report("rule 11", "there is no mirror after a complete run");
  auto store = state();
  if (!store) return report("state", describe(store.error()));
  const auto lines = engine::compare_mirror((*store)->to_mirror(), mirror);
  if (!lines.empty()) report("rule 11", "the mirror is another one than the state: " + lines.front());
}

/// Rule 8.
void Player::check_disk(const Done& done) {
  if (people_.secrets().empty()) return;
  std::vector<std::pair<std::string, std::string>> places{{"what the command said", done.ending.told}};
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_))
    if (entry.is_regular_file()) places.emplace_back(entry.path().filename().string(), content_of(entry.path()));
  for (const auto& [place, text] : places)
    for (const std::string& secret : people_.secrets())
      for (const std::string& form : {secret, base64_encode(secret)})
        if (text.find(form) != std::string::npos) return report("rule 8", "a secret is in " + place);
}

}  // namespace twinlake::simulation
