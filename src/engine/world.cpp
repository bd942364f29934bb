#include "engine/world.h"

#include <algorithm>
#include <cctype>
#include <unordered_map>
#include <unordered_set>

#include "base/hash.h"
#include "base/json_path.h"

namespace twinlake::engine {

using model::Kind;
using model::Side;
using workspace::Inventory;
using workspace::Item;

namespace {

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

std::string key_form(const Kind& kind, const std::string& key) { return kind.key_ignores_case ? lower(key) : key; }

/// Everything known about one kind while its objects find each other.
class KindPairing {
 public:
  KindPairing(World& world, const Kind& kind, const Memory& memory)
      : world_(world), kind_(kind), memory_(memory), primary_(items(world.primary)), secondary_(items(world.secondary)) {}

  void run() {
    index_memory();
    for (Item& item : secondary_) {
      free_by_id_[item.id] = &item;
      if (std::string uuid = model::marker_of(kind_, item.raw, memory_.group); !uuid.empty())
        free_by_marker_[uuid].push_back(&item);
    }
    for (Item& item : primary_) pair_bound(item);
    index_free_keys();
    for (const std::size_t open : open_) pair_unbound(world_.pairs[open]);
    for (Item& item : secondary_)
      if (!taken_.contains(&item)) add_secondary_only(item);
  }

 private:
  std::vector<Item>& items(Inventory& inventory) { return inventory.kinds[kind_.name].items; }

  void index_memory() {
    for (const state::Binding& binding : memory_.bindings) {
      if (binding.kind != kind_.name) continue;
      if (const auto& id = binding.on(world_.primary.side)) bound_by_primary_[*id] = &binding;
      if (const auto& id = binding.on(world_.secondary.side)) bound_by_secondary_[*id] = &binding;
    }
    for (const state::Intent& intent : memory_.in_doubt) {
      if (intent.kind != kind_.name) continue;
      interrupted_.insert(intent.uuid);
      if (intent.action != "create") continue;
      creating_.insert_or_assign(intent.uuid, intent.key);
      if (intent.side == world_.primary.side) restoring_.push_back(&intent);
    }
  }

  /// What a create of ours on the primary (a restore) has made although its answer was lost: it carries our marker, or
  /// the name where there are no tags. What the secondary has of it is free to be recognised again.
  std::optional<std::string> restored(const Item& item) {
    if (restoring_.empty()) return std::nullopt;
    const std::string marker = model::marker_of(kind_, item.raw, memory_.group);
    const auto made_it = [&](const state::Intent* intent) { return kind_.tags_at.empty() ? intent->key == item.key : intent->uuid == marker; };
    const auto found = std::ranges::find_if(restoring_, made_it);
    if (found == restoring_.end()) return std::nullopt;
    std::string uuid = (*found)->uuid;
    restoring_.erase(found);
    std::erase_if(bound_by_secondary_, [&](const auto& entry) { return entry.second->uuid == uuid; });
    return uuid;
  }

  /// A run that was killed may have made what has moved in its new place: then that is the one, and the old place is left.
  void claim_bound(Pair& pair, Item& item) {
    const bool is_moving = kind_.key_is_path && item.key != pair.key && creating_.contains(pair.uuid);
    const auto is_made = [&](const Item& other) { return other.key == pair.key && !bound_by_secondary_.contains(other.id); };
    const auto made = is_moving ? std::ranges::find_if(secondary_, is_made) : secondary_.end();
    if (made == secondary_.end()) return claim(pair, item, Bond::bound);
    pair.left = &item;
    taken_.insert(&item);
    claim(pair, *made, Bond::in_doubt);
  }

  /// Keys of what nobody has claimed yet; several with one key are ambiguous.
  void index_free_keys() {
    for (Item& item : secondary_) {
      if (taken_.contains(&item)) continue;
      const auto binding = bound_by_secondary_.find(item.id);
      if (binding == bound_by_secondary_.end()) {
        free_by_key_[key_form(kind_, item.key)].push_back(&item);
      } else if (kind_.key_is_unique && stays(*binding->second)) {
        left_by_key_[key_form(kind_, item.key)] = &item;
      }
    }
    for (const std::size_t open : open_) ++open_keys_[key_form(kind_, world_.pairs[open].key)];
  }

