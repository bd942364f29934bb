// The one place of what json.h promises.
#include "pch/json.h"

template class nlohmann::basic_json<>;
