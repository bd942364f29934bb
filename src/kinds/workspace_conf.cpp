#include "workspace/workspace_conf.h"

#include "kinds/calls.h"

namespace twinlake::kinds::workspace_conf {

using namespace model;
using nlohmann::json;

namespace {

Task<Result<std::string>> set(Write write) {
  CO_CHECK(
      co_await workspace::write_conf(*write.to, write.key, text_at(*write.definition, "/value")));
  co_return write.key;
}

/// What forbids our own login would end the replication.
std::optional<Error> cannot_write(const json& definition, const workspace::Workspace& to) {
  const bool forbids = text_at(definition, "/name") == "enableTokensConfig" &&
                       text_at(definition, "/value") == "false";
  if (!forbids || !to.self().has_personal_token) return std::nullopt;
  return Error(Fault::refused,
               "it would forbid the personal access token that Twinlake itself uses there",
               "Log in there by OAuth or Entra ID");
}

constexpr std::string_view named_by[] = {"/name"};
constexpr Endpoint patch{
    .method = Method::patch, .path = "/api/2.0/workspace-conf", .effect = Effect::writes};

constexpr Kind kind{
    .name = "workspace_conf",
    .plural = "workspace settings",
    .about = "switches of the workspace, as far as their names are known",
    .list_verb = workspace::list_conf,
    .id_at = "/name",
    .key_at = "/name",
    .named_by = named_by,
    .cannot_write = cannot_write,
    .create = patch,
    .update = patch,
    .create_verb = set,
    .update_verb = set,
    .never_removed = true,
    .same_everywhere = true,
};

}  // namespace

const Kind& workspace_conf_kind() { return kind; }

}  // namespace twinlake::kinds::workspace_conf
