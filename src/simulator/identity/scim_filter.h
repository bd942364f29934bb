#pragma once
// The filter of SCIM lists: `attribute op "value"`, joined with `and` and `or`; ops eq ne co sw.
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace twinlake::simulator {

/// Values of an attribute (lower-case name) of one resource; nothing when there is no such
/// attribute.
using ScimAttribute = std::function<std::optional<std::vector<std::string>>(const std::string&)>;

class ScimFilter {
 public:
  /// Nothing when the text is no filter.
  static std::optional<ScimFilter> parse(std::string_view text);
  /// Nothing when the filter names an attribute that the resource does not know.
  [[nodiscard]] std::optional<bool> matches(const ScimAttribute& attribute) const;

 private:
  enum class Op { eq, ne, co, sw };
  struct Term {
    std::string attribute;
    Op op;
    std::string value;  ///< lower case: comparisons ignore case
  };
  static std::optional<Op> op_from(const std::string& word);
  static bool holds(const Term& term, const std::vector<std::string>& values);
  std::vector<std::vector<Term>> any_of_all_;  ///< `and` binds tighter than `or`
};

}  // namespace twinlake::simulator
