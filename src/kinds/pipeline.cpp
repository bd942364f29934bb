#include "model/kind.h"

namespace twinlake::kinds {

using namespace model;

namespace {

constexpr Kind kind{
    .name = "pipeline",
    .plural = "pipelines",
    .about = "matched by name",
    .support = Support::lookup,
    .list = {.endpoint = {.path = "/api/2.0/pipelines", .query = "max_results=100"},
             .items = "/statuses",
             .pages = PageStyle::token},
    .id_at = "/pipeline_id",
    .key_at = "/name",
    .key_is_unique = false,
};

}  // namespace

const Kind& pipeline_kind() { return kind; }

}  // namespace twinlake::kinds
