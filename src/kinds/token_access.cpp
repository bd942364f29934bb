#include "kinds/calls.h"

namespace twinlake::kinds::token_access {

using namespace model;
using nlohmann::json;
using workspace::Workspace;

namespace {

/// There is one in every workspace; it has nothing but its permissions.
Task<Result<std::vector<json>>> list(Workspace&) {
  json item = json::object();
  item["name"] = "tokens";
  co_return std::vector<json>{item};
}

json shape(const json&) { return json::object(); }
bool is_built_in(const json&) { return true; }

constexpr AuditEvent told_by[] = {
    {.service = "accounts", .action = "changeDbTokenAcl", .only = "tokens"}};

constexpr Kind kind{
    .name = "token_access",
    .plural = "rights to make access tokens",
    .about = "who may use personal access tokens, as permissions",
    .list_verb = list,
    .id_at = "/name",
    .key_at = "/name",
    .is_built_in = is_built_in,
    .shape = shape,
    .never_removed = true,
    .permission_type = "authorization",
    .told_by = told_by,
};

}  // namespace

const Kind& token_access_kind() { return kind; }

}  // namespace twinlake::kinds::token_access
