#pragma once
// Everything one side has, as listed. Reading is wide: all kinds at once, each in its lanes.
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/result.h"
#include "base/shared_text.h"
#include "base/task.h"
#include "model/kind.h"
#include "model/object.h"
#include "workspace/workspace.h"

namespace twinlake::workspace {

struct Item {
  const model::Kind* kind = nullptr;
  const model::Kind* parent_kind = nullptr;  ///< for child kinds
  SharedText id;                             ///< on that side; for child kinds the parent's id
  SharedText key;                            ///< natural key; for child kinds the parent's address
  nlohmann::json raw;                        ///< as listed, completed by a read where one was made
  SharedText indicator;   ///< equal while nothing of the object changed; empty: cannot tell
  bool complete = false;  ///< `raw` carries the whole definition
};

/// A part of a listing that could not be had, such as the secrets of one scope.
struct Hole {
  std::string prefix;  ///< of the keys that may be missing
  Error error;
};

struct KindListing {
  const model::Kind* kind = nullptr;
  std::vector<Item> items;
  std::vector<Hole> holes;     ///< nothing may be concluded of what would lie there
  std::optional<Error> error;  ///< then `items` is not everything, and nothing may be concluded
  bool disabled = false;       ///< the workspace does not have this feature: nothing there
  /// Why the listing tells nothing of this key; nullptr: it does.
  [[nodiscard]] const Error* unlisted(std::string_view key) const;
};

struct Inventory {
  model::Side side = model::Side::home;
  std::map<std::string_view, KindListing> kinds;
  [[nodiscard]] const KindListing& of(const model::Kind& kind) const { return kinds.at(kind.name); }
};

/// Is this item of a listing that several kinds share one of this kind?
[[nodiscard]] bool is_listed_as(const model::Kind& kind, const nlohmann::json& item);

/// Which items belong to the group's scope.
using InScope = std::function<bool(const model::Kind& kind, const std::string& key)>;

/// Lists all kinds. A listing that failed carries its error; the others are unaffected.
[[nodiscard]] Task<Inventory> read_listings(Workspace& side,
                                            std::span<const model::Kind* const> kinds,
                                            InScope in_scope);

/// What lies directly in one place of the tree, as items of those kinds among `kinds` that are
/// listed with `list_place`. Scope does not matter: somebody asks for what was written there.
[[nodiscard]] Task<Result<std::vector<Item>>> read_place(Workspace& side,
                                                         std::span<const model::Kind* const> kinds,
                                                         model::ListPlaceVerb list_place,
                                                         std::string place);

/// Adds those of these keys that exist to what is listed of a kind, by its `find_verb`.
[[nodiscard]] Task<void> find_items(Workspace& side, const model::Kind& kind,
                                    std::vector<std::string> keys, InScope in_scope,
                                    KindListing& into);

/// What a list verb puts at model::not_listed_member of an item that stands for what it could not
/// list.
[[nodiscard]] nlohmann::json not_listed(const Error& error);

/// Completes an item by the kind's own read. An item that is gone gives Fault::not_found.
[[nodiscard]] Task<Result<void>> complete(Workspace& side, Item& item);

}  // namespace twinlake::workspace
