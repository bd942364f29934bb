#pragma once
// A job of GitHub Actions proves itself to Entra ID by a token that GitHub issues for it.
#include <memory>

#include "workspace/entra_proof.h"

namespace twinlake::workspace {

/// Set for each job that has `permissions: id-token: write`.
inline constexpr const char* github_token_url = "ACTIONS_ID_TOKEN_REQUEST_URL";

/// Asks GitHub for a token for each sign-in, because one lives for minutes. The application in
/// Entra ID needs a federated credential for the repository. Fault::config when this is no such
/// job.
/// Source: databricks-sdk-go, auth_azure_github_oidc.go.
[[nodiscard]] Result<std::unique_ptr<EntraProof>> make_github_proof(const Environment& environment,
                                                                    const OpenTransport& open);

}  // namespace twinlake::workspace
