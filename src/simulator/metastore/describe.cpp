// DESCRIBE of schemas, tables and functions.
#include <algorithm>

#include "simulator/body.h"
#include "simulator/metastore/run.h"

namespace twinlake::simulator {

namespace {
std::string type_word(MetaTable::Type type) {
  switch (type) {
    case MetaTable::Type::managed: return "MANAGED";
    case MetaTable::Type::external: return "EXTERNAL";
    case MetaTable::Type::view: return "VIEW";
  }
  return "";
}

std::string joined_columns(const MetaTable& table) {
  std::string out;
  for (const SqlColumnDefinition& column : table.columns)
    out += (out.empty() ? "" : ", ") + in_ticks_if_needed(column.name);
  return "[" + out + "]";
}

std::string joined_properties(const SqlProperties& properties) {
  std::string out;
  for (const auto& [key, value] : properties) out += (out.empty() ? "" : ",") + key + "=" + value;
  return "[" + out + "]";
}

/// Every value is text; an absent comment is null.
SqlRow column_row(const SqlColumnDefinition& column) {
  SqlRow row = sql_row({column.name, column.type});
  if (column.comment.empty())
    row.emplace_back();
  else
    row.emplace_back(column.comment);
  return row;
}

SqlRows description() {
  SqlRows rows;
  rows.columns = {{"col_name"}, {"data_type"}, {"comment"}};
  return rows;
}

void add_partition_block(SqlRows& rows, const MetaTable& table) {
  if (table.partitioned_by.empty()) return;
  rows.rows.push_back(sql_row({"# Partition Information", "", ""}));
  rows.rows.push_back(sql_row({"# col_name", "data_type", "comment"}));
  for (const std::string& name : table.partitioned_by)
    for (const SqlColumnDefinition& column : table.columns)
      if (lower(column.name) == lower(name)) rows.rows.push_back(column_row(column));
}

const MetaPartition* find_partition(const MetaTable& table, const SqlPartition& wanted) {
  const auto found = std::find_if(
      table.partitions.begin(), table.partitions.end(), [&](const MetaPartition& partition) {
        return lower(partition_path(partition.values)) == lower(partition_path(wanted));
      });
  return found == table.partitions.end() ? nullptr : &*found;
}
}  // namespace

std::string joined(const std::map<std::string, std::string>& properties) {
  std::string out;
  for (const auto& [key, value] : properties) out += (out.empty() ? "" : ",") + key + "=" + value;
  return "[" + out + "]";
}

/// A description of a Delta table is in its log, so the log must be there and readable.
MetastoreRun::Problem MetastoreRun::check_readable(const MetaTable& table) const {
  if (!table.is_delta()) return std::nullopt;
  if (const auto why = state_.storage.refusal(table.location)) return sql_failure("", "", *why);
  if (state_.storage.find(table.location) != nullptr) return std::nullopt;
  return sql_failure("DELTA_PATH_DOES_NOT_EXIST", "42K03",
                     table.location + " doesn't exist, or is not a Delta table.");
}

std::map<std::string, std::string> MetastoreRun::properties_of(const MetaTable& table) const {
  const StoredData* log = table.is_delta() ? state_.storage.find(table.location) : nullptr;
  if (log == nullptr) return table.properties;
  auto properties = log->properties;
  // The protocol is shown among them, though it is no property of the log.
  properties.emplace("delta.minReaderVersion", "1");
  properties.emplace("delta.minWriterVersion", "2");
  return properties;
}

std::vector<std::pair<std::string, std::string>> MetastoreRun::details(
    const MetaPlace& place, const MetaTable& table) const {
  std::vector<std::pair<std::string, std::string>> rows{
      {"Catalog", "hive_metastore"},
      {"Database", place.schema},
      {"Table", place.name},
      {"Owner", table.owner},
      {"Created Time", instant(table.created_millis)},
      {"Last Access", "UNKNOWN"},
      {"Created By", "Spark 3.5.0"},
      {"Type", type_word(table.type)}};
  if (!table.is_view()) rows.emplace_back("Provider", table.provider);
  if (!table.comment.empty()) rows.emplace_back("Comment", table.comment);
  if (const auto properties = properties_of(table); !properties.empty())
    rows.emplace_back("Table Properties", joined(properties));
  if (table.is_view()) {
    rows.emplace_back("View Text", table.view_text);
    rows.emplace_back("View Original Text", table.view_text);
    rows.emplace_back("View Catalog and Namespace", table.view_catalog + "." + table.view_schema);
    rows.emplace_back("View Query Output Columns", joined_columns(table));
    return rows;
  }
  rows.emplace_back("Location", table.location);
  if (table.serde) {
    rows.emplace_back("Serde Library", table.serde->library);
    rows.emplace_back("InputFormat", table.serde->input_format);
    rows.emplace_back("OutputFormat", table.serde->output_format);
    rows.emplace_back("Storage Properties", joined_properties(table.serde->properties));
  } else if (!table.options.empty()) {
    rows.emplace_back("Storage Properties", joined_properties(table.options));
  }
  if (!table.partitioned_by.empty() && !table.is_delta())
    rows.emplace_back("Partition Provider", "Catalog");
  return rows;
}

SqlAnswer MetastoreRun::operator()(const DescribeSchema& statement) {
  auto found = schema(statement.schema);
  if (!found) return SqlFailed(std::move(found.error()));
  const MetaSchema& shown = **found;
  auto problem = need("USAGE", GrantKey::schema(shown.name), shown.owner);
  if (problem && !sees_schema(shown)) return SqlFailed(std::move(*problem));
  SqlRows rows;
  rows.columns = {{"database_description_item"}, {"database_description_value"}};
  rows.rows = {sql_row({"Catalog Name", "hive_metastore"}), sql_row({"Namespace Name", shown.name}),
               sql_row({"Comment", shown.comment}), sql_row({"Location", shown.location}),
               sql_row({"Owner", shown.owner})};
  if (!statement.extended) return rows;
  std::string properties;
  for (const auto& [key, value] : shown.properties)
    properties += (properties.empty() ? "(" : ", (") + key + "," + value + ")";
  if (!properties.empty()) properties = "(" + properties + ")";
  rows.rows.push_back(sql_row({"Properties", properties}));
  return rows;
}

SqlAnswer MetastoreRun::operator()(const DescribeTable& statement) {
  auto found = table(statement.table);
  if (!found) return SqlFailed(std::move(found.error()));
  const MetaTable& shown = **found;
  const MetaPlace where = *place(statement.table);
  if (auto problem = need_look(where, shown.owner)) return SqlFailed(std::move(*problem));
  if (auto problem = check_readable(shown)) return SqlFailed(std::move(*problem));
  SqlRows rows = description();
  for (const SqlColumnDefinition& column : shown.columns) rows.rows.push_back(column_row(column));
  add_partition_block(rows, shown);
  if (!statement.partition.empty()) {
    const MetaPartition* partition = find_partition(shown, statement.partition);
    if (partition == nullptr)
      return SqlFailed(sql_failure("PARTITIONS_NOT_FOUND", "428FT",
                                   "The partition(s) PARTITION (" +
                                       partition_path(statement.partition) +
                                       ") cannot be found in table " + in_ticks(shown.name) + "."));
    rows.rows.push_back(sql_row({"", "", ""}));
    rows.rows.push_back(sql_row({"# Detailed Partition Information", "", ""}));
    rows.rows.push_back(sql_row({"Database", where.schema, ""}));
    rows.rows.push_back(sql_row({"Table", where.name, ""}));
    rows.rows.push_back(sql_row({"Partition Values", joined_properties(partition->values), ""}));
    rows.rows.push_back(sql_row({"Location", partition->location, ""}));
    return rows;
  }
  if (!statement.extended) return rows;
  rows.rows.push_back(sql_row({"", "", ""}));
  rows.rows.push_back(sql_row({"# Detailed Table Information", "", ""}));
  for (const auto& [key, value] : details(where, shown))
    rows.rows.push_back(sql_row({key, value, ""}));
  return rows;
}

SqlAnswer MetastoreRun::operator()(const DescribeFunction& statement) {
  auto where = place(statement.function);
  if (!where) return SqlFailed(std::move(where.error()));
  const auto schema = state_.schemas.find(where->schema);
  const bool known =
      schema != state_.schemas.end() && schema->second.functions.contains(where->name);
  if (!known) return SqlFailed(no_such_function(*where));
  const MetaFunction& function = schema->second.functions.at(where->name);
  const GrantKey key = GrantKey::function(*where);
  auto problem = need("READ_METADATA", key, function.owner);
  if (problem && !sees(key, function.owner)) return SqlFailed(std::move(*problem));
  SqlRows rows;
  rows.columns = {{"function_desc"}};
  rows.rows = {sql_row({"Function: " + shown_name(*where)}),
               sql_row({"Class: " + function.class_name}), sql_row({"Usage: N/A."})};
  if (!statement.extended) return rows;
  rows.rows.push_back(sql_row({"Extended Usage:\n    N/A.\n"}));
  if (state_.settings.show_function_resources)
    for (const auto& [kind, path] : function.resources)
      rows.rows.push_back(sql_row({"Resource: " + kind + " " + path}));
  return rows;
}

}  // namespace twinlake::simulator
