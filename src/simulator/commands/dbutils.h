#pragma once
// What code on a cluster reaches through `dbutils`: mounts, files and secrets of the workspace. Its
// errors are Java exceptions as text, because that is what comes through in a notebook.
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/region.h"

namespace twinlake::simulator {

struct Mount;

/// Where the values of secrets come from. What is not set knows no secrets.
struct SecretsAccess {
  std::function<std::optional<std::string>(const std::string& scope, const std::string& key)>
      value_of;
  std::function<std::vector<std::string>(const std::string& scope)> keys_of;
};

/// The execution context that asks.
struct Notebook {
  std::string caller;
  std::string security_mode;       ///< of its cluster
  std::set<std::string> revealed;  ///< values of secrets that it has read: redacted in its output
};

/// What a function gives back: its value, or the exception as text.
[[nodiscard]] inline json value(json of) { return json::object({{"value", std::move(of)}}); }
[[nodiscard]] inline json failed(const std::string& text) {
  return json::object({{"error", text}});
}

class Dbutils {
 public:
  explicit Dbutils(Region& region) : region_(region) {}
  void use_secrets(SecretsAccess secrets) { secrets_ = std::move(secrets); }

  /// {"value": ...} or {"error": "..."}; nothing when the call does not come back, because the
  /// storage account that it asks is dead. `function` is "fs.mounts", "secrets.get", ...
  [[nodiscard]] std::optional<json> answer(const std::string& function, const json& arguments,
                                           Notebook& notebook);
  /// Text with its {{secrets/scope/key}} replaced, as in the configuration of a cluster.
  [[nodiscard]] std::string resolved(const std::string& text, Notebook& notebook);

 private:
  using Answer = std::optional<json>;
  // dbutils.cpp: secrets and files
  Answer get_secret(const json& arguments, Notebook& notebook);
  Answer get_secret_bytes(const json& arguments, Notebook& notebook);
  Answer list_secrets(const json& arguments, Notebook& notebook);
  Answer list_scopes(const json& arguments, Notebook& notebook);
  Answer list_files(const json& arguments, Notebook& notebook);
  Answer head(const json& arguments, Notebook& notebook);
  Answer put(const json& arguments, Notebook& notebook);
  [[nodiscard]] std::optional<std::string> reveal(const std::string& scope, const std::string& key,
                                                  Notebook& notebook) const;
  [[nodiscard]] bool never_answers(std::string_view path) const;

  // dbutils_mounts.cpp
  Answer list_mounts(const json& arguments, Notebook& notebook);
  Answer mount(const json& arguments, Notebook& notebook);
  Answer update_mount(const json& arguments, Notebook& notebook);
  Answer unmount(const json& arguments, Notebook& notebook);
  Answer refresh_mounts(const json& arguments, Notebook& notebook);
  Answer place_mount(Mount mount, const json& configs, const Notebook& notebook);
  [[nodiscard]] std::optional<std::string> refuse_mounts(std::string_view function,
                                                         const Notebook& notebook) const;
  [[nodiscard]] std::optional<std::string> refuse_change(std::string_view function,
                                                         const Notebook& notebook) const;

  Region& region_;
  SecretsAccess secrets_;
};

/// What a mount with these extra_configs would fail with; nothing when they open the source.
[[nodiscard]] std::optional<std::string> mount_problem(const std::string& source,
                                                       const json& configs);

}  // namespace twinlake::simulator
