#include "kinds/hive_fields.h"
#include "workspace/metastore_grants.h"

namespace twinlake::kinds::hive_grants {

using namespace model;
using nlohmann::json;

namespace {

/// They are observed with their object. Where they could not be read the object says so.
json child_item(const Kind&, const json& parent_item) {
  const auto found = parent_item.find("grants");
  if (found == parent_item.end()) return nullptr;
  json item = json::object();
  item["grants"] = *found;
  return item;
}

Task<Result<std::string>> write_grants(Write write) {
  const std::string type(write.parent_kind->list.match_any.front());
  const std::string name = owner_id(write);
  const json current = array_at(write.current.get(), "/grants");
  const json wanted = array_at(write.definition.get(), "/grants");
  CO_CHECK(co_await workspace::change_grants(*write.to, type, name, current, wanted));
  CO_CHECK(
      co_await workspace::look_again(*write.to, std::string(write.parent_kind->name), type, name));
  co_return name;
}

constexpr std::string_view other_parents[] = {"hive_schema", "hive_view", "hive_function",
                                              "hive_root"};
constexpr std::string_view principals[] = {"user", "group", "service_principal"};
constexpr Reference references[] = {{.path = "/grants/*/principal",
                                     .kinds = principals,
                                     .match = Match::key,
                                     .missing = IfMissing::drop,
                                     .drop_levels = 1}};
constexpr Unordered unordered[] = {{"/grants", ""}};
constexpr std::string_view leave_out_self[] = {"/grants/*/principal"};

constexpr Kind kind{
    .name = "hive_grants",
    .plural = "privileges in the Hive metastore",
    .about = "who was granted or denied what on the object itself, and its owner",
    .observed_in = Language::sql,
    .child_of = "hive_table",
    .other_parents = other_parents,
    .child_item = child_item,
    .unordered = unordered,
    .references = references,
    .leave_out_self = leave_out_self,
    .create = hive_statement,
    .update = hive_statement,
    .create_verb = write_grants,
    .update_verb = write_grants,
    .never_removed = true,
};

}  // namespace

const Kind& hive_grants_kind() { return kind; }

}  // namespace twinlake::kinds::hive_grants
