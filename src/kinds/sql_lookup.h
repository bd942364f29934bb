#pragma once
// The row of a lookup among the SQL objects: listed in pages, matched by name, the trash left out.
#include <string_view>

#include "model/kind.h"

namespace twinlake::kinds {

/// What lies in the trash is no target; the newer API calls it DELETED.
inline constexpr std::string_view trashed[] = {"TRASHED", "DELETED"};

constexpr model::Kind sql_lookup(std::string_view name, std::string_view plural, std::string_view path,
                                 std::string_view items) {
  model::Kind row;
  row.name = name;
  row.plural = plural;
  row.about = "matched by name";
  row.support = model::Support::lookup;
  row.list = {.endpoint = {.path = path, .query = "page_size=100"},
              .items = items,
              .pages = model::PageStyle::token,
              .match_at = "/lifecycle_state",
              .match_any = trashed,
              .inverted = true};
  row.id_at = "/id";
  row.key_at = "/display_name";
  row.key_is_unique = false;
  return row;
}

}  // namespace twinlake::kinds
