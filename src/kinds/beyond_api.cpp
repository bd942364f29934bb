#include "kinds/calls.h"

namespace twinlake::kinds::beyond_api {

using namespace model;
using nlohmann::json;
using workspace::Workspace;

namespace {

struct Fact {
  const char* name;
  const char* because;
  const char* what_to_do;
};

/// Facts: core 28.4, more 23.
constexpr Fact facts[] = {
    {"revision history of notebooks",
     "no API tells earlier versions of a notebook, nor its comments",
     "Keep notebooks that need their history in a Git folder"},
    {"run history of jobs",
     "runs, their output and their numbers stay in the workspace where they ran",
     "Export what auditors need, or keep it in system tables"},
    {"command and query history", "no API can write it", "None: it begins anew on the secondary"},
    {"credentials inside mounts", "what a mount was made with cannot be read",
     "Keep them in a secret scope, which is copied, and tell `mounts` of twinlake.yml which one"},
    {"Git credentials of other people", "only their owners see them",
     "Everybody who works with Git stores a credential on the secondary"},
};

Task<Result<std::vector<json>>> list(Workspace&) {
  std::vector<json> items;
  for (const Fact& fact : facts) {
    json item = json::object();
    item["name"] = fact.name;
    item["because"] = fact.because;
    item["what_to_do"] = fact.what_to_do;
    items.push_back(std::move(item));
  }
  co_return items;
}

constexpr Kind kind{
    .name = "beyond_api",
    .plural = "things that no API carries",
    .about = "what belongs to a workspace and cannot be copied by anybody",
    .support = Support::unsupported,
    .what_to_do = "Each of them says it in `reconcile`",
    .list_verb = list,
    .id_at = "/name",
    .key_at = "/name",
};

}  // namespace

const Kind& beyond_api_kind() { return kind; }

}  // namespace twinlake::kinds::beyond_api
