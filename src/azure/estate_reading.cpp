#include "azure/estate_reading.h"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "base/json_path.h"
#include "http/pager.h"

namespace twinlake::azure {

using nlohmann::json;
using workspace::Item;
using workspace::Workspace;

namespace {

constexpr int width = 96;

bool is_read(const Item& item) {
  const model::Kind& kind = *item.kind;
  return kind.child_of.empty() && kind.detail == model::Detail::definition && !item.complete &&
         kind.support != model::Support::lookup;
}

Task<void> complete_one(Workspace* side, Item* item, std::vector<model::Finding>* unread) {
  const auto done = co_await workspace::complete(*side, *item);
  // Gone meanwhile: then nothing of it counts.
  if (!done && done.error().fault != Fault::not_found)
    unread->push_back({model::address_of(item->kind->name, item->key),
                       "could not be read: " + done.error().message, done.error().hint});
}

/// A listing of Unity Catalog whose items name places in Azure.
struct Catalogued {
  const char* word;  ///< in addresses
  const char* path;
  const char* items;
};
struct CatalogLooker {
  Workspace* side = nullptr;
  EstateReading* reading = nullptr;
  Of of = Of::primary;
  EstateUses* uses = nullptr;
};
constexpr auto catalogued = std::to_array<Catalogued>({
    {"external_location", "external-locations", "/external_locations"},
    {"storage_credential", "storage-credentials", "/storage_credentials"},
    {"catalog", "catalogs", "/catalogs"},
    {"metastore", "metastore_summary", ""},
});

Task<void> look_at_listing(const CatalogLooker* looker, const Catalogued* what) {
  http::Request request = http::Request::get(std::string("/api/2.1/unity-catalog/") + what->path);
  Result<std::vector<json>> items;
  if (*what->items == '\0') {
    auto one = co_await looker->side->call(std::move(request));
    if (one)
      items->push_back(std::move(*one));
    else
      items = fail(std::move(one).error());
  } else {
    request.with_query("max_results", "0").with_query("include_unbound", "true");
    items = co_await http::list_all(looker->side->transport(), std::move(request),
                                    http::PageStyle::token, what->items);
  }
  if (!items) {
    // Without a metastore there is nothing to see.
    const Fault fault = items.error().fault;
    if (fault != Fault::not_found && fault != Fault::disabled && fault != Fault::invalid)
      looker->reading->unread.push_back({what->path,
                                         "could not be listed: " + items.error().message,
                                         "Give our principal the right to see them"});
    co_return;
  }
  for (const json& item : *items)
    look_at_definition(*looker->uses, looker->of,
                       model::address_of(what->word, text_at(item, "/name")), item);
}

}  // namespace

Task<EstateReading> read_definitions(Workspace& side, std::vector<const model::Kind*> kinds,
                                     workspace::InScope in_scope) {
  EstateReading reading;
  reading.inventory = co_await workspace::read_listings(side, kinds, std::move(in_scope));
  std::vector<Item*> items;
  for (auto& [name, listing] : reading.inventory.kinds) {
    const bool counts =
        listing.kind->support != model::Support::lookup && listing.kind->child_of.empty();
    if (counts && listing.error)
      reading.unread.push_back({std::string(listing.kind->plural),
                                "could not be listed: " + listing.error->message,
                                listing.error->hint});
    for (Item& item : listing.items)
      if (is_read(item)) items.push_back(&item);
  }
  const auto read_one = [&](std::size_t index) {
    return complete_one(&side, items[index], &reading.unread);
  };
  co_await for_each_index(side.loop(), items.size(), width, read_one);
  co_return reading;
}

Task<void> look_at_unity_catalog(Workspace& side, EstateReading* reading, Of of, EstateUses* uses) {
  const CatalogLooker looker{&side, reading, of, uses};
  TaskGroup listings(side.loop());
  for (const Catalogued& what : catalogued) listings.start(look_at_listing(&looker, &what));
  co_await listings.join();
}

}  // namespace twinlake::azure