  /// What was there before us, and principals: on the secondary also when the primary has it no more.
  [[nodiscard]] bool stays(const state::Binding& binding) const {
    return kind_.never_removed || binding.origin_on(world_.secondary.side) == state::Origin::adopted;
  }

  /// The primary's was removed and made again: as long as the name is taken there is no room for a second one.
  void inherit(Pair& pair) {
    const auto left = left_by_key_.find(key_form(kind_, pair.key));
    if (left == left_by_key_.end() || pair.was_bound || taken_.contains(left->second)) return;
    const state::Binding& binding = *bound_by_secondary_.at(left->second->id);
    pair.uuid = binding.uuid;
    pair.origin = binding.origin_on(world_.secondary.side);
    pair.was_bound = true;
    pair.was_interrupted = interrupted_.contains(pair.uuid);
    claim(pair, *left->second, Bond::in_doubt);
  }

  void pair_bound(Item& item) {
    Pair pair;
    pair.kind = &kind_;
    pair.key = item.key;
    pair.primary = &item;
    const auto binding = bound_by_primary_.find(item.id);
    if (binding != bound_by_primary_.end()) {
      pair.uuid = binding->second->uuid;
      pair.origin = binding->second->origin_on(world_.secondary.side);
      if (const auto& id = binding->second->on(world_.secondary.side)) {
        pair.was_bound = true;
        if (const auto found = free_by_id_.find(*id); found != free_by_id_.end()) claim_bound(pair, *found->second);
      }
    } else {
      pair.uuid = restored(item).value_or(first_uuid(memory_.primary_workspace_id, kind_.name, item.id));
    }
    pair.was_interrupted = interrupted_.contains(pair.uuid);
    if (pair.bond == Bond::none) open_.push_back(world_.pairs.size());
    world_.pairs.push_back(std::move(pair));
  }

  void pair_unbound(Pair& pair) {
    if (const auto marked = free_by_marker_.find(pair.uuid); marked != free_by_marker_.end()) {
      std::erase_if(marked->second, [&](Item* item) { return taken_.contains(item); });
      if (marked->second.size() == 1) {
        pair.origin = state::Origin::created;
        return claim(pair, *marked->second.front(), Bond::marker);
      }
      if (marked->second.size() > 1)
        return ambiguous(pair, marked->second.size(), "carry this object's marker");
    }
    const auto same_key = free_by_key_.find(key_form(kind_, pair.key));
    if (same_key == free_by_key_.end()) {
      if (!claim_made_before(pair)) inherit(pair);
      return;
    }
    std::erase_if(same_key->second, [&](Item* item) { return taken_.contains(item); });
    std::vector<Item*>& candidates = same_key->second;
    if (candidates.empty()) return;
    // Where names repeat on either side a name proves nothing.
    if (candidates.size() > 1 || open_keys_[key_form(kind_, pair.key)] > 1)
      return ambiguous(pair, candidates.size(), "have this name");
    if (creating_.contains(pair.uuid) && kind_.tags_at.empty()) {
      pair.origin = state::Origin::created;
      return claim(pair, *candidates.front(), Bond::in_doubt);
    }
    pair.origin = state::Origin::adopted;
    claim(pair, *candidates.front(), Bond::key);
  }

  /// A create whose answer was lost, and then the primary's was moved or renamed: what it made, if it did, has the
  /// name of then. It had no tags to know it by, and no other one of the primary has that name.
  bool claim_made_before(Pair& pair) {
    const auto made = creating_.find(pair.uuid);
    if (made == creating_.end() || !kind_.tags_at.empty()) return false;
    const std::string key = key_form(kind_, made->second);
    const auto found = free_by_key_.find(key);
    if (found == free_by_key_.end() || open_keys_.contains(key)) return false;
    std::erase_if(found->second, [&](Item* item) { return taken_.contains(item); });
    if (found->second.size() != 1) return false;
    pair.origin = state::Origin::created;
    claim(pair, *found->second.front(), Bond::in_doubt);
    return true;
  }

