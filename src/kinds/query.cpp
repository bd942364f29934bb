#include "model/kind.h"

namespace twinlake::kinds {

using namespace model;

namespace {

/// What lies in the trash is no target.
constexpr std::string_view trashed[] = {"TRASHED"};

constexpr Kind kind{
    .name = "query",
    .plural = "SQL queries",
    .about = "matched by name",
    .support = Support::lookup,
    .list = {.endpoint = {.path = "/api/2.0/sql/queries", .query = "page_size=100"},
             .items = "/results",
             .pages = PageStyle::token,
             .match_at = "/lifecycle_state",
             .match_any = trashed,
             .inverted = true},
    .id_at = "/id",
    .key_at = "/display_name",
    .key_is_unique = false,
};

}  // namespace

const Kind& query_kind() { return kind; }

}  // namespace twinlake::kinds
