#include "model/kind.h"

namespace twinlake::kinds {

using namespace model;

namespace {

constexpr Kind kind{
    .name = "warehouse",
    .plural = "SQL warehouses",
    .about = "matched by name, so that tasks find theirs",
    .support = Support::lookup,
    .list = {.endpoint = {.path = "/api/2.0/sql/warehouses", .query = "page_size=100"},
             .items = "/warehouses",
             .pages = PageStyle::token},
    .id_at = "/id",
    .key_at = "/name",
};

}  // namespace

const Kind& warehouse_kind() { return kind; }

}  // namespace twinlake::kinds
