#include "kinds/calls.h"

namespace twinlake::kinds::git_credential {

using namespace model;
using nlohmann::json;
using workspace::Workspace;

namespace {

/// Only our own: the service shows nobody else's (facts, core 8.2).
Task<Result<std::vector<json>>> list(Workspace& side) {
  auto answer = co_await side.call(http::Request::get("/api/2.0/git-credentials"));
  std::vector<json> credentials;
  if (!answer) co_return credentials;
  for (json& credential : array_at(&*answer, "/credentials")) {
    credential["label"] = text_at(credential, "/git_provider") + " of " + side.self().name;
    credentials.push_back(std::move(credential));
  }
  co_return credentials;
}

constexpr Kind kind{
    .name = "git_credential",
    .plural = "Git credentials",
    .about = "tokens for Git servers: they cannot be read, and everybody has their own",
    .support = Support::unsupported,
    .what_to_do =
        "Each owner, the principals of jobs too, has to store one on the secondary (Settings > "
        "Linked accounts)",
    .list_verb = list,
    .id_at = "/credential_id",
    .id_is_number = true,
    .key_at = "/label",
    .key_is_unique = false,
};

}  // namespace

const Kind& git_credential_kind() { return kind; }

}  // namespace twinlake::kinds::git_credential
