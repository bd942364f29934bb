#pragma once
// Values that differ by region (storage accounts, hosts), replaced on their way to the other side.
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "base/result.h"
#include "model/kind.h"
#include "model/rewrite.h"

namespace twinlake::app {

struct RewriteRule {
  std::string from;
  std::string to;
  std::vector<std::string> kinds;  ///< empty: all
  int line = 0;                    ///< of twinlake.yml, for messages
  /// Several texts may become the same: the way back is what is kept of each of them.
  bool one_way = false;
  bool same =
      false;  ///< `from` and `to` are one text: nothing to replace, and nothing to wonder about
};

/// Rules bounded by tokens. Those that go both ways are one-to-one, so that failback restores the
/// original; of the others the originals are kept.
class Rewrites {
 public:
  /// Refuses rules that would not come back; the index of the wrong one is told by `wrong`.
  static Result<Rewrites> make(std::vector<RewriteRule> rules, std::size_t& wrong);

  [[nodiscard]] bool empty() const { return rules_.empty(); }
  [[nodiscard]] std::string forward(std::string_view text) const;
  [[nodiscard]] std::string backward(std::string_view text) const;
  /// Every text in a definition, except what the object is called: that is its identity. On the way
  /// back `recall` is asked for each text what it was.
  model::Rewritten apply(const model::Kind& kind, nlohmann::json& definition, model::Way way,
                         const model::Recall& recall) const;
  /// Rules that have replaced nothing yet: misspelt, or no longer needed.
  [[nodiscard]] std::vector<const RewriteRule*> unused() const;

 private:
  std::vector<RewriteRule> rules_;
  mutable std::set<std::string> used_;  ///< `from` of those that replaced something
};

}  // namespace twinlake::app
