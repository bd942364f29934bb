#pragma once
// What directories, notebooks and files have in common.
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "base/json_path.h"
#include "model/canonical.h"
#include "model/kind.h"
#include "workspace/tree.h"

namespace twinlake::kinds {

inline constexpr std::string_view directory_only[] = {"directory"};
/// Kinds that a path in the tree may mean.
inline constexpr std::string_view path_kinds[] = {"notebook", "file", "directory"};
inline constexpr std::string_view file_kinds[] = {"file"};

/// An entry needs its folder first. `parent` is for ordering only and is never sent.
inline constexpr model::Reference in_directory{.path = "/parent",
                                               .kinds = directory_only,
                                               .match = model::Match::path,
                                               .missing = model::IfMissing::block};

/// {"path", "parent"} of a listed entry; what lies in the root needs nothing.
inline nlohmann::json place_of(const nlohmann::json& item) {
  nlohmann::json place = nlohmann::json::object();
  const std::string path = model::normal_path(text_at(item, "/path"));
  place["path"] = path;
  if (const std::string parent = workspace::parent_path(path); parent != "/")
    place["parent"] = parent;
  return place;
}

/// Copies what is there and not null.
inline void take_fields(const nlohmann::json& item, std::initializer_list<const char*> names,
                        nlohmann::json& into) {
  for (const char* name : names)
    if (const auto found = item.find(name); found != item.end() && !found->is_null())
      into[name] = *found;
}

}  // namespace twinlake::kinds
