#pragma once
// For tests: kinds by name.
#include <stdexcept>
#include <string_view>

#include "model/kind.h"

namespace twinlake::kinds {

[[nodiscard]] inline const model::Kind& kind_named(std::string_view name) {
  for (const model::Kind* kind : all())
    if (kind->name == name) return *kind;
  throw std::logic_error("no kind has this name");
}

}  // namespace twinlake::kinds
