#include "model/kind.h"

namespace twinlake::kinds::connection {

using namespace model;

namespace {

constexpr Kind kind{
    .name = "connection",
    .plural = "connections",
    .about = "Unity Catalog connections, matched by name",
    .support = Support::lookup,
    .list = {.endpoint = {.path = "/api/2.1/unity-catalog/connections", .query = "max_results=0"},
             .items = "/connections",
             .pages = PageStyle::token},
    .id_at = "/name",
    .key_at = "/name",
};

}  // namespace

const Kind& connection_kind() { return kind; }

}  // namespace twinlake::kinds::connection
