#include "model/kind.h"

namespace twinlake::kinds {

using namespace model;

namespace {

constexpr Kind kind{
    .name = "secret_scope",
    .plural = "secret scopes",
    .about = "matched by name",
    .support = Support::lookup,
    .list = {.endpoint = {.path = "/api/2.0/secrets/scopes/list"}, .items = "/scopes"},
    .id_at = "/name",
    .key_at = "/name",
};

}  // namespace

const Kind& secret_scope_kind() { return kind; }

}  // namespace twinlake::kinds
