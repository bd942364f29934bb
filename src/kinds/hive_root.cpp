#include "kinds/hive_fields.h"

namespace twinlake::kinds::hive_root {

using namespace model;
using nlohmann::json;

namespace {

json shape(const json&) { return json::object(); }
bool is_built_in(const json&) { return true; }

constexpr std::string_view type[] = {"root"};

constexpr Kind row() {
  Kind row = hive_row(
      "hive_root", "roots of the Hive metastore",
      "its catalog, ANY FILE and ANONYMOUS FUNCTION: always there, and privileges hang on them",
      type);
  row.shape = shape;
  row.is_built_in = is_built_in;
  row.never_removed = true;
  return row;
}
constexpr Kind kind = row();

}  // namespace

const Kind& hive_root_kind() { return kind; }

}  // namespace twinlake::kinds::hive_root
