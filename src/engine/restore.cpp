#include "engine/restore.h"

#include <algorithm>
#include <deque>

#include <nlohmann/json.hpp>

#include "base/json_path.h"
#include "engine/assess.h"
#include "engine/item_reading.h"
#include "workspace/given.h"
#include "workspace/tree_content.h"

namespace twinlake::engine {

using events::Outcome;
using history::Entry;
using model::Kind;
using model::Support;
using nlohmann::json;
using workspace::Content;
using workspace::Item;

namespace {

/// A point answers no requests: what it does not keep has to come from somewhere else.
class Nowhere final : public http::Transport {
 public:
  [[nodiscard]] Task<Result<http::Response>> send(http::Request request) override {
    const std::string path = request.path;
    co_return fail(Fault::blocked, "it is in no recovery point (" + path + ")", "Give it in the file of `values`, or write it by hand");
  }
};

std::string name_of_item(std::string_view kind, std::string_view parent_kind, std::string_view id) {
  return std::string(kind) + "/" + std::string(parent_kind) + "/" + std::string(id);
}

/// What only running something on a side tells is not put back by a write.
std::vector<const Kind*> restorable(std::span<const Kind* const> kinds) {
  std::vector<const Kind*> some;
  std::ranges::copy_if(kinds, std::back_inserter(some), [](const Kind* kind) { return kind->observe == nullptr; });
  return some;
}

void rename_references(json& value, const std::unordered_map<std::string, std::string>& renamed) {
  if (value.is_object())
    if (const auto ref = value.find(model::ref_member); ref != value.end() && ref->is_string())
      if (const auto now = renamed.find(ref->get<std::string>()); now != renamed.end()) *ref = now->second;
  if (value.is_structured())
    for (json& child : value) rename_references(child, renamed);
}

}  // namespace

Restore::Restore(Loop& loop, std::span<const Kind* const> kinds, workspace::Workspace& target, state::Store& store,
                 history::History& history, events::Sink& sink, Rules rules, RestoreOptions options, workspace::Given given)
    : loop_(loop), kinds_(restorable(kinds)), target_(target), store_(store), history_(history), sink_(sink), rules_(std::move(rules)),
      options_(std::move(options)), nowhere_(std::make_unique<Nowhere>()),
      source_(loop, model::other(target.side()), *nowhere_, workspace::Self{}, target.spool_folder()) {
  std::ranges::copy_if(kinds, std::back_inserter(not_restorable_), [](const Kind* kind) { return kind->observe != nullptr; });
  source_.give(std::move(given));
  source_.use_content_source(this);
  target_.contents().close();
  for (workspace::Workspace* side : {&source_, &target_}) side->use_fingerprint_key(store_.fingerprint_key());
}

Restore::~Restore() = default;

Words Restore::words() const {
  Words words{.source = "recovery point", .target = "secondary", .verb = "restore"};
  if (is_live()) words.target = "primary";
  if (is_outside()) words.target = "workspace";
  return words;
}

std::vector<state::Intent> Restore::in_doubt() const {
  std::vector<state::Intent> intents = store_.in_doubt();
  std::erase_if(intents, [&](const state::Intent& intent) { return intent.side != target_.side() || intent.kind == helper_kind; });
  return intents;
}

namespace {

/// What a side has now, by name, for kinds where a name is one object.
std::map<std::string, std::string> ids_by_name(const workspace::Inventory& target) {
  std::map<std::string, std::string> ids;
  for (const auto& [name, listing] : target.kinds)
    if (listing.kind != nullptr && listing.kind->key_is_unique && listing.kind->child_of.empty())
      for (const Item& item : listing.items) ids.emplace(std::string(name) + "/" + item.key, item.id);
  return ids;
}

}  // namespace

/// One that was removed and made again since goes by what it is called now: the one that has its name, and that the
/// point does not know.
void Restore::find_renamed(const workspace::Inventory& target, const std::vector<Entry>& entries) {
  std::map<std::string, std::string> bound;
  for (const state::Binding& binding : store_.bindings())
    if (const auto& id = binding.on(target_.side())) bound[binding.kind + "/" + *id] = binding.uuid;
  std::set<std::string> own;
  for (const Entry& entry : entries) own.insert(entry.uuid);
  const auto now = ids_by_name(target);
  renamed_.clear();
  for (const Entry& entry : entries) {
    const auto there = entry.parent_kind.empty() ? now.find(entry.kind + "/" + entry.key) : now.end();
    if (there == now.end()) continue;
    const auto uuid = bound.find(entry.kind + "/" + there->second);
    if (uuid != bound.end() && uuid->second != entry.uuid && !own.contains(uuid->second)) renamed_[entry.uuid] = uuid->second;
  }
}

std::optional<Item> Restore::item_of(const Entry& entry, const Kinds& kinds) const {
  const auto named = [&](const std::string& name) {
    const auto kind = std::ranges::find_if(kinds, [&](const Kind* one) { return one->name == name; });
    return kind == kinds.end() ? nullptr : *kind;
  };
  const bool is_child = !entry.parent_kind.empty();
  const std::string& uuid = is_child ? entry.parent : entry.uuid;
  const auto renamed = renamed_.find(uuid);
  Item item;
  item.kind = named(entry.kind);
  item.parent_kind = is_child ? named(entry.parent_kind) : nullptr;
  if (item.kind == nullptr || (is_child && item.parent_kind == nullptr)) return std::nullopt;
  item.id = renamed == renamed_.end() ? uuid : renamed->second;
  item.key = entry.key;
  item.complete = true;
  return item;
}

/// The point as if a side had listed it. Ids are the objects' own uuids, under which the id map finds them.
workspace::Inventory Restore::kept_inventory(const workspace::Inventory& target, const Kinds& kinds, Memory* memory) {
  workspace::Inventory kept;
  kept.side = source_.side();
  for (const Kind* kind : kinds) kept.kinds[kind->name].kind = kind;
  std::unordered_map<std::string, state::Binding> bindings;
  for (state::Binding& binding : store_.bindings()) bindings.emplace(binding.uuid, std::move(binding));
  std::vector<Entry> entries = history_.entries(options_.point.id);
  find_renamed(target, entries);
  entries_.clear();
  stays_out_.clear();
  for (Entry& entry : entries) {
    std::optional<Item> item = item_of(entry, kinds);
    if (!item) count_what_stays_out(entry);
    if (!item) continue;
    if (item->parent_kind == nullptr) {
      state::Binding binding;
      binding.uuid = item->id;
      binding.kind = entry.kind;
      binding.key = entry.key;
      // Whose it is is no question here: nothing is removed.
      binding.origin_at(target_.side()) = state::Origin::adopted;
      binding.on(source_.side()) = item->id;
      if (const auto known = bindings.find(item->id); known != bindings.end()) binding.on(target_.side()) = known->second.on(target_.side());
      memory->bindings.push_back(std::move(binding));
    }
    entries_.insert_or_assign(name_of_item(entry.kind, entry.parent_kind, item->id), std::move(entry));
    kept.kinds[item->kind->name].items.push_back(std::move(*item));
  }
  return kept;
}

const Entry* Restore::entry_of(const Pair& pair) const {
  if (pair.primary == nullptr) return nullptr;
  const auto found = entries_.find(name_of_item(pair.kind->name, pair.parent_kind == nullptr ? "" : pair.parent_kind->name, pair.primary->id));
  return found == entries_.end() ? nullptr : &found->second;
}

Result<json> Restore::form_of(const Pair& pair) {
  const Entry* const entry = entry_of(pair);
  if (entry == nullptr || entry->form == 0) return json::object();
  TRY(const std::string text, history_.form(*entry));
  json form = json::parse(text, nullptr, false);
  if (form.is_discarded()) return fail(Fault::io, "what was kept of it is no JSON", "`twinlake history check` looks at all of it");
  if (!renamed_.empty()) rename_references(form, renamed_);
  return form;
}

Task<void> Restore::find_named(World* world, Kinds kinds, Memory memory) {
  for (const Kind* kind : kinds) {
    if (kind->find_verb == nullptr) continue;
    std::vector<std::string> keys;
    for (const Item& item : world->primary.kinds[kind->name].items) keys.push_back(item.key);
    co_await workspace::find_items(target_, *kind, std::move(keys), rules_.in_scope, world->secondary.kinds[kind->name]);
  }
  pair_found(*world, kinds, memory);
}

PlanOptions Restore::options_for(const Reading& reading, const std::vector<bool>& taken) {
  PlanOptions options;
  options.fingerprint_key = store_.fingerprint_key();
  options.now = reading.moment;
  // Who asks for what was there wants it in the place of what is there now; the plan shows it first. Nobody has asked
  // for that in a workspace of others.
  options.may_overwrite = [overwrites = !is_outside()](const Kind&, const std::string&) { return overwrites; };
  if (is_outside() ? options_.rewrites : options_.point.side != target_.side()) options.rewrite = rules_.rewrite;
  options.way = options_.point.side == model::Side::home ? model::Way::there : model::Way::back;
  options.originals = store_.originals();
  options.literals = rules_.literals;
  options.to = &target_;
  options.delete_enabled = false;
  options.source = [this](const Pair& pair) { return form_of(pair); };
  const World* const world = &reading.world;
  options.takes = [taken, world](const Pair& pair) { return taken[static_cast<std::size_t>(&pair - world->pairs.data())]; };
  options.restores = true;
  options.words = words();
  options.is_live = is_live();
  return options;
}

Task<void> Restore::read_taken(Reading* reading, std::vector<bool> taken) {
  std::vector<Item*> to_read;
  for (std::size_t i = 0; i < taken.size(); ++i)
    if (Item* const item = reading->world.pairs[i].secondary; taken[i] && item != nullptr && !item->complete) to_read.push_back(item);
  const auto read_one = [&](std::size_t index) { return complete_into(&target_, to_read[index], &reading->errors); };
  co_await for_each_index(loop_, to_read.size(), 96, read_one);
}

Task<Reading> Restore::survey(Kinds kinds) {
  co_await wait_until_visible(&loop_, &sink_, in_doubt());
  Reading reading;
  reading.moment = loop_.now();
  workspace::Inventory target = co_await workspace::read_listings(target_, kinds, rules_.in_scope);
  Memory memory;
  memory.group = rules_.group;
  memory.secondary_workspace_id = target_.self().workspace_id;
  memory.in_doubt = in_doubt();
  workspace::Inventory kept = kept_inventory(target, kinds, &memory);
  reading.world = pair_up(std::move(kept), std::move(target), kinds, memory);
  reading.world.secondary_self = target_.self().names();
  co_await find_named(&reading.world, std::move(kinds), memory);
  co_return reading;
}

Task<Result<Reading>> Restore::plan() {
  sink_.on(events::Phase{"reading the workspace"});
  Reading reading = co_await survey(kinds_);
  std::vector<model::Finding> findings;
  const std::vector<bool> taken = select(reading.world, findings);
  if (is_outside() && !options_.leaves_others) CO_CHECK(check_empty(reading.world, taken));
  co_await read_taken(&reading, taken);
  sink_.on(events::Phase{"planning"});
  Planner planner(reading.world, reading.known, reading.errors, options_for(reading, taken));
  planner.decide_all({});
  reading.plan = planner.seal();
  std::move(findings.begin(), findings.end(), std::back_inserter(reading.plan.findings));
  if (is_live()) reading.plan.holds.clear();
  give_reasons(reading.plan);
  co_return reading;
}

/// A point does not say when something changed, and its id on the other side is not what the point calls it.
void Restore::give_reasons(Plan& plan) const {
  for (Step& step : plan.steps) {
    const auto needed_by = because_of_.find(step.uuid);
    step.reason = step.action == Action::create ? "is not there now" : step.action == Action::update ? "is different now" : step.reason;
    if (needed_by != because_of_.end()) step.reason = "is not there now, and " + needed_by->second + " needs it";
    step.source_id = {};
  }
}

Task<Result<Content>> Restore::content(json definition) {
  const std::string sha256 = text_at(definition, "/content_sha256");
  const auto blob = history_.content_named(sha256);
  if (!blob) co_return fail(Fault::blocked, "its content is not in the recovery point", "Take it from another one");
  std::string small;
  std::shared_ptr<http::SpoolFile> file;
  const auto take = [&](std::string_view piece) {
    constexpr std::size_t most_in_memory = std::size_t{1} << 20U;
    if (!file && small.size() + piece.size() > most_in_memory) {
      file = http::SpoolFile::create(source_.spool_folder());
      file->append(small);
      small.clear();
    }
    file ? file->append(piece) : static_cast<void>(small.append(piece));
  };
  CO_CHECK(history_.read_content(*blob, take));
  if (!file) co_return Content(std::move(small));
  http::Response answer;
  answer.file = std::move(file);
  co_return Content(std::move(answer));
}

}  // namespace twinlake::engine
