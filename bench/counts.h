#pragma once
// Requests per object, counted, beside the formula that they must keep to.
#include <string>

namespace twinlake::bench {

/// True when no kind needs more than the formula allows.
bool count_requests(const std::string& results);

}  // namespace twinlake::bench
