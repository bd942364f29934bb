#pragma once
// Originals of texts that one-way rules replaced, as the state keeps them: free of secrets.
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "engine/world.h"
#include "model/literals.h"
#include "model/rewrite.h"
#include "state/store.h"

namespace twinlake::engine {

/// What to keep of these. `before` is the definition that they were found in; `key` makes the mark of a
/// text that holds a secret.
[[nodiscard]] std::vector<state::OriginalRecord> originals_of(const std::vector<model::Replacement>& replaced,
                                                              const model::Kind& kind, const nlohmann::json& before,
                                                              const model::LiteralRules& literals, const std::string& key);

/// Finds what a text was among these, which must outlive the answer.
[[nodiscard]] model::Recall recall_from(const std::vector<state::OriginalRecord>& originals, const std::string& key);

/// Removes records of objects that are on neither side any more and have no binding: children go with their
/// parents. Only where both sides could be listed whole.
void forget_lost_originals(state::Store& store, const World& world);

}  // namespace twinlake::engine
