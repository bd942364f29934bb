#include "model/kind.h"

namespace twinlake::kinds::lakeview_dashboard {

using namespace model;

namespace {

/// What lies in the trash is no target.
constexpr std::string_view trashed[] = {"TRASHED"};

constexpr Kind kind{
    .name = "lakeview_dashboard",
    .plural = "dashboards",
    .about = "AI/BI dashboards, matched by name",
    .support = Support::lookup,
    .list = {.endpoint = {.path = "/api/2.0/lakeview/dashboards",
                          .query = "page_size=100&view=DASHBOARD_VIEW_BASIC"},
             .items = "/dashboards",
             .pages = PageStyle::token,
             .match_at = "/lifecycle_state",
             .match_any = trashed,
             .inverted = true},
    .id_at = "/dashboard_id",
    .key_at = "/display_name",
    .key_is_unique = false,
};

}  // namespace

const Kind& lakeview_dashboard_kind() { return kind; }

}  // namespace twinlake::kinds::lakeview_dashboard
