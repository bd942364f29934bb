#include "workspace/metastore_grants.h"

#include <algorithm>
#include <array>
#include <map>

#include "base/json_path.h"
#include "workspace/metastore.h"
#include "workspace/sql_text.h"

namespace twinlake::workspace {

using nlohmann::json;

namespace {

constexpr std::string_view denied = "DENIED_";
constexpr std::string_view owner = "OWN";

/// What is said in SQL, and which rows of the answer are the object's own.
struct TypeRow {
  std::string_view type;
  std::string_view words;
  std::array<std::string_view, 2> shown;
  bool is_place;  ///< others lie in it: more privileges make sense
};
constexpr TypeRow types[] = {
    {"schema", "SCHEMA", {"DATABASE", "SCHEMA"}, true},
    {"table", "TABLE", {"TABLE", "TABLE"}, false},
    {"view", "VIEW", {"TABLE", "VIEW"}, false},
    {"function", "FUNCTION", {"FUNCTION", "FUNCTION"}, false},
};
constexpr TypeRow roots[] = {
    {metastore_root, "CATALOG", {"CATALOG$", "CATALOG"}, true},
    {"any file", "ANY FILE", {"ANY_FILE", "ANY FILE"}, false},
    {"anonymous function",
     "ANONYMOUS FUNCTION",
     {"ANONYMOUS_FUNCTION", "ANONYMOUS FUNCTION"},
     false},
};

const TypeRow& row_of(const std::string& type, const std::string& name) {
  for (const TypeRow& row : roots)
    if (type == "root" && row.type == name) return row;
  for (const TypeRow& row : types)
    if (row.type == type) return row;
  return types[1];
}

/// "TABLE `hive_metastore`.`sales`.`orders`"
std::string on(const std::string& type, const std::string& name) {
  const TypeRow& row = row_of(type, name);
  const bool has_name = type != "root" || name == metastore_root;
  return std::string(row.words) + (has_name ? " " + sql_path(name) : "");
}

std::vector<std::string> one_by_one(const std::string& action, bool is_place) {
  const bool is_denial = action.starts_with(denied);
  const std::string bare = is_denial ? action.substr(denied.size()) : action;
  if (bare != "ALL_PRIVILEGES" && bare != "ALL PRIVILEGES") return {action};
  std::vector<std::string> all{"SELECT", "MODIFY", "READ_METADATA"};
  if (is_place) all.insert(all.end(), {"CREATE", "USAGE", "CREATE_NAMED_FUNCTION"});
  if (is_denial)
    for (std::string& each : all) each = std::string(denied) + each;
  return all;
}

json entry_of(const std::string& principal, const std::string& action) {
  json entry = json::object();
  entry["principal"] = principal;
  entry["action"] = action;
  return entry;
}

/// By principal, and by privilege: granted, denied, or both.
using Rights = std::map<std::string, std::map<std::string, std::set<std::string>>>;

Rights rights_in(const json& entries, std::string& owned_by) {
  Rights rights;
  for (const json& entry : entries) {
    const std::string action = text_at(entry, "/action");
    const std::string principal = text_at(entry, "/principal");
    if (action == owner) {
      owned_by = principal;
      continue;
    }
    const std::string bare = action.starts_with(denied) ? action.substr(denied.size()) : action;
    rights[principal][bare].insert(action);
  }
  return rights;
}

std::string list_of(const std::vector<std::string>& privileges) {
  std::string out;
  for (const std::string& each : privileges) out += (out.empty() ? "" : ", ") + sql_name(each);
  return out;
}

/// Taking back takes what is granted and what is denied: what is to stay is said again afterwards.
struct Changes {
  std::vector<std::string> take_back, grant, deny;
};

Changes changes_between(const std::map<std::string, std::set<std::string>>& current,
                        const std::map<std::string, std::set<std::string>>& wanted) {
  Changes changes;
  for (const auto& [privilege, actions] : current) {
    const auto stays = wanted.find(privilege);
    const bool fits = stays != wanted.end() && std::ranges::includes(stays->second, actions);
    if (!fits) changes.take_back.push_back(privilege);
  }
  for (const auto& [privilege, actions] : wanted) {
    const auto is = current.find(privilege);
    if (is != current.end() && is->second == actions) continue;
    for (const std::string& action : actions)
      (action.starts_with(denied) ? changes.deny : changes.grant).push_back(privilege);
  }
  return changes;
}

}  // namespace

std::vector<GrantStatement> grant_statements(const std::string& type, const std::string& name,
                                             const json& current, const json& wanted,
                                             const std::string& owner_if_none) {
  std::string owner_now;
  std::string owner_then;
  Rights is = rights_in(current, owner_now);
  Rights will_be = rights_in(wanted, owner_then);
  const std::string object = on(type, name);
  std::vector<GrantStatement> statements;
  for (const auto& [principal, rights] : will_be) is[principal];
  for (const auto& [principal, rights] : is) {
    const Changes changes = changes_between(rights, will_be[principal]);
    const std::string whom = sql_name(principal);
    if (!changes.take_back.empty())
      statements.push_back(
          {"REVOKE " + list_of(changes.take_back) + " ON " + object + " FROM " + whom, false});
    if (!changes.grant.empty())
      statements.push_back(
          {"GRANT " + list_of(changes.grant) + " ON " + object + " TO " + whom, true});
    if (!changes.deny.empty())
      statements.push_back(
          {"DENY " + list_of(changes.deny) + " ON " + object + " TO " + whom, true});
  }
  if (owner_then.empty() && !owner_now.empty()) owner_then = owner_if_none;
  if (owner_then != owner_now && type != "root")
    statements.push_back({"ALTER " + object + " OWNER TO " + sql_name(owner_then), true});
  return statements;
}

Task<Result<json>> read_grants(Workspace& side, std::string type, std::string name) {
  Statement statement;
  statement.text = "SHOW GRANTS ON " + on(type, name);
  statement.repeat = http::Repeat::safe;
  CO_TRY(const SqlRows rows, co_await run_sql(side, std::move(statement)));
  const TypeRow& row_type = row_of(type, name);
  std::set<std::pair<std::string, std::string>> found;
  for (const auto& row : rows.rows) {
    const std::string shown = SqlRows::value(row, 2);
    if (std::ranges::find(row_type.shown, shown) == row_type.shown.end()) continue;
    for (const std::string& action : one_by_one(SqlRows::value(row, 1), row_type.is_place))
      found.emplace(SqlRows::value(row, 0), action);
  }
  json grants = json::array();
  for (const auto& [principal, action] : found) grants.push_back(entry_of(principal, action));
  co_return grants;
}

Task<Result<void>> change_grants(Workspace& side, std::string type, std::string name, json current,
                                 json wanted) {
  for (const GrantStatement& each :
       grant_statements(type, name, current, wanted, side.self().name)) {
    Statement statement;
    statement.text = each.text;
    statement.repeat = each.may_repeat ? http::Repeat::safe : http::Repeat::unsafe;
    CO_CHECK(co_await run_sql(side, std::move(statement)));
  }
  co_return Result<void>{};
}

}  // namespace twinlake::workspace
