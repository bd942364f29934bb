// twinlake.yml is written by hand: it is read or refused with a place and a remedy, never anything
// else.
#include <cstdlib>
#include <string>

#include "app/config.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace twinlake::app;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto config = parse_config(text, "twinlake.yml", {"job", "cluster", "notebook"});
  if (!config && config.error().message.find("twinlake.yml") == std::string::npos) std::abort();
  return 0;
}
