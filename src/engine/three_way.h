#pragma once
// Who changed an object since both sides agreed: what they agreed on, the primary now, the secondary now. Pure.
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "model/kind.h"
#include "state/store.h"

namespace twinlake::engine {

/// What becomes of an object that was changed on both sides.
enum class OnConflict {
  primary,  ///< the primary's is written over the secondary's, and that is told
  keep,     ///< the secondary's stays, and is told
  ask,      ///< it stays until the operator says which one counts
};
[[nodiscard]] std::string_view name_of(OnConflict policy);  ///< "primary", "keep", "ask"

/// JSON text {member: keyed hash} of a definition, which tells nothing of what it holds (ADR 0011). What is no
/// object has one hash, under "".
[[nodiscard]] std::string marks_of(const nlohmann::json& definition, const std::string& key);

/// What both sides have from now on: `marks` in the words of the secondary, `unrewritten` in those of the primary
/// where rules of the configuration made something else of it, else empty.
[[nodiscard]] state::Agreed agreed_on(std::string uuid, std::string parent, model::Side secondary, std::string marks,
                                      std::string unrewritten);

struct ChangedBy {
  bool primary = false;
  bool secondary = false;
  std::vector<std::string> on_primary;    ///< members, where they are known
  std::vector<std::string> on_secondary;
  /// Members of which nothing was kept: whoever asks has to know from elsewhere.
  bool is_partly_unknown = false;
  [[nodiscard]] bool both() const { return primary && secondary; }
};

/// `agreed`: marks of the definition that both agreed on; empty or malformed: nothing is known. Definitions are
/// both in the words of the secondary; only members that differ between them count.
[[nodiscard]] ChangedBy who_changed(const std::string& agreed, const std::string& key, const nlohmann::json& desired,
                                    const nlohmann::json& current, const std::vector<model::Change>& changes);

/// "/name on the primary, /tags on the secondary, /tasks on both"; empty when members are not known.
[[nodiscard]] std::string told_by_member(const ChangedBy& changed);

}  // namespace twinlake::engine
