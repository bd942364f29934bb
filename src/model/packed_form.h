#pragma once
// A definition that waits for its turn, in a small part of the memory that a document takes.
#include <nlohmann/json_fwd.hpp>

#include "base/shared_text.h"

namespace twinlake::model {

/// Steps of a plan wait by the hundred thousand, and each of them is looked into once or twice. A copy
/// costs nothing.
class PackedForm {
 public:
  PackedForm() = default;
  explicit PackedForm(const nlohmann::json& form);
  /// The same document. Only where there is one.
  [[nodiscard]] nlohmann::json unpack() const;
  /// Is there one?
  explicit operator bool() const { return !bytes_.empty(); }

 private:
  SharedText bytes_;  ///< CBOR: no value of JSON looks like another one in it
};

}  // namespace twinlake::model
