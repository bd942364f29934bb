#pragma once
// Tokens of whoever is logged in with the Azure CLI.
#include <string>
#include <vector>

#include "workspace/process.h"
#include "workspace/token.h"

namespace twinlake::workspace {

/// The command lines to try in this order: the subscription of the ARM id first, then the tenant,
/// then as logged in (an az session of a managed identity takes no tenant). Never both: az refuses.
[[nodiscard]] std::vector<std::vector<std::string>> azure_cli_commands(const std::string& program,
                                                                       std::string_view resource,
                                                                       std::string_view resource_id,
                                                                       std::string_view tenant);

class AzureCliOrigin final : public TokenOrigin {
 public:
  AzureCliOrigin(std::vector<std::vector<std::string>> commands, RunProcess run)
      : commands_(std::move(commands)), run_(std::move(run)) {}
  [[nodiscard]] Task<Result<AccessToken>> fetch() override;

 private:
  std::vector<std::vector<std::string>> commands_;
  RunProcess run_;
};

}  // namespace twinlake::workspace
