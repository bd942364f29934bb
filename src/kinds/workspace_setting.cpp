#include "kinds/calls.h"
#include "workspace/settings.h"

namespace twinlake::kinds::workspace_setting {

using namespace model;
using nlohmann::json;

namespace {

json shape(const json& item) { return item.value("payload", json::object()); }

Task<Result<std::string>> set(Write write) {
  CO_CHECK(co_await workspace::write_setting(*write.to, write.key, *write.definition));
  co_return write.key;
}

constexpr std::string_view warehouses[] = {"warehouse"};
constexpr Reference references[] = {
    {.path = "/string_val/value", .kinds = warehouses, .match = Match::id}};
/// Only `false` and empty things would be lost otherwise.
constexpr std::string_view keeps_empty[] = {"/*"};
constexpr Endpoint patch{.method = Method::patch,
                         .path = "/api/2.0/settings/types/{id}/names/default",
                         .effect = Effect::writes};

constexpr Kind kind{
    .name = "workspace_setting",
    .plural = "settings with a type",
    .about =
        "dashboards, downloads, the clipboard, default namespace and default warehouse; those "
        "that decide what runs or who may do what are `guarded_setting`",
    .list_verb = workspace::list_settings,
    .id_at = "/name",
    .key_at = "/name",
    .shape = shape,
    .keeps_empty = keeps_empty,
    .references = references,
    .create = patch,
    .update = patch,
    .create_verb = set,
    .update_verb = set,
    .never_removed = true,
    .same_everywhere = true,
};

}  // namespace

const Kind& workspace_setting_kind() { return kind; }

}  // namespace twinlake::kinds::workspace_setting
