#pragma once
// Objects that are found by being named: files on DBFS and in volumes, of which nobody wants to list all.
#include <map>
#include <set>
#include <span>
#include <string>

#include "engine/world.h"

namespace twinlake::engine {

using Names = std::map<const model::Kind*, std::set<std::string>>;

/// What definitions of the primary name of each kind that is found by name, and what is known of that kind
/// already. Texts are looked through to their end: policies hold JSON, scripts hold commands.
[[nodiscard]] Names named_objects(const workspace::Inventory& primary, std::span<const model::Kind* const> kinds,
                                  const Memory& memory);

}  // namespace twinlake::engine
