// Places with wildcards, over any document: what is visited can be found, what is erased is gone.
#include <cstdlib>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/json_path.h"
#include "input.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using nlohmann::json;
  Input input(data, size);
  const std::string text = input.piece();
  // `**` over a deep document has many places; that is slow and no mistake.
  if (text.size() > 64 || text.find("**") != text.rfind("**")) return 0;
  json document = json::parse(input.rest(), nullptr, /*allow_exceptions=*/false);
  if (document.is_discarded()) return 0;

  const twinlake::JsonPath path(text);
  std::vector<std::string> places;
  const json& unchanged = document;
  path.visit(unchanged, [&](const json& value, const std::string& pointer) {
    places.push_back(pointer);
    if (twinlake::find_at(unchanged, pointer) != &value) std::abort();
  });
  (void)twinlake::text_at(document, text);
  (void)twinlake::to_text(document);
  json other = document;
  path.erase_from(document);
  twinlake::erase_all(other, places);
  if (document != other) std::abort();
  return 0;
}
