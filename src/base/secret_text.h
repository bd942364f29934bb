#pragma once
// What in a text is a secret written out in full: by its shape, or by the name that it stands
// under. A reference such as {{secrets/scope/key}} is none.
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace twinlake {

inline constexpr std::string_view hidden_text = "(hidden)";

/// A secret within a text: from `begin` up to `end`.
struct SecretPart {
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// In their order, none within another: keys and passwords of connection strings, signatures of
/// SAS, web tokens, tokens of Databricks and of Git services, storage keys, URLs with
/// user:password@, private keys in PEM, and what a command line gives to curl.
[[nodiscard]] std::vector<SecretPart> secret_parts(std::string_view text);
[[nodiscard]] bool holds_secret(std::string_view text);
/// The text with `hidden_text` in place of each secret.
[[nodiscard]] std::string hide_secrets(std::string_view text);

/// Is a setting of this name, or a variable, usually a secret? Words count, however they are
/// joined: `DB_PASSWORD`, `clientSecret`, `fs.azure.account.key.x`.
[[nodiscard]] bool names_secret(std::string_view name);

/// Nothing but a name of a secret: {{secrets/scope/key}}.
[[nodiscard]] bool is_secret_reference(std::string_view text);

}  // namespace twinlake
