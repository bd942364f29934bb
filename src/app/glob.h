#pragma once
#include <string_view>

namespace twinlake::app {

/// In paths `*` and `?` stop at a slash and `**` does not; "/a/**" also means "/a" itself.
/// In names there are no levels: `*` is any text.
enum class GlobStyle { path, name };

[[nodiscard]] bool glob_matches(std::string_view pattern, std::string_view text, GlobStyle style);

/// The part before the first wildcard, up to its last slash: "/Shared/etl" of "/Shared/etl/x*".
[[nodiscard]] std::string_view literal_folder(std::string_view pattern);

}  // namespace twinlake::app
