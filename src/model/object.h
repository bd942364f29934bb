#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "model/kind.h"
#include "model/side.h"

namespace twinlake::model {

/// `kind:"natural key"`, for people. The uuid is the identity.
[[nodiscard]] std::string address_of(std::string_view kind, std::string_view key);

/// Something that a person should know, which stops nothing.
struct Finding {
  std::string address;
  std::string message;
  std::string what_to_do;
};

/// In a canonical form a reference by id is an object with this member, the target's uuid.
inline constexpr std::string_view ref_member = "$ref";
/// A reference whose target is unknown keeps the id of its side under this member.
inline constexpr std::string_view unresolved_member = "$unresolved";

}  // namespace twinlake::model
