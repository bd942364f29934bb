// A profile file is written by hand and by other people's tools, and it holds tokens: errors name
// the line and never quote it.
#include <cstdlib>
#include <string>

#include "workspace/ini.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  // Each 'x' becomes a secret, so that the fuzzer can put one anywhere.
  constexpr const char* secret = "dapi-planted-secret";
  std::string text;
  for (std::size_t i = 0; i < size; ++i) {
    if (data[i] == 'x') {
      text += secret;
    } else {
      text += static_cast<char>(data[i]);
    }
  }
  const auto file = twinlake::workspace::parse_ini(text);
  if (!file && describe(file.error()).find(secret) != std::string::npos) std::abort();
  return 0;
}
