#include "model/object.h"

namespace twinlake::model {

std::string address_of(std::string_view kind, std::string_view key) {
  std::string address(kind);
  address += ':';
  // The key of a child is its parent's address, which carries its own quotes.
  const bool nested = key.ends_with('"') && key.find(":\"") != std::string_view::npos;
  if (nested) return address.append(key);
  return address.append("\"").append(key).append("\"");
}

}  // namespace twinlake::model
