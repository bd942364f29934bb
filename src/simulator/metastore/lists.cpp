// SHOW of schemas, tables, views, functions, properties and partitions.
#include "simulator/body.h"
#include "simulator/collection.h"
#include "simulator/metastore/run.h"

namespace twinlake::simulator {

namespace {
/// `*` stands for anything; everything else for itself. Only the last star is ever tried again.
bool fits(std::string_view pattern, std::string_view text) {
  std::size_t at = 0, place = 0, star = std::string_view::npos, tried = 0;
  while (place < text.size()) {
    if (at < pattern.size() && pattern[at] == '*') {
      star = at++;
      tried = place;
    } else if (at < pattern.size() && pattern[at] == text[place]) {
      ++at;
      ++place;
    } else if (star != std::string_view::npos) {
      at = star + 1;
      place = ++tried;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', at) == std::string_view::npos;
}

/// One of the patterns between `|`, in any case.
bool is_wanted(const std::optional<std::string>& pattern, const std::string& name) {
  if (!pattern) return true;
  for (const std::string& one : split(lower(*pattern), '|'))
    if (fits(one, lower(name))) return true;
  return false;
}

SqlRows table_rows(bool extended) {
  SqlRows rows;
  rows.columns = {{"database"}, {"tableName"}, {"isTemporary", "BOOLEAN"}};
  if (extended) rows.columns.push_back({"information"});
  return rows;
}
}  // namespace

SqlAnswer MetastoreRun::show_schemas(const ShowList& statement) {
  if (statement.in.size() > 1) return SqlFailed(syntax_failure(statement.in.back()));
  const std::string& catalog = statement.in.empty() ? session_.catalog : statement.in[0];
  if (auto problem = check_catalog(catalog)) return SqlFailed(std::move(*problem));
  SqlRows rows;
  rows.columns = {{state_.settings.schemas_column}};
  for (const auto& [name, schema] : state_.schemas)
    if (sees_schema(schema) && is_wanted(statement.pattern, name))
      rows.rows.push_back(sql_row({name}));
  return rows;
}

SqlAnswer MetastoreRun::operator()(const ShowList& statement) {
  using What = ShowList::What;
  if (statement.what == What::schemas) return show_schemas(statement);
  SqlRows rows;
  auto found = schema(statement.in);
  if (!found) return SqlFailed(std::move(found.error()));
  const MetaSchema& in = **found;
  if (auto problem = need("USAGE", GrantKey::schema(in.name), in.owner))
    return SqlFailed(std::move(*problem));
  const bool extended = statement.what == What::tables_extended;
  const bool views = statement.what == What::views;
  if (statement.what == What::user_functions) {
    rows.columns = {{"function"}};
    for (const auto& [name, function] : in.functions)
      if (is_wanted(statement.pattern, name))
        rows.rows.push_back(sql_row({shown_name({in.name, name})}));
    return rows;
  }
  rows = table_rows(extended);
  if (views) rows.columns = {{"namespace"}, {"viewName"}, {"isTemporary", "BOOLEAN"}};
  for (const auto& [name, table] : in.tables) {
    const MetaPlace place{in.name, name};
    if ((views && !table.is_view()) || !is_wanted(statement.pattern, name) ||
        !sees(GrantKey::table(place), table.owner))
      continue;
    rows.rows.push_back(sql_row({in.name, name, "false"}));
    if (!extended) continue;
    std::string information;
    for (const auto& [key, value] : details(place, table)) information += key + ": " + value + "\n";
    rows.rows.back().emplace_back(std::move(information));
  }
  return rows;
}

SqlAnswer MetastoreRun::operator()(const ShowProperties& statement) {
  auto found = table(statement.table);
  if (!found) return SqlFailed(std::move(found.error()));
  if (auto problem = need_look(*place(statement.table), (*found)->owner))
    return SqlFailed(std::move(*problem));
  if (auto problem = check_readable(**found)) return SqlFailed(std::move(*problem));
  SqlRows rows;
  rows.columns = {{"key"}, {"value"}};
  for (const auto& [key, value] : properties_of(**found))
    if (!statement.key || *statement.key == key) rows.rows.push_back(sql_row({key, value}));
  if (statement.key && rows.rows.empty())
    rows.rows.push_back(
        sql_row({*statement.key, "Table " + in_ticks((*found)->name) +
                                     " does not have property: " + *statement.key}));
  return rows;
}

SqlAnswer MetastoreRun::operator()(const ShowPartitions& statement) {
  auto found = table(statement.table);
  if (!found) return SqlFailed(std::move(found.error()));
  const MetaTable& of = **found;
  if (auto problem = need_look(*place(statement.table), of.owner))
    return SqlFailed(std::move(*problem));
  if (of.is_view()) return SqlFailed(wrong_type(false, in_ticks(of.name)));
  if (of.is_delta())
    return SqlFailed(sql_failure("INVALID_PARTITION_OPERATION.PARTITION_MANAGEMENT_IS_UNSUPPORTED",
                                 "42601",
                                 "The partition command is invalid. Table " + in_ticks(of.name) +
                                     " does not support partition management."));
  if (of.partitioned_by.empty())
    return SqlFailed(sql_failure(
        "INVALID_PARTITION_OPERATION.PARTITION_SCHEMA_IS_EMPTY", "42601",
        "The partition command is invalid. Table " + in_ticks(of.name) + " is not partitioned."));
  SqlRows rows;
  rows.columns = {{"partition"}};
  for (const MetaPartition& partition : of.partitions)
    rows.rows.push_back(sql_row({partition_path(partition.values)}));
  return rows;
}

}  // namespace twinlake::simulator
