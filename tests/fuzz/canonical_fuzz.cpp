// The canonical form of every kind, from an item that a service may have sent: it exists, and
// tidied again it stays what it is; else an object would differ from itself in every pass.
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "input.h"
#include "model/canonical.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using nlohmann::json;
  using namespace twinlake;
  static const std::vector<const model::Kind*> kinds = kinds::all();
  Input input(data, size);
  const model::Kind& kind = *kinds[input.choice(static_cast<unsigned>(kinds.size()))];
  const json item = json::parse(input.rest(), nullptr, /*allow_exceptions=*/false);
  if (!item.is_object()) return 0;  // what is no object never comes out of a listing as an item

  model::CanonicalContext context;
  context.uuid_of = [](std::string_view of, const std::string& id) -> std::optional<std::string> {
    if (id.size() % 2 == 0) return std::nullopt;  // some are known, some are not
    return std::string(of) + " " + id;
  };
  context.uuid_by_key = context.uuid_of;
  context.self = {"replicator@twinlake.example"};
  const model::Canonical first = model::canonical(kind, item, context);
  json again = *first.form;
  model::normalise(kind, again);
  if (again != *first.form) std::abort();
  if (!model::differences(kind, *first.form, again).empty()) std::abort();
  (void)model::marker_of(kind, item, "prod");
  return 0;
}
