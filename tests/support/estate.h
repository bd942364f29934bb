#pragma once
// A small estate with one of everything that refers to something else.
#include <string>

#include <nlohmann/json.hpp>

#include "support/lab.h"

namespace twinlake::test {

void import_notebook(Lab& lab, const std::string& path, const std::string& source);
[[nodiscard]] nlohmann::json job_body(const std::string& name, const std::string& notebook);
/// People, a folder with a notebook, a policy, a pool, a cluster, a warehouse and a pipeline that run, and
/// two jobs in a cycle, all live.
void fill_small_estate(Lab& lab);

}  // namespace twinlake::test
