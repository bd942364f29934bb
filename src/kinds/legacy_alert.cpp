#include "model/kind.h"

namespace twinlake::kinds {

using namespace model;

namespace {

/// What lies in the trash is no target.
constexpr std::string_view trashed[] = {"TRASHED"};

constexpr Kind kind{
    .name = "legacy_alert",
    .plural = "SQL alerts of the older kind",
    .about = "matched by name",
    .support = Support::lookup,
    .list = {.endpoint = {.path = "/api/2.0/sql/alerts", .query = "page_size=100"},
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

const Kind& legacy_alert_kind() { return kind; }

}  // namespace twinlake::kinds
