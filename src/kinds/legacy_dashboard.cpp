#include <nlohmann/json.hpp>

#include "base/json_path.h"
#include "model/kind.h"
#include "workspace/workspace.h"

namespace twinlake::kinds::legacy_dashboard {

using namespace model;
using nlohmann::json;

namespace {

/// Numbered pages, as only the oldest SQL API has them.
Task<Result<std::vector<json>>> list(workspace::Workspace& side) {
  constexpr int page_size = 100;
  std::vector<json> found;
  for (int page = 1;; ++page) {
    http::Request request = http::Request::get("/api/2.0/preview/sql/dashboards");
    request.with_query("page", std::to_string(page))
        .with_query("page_size", std::to_string(page_size));
    CO_TRY(json answer, co_await side.call(std::move(request)));
    const json* results = find_at(answer, "/results");
    if (results == nullptr || !results->is_array() || results->empty()) co_return found;
    for (const json& dashboard : *results) found.push_back(dashboard);
    const json* count = find_at(answer, "/count");
    if (count != nullptr && count->is_number_unsigned() &&
        found.size() >= count->get<std::size_t>())
      co_return found;
  }
}

constexpr Kind kind{
    .name = "legacy_dashboard",
    .plural = "SQL dashboards of the older kind",
    .about = "matched by name",
    .support = Support::lookup,
    .list_verb = list,
    .id_at = "/id",
    .key_at = "/name",
    .key_is_unique = false,
};

}  // namespace

const Kind& legacy_dashboard_kind() { return kind; }

}  // namespace twinlake::kinds::legacy_dashboard
