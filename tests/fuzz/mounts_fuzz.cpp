// What a command prints goes through a cluster that anybody may have prepared: it is a list of mounts or
// an error. A mount that every workspace has by itself must never be taken for somebody's.
#include <cstdlib>
#include <string>

#include <nlohmann/json.hpp>

#include "base/json_path.h"
#include "workspace/mounts.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace twinlake;
  const std::string output(reinterpret_cast<const char*>(data), size);
  const auto mounts = workspace::parse_mounts(output);
  if (!mounts) {
    if (mounts.error().hint.empty()) std::abort();
    return 0;
  }
  for (const nlohmann::json& mount : *mounts) {
    const std::string point = text_at(mount, "/mount_point");
    const bool of_the_service = (point + "/").rfind("/databricks-datasets/", 0) == 0;
    if (point.rfind('/', 0) != 0 || point == "/" || of_the_service) std::abort();
    if (text_at(mount, "/source").empty()) std::abort();
    if (workspace::lines_to_mount(mount).empty()) std::abort();
  }
  return 0;
}
