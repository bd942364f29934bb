#pragma once
// What people call the two sides of a plan: in a sync the primary and the secondary; where something comes back, a
// recovery point and either of them, or another workspace.
#include <string>
#include <string_view>

namespace twinlake::engine {

struct Words {
  std::string_view source = "primary";    ///< after "the": what counts
  std::string_view target = "secondary";  ///< after "the": what is made equal to it
  std::string_view verb = "sync";         ///< what is done again once somebody mended something

  [[nodiscard]] std::string from() const { return "the " + std::string(source); }
  [[nodiscard]] std::string to() const { return "the " + std::string(target); }
  [[nodiscard]] std::string again() const { return std::string(verb) + " again"; }
  /// The same as a sentence.
  [[nodiscard]] std::string do_again() const {
    std::string text = again();
    text.front() = static_cast<char>(text.front() - 'a' + 'A');
    return text;
  }
};

}  // namespace twinlake::engine
