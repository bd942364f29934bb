// A saved plan lies in a file that anybody may have changed: it is taken whole or refused.
#include <cstdlib>
#include <string>

#include "app/plan_file.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace twinlake::app;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto plan = parse_plan(text, "plan.json");
  if (plan && plan->fingerprint.empty()) std::abort();
  if (plan) (void)check_plan(*plan, "prod", 1);
  return 0;
}
