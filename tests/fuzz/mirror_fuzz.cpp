// A mirror is a file in somebody's workspace: whatever is in it, a store loads it whole or not at all.
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "base/json_path.h"
#include "state/store.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using twinlake::state::Store;
  static const auto store = std::move(*Store::open("memory", "prod"));
  const auto mirror = nlohmann::json::parse(data, data + size, nullptr, /*allow_exceptions=*/false);
  if (mirror.is_discarded()) return 0;
  const auto before = store->to_mirror();
  const bool loaded = store->load_mirror(mirror).has_value();
  const auto after = store->to_mirror();
  if (!loaded && after != before) std::abort();
  if (loaded && after.at("bindings").size() != mirror.at("bindings").size()) std::abort();
  return 0;
}
