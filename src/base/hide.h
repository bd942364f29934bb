#pragma once
// What a service refuses it may repeat: secret values go out of its words before they are kept or
// told.
#include <string>
#include <string_view>

namespace twinlake {

/// What stands in a message for a secret.
inline constexpr std::string_view secret_mark = "[secret]";
/// One of fewer bytes stays: it would tear other words apart, and is no secret anybody could keep.
inline constexpr std::size_t shortest_secret = 4;

/// Replaces `value`, as it is and as JSON writes it, by `secret_mark` wherever it stands in `text`.
void hide(std::string& text, std::string_view value);

}  // namespace twinlake
