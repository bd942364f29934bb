#include "kinds/calls.h"

namespace twinlake::kinds::access_token {

using namespace model;
using nlohmann::json;
using workspace::Workspace;

namespace {

/// Who may not manage tokens sees none, which is no reason to stop.
Task<Result<std::vector<json>>> list(Workspace& side) {
  auto answer = co_await side.call(http::Request::get("/api/2.0/token-management/tokens"));
  std::vector<json> tokens;
  if (!answer) co_return tokens;
  for (json& token : array_at(&*answer, "/token_infos")) {
    const std::string comment = text_at(token, "/comment");
    token["name"] = text_at(token, "/created_by_username") + ": " +
                    (comment.empty() ? "(no comment)" : comment);
    tokens.push_back(std::move(token));
  }
  co_return tokens;
}

constexpr Kind kind{
    .name = "access_token",
    .plural = "access tokens",
    .about = "personal access tokens: their values cannot be read, and a new one has a new value",
    .support = Support::unsupported,
    .what_to_do =
        "Let its owner make one on the secondary and keep it where the caller finds it after a "
        "failover",
    .list_verb = list,
    .id_at = "/token_id",
    .key_at = "/name",
    .key_is_unique = false,
};

}  // namespace

const Kind& access_token_kind() { return kind; }

}  // namespace twinlake::kinds::access_token
