#pragma once
// Values that differ by region, replaced on their way from one side to the other. Which ones is the
// configuration's business; that a failback finds the originals again is the engine's.
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "model/kind.h"

namespace twinlake::model {

enum class Way {
  there,  ///< from home to away
  back,
};

/// What stood in a text before it was rewritten, at a place of the rewritten text.
struct Piece {
  std::size_t at = 0;
  std::size_t length = 0;
  std::string was;
};

/// A text in which a one-way rule replaced something.
struct Replacement {
  std::string pointer;  ///< in the definition as it was; of a name the object that has it
  /// In the definition as it is now, in words that hold when other elements come and go.
  std::string place;
  bool is_name = false;  ///< the name of a member
  std::string after;
  std::vector<Piece> pieces;
};

/// What is known of a text that comes back.
struct Recalled {
  enum class Case {
    nothing,    ///< no one-way rule ever replaced anything here
    original,   ///< `text` is what it was
    changed,    ///< one did, and the text has been changed since
    elsewhere,  ///< one did, in an element that is not this one
    ambiguous,  ///< several originals became this text
    locked,     ///< one did, in a secret, and the key that would prove it untouched is another one
  };
  Case which = Case::nothing;
  std::string text;
};
/// Asked for each text of a definition on its way back.
using Recall = std::function<Recalled(const std::string& place, bool is_name, const std::string& text)>;

struct Rewritten {
  std::vector<Replacement> one_way;    ///< on the way there
  std::vector<std::string> conflicts;  ///< clauses: why nobody knows whether the result is right
  std::vector<std::string> losses;     ///< clauses: what would be lost, whoever allows it
  std::vector<std::string> same;       ///< pointers of texts that a rule says are the same on both sides
  std::vector<std::string> unknown;    ///< on the way back: places with a value whose original nobody kept
};

using Rewrite = std::function<Rewritten(const Kind& kind, nlohmann::json& definition, Way way, const Recall& recall)>;

[[nodiscard]] inline std::string put_back(std::string text, const std::vector<Piece>& pieces) {
  for (auto piece = pieces.rbegin(); piece != pieces.rend(); ++piece)
    if (piece->at <= text.size()) text.replace(piece->at, piece->length, piece->was);
  return text;
}

}  // namespace twinlake::model
