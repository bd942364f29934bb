#include "workspace/inventory.h"

#include "base/json_path.h"
#include "http/classify.h"
#include "http/pager.h"
#include "model/canonical.h"
#include "workspace/rows.h"

namespace twinlake::workspace {

using model::Kind;
using model::Support;
using nlohmann::json;

namespace {

struct Raw {
  std::vector<json> items;
  std::optional<Error> error;
};

/// What changes when the object changes; nothing else. A definition may hold secrets written out in
/// full: its hash is keyed.
std::string indicator_of(const Workspace& side, const Kind& kind, const json& item) {
  if (!kind.indicator.empty()) {
    std::string text;
    for (const std::string_view pointer : kind.indicator) text += text_at(item, pointer) + "|";
    return text;
  }
  json rest = item;
  for (const std::string_view path : kind.strip)
    JsonPath(std::string(kind.definition_at) + std::string(path)).erase_from(rest);
  return side.fingerprint(to_text(rest)).substr(0, 32);
}

Task<void> list_one(Workspace* side, const Kind* kind, Raw* into) {
  auto listed = co_await list_by_row(*side, *kind);
  if (listed) {
    into->items = std::move(*listed);
  } else {
    into->error = std::move(listed).error();
  }
}

/// Kinds that share a listing (the tree) read it once.
std::string listing_key(const Kind& kind) {
  if (kind.list_verb != nullptr) return "verb " + std::to_string(reinterpret_cast<std::uintptr_t>(kind.list_verb));
  if (kind.observe != nullptr) return "observed " + std::string(kind.name);
  return std::string(kind.list.endpoint.path) + "?" + std::string(kind.list.endpoint.query);
}

Error error_from(const json& told) {
  return Error(static_cast<Fault>(told.value("fault", static_cast<int>(Fault::bad_answer))),
               text_at(told, "/message"), text_at(told, "/hint"));
}

bool feature_is_off(const Error& error) {
  return error.fault == Fault::disabled || error.fault == Fault::not_found;
}

/// A kind that can tell which items lack something needs no read for the others.
bool carries_everything(const Kind& kind, const json& item) {
  if (kind.detail == model::Detail::none) return true;
  return kind.detail == model::Detail::definition && kind.must_read != nullptr && !kind.must_read(item);
}

/// Moves what it takes: a listing that several kinds share holds each thing for one of them, and what
/// was taken has no id any more for the next.
void take_items(const Workspace& side, const Kind& kind, Raw& raw, const InScope& in_scope,
                KindListing& listing) {
  if (raw.error) {
    if (feature_is_off(*raw.error)) {
      listing.disabled = true;
    } else {
      listing.error = raw.error;
    }
    return;
  }
  for (json& source : raw.items) {
    if (!is_listed_as(kind, source)) continue;
    if (const json* hole = find_at(source, model::not_listed_member); hole != nullptr) {
      listing.holes.push_back(Hole{text_at(source, kind.key_at), error_from(*hole)});
      continue;
    }
    if (kind.is_foreign != nullptr && kind.is_foreign(source)) continue;
    if (model::is_of_drill(kind, source)) continue;
    Item item;
    item.kind = &kind;
    item.id = text_at(source, kind.id_at);
    item.key = text_at(source, kind.key_at);
    if (kind.key_is_path) item.key = model::normal_path(item.key);
    if (item.id.empty() || !in_scope(kind, item.key)) continue;
    item.indicator = indicator_of(side, kind, source);
    item.raw = std::move(source);
    // The same for all of a kind, and there may be many.
    if (kind.list.match_any.size() == 1 && !kind.list.inverted) JsonPath(kind.list.match_at).erase_from(item.raw);
    item.complete = carries_everything(kind, item.raw);
    listing.items.push_back(std::move(item));
  }
}

bool is_parent(const Kind& child, const Kind& kind) {
  if (!kind.child_of.empty() || kind.support != Support::replicated) return false;
  if (std::ranges::find(child.other_parents, kind.name) != child.other_parents.end()) return true;
  return child.child_of == "*" ? !kind.permission_type.empty() : child.child_of == kind.name;
}

void take_children(const Workspace& side, const Kind& child, std::span<const Kind* const> kinds,
                   Inventory& inventory) {
  KindListing& listing = inventory.kinds[child.name];
  for (const Kind* parent : kinds) {
    if (!is_parent(child, *parent)) continue;
    const KindListing& parents = inventory.kinds[parent->name];
    listing.items.reserve(listing.items.size() + parents.items.size());
    for (const Item& owner : parents.items) {
      json raw = child.child_item != nullptr ? child.child_item(*parent, owner.raw) : json::object();
      if (raw.is_null()) continue;
      Item item;
      item.kind = &child;
      item.parent_kind = parent;
      item.id = owner.id;
      item.key = model::address_of(parent->name, owner.key);
      item.indicator = child.detail == model::Detail::none ? indicator_of(side, child, raw) : "";
      // What its own read gives stands in its place later.
      if (child.detail == model::Detail::none) item.raw = std::move(raw);
      item.complete = child.detail == model::Detail::none;
      listing.items.push_back(std::move(item));
    }
  }
}

/// Children whose content comes from one listing of their own (libraries of all clusters) keep the
/// parent's order but take their item from it.
void take_listed_children(const Workspace& side, const Kind& child, const Raw& raw,
                          KindListing& listing) {
  if (raw.error) {
    if (!feature_is_off(*raw.error)) listing.error = raw.error;
    return;
  }
  std::map<std::string, const json*> by_id;
  for (const json& source : raw.items) by_id.emplace(text_at(source, child.id_at), &source);
  for (Item& item : listing.items) {
    const auto found = by_id.find(item.id);
    item.raw = found == by_id.end() ? json::object() : *found->second;
    item.indicator = indicator_of(side, child, item.raw);
    item.complete = child.detail == model::Detail::none;
  }
}

bool has_own_listing(const Kind& kind) {
  return kind.list_verb != nullptr || kind.observe != nullptr || kind.list.endpoint.exists();
}

}  // namespace

bool is_listed_as(const Kind& kind, const json& item) {
  const model::Listing& list = kind.list;
  if (list.match_at.empty()) return true;
  const std::string text = text_at(item, list.match_at);
  const bool hit =
      std::find(list.match_any.begin(), list.match_any.end(), text) != list.match_any.end();
  return hit != list.inverted;
}

const Error* KindListing::unlisted(std::string_view key) const {
  if (error) return &*error;
  const auto hole = std::find_if(holes.begin(), holes.end(),
                                 [&](const Hole& h) { return key.starts_with(h.prefix); });
  return hole == holes.end() ? nullptr : &hole->error;
}

json not_listed(const Error& error) {
  json told = json::object();
  told["fault"] = static_cast<int>(error.fault);
  told["message"] = describe(error);
  told["hint"] = error.hint;
  return told;
}

Task<Inventory> read_listings(Workspace& side, std::span<const Kind* const> kinds, InScope in_scope) {
  Inventory inventory;
  inventory.side = side.side();
  std::map<std::string, Raw> raws;
  TaskGroup readers(side.loop());
  for (const Kind* kind : kinds) {
    if (!has_own_listing(*kind)) continue;
    const auto [place, is_new] = raws.try_emplace(listing_key(*kind));
    if (is_new) readers.start(list_one(&side, kind, &place->second));
  }
  co_await readers.join();
  for (const Kind* kind : kinds) {
    KindListing& listing = inventory.kinds[kind->name];
    listing.kind = kind;
    if (kind->child_of.empty())
      take_items(side, *kind, raws[listing_key(*kind)], in_scope, listing);
  }
  for (const Kind* kind : kinds) {
    if (kind->child_of.empty()) continue;
    take_children(side, *kind, kinds, inventory);
    if (has_own_listing(*kind))
      take_listed_children(side, *kind, raws[listing_key(*kind)], inventory.kinds[kind->name]);
  }
  co_return inventory;
}

Task<void> find_items(Workspace& side, const Kind& kind, std::vector<std::string> keys,
                      InScope in_scope, KindListing& into) {
  for (const Item& item : into.items) std::erase(keys, item.key);
  if (keys.empty() || into.disabled || into.error) co_return;
  Raw raw;
  auto found = co_await kind.find_verb(side, std::move(keys));
  if (found) {
    raw.items = std::move(*found);
  } else {
    raw.error = std::move(found).error();
  }
  take_items(side, kind, raw, in_scope, into);
}

Task<Result<std::vector<Item>>> read_place(Workspace& side, std::span<const Kind* const> kinds,
                                           model::ListPlaceVerb list_place, std::string place) {
  Raw raw;
  CO_TRY(raw.items, co_await list_place(side, std::move(place)));
  const InScope everything = [](const Kind&, const std::string&) { return true; };
  KindListing listing;
  for (const Kind* kind : kinds)
    if (kind->list_place_verb == list_place) take_items(side, *kind, raw, everything, listing);
  co_return std::move(listing.items);
}

Task<Result<void>> complete(Workspace& side, Item& item) {
  if (item.complete) co_return Result<void>{};
  const auto ask = [&] {
    return read_by_row(side, *item.kind, item.parent_kind, item.id, item.raw);
  };
  auto read = co_await ask_for_shown(side, ask);
  if (!read) {
    Error error = std::move(read).error();
    error.address = model::address_of(item.kind->name, item.key);
    co_return fail(std::move(error));
  }
  item.raw = std::move(*read);
  item.complete = true;
  // Where the listing tells nothing, what was read tells whether it changed.
  if (item.indicator.empty()) item.indicator = side.fingerprint(to_text(item.raw)).substr(0, 32);
  co_return Result<void>{};
}

}  // namespace twinlake::workspace
