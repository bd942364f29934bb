#pragma once
// What files outside the tree have in common: they are named by a path, compared by size and hash,
// and copied from side to side by the calls of the place where they lie.
#include <string>

#include <nlohmann/json.hpp>

#include "kinds/calls.h"
#include "workspace/content_witness.h"
#include "workspace/tree_content.h"

namespace twinlake::kinds {

inline nlohmann::json shape_of_outside_file(const nlohmann::json& item) {
  nlohmann::json file = nlohmann::json::object();
  for (const char* field : {"path", "file_size", "content_sha256"})
    if (const auto found = item.find(field); found != item.end()) file[field] = *found;
  return file;
}

/// `hash(side, path)`: SHA-256 of its bytes.
template <auto hash>
Task<Result<nlohmann::json>> read_outside_file(workspace::Workspace& side, const model::Kind&,
                                               const model::Kind*, std::string,
                                               nlohmann::json item) {
  CO_TRY(item["content_sha256"], co_await hash(side, text_at(item, "/path")));
  co_return item;
}

/// `copy(from, to, path, new_path, overwrite)`; `put(to, path, content, overwrite)` where the
/// content comes from somewhere else.
template <auto copy, auto put>
Task<Result<std::string>> copy_outside_file(model::Write write) {
  if (write.from == nullptr)
    co_return fail(Fault::blocked, "its content cannot be read: the other side is not reachable",
                   "Run again when that side answers");
  std::string path = text_at(*write.definition, "/path");
  if (workspace::ContentSource* const source = write.from->content_source()) {
    CO_TRY(workspace::Content content, co_await source->content(*write.definition));
    CO_CHECK(co_await put(*write.to, path, std::move(content), !write.id.empty()));
    co_return path;
  }
  CO_CHECK(co_await copy(*write.from, *write.to, write.source_id, path, !write.id.empty()));
  co_return path;
}

/// `remove(side, path)`: what is gone already is as good.
template <auto remove>
Task<Result<void>> remove_outside_file(model::Write write) {
  co_return co_await remove(*write.to, write.id);
}

/// The row; its name, what names it and what the calls are is added.
template <auto hash, auto copy, auto put, auto remove>
constexpr model::Kind row_of_outside_file() {
  model::Kind row;
  row.detail = model::Detail::content;
  row.read_verb = read_outside_file<hash>;
  row.id_at = "/path";
  row.key_at = "/path";
  row.shape = shape_of_outside_file;
  row.create_verb = copy_outside_file<copy, put>;
  row.update_verb = row.create_verb;
  row.remove_verb = remove_outside_file<remove>;
  row.part = model::Part::file;
  return row;
}

}  // namespace twinlake::kinds
