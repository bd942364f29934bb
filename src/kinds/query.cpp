#include "kinds/sql_lookup.h"

namespace twinlake::kinds::query {

namespace {
constexpr model::Kind kind = sql_lookup("query", "SQL queries", "/api/2.0/sql/queries", "/results");
}  // namespace

const model::Kind& query_kind() { return kind; }

}  // namespace twinlake::kinds::query
