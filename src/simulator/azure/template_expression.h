#pragma once
// The expressions of ARM templates: "[concat(parameters('prefix'), '-net')]". A part of the
// language: what templates of workspaces use; anything else is refused by name.
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace twinlake::simulator {

using nlohmann::json;

/// A template that cannot be evaluated, in the words of the service.
class TemplateProblem : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// What expressions may ask for.
struct TemplateScope {
  std::string subscription, group, tenant;
  std::string group_location;
  std::map<std::string, json> parameters;  ///< values, by name
  json variables = json::object();         ///< as they are in the template
  /// A resource by its id, for reference(); throws when it cannot be had (yet). Empty: not at all,
  /// as while a template is only looked at.
  std::function<json(const std::string& id)> resource;
};

/// Text that begins with [ is an expression, [[ is a plain [; objects and arrays are gone through.
/// Throws TemplateProblem.
[[nodiscard]] json evaluate(const json& value, const TemplateScope& scope);

/// "/subscriptions/../providers/A.B/c/x/d/y" of a type "A.B/c/d" and the names x and y.
[[nodiscard]] std::string template_resource_id(const std::string& scope, const std::string& type,
                                               const std::vector<std::string>& names);

}  // namespace twinlake::simulator
