#pragma once
// Values that differ by region (storage accounts, hosts), replaced on their way to the standby.
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "base/result.h"
#include "model/kind.h"

namespace twinlake::app {

struct RewriteRule {
  std::string from;
  std::string to;
  std::vector<std::string> kinds;  ///< empty: all
  int line = 0;                    ///< of twinlake.yml, for messages
};

/// Rules that go both ways: one-to-one, bounded by tokens, so that failback restores the original.
class Rewrites {
 public:
  /// Refuses rules that would not come back; the index of the wrong one is told by `wrong`.
  static Result<Rewrites> make(std::vector<RewriteRule> rules, std::size_t& wrong);

  [[nodiscard]] bool empty() const { return rules_.empty(); }
  [[nodiscard]] std::string forward(std::string_view text) const;
  [[nodiscard]] std::string backward(std::string_view text) const;
  /// Every text in a definition, except what the object is called: that is its identity.
  void apply(const model::Kind& kind, nlohmann::json& definition) const;
  /// Rules that have replaced nothing yet: misspelt, or no longer needed.
  [[nodiscard]] std::vector<const RewriteRule*> unused() const;

 private:
  std::vector<RewriteRule> rules_;
  mutable std::set<std::string> used_;  ///< texts that were replaced at least once
};

}  // namespace twinlake::app
