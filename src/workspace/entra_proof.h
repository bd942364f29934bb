#pragma once
// What proves to Entra ID who signs in: a secret, a certificate, or the token of another issuer.
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/loop.h"
#include "workspace/profile.h"
#include "workspace/secret_source.h"

namespace twinlake::workspace {

using FormFields = std::vector<std::pair<std::string, std::string>>;

class EntraProof {
 public:
  virtual ~EntraProof() = default;
  /// The fields of the form that say it. `token_url` is where they are sent.
  [[nodiscard]] virtual Task<Result<FormFields>> fields(std::string token_url) = 0;
};

/// client_secret.
[[nodiscard]] std::unique_ptr<EntraProof> make_secret_proof(std::unique_ptr<SecretSource> source);
/// A JWT signed with the key of the certificate, valid for ten minutes. The file is read for each
/// sign-in: certificates are renewed.
[[nodiscard]] std::unique_ptr<EntraProof> make_certificate_proof(Loop& loop, const Profile& profile,
                                                                 FileReader read_file);
/// The token of the file, as it is; read for each sign-in, because it rotates.
[[nodiscard]] std::unique_ptr<EntraProof> make_federated_proof(const Profile& profile,
                                                               FileReader read_file);

/// The fields that say who signs in by a JWT.
[[nodiscard]] FormFields assertion_fields(const Secret& assertion);

/// A client assertion as Entra ID wants it: RS256 for RSA keys, ES256 for those on P-256; `kid` is
/// the SHA-1 thumbprint of the certificate. Errors name the file and never quote it.
/// Source: hashicorp/go-azure-sdk, client_credentials.go.
[[nodiscard]] Result<Secret> signed_assertion(std::string_view pem, const Secret& password,
                                              const std::string& client_id,
                                              const std::string& token_url, const std::string& id,
                                              Time now);

}  // namespace twinlake::workspace
