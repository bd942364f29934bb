#pragma once
// What `storage` and `dependencies` say, for people and for machines. Pure.
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "app/terminal.h"
#include "azure/dependencies.h"
#include "azure/storage_accounts.h"
#include "model/object.h"

namespace twinlake::app {

/// What stands above the table.
struct AzureHead {
  std::string group;
  std::string primary_region;  ///< empty: not known
  std::string standby_region;
  std::string no_azure;  ///< why Azure was not asked; empty: it was
  bool is_primary_lost = false;
  std::size_t texts_of_code = 0;
  bool is_code_left_out = false;
  std::vector<model::Finding> findings;  ///< what could not be read, or is hidden
};

[[nodiscard]] std::string storage_text(const AzureHead& head,
                                       const std::vector<azure::AccountVerdict>& verdicts, bool all,
                                       const Style& style);
[[nodiscard]] std::string dependencies_text(const AzureHead& head,
                                            const std::vector<azure::Dependency>& verdicts,
                                            bool all, const Style& style);

[[nodiscard]] nlohmann::json head_json(const AzureHead& head);
[[nodiscard]] nlohmann::json account_json(const azure::AccountVerdict& verdict);
[[nodiscard]] nlohmann::json dependency_json(const azure::Dependency& verdict);

/// Does it need somebody: a problem, or something that nobody knows?
[[nodiscard]] bool needs_work(const azure::AccountVerdict& verdict);
[[nodiscard]] bool needs_work(const azure::Dependency& verdict);

}  // namespace twinlake::app
