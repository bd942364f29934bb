// The file of values is written by hand and holds nothing but secrets: errors name the place and quote
// nothing of it, wherever a secret has got to.
#include <cstdlib>
#include <string>

#include "app/values.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  // Each 'x' becomes a secret, so that the fuzzer can put one anywhere.
  constexpr const char* secret = "planted-secret";
  std::string text;
  for (std::size_t i = 0; i < size; ++i) {
    if (data[i] == 'x') {
      text += secret;
    } else {
      text += static_cast<char>(data[i]);
    }
  }
  const auto given = twinlake::app::parse_values(text, "values.yml");
  if (given) return 0;
  if (given.error().message.rfind("values.yml:", 0) != 0) std::abort();
  if (describe(given.error()).find(secret) != std::string::npos) std::abort();
  return 0;
}