  static void ambiguous(Pair& pair, std::size_t count, std::string_view what) {
    pair.ambiguity = std::to_string(count) + " objects of the secondary " + std::string(what);
  }

  void claim(Pair& pair, Item& item, Bond bond) {
    pair.secondary = &item;
    pair.bond = bond;
    taken_.insert(&item);
  }

  void add_secondary_only(Item& item) {
    Pair pair;
    pair.kind = &kind_;
    pair.key = item.key;
    pair.secondary = &item;
    if (const auto binding = bound_by_secondary_.find(item.id); binding != bound_by_secondary_.end()) {
      pair.uuid = binding->second->uuid;
      pair.origin = binding->second->origin_on(world_.secondary.side);
      pair.bond = Bond::bound;
      pair.was_bound = true;
    } else {
      pair.uuid = first_uuid(memory_.secondary_workspace_id, kind_.name, item.id);
    }
    world_.pairs.push_back(std::move(pair));
  }

  World& world_;
  const Kind& kind_;
  const Memory& memory_;
  std::vector<Item>& primary_;
  std::vector<Item>& secondary_;
  std::unordered_map<std::string_view, const state::Binding*> bound_by_primary_;
  std::unordered_map<std::string_view, const state::Binding*> bound_by_secondary_;
  std::map<std::string, std::string> creating_;  ///< by uuid, under which key
  std::set<std::string> interrupted_;  ///< uuids
  std::vector<const state::Intent*> restoring_;
  std::unordered_map<std::string_view, Item*> free_by_id_;
  std::unordered_map<std::string, std::vector<Item*>> free_by_marker_;
  std::unordered_map<std::string, std::vector<Item*>> free_by_key_;
  std::unordered_map<std::string, Item*> left_by_key_;  ///< bound to what the primary has no more, and here to stay
  std::unordered_map<std::string, int> open_keys_;
  std::unordered_set<const Item*> taken_;
  std::vector<std::size_t> open_;
};

/// A child has no identity of its own: it is found through its parent.
void pair_children(World& world, const Kind& child) {
  std::unordered_map<std::string, Item*> on_primary;
  std::unordered_map<std::string, Item*> on_secondary;
  const auto name = [](const Item& item) { return std::string(item.parent_kind->name) + "/" + item.id; };
  for (Item& item : world.primary.kinds[child.name].items) on_primary[name(item)] = &item;
  for (Item& item : world.secondary.kinds[child.name].items) on_secondary[name(item)] = &item;
  const std::size_t parents = world.pairs.size();
  for (std::size_t i = 0; i < parents; ++i) {
    const Pair& parent = world.pairs[i];
    if (!parent.kind->child_of.empty() || parent.primary == nullptr) continue;
    const auto find = [&](auto& items, const Item* owner) -> Item* {
      if (owner == nullptr) return nullptr;
      const auto found = items.find(std::string(parent.kind->name) + "/" + owner->id);
      return found == items.end() ? nullptr : found->second;
    };
    Item* const mine = find(on_primary, parent.primary);
    if (mine == nullptr) continue;
    Pair pair;
    pair.uuid = child_uuid(parent.uuid, child);
    pair.kind = &child;
    pair.parent_kind = parent.kind;
    pair.parent_uuid = parent.uuid;
    pair.key = mine->key;
    pair.primary = mine;
    pair.secondary = find(on_secondary, parent.secondary);
    pair.bond = pair.secondary != nullptr ? parent.bond : Bond::none;
    pair.origin = parent.origin;
    pair.ambiguity = parent.ambiguity;
    world.pairs.push_back(std::move(pair));
  }
}

void fill_indexes(World& world, std::size_t from) {
  world.by_uuid.reserve(world.pairs.size());
  for (std::size_t i = from; i < world.pairs.size(); ++i) {
    const Pair& pair = world.pairs[i];
    world.by_uuid.emplace(pair.uuid, static_cast<std::uint32_t>(i));
    if (!pair.kind->child_of.empty()) continue;
    if (pair.primary != nullptr) world.primary_index.add(*pair.kind, *pair.primary, pair.uuid);
    if (pair.secondary != nullptr) world.secondary_index.add(*pair.kind, *pair.secondary, pair.uuid);
  }
}

}  // namespace

void forget_raw(World& world) {
  for (auto* inventory : {&world.primary, &world.secondary})
    for (auto& [name, listing] : inventory->kinds)
      for (Item& item : listing.items)
        // What is still to be read is completed from what was listed.
        if (item.complete || item.parent_kind == nullptr) item.raw = nullptr;
}

std::string child_uuid(const std::string& parent_uuid, const Kind& child) {
  return uuid_from(parent_uuid + "/" + std::string(child.name));
}

std::string first_uuid(const std::string& workspace_id, std::string_view kind, const std::string& id) {
  return uuid_from(workspace_id + "/" + std::string(kind) + "/" + id);
}

void Index::add(const Kind& kind, const Item& item, const SharedText& uuid) {
  Entry& entry = kinds_[std::string(kind.name)];
  entry.ignore_case = kind.key_ignores_case;
  entry.ids.emplace(item.id, uuid);
  entry.keys.emplace(kind.key_ignores_case ? SharedText(lower(item.key)) : item.key, uuid);
}

std::optional<std::string> Index::by_id(std::string_view kind, const std::string& id) const {
  const auto entry = kinds_.find(kind);
  if (entry == kinds_.end()) return std::nullopt;
  const auto found = entry->second.ids.find(id);
  return found == entry->second.ids.end() ? std::nullopt : std::optional(std::string(found->second));
}

std::optional<std::string> Index::by_key(std::string_view kind, const std::string& key) const {
  const auto entry = kinds_.find(kind);
  if (entry == kinds_.end()) return std::nullopt;
  const auto found = entry->second.keys.find(entry->second.ignore_case ? lower(key) : key);
  return found == entry->second.keys.end() ? std::nullopt : std::optional(std::string(found->second));
}

namespace {
void sort_items(std::vector<Item>& items) {
  const auto by_key = [](const Item& a, const Item& b) { return std::tie(a.key, a.id) < std::tie(b.key, b.id); };
  std::sort(items.begin(), items.end(), by_key);
}
}  // namespace

World pair_up(Inventory primary, Inventory secondary, std::span<const Kind* const> kinds, const Memory& memory) {
  World world;
  world.primary = std::move(primary);
  world.secondary = std::move(secondary);
  for (auto* inventory : {&world.primary, &world.secondary})
    for (auto& [name, listing] : inventory->kinds) sort_items(listing.items);
  std::size_t most = 0;
  for (const auto* inventory : {&world.primary, &world.secondary})
    for (const auto& [name, listing] : inventory->kinds) most += listing.items.size();
  world.pairs.reserve(most);
  for (const Kind* kind : kinds)
    if (kind->child_of.empty() && kind->find_verb == nullptr) KindPairing(world, *kind, memory).run();
  for (const Kind* kind : kinds)
    if (!kind->child_of.empty()) pair_children(world, *kind);
  fill_indexes(world, 0);
  return world;
}

void pair_found(World& world, std::span<const Kind* const> kinds, const Memory& memory) {
  const std::size_t before = world.pairs.size();
  for (const Kind* kind : kinds) {
    if (kind->find_verb == nullptr) continue;
    for (auto* inventory : {&world.primary, &world.secondary}) sort_items(inventory->kinds[kind->name].items);
    KindPairing(world, *kind, memory).run();
  }
  fill_indexes(world, before);
}

}  // namespace twinlake::engine
