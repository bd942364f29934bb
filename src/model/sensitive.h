#pragma once
// Words of the service that could repeat what it was sent.
#include <nlohmann/json_fwd.hpp>

#include "base/result.h"

namespace twinlake::model {

/// Takes every text within `value` out of what the error says. A reference to a secret is none itself and stays.
void hide_texts(const nlohmann::json& value, Error& error);

}  // namespace twinlake::model
