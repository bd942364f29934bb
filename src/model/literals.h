#pragma once
// Secrets written out in full in a definition: where they stand, so that they are never shown or kept.
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "model/kind.h"

namespace twinlake::model {

/// What the configuration adds to the names and shapes that are known.
struct LiteralRules {
  struct Place {
    std::string kind;
    std::string path;  ///< JsonPath
  };
  std::function<bool(std::string_view name)> is_secret_name = {};  ///< may be empty
  std::vector<Place> places = {};
};

/// Looks at one definition, which must outlive it.
class Secrecy {
 public:
  Secrecy(const Kind& kind, const nlohmann::json& definition, const LiteralRules& rules);

  /// Must this text, number or truth value as a whole stay hidden? What is secret by its shape alone
  /// hides only that part of it.
  [[nodiscard]] bool hides(const std::string& pointer, const nlohmann::json& leaf) const;
  /// Is any of it secret, by whatever sign?
  [[nodiscard]] bool touches(const std::string& pointer, const nlohmann::json& leaf) const;
  /// JSON text for people, with what is secret hidden at any depth.
  [[nodiscard]] std::string shown(const std::string& pointer, const nlohmann::json& value) const;
  /// Every text of the definition that is secret, or the part that is.
  [[nodiscard]] std::vector<std::string> literals() const;

 private:
  [[nodiscard]] nlohmann::json masked(const std::string& pointer, const nlohmann::json& value) const;
  [[nodiscard]] bool is_named_so(const std::string& pointer) const;

  const nlohmann::json& definition_;
  const LiteralRules& rules_;
  std::set<std::string> hidden_;    ///< places, with all below them
  std::set<std::string> settings_;  ///< places whose name a person chose
};

/// A message about a definition, of a service that may repeat what it was sent: without its secrets.
[[nodiscard]] std::string without_literals(std::string message, const std::vector<std::string>& literals);

}  // namespace twinlake::model
