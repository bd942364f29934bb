#include "simulation/witness.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/json_path.h"
#include "http/limits.h"
#include "simulator/jobs/jobs.h"

namespace twinlake::simulation {

using nlohmann::json;

namespace {

bool is_turn(Command command) { return command == Command::planned || command == Command::forced || command == Command::abort; }
bool is_drill(Command command) { return command == Command::drill || command == Command::clean_up; }

std::string said(const http::Request& request) { return std::string(http::name_of(request.method)) + " " + request.path; }

json body_of(const http::Request& request) {
  json body = json::parse(request.body, nullptr, false);
  return body.is_object() ? body : json::object();
}

/// Everything that a request says, decoded.
std::string words_of(const http::Request& request) {
  std::string words = http::percent_decode(request.path) + " " + request.body;
  for (const auto& [name, value] : request.query) words += " " + value;
  return words;
}

struct Removal {
  std::string list;
  std::string id;       ///< of things with an id
  std::string path;     ///< of things in the tree
  bool is_recursive = false;
};

struct RemovalRow {
  std::string_view path;
  const char* list;
  const char* id;  ///< in the body; nullptr: the last part of the path
};
constexpr std::array by_post{
    RemovalRow{"/jobs/delete", "jobs", "/job_id"},
    RemovalRow{"/clusters/permanent-delete", "clusters", "/cluster_id"},
    RemovalRow{"/instance-pools/delete", "instance_pools", "/instance_pool_id"},
    RemovalRow{"/policies/clusters/delete", "cluster_policies", "/policy_id"},
    RemovalRow{"/secrets/scopes/delete", "secret_scopes", "/scope"},
};
constexpr std::array by_delete{
    RemovalRow{"/pipelines/", "pipelines", nullptr},       RemovalRow{"/sql/warehouses/", "warehouses", nullptr},
    RemovalRow{"/sql/queries/", "queries", nullptr},       RemovalRow{"/alerts/", "alerts", nullptr},
    RemovalRow{"/global-init-scripts/", "global_init_scripts", nullptr}, RemovalRow{"/scim/v2/Users/", "users", nullptr},
    RemovalRow{"/scim/v2/Groups/", "groups", nullptr},
};

std::optional<Removal> removal_in(const http::Request& request) {
  const json body = body_of(request);
  if (request.method == http::Method::del) {
    for (const RemovalRow& row : by_delete)
      if (request.path.find(row.path) != std::string::npos) return Removal{row.list, request.path.substr(request.path.rfind('/') + 1), {}, false};
    return std::nullopt;
  }
  if (request.path == "/api/2.0/workspace/delete") return Removal{"tree", {}, text_at(body, "/path"), body.value("recursive", false)};
  if (request.path == "/api/2.0/secrets/delete") return Removal{"secrets", text_at(body, "/scope") + "/" + text_at(body, "/key"), {}, false};
  for (const RemovalRow& row : by_post)
    if (request.path.ends_with(row.path)) return Removal{row.list, text_at(body, row.id), {}, false};
  return std::nullopt;
}

/// The thing in this world that is meant.
std::optional<Thing> meant_in(const std::map<std::string, Thing>& things, const Removal& removal) {
  for (const auto& [key, thing] : things)
    if (thing.list == removal.list && (removal.list == "tree" ? thing.name == removal.path : thing.id == removal.id)) return thing;
  return std::nullopt;
}

/// A key is a name, or the address of what it belongs to: job:"nightly".
bool speaks_of(const std::string& key, const std::string& name) { return key == name || key.find("\"" + name + "\"") != std::string::npos; }

/// An order of things is put right by writing each of them: "script_order" and "scripts".
bool orders(const std::string& kind, const std::string& list) { return kind == list.substr(0, list.size() - 1) + "_order"; }

bool may_start_something(const http::Request& request) {
  return request.path.find("/jobs/") != std::string::npos || request.path.find("/pipelines") != std::string::npos ||
         request.path.find("/alerts") != std::string::npos;
}

}  // namespace

bool is_write(const http::Request& request) {
  return request.method != http::Method::get && request.method != http::Method::head && !request.path.starts_with("/oidc/");
}

bool is_in_own_folder(const http::Request& request) {
  if (request.body.find("Twinlake") == std::string::npos) return http::percent_decode(request.path).find("/import-file/Twinlake") != std::string::npos;
  const std::string path = text_at(body_of(request), "/path");
  return path.starts_with("/Twinlake") || http::percent_decode(request.path).find("/import-file/Twinlake") != std::string::npos;
}

void Witness::report(const std::string& rule, const std::string& what) {
  if (problem_.empty()) problem_ = rule + ": " + what;
}

void Witness::begin(Command command, std::vector<Journal*> journals, int allow_deletes) {
  command_ = command;
  told_ = allow_deletes;
  journals_ = std::move(journals);
  const auto to = journals_.front()->failing_over_to();
  old_primary_ = is_turn(command) && to ? model::other(*to) : facts_.primary;
  exchanges_ = writes_ = answered_ = 0;
  removals_.clear();
  there_.clear();
  const auto standby = site_.look_at(model::other(facts_.primary));
  for (const auto& [key, thing] : standby->things()) ++there_[thing.list];
}

void Witness::end() {
  for (const auto& [list, ids] : removals_)
    if (told_ < 0 ? ids.size() > 5 && ids.size() * 10 > there_[list] : ids.size() > static_cast<std::size_t>(told_))
      report("rule 4", std::to_string(ids.size()) + " of " + std::to_string(there_[list]) + " " + list + " were deleted without being told to");
  pauses_.clear();
}

void Witness::before(Side side, const http::Request& request) {
  if (on_exchange) on_exchange(exchanges_);
  ++exchanges_;
  check_pause(side, request);
  if (!is_write(request)) return;
  written_ += std::string(model::name_of(side)) + " " + said(request) + "\n";
  check_roles(side, request);
  if (is_in_own_folder(request)) return;
  ++writes_;
  check_removal(side, request);
  check_journal(side, request);
}

void Witness::after(Side side, const http::Request& request, const Result<http::Response>& answer) {
  // Who signs in stands in no lane of the workspace.
  if (answer && answer->status == 429 && !request.path.starts_with("/oidc/"))
    if (const std::string* header = http::find_header(answer->headers, "Retry-After")) {
      int seconds = 0;
      std::from_chars(header->data(), header->data() + header->size(), seconds);
      Pause& pause = pauses_[{side, std::string(http::lane_of(request.method, request.path).name)}];
      const Time until = site_.loop().now() + std::chrono::seconds(seconds);
      if (until > pause.until) pause = {site_.loop().now(), until};
    }
  if (is_write(request) && may_start_something(request)) check_live(side, request);
  if (on_written && is_write(request) && !is_in_own_folder(request)) on_written(answered_++);
}

/// Rule 10: the time that the service asked for holds for the whole lane.
void Witness::check_pause(Side side, const http::Request& request) {
  // Two programs know nothing of each other's answers.
  if (journals_.size() != 1 || request.path.starts_with("/oidc/")) return;
  const auto pause = pauses_.find({side, std::string(http::lane_of(request.method, request.path).name)});
  if (pause != pauses_.end() && site_.loop().now() < pause->second.until)
    report("rule 10", said(request) + " was sent before the time that the service had asked for was over: at " + to_rfc3339(site_.loop().now()) +
                          ", told at " + to_rfc3339(pause->second.told) + " to wait until " + to_rfc3339(pause->second.until));
}

/// Rule 6. What turns roles may hold triggers of the old primary, tell it in a mirror, and end its runs.
void Witness::check_roles(Side side, const http::Request& request) {
  if (side != old_primary_ || is_drill(command_)) return;
  // A machine that nobody told of a role that moved a moment ago finds out once it has the lock.
  if (is_in_own_folder(request) && journals_.size() > 1) return;
  if (!is_turn(command_)) return report("rule 6", "the primary was written to: " + said(request));
  const bool turns = request.path.ends_with("/update") || request.path.ends_with("/reset") || request.path.ends_with("/runs/cancel") ||
                     request.method == http::Method::put || request.method == http::Method::patch || is_in_own_folder(request);
  if (!turns) report("rule 6", "something was made or removed on the old primary: " + said(request));
}

/// Each write is in the journal before it is sent.
void Witness::check_journal(Side side, const http::Request& request) {
  if (is_drill(command_) || request.path.ends_with("/runs/cancel")) return;
  const std::string words = words_of(request);
  const auto names = [&](const std::string& word) { return !word.empty() && words.find(word) != std::string::npos; };
  std::vector<Journal::Intent> open;
  for (Journal* journal : journals_) std::ranges::move(journal->open_intents(side), std::back_inserter(open));
  for (const Journal::Intent& intent : open)
    if (names(intent.target_id) || names(intent.uuid) || names(intent.key) || names(intent.key.substr(intent.key.rfind('/') + 1))) return;
  // It speaks of something by an id that was given after the intent.
  const auto sight = site_.look_at(side);
  for (const auto& [key, thing] : sight->things()) {
    if (!names(thing.id)) continue;
    // It may have got another name since the primary was listed.
    const auto bound = journals_.front()->bound(side, thing.id);
    const auto explains = [&](const Journal::Intent& intent) {
      return speaks_of(intent.key, thing.name) || (bound && speaks_of(intent.key, bound->key)) || orders(intent.kind, thing.list);
    };
    if (std::ranges::any_of(open, explains)) return;
  }
  // People may have removed it since.
  for (const auto& [id, key] : journals_.front()->keys_by_id(side))
    if (names(id) && std::ranges::any_of(open, [&](const Journal::Intent& intent) { return speaks_of(intent.key, key); })) return;
  std::string begun;
  for (const Journal::Intent& intent : open) begun += "; begun is " + intent.action + " " + intent.kind + " " + intent.key + " " + intent.target_id;
  report("journal", "nothing in the journal explains " + said(request) + " " + request.body.substr(0, 300) + begun);
}

/// Rules 4 and 5.
void Witness::check_removal(Side side, const http::Request& request) {
  const auto removal = removal_in(request);
  if (!removal || is_drill(command_)) return;
  const auto sight = site_.look_at(side);
  const auto& there = sight->things();
  if (removal->is_recursive) report("rule 4", "a folder was deleted with all that is in it: " + removal->path);
  const auto thing = meant_in(there, *removal);
  if (!thing) return;
  removals_[thing->list].insert(thing->id);
  facts_.removed_by_us.insert(thing->id);
  if (facts_.is_of_people(side, thing->key())) return report("rule 5", "what people made was deleted: " + thing->key() + " " + thing->name);
  const auto other_side = site_.look_at(model::other(side));
  const auto& on_primary = other_side->things();
  const auto bound = journals_.front()->bound(side, thing->id);
  const bool knows_other = bound && bound->other_id;
  const std::string other = thing->list + "/" + (knows_other ? *bound->other_id : thing->id);
  const auto same = on_primary.find(other);
  const bool is_there = same != on_primary.end() && (thing->list != "tree" || same->second.name == thing->name);
  if (is_there && !facts_.touched[Facts::at(model::other(side))].contains(other))
    report("rule 4", thing->key() + " " + thing->name + " was deleted although the primary has it");
}

/// Rule 1, at the moment of each write.
void Witness::check_live(Side side, const http::Request& request) {
  if (is_turn(command_) || side == facts_.primary) return;
  const auto sight = site_.look_at(side);
  for (const auto& [key, name] : sight->live())
    if (!facts_.let_live[Facts::at(side)].contains(key)) report("rule 1", key + " " + name + " would start by itself on the standby after " + said(request));
}

}  // namespace twinlake::simulation
