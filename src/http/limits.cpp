#include "http/limits.h"

#include <array>

namespace twinlake::http {

namespace {
// Source of the rates: the API table of Azure's "Resource limits" page as republished in 2026-05;
// of the concurrency: what copy tools use in practice. Both are starting values. A lane with a rate
// has room for an answer that takes half a second at that rate: it is the rate that spares the service.
constexpr std::string_view published = "Azure resource limits page, API rate limits";
constexpr std::string_view command_line = "a comment in the Databricks command line, 2024-02";
constexpr std::string_view practice = "no published number; concurrency that works in practice";

constexpr Lane table[] = {
    {"jobs.create", Method::post, false, "/api/2.2/jobs/create", 20, 32, published},
    {"jobs.create", Method::post, false, "/api/2.1/jobs/create", 20, 32, published},
    {"jobs.run-now", Method::post, false, "/api/2.2/jobs/run-now", 20, 8, published},
    {"jobs.runs.get", Method::get, false, "/api/2.2/jobs/runs/get", 100, 16, published},
    {"dbfs", Method::get, true, "/api/2.0/dbfs/", 30, 8, published},
    {"files", Method::get, true, "/api/2.0/fs/", 100, 10, command_line},
    {"workspace.export", Method::get, false, "/api/2.0/workspace/export", 60, 32, published},
    {"workspace.import", Method::post, false, "/api/2.0/workspace/import", 30, 32, published},
    {"workspace.import-file", Method::post, false, "/api/2.0/workspace-files/import-file", 30, 32,
     published},
    {"permissions.get", Method::get, false, "/api/2.0/permissions/", 100, 48, published},
    {"permissions.write", Method::put, true, "/api/2.0/permissions/", 30, 32, published},
    {"secrets", Method::get, true, "/api/2.0/secrets/", 1100.0 / 60, 8, published},
    {"tokens", Method::get, true, "/api/2.0/token", 40, 8, published},
    {"scim.get", Method::get, false, "/api/2.0/preview/scim/v2/", 255.0 / 60, 4, published},
    // The account's SCIM has published limits for writes, the workspace's has none.
    {"scim.write", Method::post, true, "/api/2.0/preview/scim/v2/", 0, 4, practice},
    {"workspace.list", Method::get, false, "/api/2.0/workspace/list", 0, 24, practice},
    {"workspace.get-status", Method::get, false, "/api/2.0/workspace/get-status", 0, 32, practice},
    {"other", Method::get, true, "/", 0, 24, practice},
};

constexpr std::array<Lane, std::size(table)> without_rates() {
  std::array<Lane, std::size(table)> lanes{};
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    lanes[i] = table[i];
    lanes[i].per_second = 0;
  }
  return lanes;
}
constexpr auto table_without_rates = without_rates();
}  // namespace

std::span<const Lane> lanes() { return table; }
std::span<const Lane> lanes_without_rates() { return table_without_rates; }

const Lane& lane_of(Method method, std::string_view path) {
  for (const Lane& lane : table)
    if ((lane.any_method || lane.method == method) && path.starts_with(lane.path_prefix)) return lane;
  return table[std::size(table) - 1];
}

}  // namespace twinlake::http
