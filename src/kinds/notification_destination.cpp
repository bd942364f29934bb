#include "model/kind.h"

namespace twinlake::kinds {

using namespace model;

namespace {

constexpr Kind kind{
    .name = "notification_destination",
    .plural = "notification destinations",
    .about = "matched by name",
    .support = Support::lookup,
    .list = {.endpoint = {.path = "/api/2.0/notification-destinations", .query = "page_size=100"},
             .items = "/results",
             .pages = PageStyle::token},
    .id_at = "/id",
    .key_at = "/display_name",
    .key_is_unique = false,
};

}  // namespace

const Kind& notification_destination_kind() { return kind; }

}  // namespace twinlake::kinds
