#pragma once
// A definition that goes back to the side where it was read: ids of other objects stay what they are, and
// nothing else has to be listed to know them.
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "model/canonical.h"

namespace twinlake::model {

/// Kinds whose ids are numbers in a body.
[[nodiscard]] std::set<std::string_view> kinds_with_number_ids(std::span<const Kind* const> kinds);

/// Stands for an id in a canonical form, where else the uuid of the object stands.
[[nodiscard]] std::string own_word(const std::string& id, bool is_number);
/// The id again; nothing when the text is a uuid.
[[nodiscard]] std::optional<std::string> id_in_own_word(std::string_view text, bool& is_number);

/// Makes canonical forms in which every id is a word of its own.
[[nodiscard]] CanonicalContext own_words(std::set<std::string_view> number_kinds);

}  // namespace twinlake::model
