#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace twinlake::app {

/// The known word that was probably meant; empty when none is near.
[[nodiscard]] std::string nearest(std::string_view word, const std::vector<std::string>& known);

}  // namespace twinlake::app
