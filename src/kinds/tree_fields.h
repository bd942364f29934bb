#pragma once
// What directories, notebooks and files have in common.
#include <span>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "base/json_path.h"
#include "model/canonical.h"
#include "model/kind.h"
#include "workspace/tree.h"
#include "workspace/tree_content.h"

namespace twinlake::kinds {

inline constexpr std::string_view directory_only[] = {"directory"};
/// Kinds that a path may mean: in the tree, in the DBFS root, in a volume.
inline constexpr std::string_view path_kinds[] = {"notebook", "file", "directory", "dbfs_file",
                                                  "volume_file"};
inline constexpr std::string_view file_kinds[] = {"file", "dbfs_file", "volume_file"};

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
  if (const std::string parent = model::parent_path(path); parent != "/")
    place["parent"] = parent;
  return place;
}

/// Where it lies is what it is called, and so is what follows from that.
inline constexpr std::string_view named_by_place[] = {"/path", "/parent", "/home_of"};

/// The row of something that has a place in the tree; its name and what it looks like are added.
constexpr model::Kind row_in_tree(std::span<const std::string_view> types) {
  model::Kind row;
  row.list = {.match_at = "/object_type", .match_any = types};
  row.list_verb = workspace::list_tree;
  row.list_place_verb = workspace::list_place;
  row.id_at = "/object_id";
  row.id_is_number = true;
  row.key_at = "/path";
  row.key_is_path = true;
  row.named_by = named_by_place;
  row.remove = {.method = http::Method::post, .path = "/api/2.0/workspace/delete", .effect = http::Effect::writes};
  row.remove_verb = workspace::delete_path;
  return row;
}

inline constexpr model::Reference needs_folder[] = {in_directory};

/// The same with bytes of its own, which one import creates and another replaces.
constexpr model::Kind row_with_content(std::span<const std::string_view> types, model::ReadVerb read,
                                       model::WriteVerb write) {
  model::Kind row = row_in_tree(types);
  row.detail = model::Detail::content;
  row.references = needs_folder;
  row.read = {.path = "/api/2.0/workspace/export"};
  row.read_verb = read;
  row.update = {.method = http::Method::post, .path = "/api/2.0/workspace/import", .effect = http::Effect::writes};
  row.update_verb = write;
  row.create = row.update;
  row.create.repeat = http::Repeat::unsafe;
  row.create_verb = write;
  return row;
}

/// Copies what is there and not null.
inline void take_fields(const nlohmann::json& item, std::initializer_list<const char*> names,
                        nlohmann::json& into) {
  for (const char* name : names)
    if (const auto found = item.find(name); found != item.end() && !found->is_null())
      into[name] = *found;
}

}  // namespace twinlake::kinds
