#pragma once
// A small estate with one of everything that refers to something else.
#include <string>

#include <nlohmann/json.hpp>

#include "support/lab.h"

namespace twinlake::test {

/// Values of the small estate that must be found nowhere but in the two workspaces: one of a secret, one
/// written out in the environment of a cluster.
inline constexpr const char* planted_secret = "pl4nted-s3cret-value";
inline constexpr const char* planted_literal = "pl4nted-l1teral-value";

void import_notebook(Lab& lab, const std::string& path, const std::string& source);
[[nodiscard]] nlohmann::json job_body(const std::string& name, const std::string& notebook);
/// People, a folder with a notebook, secrets, init scripts, a library on DBFS, a setting, a policy, a
/// pool, a cluster, a warehouse and a pipeline that run, and two jobs in a cycle, all live.
void fill_small_estate(Lab& lab);

}  // namespace twinlake::test
