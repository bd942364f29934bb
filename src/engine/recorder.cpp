#include "engine/recorder.h"

#include <utility>

#include <nlohmann/json.hpp>

#include "base/json_path.h"
#include "base/secret_text.h"
#include "base/text.h"
#include "engine/assess.h"
#include "engine/left_out.h"
#include "workspace/tree_content.h"

namespace twinlake::engine {

using model::Detail;
using model::Support;
using nlohmann::json;

namespace {

constexpr std::string_view hash_at = "/content_sha256";

std::size_t position_in(const World& world, const Pair& pair) { return static_cast<std::size_t>(&pair - world.pairs.data()); }

/// Indicators of the two sides say nothing about each other.
std::string mark_of_listing(const World& world, const workspace::Item& item) {
  return item.indicator.empty() ? std::string() : std::string(model::name_of(world.primary.side)) + " " + item.indicator;
}

history::Observed observed(const World& world, const Pair& pair) {
  history::Observed object;
  object.uuid = pair.uuid;
  object.kind = pair.kind->name;
  object.parent_kind = pair.parent_kind == nullptr ? "" : std::string(pair.parent_kind->name);
  object.parent = pair.parent_uuid;
  object.key = pair.key;
  object.mark = mark_of_listing(world, *pair.primary);
  return object;
}

/// Files outside the tree may be large: what they hold is kept where it passes by anyway.
bool is_in_tree(const model::Kind& kind) { return kind.list_place_verb != nullptr; }

/// Values of secrets are nobody's to keep.
bool passes_by(const model::Kind& kind) { return kind.detail == Detail::content && (is_in_tree(kind) || kind.part == model::Part::file); }

/// Piece by piece, so that a large file does not stand in memory; what lies across two of them is seen too.
bool looks_secret(const workspace::Content& content) {
  constexpr std::size_t overlap = 4096;
  bool found = false;
  std::string before;
  content.for_each_piece([&](std::string_view piece) {
    if (found) return;
    before.append(piece);
    found = holds_secret(before);
    if (before.size() > overlap) before.erase(0, before.size() - overlap);
  });
  return found;
}

}  // namespace

void Recorder::guarded(const std::function<void()>& work) {
  if (trouble_) return;
  try {
    work();
  } catch (const state::StateFailure& failure) {
    trouble_ = failure.error();
  }
}

void Recorder::begin(const World& world) {
  world_ = &world;
  seen_.assign(world.pairs.size(), false);
  missed_.clear();
  unread_ = 0;
  withheld_.clear();
}

void Recorder::saw(const Pair& pair, const json& form, Unread content) {
  seen_[position_in(*world_, pair)] = true;
  history::Observed object = observed(*world_, pair);
  json kept = form;
  leave_out_secrets(*pair.kind, kept, options_.literals);
  const bool has_content = pair.kind->detail == Detail::content;
  if (has_content && passes_by(*pair.kind) && !pair.primary->complete && content == Unread::comes) object.waits_for = pair.primary->id;
  guarded([&] {
    object.content = passes_by(*pair.kind) ? text_at(kept, hash_at) : std::string();
    if (has_content && object.waits_for.empty() && (object.content.empty() || !history_.has_content(object.content))) {
      object.lacks_content = true;
      object.content.clear();
      // What only a read tells of content that is not kept would look like a change whenever it was read.
      if (!is_in_tree(*pair.kind)) {
        kept.erase("content_sha256");
        (void)fill_left_out(*pair.kind, kept, nullptr);
      }
    }
    object.form = to_text(kept);
    history_.observe(object);
  });
}

void Recorder::keep(const workspace::Content& content, const std::string& sha256) {
  if (content.size() > options_.max_file || history_.has_content(sha256)) return;
  // On disk in clear there is no secret of anybody, not one that people wrote into their sources either.
  if (!history_.is_encrypted() && looks_secret(content)) {
    withheld_.insert(sha256);
    return;
  }
  history_.put_content(sha256, content.size(), [&](const history::History::Take& take) { content.for_each_piece(take); });
}

void Recorder::saw_read(const std::string& id, const workspace::Content& content, const json& told) {
  guarded([&] {
    keep(content, text_at(told, hash_at));
    complete(id, content, told);
  });
}

void Recorder::saw_copied(const std::string& id, const workspace::Content& content, const json& told) {
  guarded([&] { complete(id, content, told); });
}

/// What waits for it has now all that a read would have told.
void Recorder::complete(const std::string& id, const workspace::Content& content, const json& told) {
  auto waiting = history_.waiting_for(id);
  json form = waiting ? json::parse(waiting->form, nullptr, false) : json();
  if (!form.is_object()) return;
  const std::string sha256 = text_at(told, hash_at);
  keep(content, sha256);
  for (const char* member : {"content_sha256", "format"})
    if (const auto found = told.find(member); found != told.end()) form[member] = *found;
  waiting->form = to_text(form);
  waiting->waits_for.clear();
  waiting->lacks_content = !history_.has_content(sha256);
  if (!waiting->lacks_content) waiting->content = sha256;
  history_.observe(*waiting);
}

bool Recorder::is_worth_reading(const model::Kind& kind) { return kind.detail != Detail::content || is_in_tree(kind); }

bool Recorder::is_known(const Pair& pair) {
  bool known = false;
  guarded([&] {
    const auto mark = history_.mark_of(pair.uuid);
    // What comes late has no mark before it was read: it stays as it was read last.
    known = mark && (can_come_late(*pair.kind) || (!mark->empty() && *mark == mark_of_listing(*world_, *pair.primary)));
  });
  return known;
}

void Recorder::decided(const Pair& pair) {
  const std::size_t position = position_in(*world_, pair);
  if (trouble_ || pair.primary == nullptr || seen_[position] || pair.kind->support != Support::replicated) return;
  json& raw = pair.primary->raw;
  if ((pair.kind->is_foreign != nullptr && pair.kind->is_foreign(raw)) || is_known(pair)) return;
  missed_.push_back({position, std::exchange(raw, nullptr)});
}

std::vector<Recorder::Missed> Recorder::missed() {
  std::vector<Missed> missed = std::exchange(missed_, {});
  for (std::size_t i = 0; i < world_->pairs.size() && !trouble_; ++i) {
    const Pair& pair = world_->pairs[i];
    if (can_come_late(*pair.kind) && pair.primary != nullptr && !seen_[i] && !is_known(pair)) missed.push_back({i, nullptr});
  }
  guarded([&] {
    for (const history::Observed& object : history_.waiting()) {
      const auto pair = world_->by_uuid.find(object.uuid);
      json listed = json::parse(object.form, nullptr, false);
      if (pair != world_->by_uuid.end() && listed.is_object()) missed.push_back({pair->second, std::move(listed)});
    }
  });
  return missed;
}

void Recorder::could_not_read(const Pair&) { ++unread_; }

namespace {

/// Of an object that no listing of this run may have shown.
history::Fate fate_of(const World& world, const history::Entry& entry) {
  const auto pair = world.by_uuid.find(entry.uuid);
  if (pair != world.by_uuid.end() && world.pairs[pair->second].primary != nullptr) return history::Fate::there;
  for (const std::string& kind : {entry.kind, entry.parent_kind}) {
    if (kind.empty()) continue;
    const auto listing = world.primary.kinds.find(kind);
    if (listing == world.primary.kinds.end() || listing->second.disabled || listing->second.unlisted(entry.key) != nullptr)
      return history::Fate::unknown;
  }
  return history::Fate::gone;
}

std::vector<std::string> unlisted(const World& world) {
  std::vector<std::string> gaps;
  for (const auto& [name, listing] : world.primary.kinds) {
    if (listing.kind == nullptr || listing.kind->support != Support::replicated) continue;
    if (listing.error) gaps.push_back(std::string(listing.kind->plural) + " could not be listed: " + what_happened(*listing.error));
    for (const workspace::Hole& hole : listing.holes)
      gaps.push_back(std::string(listing.kind->plural) + " below " + hole.prefix + " could not be listed: " + what_happened(hole.error));
  }
  return gaps;
}

}  // namespace

/// What is only matched by name is named, so that references to it resolve when they come back.
void Recorder::keep_names(const World& world) {
  for (const Pair& pair : world.pairs) {
    if (pair.kind->support != Support::lookup || pair.primary == nullptr) continue;
    history::Observed object = observed(world, pair);
    object.mark = "named " + pair.key;
    if (history_.mark_of(object.uuid) != object.mark) history_.observe(object);
  }
}

void Recorder::finish(const World& world, history::Point point, SyncReport* report) {
  guarded([&] {
    keep_names(world);
    point.gaps = unlisted(world);
    if (unread_ > 0) point.gaps.push_back(counted(static_cast<std::int64_t>(unread_), "object", "objects") + " could not be read");
    if (!withheld_.empty())
      point.gaps.push_back("the content of " + counted(static_cast<std::int64_t>(withheld_.size()), "object", "objects") +
                           " looks like it holds a secret, which only a history with a key keeps");
    report->recovery_point = history_.commit(std::move(point), [&](const history::Entry& entry) { return fate_of(world, entry); });
    (void)history_.prune(options_.keep, history::History::Prune::now);
  });
  if (!trouble_) return;
  report->history_trouble = Error(Fault::io, "this run leaves no recovery point: " + trouble_->message, trouble_->hint);
}

}  // namespace twinlake::engine
