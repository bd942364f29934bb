#pragma once
// A value that must never reach a log, a plan, a report or a core dump. It has no operator<<, no
// formatter and no comparison that prints, so printing it does not compile; one has to say
// reveal().
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace twinlake {

/// Overwrites the bytes of a string that held a secret and empties it.
inline void wipe(std::string& text) {
  if (!text.empty()) explicit_bzero(text.data(), text.size());
  text.clear();
}

class Secret {
 public:
  Secret() = default;
  /// Takes the text over and wipes what it was taken from.
  // NOLINTNEXTLINE(cppcoreguidelines-rvalue-reference-param-not-moved): a move would leave its bytes
  explicit Secret(std::string&& text) : bytes_(text.begin(), text.end()) { wipe(text); }
  explicit Secret(std::string_view text) : bytes_(text.begin(), text.end()) {}
  Secret(const Secret&) = default;
  // A vector's move passes the pointer on: nothing is left behind, unlike with short strings.
  Secret(Secret&& other) noexcept : bytes_(std::move(other.bytes_)) { other.bytes_.clear(); }
  Secret& operator=(const Secret& other) {
    if (this != &other) *this = Secret(other);
    return *this;
  }
  Secret& operator=(Secret&& other) noexcept {
    bytes_.swap(other.bytes_);
    return *this;
  }
  ~Secret() {
    if (!bytes_.empty()) explicit_bzero(bytes_.data(), bytes_.size());
  }

  [[nodiscard]] bool empty() const { return bytes_.empty(); }
  /// The only way out. Valid while this object lives unchanged.
  [[nodiscard]] std::string_view reveal() const { return {bytes_.data(), bytes_.size()}; }

 private:
  std::vector<char> bytes_;
};

}  // namespace twinlake
