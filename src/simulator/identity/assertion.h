#pragma once
// JSON web tokens that a client shows instead of a secret: signed with the key of a certificate
// that is registered, or issued by somebody whom the application trusts.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace twinlake::simulator {

using nlohmann::json;

/// A token taken apart; nothing of it is believed yet.
struct Assertion {
  json header, claims;
  std::string signed_part;  ///< header and claims as they were sent
  std::string signature;    ///< bytes
};
/// Nothing when the text is no such token.
[[nodiscard]] std::optional<Assertion> parse_assertion(std::string_view text);

/// Does the key of a certificate or of a public key (PEM) fit to the signature? Knows RS256, PS256
/// and ES256, never "none".
[[nodiscard]] bool signed_by(const Assertion& assertion, const std::string& pem);
/// The thumbprint as the header names it: base64url of SHA-1 ("kid", "x5t") or SHA-256 ("x5t#S256")
/// of the certificate. Empty for a text that is no certificate.
[[nodiscard]] std::string thumbprint_of(const std::string& certificate, bool sha256);
/// Does the header name this certificate, in any of its ways?
[[nodiscard]] bool names_certificate(const Assertion& assertion, const std::string& certificate);

[[nodiscard]] std::string base64url_encode(std::string_view bytes);
[[nodiscard]] std::optional<std::string> base64url_decode(std::string_view text);

}  // namespace twinlake::simulator
