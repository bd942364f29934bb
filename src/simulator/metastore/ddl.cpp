// SHOW CREATE TABLE: the statement that would make a table or a view again.
#include <algorithm>

#include "simulator/body.h"
#include "simulator/metastore/run.h"

namespace twinlake::simulator {

namespace {
std::string shown_type(const std::string& type) {
  // What is in back-ticks or quotes is somebody's text.
  std::string out;
  char inside = '\0';
  for (std::size_t i = 0; i < type.size(); ++i) {
    const char c = type[i];
    if (inside != '\0') {
      out += c;
      if (c == '\\' && i + 1 < type.size())
        out += type[++i];
      else if (c == inside)
        inside = '\0';
      continue;
    }
    if (c == '`' || c == '\'') inside = c;
    out += c == ':' ? std::string(": ") : c == ',' ? std::string(", ") : std::string(1, c);
  }
  // Names of the fields of a struct keep their case, so only types without fields are changed.
  return type.find("struct<") == std::string::npos ? upper(out) : out;
}

std::string list_of_pairs(const SqlProperties& pairs) {
  std::string out = "(\n";
  for (std::size_t i = 0; i < pairs.size(); ++i)
    out += "  " + sql_text(pairs[i].first) + " = " + sql_text(pairs[i].second) +
           (i + 1 < pairs.size() ? ",\n" : ")\n");
  return out;
}

std::string properties_clause(const std::map<std::string, std::string>& properties) {
  if (properties.empty()) return "";
  return "TBLPROPERTIES " + list_of_pairs({properties.begin(), properties.end()});
}

std::string column_text(const SqlColumnDefinition& column, bool with_type) {
  std::string out = in_ticks_if_needed(column.name);
  if (with_type) out += " " + shown_type(column.type);
  if (!column.nullable) out += " NOT NULL";
  if (!column.comment.empty()) out += " COMMENT " + sql_text(column.comment);
  return out;
}

std::string columns_clause(const std::vector<SqlColumnDefinition>& columns, bool with_type) {
  std::string out;
  for (const SqlColumnDefinition& column : columns)
    out += (out.empty() ? "" : ",\n") + ("  " + column_text(column, with_type));
  return "(\n" + out + ")\n";
}

bool is_partition(const MetaTable& table, const std::string& column) {
  return std::any_of(table.partitioned_by.begin(), table.partitioned_by.end(),
                     [&](const std::string& name) { return lower(name) == lower(column); });
}

std::string comment_clause(const MetaTable& table) {
  return table.comment.empty() ? "" : "COMMENT " + sql_text(table.comment) + "\n";
}
std::string location_clause(const MetaTable& table) {
  return table.type == MetaTable::Type::external ? "LOCATION " + sql_text(table.location) + "\n"
                                                 : "";
}

std::string view_ddl(const std::string& name, const MetaTable& view) {
  std::string out = "CREATE VIEW " + name + " " + columns_clause(view.columns, false);
  out += comment_clause(view);
  out += properties_clause(view.properties);
  return out + "AS " + view.view_text + "\n";
}

/// A table of Hive, in the words of Hive.
std::string serde_ddl(const std::string& name, const MetaTable& table) {
  std::vector<SqlColumnDefinition> plain, partition;
  for (const SqlColumnDefinition& column : table.columns)
    (is_partition(table, column.name) ? partition : plain).push_back(column);
  const bool external = table.type == MetaTable::Type::external;
  std::string out = std::string("CREATE ") + (external ? "EXTERNAL " : "") + "TABLE " + name + " " +
                    columns_clause(plain, true) + comment_clause(table);
  if (!partition.empty()) out += "PARTITIONED BY " + columns_clause(partition, true);
  out += "ROW FORMAT SERDE " + sql_text(table.serde->library) + "\n";
  if (!table.serde->properties.empty())
    out += "WITH SERDEPROPERTIES " + list_of_pairs(table.serde->properties);
  out += "STORED AS\n  INPUTFORMAT " + sql_text(table.serde->input_format) + "\n  OUTPUTFORMAT " +
         sql_text(table.serde->output_format) + "\n";
  return out + location_clause(table) + properties_clause(table.properties);
}

std::string source_ddl(const std::string& name, const MetaTable& table, const std::string& provider,
                       const std::map<std::string, std::string>& properties) {
  std::string out = "CREATE TABLE " + name + " " + columns_clause(table.columns, true);
  out += "USING " + provider + "\n";
  if (!table.options.empty()) out += "OPTIONS " + list_of_pairs(table.options);
  std::string by;
  for (const std::string& column : table.partitioned_by)
    by += (by.empty() ? "" : ", ") + in_ticks_if_needed(column);
  if (!by.empty()) out += "PARTITIONED BY (" + by + ")\n";
  out += comment_clause(table) + location_clause(table) + properties_clause(properties);
  return out;
}

/// The data source that reads what a known library reads; empty for all others.
std::string source_of(const SqlSerde& serde) {
  if (serde.library.ends_with("ParquetHiveSerDe")) return "parquet";
  if (serde.library.ends_with("OrcSerde")) return "orc";
  if (serde.library.ends_with("AvroSerDe")) return "avro";
  return serde.library.ends_with("LazySimpleSerDe") ? "text" : "";
}
}  // namespace

SqlAnswer MetastoreRun::operator()(const ShowCreateTable& statement) {
  auto found = table(statement.table);
  if (!found) return SqlFailed(std::move(found.error()));
  const MetaTable& shown = **found;
  const MetaPlace where = *place(statement.table);
  if (auto problem = need_look(where, shown.owner)) return SqlFailed(std::move(*problem));
  if (auto problem = check_readable(shown)) return SqlFailed(std::move(*problem));
  const std::string name = shown_name(where);
  SqlRows rows;
  rows.columns = {{"createtab_stmt"}};
  if (shown.is_view()) {
    rows.rows.push_back(sql_row({view_ddl(name, shown)}));
  } else if (!shown.serde) {
    if (statement.as_serde)
      return SqlFailed(
          sql_failure("UNSUPPORTED_SHOW_CREATE_TABLE.ON_DATA_SOURCE_TABLE_WITH_AS_SERDE", "0A000",
                      "The table " + name +
                          " is a Spark data source table. Please use SHOW CREATE "
                          "TABLE without AS SERDE instead."));
    rows.rows.push_back(sql_row({source_ddl(name, shown, shown.provider, properties_of(shown))}));
  } else if (statement.as_serde) {
    rows.rows.push_back(sql_row({serde_ddl(name, shown)}));
  } else {
    const std::string source = source_of(*shown.serde);
    if (source.empty())
      return SqlFailed(sql_failure(
          "UNSUPPORTED_SHOW_CREATE_TABLE.WITH_UNSUPPORTED_SERDE_CONFIGURATION", "0A000",
          "Failed to execute the command SHOW CREATE TABLE against the table " + name +
              ", which is created by Hive and uses the unsupported serde configuration. Please use "
              "SHOW CREATE TABLE ... AS SERDE to show the DDL of Hive."));
    rows.rows.push_back(sql_row({source_ddl(name, shown, source, shown.properties)}));
  }
  return rows;
}

}  // namespace twinlake::simulator
