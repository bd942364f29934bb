#include "azure/estate_reading.h"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "base/hash.h"
#include "base/json_path.h"
#include "engine/named.h"
#include "http/pager.h"
#include "workspace/tree_content.h"

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

/// Lies in the tree: listed and exported by its path.
bool is_code_in_tree(const model::Kind& kind) {
  return kind.detail == model::Detail::content && kind.key_is_path &&
         kind.list_place_verb != nullptr;
}

/// Endings of files that people write.
bool is_script(std::string_view path) {
  constexpr auto endings =
      std::to_array<std::string_view>({".sh", ".bash", ".py", ".sql", ".scala", ".r", ".conf",
                                       ".json", ".yml", ".yaml", ".txt", ".properties", ".xml"});
  const std::string lower = lower_case(path);
  return std::ranges::any_of(endings,
                             [&](std::string_view ending) { return lower.ends_with(ending); });
}

void take_text(EstateUses* uses, Of of, const Item& item, std::string_view text) {
  if (text.find('\0') != std::string_view::npos) return;
  look_at_code(*uses, of, model::address_of(item.kind->name, item.key), text);
}

struct CodeLooker {
  Workspace* side = nullptr;
  EstateReading* reading = nullptr;
  Of of = Of::primary;
  EstateUses* uses = nullptr;
  CodeOptions options;
};

void tell_unread(const CodeLooker& looker, const Item& item, const Error& error) {
  looker.reading->unread.push_back({model::address_of(item.kind->name, item.key),
                                    "could not be looked through: " + error.message, error.hint});
}

Task<void> look_in_tree(const CodeLooker* looker, const Item* item) {
  const json* size = find_at(item->raw, "/size");
  const bool is_large = size != nullptr && size->is_number_unsigned() &&
                        size->get<std::uint64_t>() > looker->options.most_bytes;
  if (is_large) co_return;
  auto content = co_await workspace::export_content(*looker->side, item->key, 0);
  if (!content) {
    if (content.error().fault != Fault::not_found) tell_unread(*looker, *item, content.error());
    co_return;
  }
  if (content->size() <= looker->options.most_bytes)
    take_text(looker->uses, looker->of, *item, content->all());
}

/// The first megabyte, which is the most that one read gives (facts, core 16).
Task<void> look_on_dbfs(const CodeLooker* looker, const Item* item) {
  http::Request request = http::Request::get("/api/2.0/dbfs/read");
  request.with_query("path", item->key.substr(std::string_view("dbfs:").size()))
      .with_query("length", "1000000");
  const auto answer = co_await looker->side->call(std::move(request));
  if (!answer) {
    if (answer.error().fault != Fault::not_found) tell_unread(*looker, *item, answer.error());
    co_return;
  }
  take_text(looker->uses, looker->of, *item, base64_decode(text_at(*answer, "/data")));
}

/// A listing of Unity Catalog whose items name places in Azure.
struct Catalogued {
  const char* word;  ///< in addresses
  const char* path;
  const char* items;
};
constexpr auto catalogued = std::to_array<Catalogued>({
    {"external_location", "external-locations", "/external_locations"},
    {"storage_credential", "storage-credentials", "/storage_credentials"},
    {"catalog", "catalogs", "/catalogs"},
    {"metastore", "metastore_summary", ""},
});

Task<void> look_at_listing(const CodeLooker* looker, const Catalogued* what) {
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

Task<void> find_scripts(Workspace* side, EstateReading* reading) {
  std::vector<const model::Kind*> kinds;
  for (const auto& [name, listing] : reading->inventory.kinds) kinds.push_back(listing.kind);
  const engine::Names names = engine::named_objects(reading->inventory, kinds, engine::Memory{});
  const auto everything = [](const model::Kind&, const std::string&) { return true; };
  for (const auto& [kind, keys] : names) {
    std::vector<std::string> wanted;
    std::ranges::copy_if(keys, std::back_inserter(wanted), [](const std::string& key) {
      return key.starts_with("dbfs:/") && is_script(key);
    });
    if (!wanted.empty())
      co_await workspace::find_items(*side, *kind, std::move(wanted), everything,
                                     reading->inventory.kinds[kind->name]);
  }
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
  const CodeLooker looker{&side, reading, of, uses, CodeOptions()};
  TaskGroup listings(side.loop());
  for (const Catalogued& what : catalogued) listings.start(look_at_listing(&looker, &what));
  co_await listings.join();
}

Task<void> look_through_code(Workspace& side, EstateReading* reading, Of of, EstateUses* uses,
                             CodeOptions options) {
  const CodeLooker looker{&side, reading, of, uses, options};
  co_await find_scripts(&side, reading);
  std::vector<const Item*> in_tree;
  std::vector<const Item*> on_dbfs;
  for (const auto& [name, listing] : reading->inventory.kinds)
    for (const Item& item : listing.items) {
      if (is_code_in_tree(*item.kind)) in_tree.push_back(&item);
      if (item.kind->find_verb != nullptr && item.key.starts_with("dbfs:/") && is_script(item.key))
        on_dbfs.push_back(&item);
    }
  const auto look_at = [&](std::size_t index) { return look_in_tree(&looker, in_tree[index]); };
  co_await for_each_index(side.loop(), in_tree.size(), width, look_at);
  const auto look_there = [&](std::size_t index) { return look_on_dbfs(&looker, on_dbfs[index]); };
  co_await for_each_index(side.loop(), on_dbfs.size(), width, look_there);
}

}  // namespace twinlake::azure
