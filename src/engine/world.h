#pragma once
// Both sides beside each other: which object of the secondary is which of the primary. Pure.
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/shared_text.h"
#include "base/text_map.h"
#include "model/canonical.h"
#include "state/store.h"
#include "workspace/inventory.h"

namespace twinlake::engine {

/// How an object of the secondary was recognised.
enum class Bond {
  none,      ///< it is on one side only
  bound,     ///< by the id map
  marker,    ///< by the tag that we left: it is ours
  in_doubt,  ///< by its key, and the journal says that we were creating it, or the id map that it was this name's
  key,       ///< by its natural key alone: somebody else's until it is adopted
};

struct Pair {
  SharedText uuid;
  const model::Kind* kind = nullptr;
  const model::Kind* parent_kind = nullptr;
  SharedText key;
  SharedText parent_uuid;  ///< for child kinds
  workspace::Item* primary = nullptr;
  workspace::Item* secondary = nullptr;
  workspace::Item* left = nullptr;  ///< where it was on the secondary before a run that was killed moved it
  Bond bond = Bond::none;
  state::Origin origin = state::Origin::created;
  bool was_interrupted = false;  ///< the journal has a write of it without an outcome
  bool was_bound = false;   ///< the id map knows a secondary id, found or not
  SharedText ambiguity;     ///< not empty: several candidates, a person must choose
  [[nodiscard]] std::string address() const { return model::address_of(kind->name, key); }
};

/// Finds uuids by what a side calls things.
class Index {
 public:
  void add(const model::Kind& kind, const workspace::Item& item, const SharedText& uuid);
  [[nodiscard]] std::optional<std::string> by_id(std::string_view kind, const std::string& id) const;
  [[nodiscard]] std::optional<std::string> by_key(std::string_view kind, const std::string& key) const;

 private:
  struct Entry {
    TextMap<SharedText> ids;
    TextMap<SharedText> keys;  ///< in lower case, where case does not matter
    bool ignore_case = false;
  };
  std::map<std::string, Entry, std::less<>> kinds_;
};

/// May be moved, not copied: the pairs point at the items.
struct World {
  World() = default;
  World(World&&) = default;
  World& operator=(World&&) = default;
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  ~World() = default;

  workspace::Inventory primary;
  workspace::Inventory secondary;
  std::vector<Pair> pairs;  ///< in a fixed order: by kind as listed, then key
  TextMap<std::uint32_t> by_uuid;  ///< positions among the pairs
  Index primary_index;
  Index secondary_index;
  std::set<std::string, std::less<>> primary_self;    ///< names of the replicator on each side
  std::set<std::string, std::less<>> secondary_self;
};

/// Frees the definitions as listed and read. Ids, keys and indicators stay.
void forget_raw(World& world);

/// What the state knows, as pairing needs it.
struct Memory {
  std::string group;
  std::string primary_workspace_id;
  std::string secondary_workspace_id;
  std::vector<state::Binding> bindings;
  std::vector<state::Intent> in_doubt;
};

/// Pairs everything. The inventories move into the world, the pairs point into them.
[[nodiscard]] World pair_up(workspace::Inventory primary, workspace::Inventory secondary,
                            std::span<const model::Kind* const> kinds, const Memory& memory);

/// Pairs the kinds that were found by name (`find_verb`), which pair_up() leaves out: others had to be
/// read first.
void pair_found(World& world, std::span<const model::Kind* const> kinds, const Memory& memory);

/// The uuid of a child; its parent has one of each kind.
[[nodiscard]] std::string child_uuid(const std::string& parent_uuid, const model::Kind& child);

/// The uuid that planning gives an object when it is first seen.
[[nodiscard]] std::string first_uuid(const std::string& workspace_id, std::string_view kind, const std::string& id);

}  // namespace twinlake::engine
