// A profile file is written by hand and by other people's tools. Errors never quote what it holds.
#include <cstdlib>
#include <string>

#include "workspace/ini.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto file = twinlake::workspace::parse_ini(text);
  if (file) return 0;
  // Any line long enough to be a secret must not appear in the message.
  for (std::size_t at = 0; at + 16 <= text.size(); ++at) {
    if (describe(file.error()).find(text.substr(at, 16)) != std::string::npos) std::abort();
  }
  return 0;
}
