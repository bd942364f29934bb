#pragma once
// The mirror as a JSON document: what goes into it and what is accepted of one. Inside src/state
// only. Pure.
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/result.h"
#include "state/store.h"

namespace twinlake::state {

inline constexpr const char* mirror_format = "twinlake-mirror";
inline constexpr int mirror_version = 2;

/// What a mirror tells.
struct Mirror {
  std::optional<Identity> identity;
  std::int64_t generation = 0;
  std::int64_t fencing = 0;
  std::optional<Time> replication_point;
  std::vector<Binding> bindings;
  std::vector<HoldRecord> holds;
  std::vector<OriginalRecord> originals;
  std::optional<Failover> failover;
  std::vector<std::pair<std::string, std::string>> turned;  ///< action and uuid
  std::vector<ActionRecord> actions;                        ///< of that failover, in order
};

[[nodiscard]] nlohmann::json to_json(const Identity& identity);
[[nodiscard]] nlohmann::json to_json(const Binding& binding);
[[nodiscard]] nlohmann::json to_json(const HoldRecord& hold);
/// Without the keyed hash: it is worth nothing without the key, which is never mirrored.
[[nodiscard]] nlohmann::json to_json(const OriginalRecord& original);
[[nodiscard]] nlohmann::json to_json(const Failover& failover);
[[nodiscard]] nlohmann::json to_json(const ActionRecord& action);

/// Fault::bad_answer: it is no mirror, or one of a newer program. Fault::config: it is another
/// group's.
[[nodiscard]] Result<Mirror> parse_mirror(const nlohmann::json& document, const std::string& group);

}  // namespace twinlake::state
