// CREATE of schemas, tables and functions.
#include <algorithm>
#include <array>

#include "simulator/body.h"
#include "simulator/metastore/run.h"

namespace twinlake::simulator {

namespace {
constexpr std::array<std::string_view, 8> file_formats{"delta", "parquet", "csv",  "json",
                                                       "orc",   "avro",    "text", "binaryfile"};

struct HiveFormat {
  std::string_view name, library, input, output;
};
constexpr HiveFormat hive_formats[] = {
    {"parquet", "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
     "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
     "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"},
    {"orc", "org.apache.hadoop.hive.ql.io.orc.OrcSerde",
     "org.apache.hadoop.hive.ql.io.orc.OrcInputFormat",
     "org.apache.hadoop.hive.ql.io.orc.OrcOutputFormat"},
    {"avro", "org.apache.hadoop.hive.serde2.avro.AvroSerDe",
     "org.apache.hadoop.hive.ql.io.avro.AvroContainerInputFormat",
     "org.apache.hadoop.hive.ql.io.avro.AvroContainerOutputFormat"},
    {"textfile", "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
     "org.apache.hadoop.mapred.TextInputFormat",
     "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"},
};

/// What the short words of STORED AS mean; a library alone reads text.
SqlSerde completed(SqlSerde serde) {
  const std::string wanted = serde.input_format.empty() ? "textfile" : serde.input_format;
  for (const HiveFormat& format : hive_formats) {
    if (format.name != wanted) continue;
    if (serde.library.empty()) serde.library = format.library;
    serde.input_format = format.input;
    serde.output_format = format.output;
  }
  return serde;
}

SqlFailure delta_differs(const std::string& error_class, const std::string& what,
                         const std::string& location) {
  return sql_failure(
      error_class, "42KD7",
      "The specified " + what + " do not match the existing " + what + " at " + location + ".");
}

bool same_columns(const std::vector<SqlColumnDefinition>& one,
                  const std::vector<SqlColumnDefinition>& other) {
  return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                    [](const SqlColumnDefinition& a, const SqlColumnDefinition& b) {
                      return lower(a.name) == lower(b.name) && a.type == b.type;
                    });
}
}  // namespace

SqlAnswer MetastoreRun::operator()(const CreateSchema& statement) {
  auto wanted = schema_name(statement.name);
  if (!wanted) return SqlFailed(std::move(wanted.error()));
  if (auto problem = need("CREATE", GrantKey::catalog(), "")) return SqlFailed(std::move(*problem));
  if (auto problem = check_new_name(*wanted)) return SqlFailed(std::move(*problem));
  if (state_.schemas.contains(*wanted)) {
    if (statement.if_there == IfThere::keep) return empty_rows();
    return SqlFailed(
        sql_failure("SCHEMA_ALREADY_EXISTS", "42P06",
                    "Cannot create schema " + in_ticks(*wanted) + " because it already exists."));
  }
  MetaSchema made;
  made.name = *wanted;
  made.comment = statement.comment;
  made.location = SqlStorage::canonical(statement.location);
  made.owner = session_.caller;
  made.properties = {statement.properties.begin(), statement.properties.end()};
  if (made.location.empty()) made.location = "dbfs:/user/hive/warehouse/" + made.name + ".db";
  if (!SqlStorage::is_valid(made.location))
    return SqlFailed(sql_failure("", "", "The location is no path: " + statement.location));
  state_.schemas.emplace(made.name, made);
  return empty_rows();
}

MetastoreRun::Problem MetastoreRun::set_location(const CreateTable& statement,
                                                 const MetaSchema& schema, MetaTable& table) const {
  std::string given = statement.location;
  for (const auto& [key, value] : statement.options)
    if (lower(key) == "path") {
      if (!given.empty() && given != value)
        return sql_failure("", "",
                           "Duplicated table paths found: '" + given + "' and '" + value +
                               "'. LOCATION and the case insensitive key 'path' in OPTIONS "
                               "are both used to indicate the custom table path.");
      given = value;
    }
  if (statement.external && !statement.provider.empty())
    return sql_failure("PARSE_SYNTAX_ERROR", "42601",
                       "Operation not allowed: CREATE EXTERNAL TABLE ... USING.");
  if (statement.external && given.empty())
    return sql_failure("PARSE_SYNTAX_ERROR", "42601",
                       "CREATE EXTERNAL TABLE must be accompanied by LOCATION.");
  if (given.empty()) {
    table.location = schema.location + "/" + table.name;
    return std::nullopt;
  }
  table.type = MetaTable::Type::external;
  table.location = SqlStorage::canonical(given);
  if (!SqlStorage::is_valid(table.location))
    return sql_failure("", "", "The location is no path: " + given);
  for (const char* privilege : {"SELECT", "MODIFY"})
    if (auto problem = need(privilege, {SqlSecurable::Type::any_file, {}}, "")) return problem;
  return std::nullopt;
}

MetastoreRun::Problem MetastoreRun::check_columns(const MetaTable& table) const {
  const bool strict = table.is_delta() || table.provider == "parquet";
  std::set<std::string> seen;
  for (const SqlColumnDefinition& column : table.columns) {
    if (!seen.insert(lower(column.name)).second)
      return sql_failure("COLUMN_ALREADY_EXISTS", "42711",
                         "The column " + in_ticks(lower(column.name)) + " already exists.");
    if (strict && column.name.find_first_of(" ,;{}()\n\t=") != std::string::npos)
      return sql_failure("DELTA_INVALID_CHARACTERS_IN_COLUMN_NAME", "42K05",
                         "Found invalid character(s) among ' ,;{}()\\n\\t=' in the column name " +
                             in_ticks(column.name) + ".");
  }
  for (const std::string& name : table.partitioned_by)
    if (!seen.contains(lower(name)))
      return sql_failure("COLUMN_NOT_DEFINED_IN_TABLE", "42703",
                         "Partition column " + in_ticks(name) + " is not defined in table " +
                             in_ticks(table.name) + ".");
  if (!table.columns.empty() && table.partitioned_by.size() >= table.columns.size())
    return sql_failure("ALL_PARTITION_COLUMNS_NOT_ALLOWED", "KD005",
                       "Cannot use all columns for partition columns.");
  return std::nullopt;
}

/// What a Delta table is stands in its log: where there is one, the statement may only agree.
MetastoreRun::Problem MetastoreRun::fit_delta(const CreateTable& statement,
                                              MetaTable& table) const {
  std::map<std::string, std::string> wanted{statement.properties.begin(),
                                            statement.properties.end()};
  for (const auto& [key, value] : statement.options)
    if (lower(key) != "path") wanted["option." + key] = value;
  table.properties.clear();
  table.options.clear();
  if (const StoredData* log = state_.storage.find(table.location)) {
    if (log->provider != "delta")
      return sql_failure("DELTA_CREATE_TABLE_ON_NON_EMPTY_LOCATION", "42601",
                         "Cannot create table: the location " + table.location +
                             " is not empty and also not a Delta table.");
    if (!table.columns.empty() && !same_columns(table.columns, log->columns))
      return sql_failure(
          "DELTA_CREATE_TABLE_SCHEME_MISMATCH", "42KD7",
          "The specified schema does not match the existing schema at " + table.location + ".");
    if (!table.partitioned_by.empty() && table.partitioned_by != log->partitioned_by)
      return delta_differs("DELTA_CREATE_TABLE_WITH_DIFFERENT_PARTITIONING", "partition columns",
                           table.location);
    if (!wanted.empty() && wanted != log->properties)
      return delta_differs("DELTA_CREATE_TABLE_WITH_DIFFERENT_PROPERTY", "properties",
                           table.location);
    table.columns = log->columns;
    table.partitioned_by = log->partitioned_by;
    return std::nullopt;
  }
  if (table.columns.empty())
    return sql_failure("DELTA_CREATE_EXTERNAL_TABLE_WITHOUT_SCHEMA", "42601",
                       "You are trying to create an external table " + in_ticks(table.name) +
                           " from " + table.location +
                           " using Delta, but the schema is not specified when the input path is "
                           "empty.");
  for (const char* protocol : {"delta.minReaderVersion", "delta.minWriterVersion"})
    wanted.erase(protocol);
  state_.storage.put(table.location,
                     {"delta", table.columns, table.partitioned_by, std::move(wanted), {}});
  return std::nullopt;
}

/// Of other formats the metastore keeps what it was told.
MetastoreRun::Problem MetastoreRun::fit_files(MetaTable& table) const {
  const StoredData* there = state_.storage.find(table.location);
  if (table.columns.empty()) {
    if (there == nullptr || there->columns.empty())
      return sql_failure("UNABLE_TO_INFER_SCHEMA", "42KD9",
                         "Unable to infer schema for " + upper(table.provider) +
                             ". It must be specified manually.");
    table.columns = there->columns;
  }
  // The columns of partitions come last.
  std::stable_partition(
      table.columns.begin(), table.columns.end(), [&](const SqlColumnDefinition& column) {
        return std::none_of(table.partitioned_by.begin(), table.partitioned_by.end(),
                            [&](const auto& name) { return lower(name) == lower(column.name); });
      });
  if (there == nullptr)
    state_.storage.put(table.location,
                       {table.provider, table.columns, table.partitioned_by, {}, {}});
  return std::nullopt;
}

MetastoreRun::Problem MetastoreRun::check_new_table(const CreateTable& statement,
                                                    MetaTable& table) const {
  const bool is_source =
      std::find(file_formats.begin(), file_formats.end(), table.provider) != file_formats.end() ||
      table.provider == "jdbc" || table.provider == "org.apache.spark.sql.jdbc";
  if (!table.serde && !is_source)
    return sql_failure("DATA_SOURCE_NOT_FOUND", "42K02",
                       "Failed to find the data source: " + table.provider + ".");
  if (table.serde && !statement.provider.empty())
    return sql_failure("PARSE_SYNTAX_ERROR", "42601",
                       "Operation not allowed: USING together with STORED AS or ROW FORMAT.");
  if (const auto why = state_.storage.refusal(table.location); why && table.is_delta())
    return sql_failure("", "", *why);
  if (auto problem = check_columns(table)) return problem;
  return table.is_delta() ? fit_delta(statement, table) : fit_files(table);
}

SqlAnswer MetastoreRun::operator()(const CreateTable& statement) {
  auto where = place(statement.name);
  if (!where) return SqlFailed(std::move(where.error()));
  auto in = schema_for(*where);
  if (!in) return SqlFailed(std::move(in.error()));
  if (auto problem = need("CREATE", GrantKey::schema(where->schema), (*in)->owner))
    return SqlFailed(std::move(*problem));
  if (find_table(*where) != nullptr) {
    if (statement.if_there == IfThere::keep) return empty_rows();
    return SqlFailed(sql_failure("TABLE_OR_VIEW_ALREADY_EXISTS", "42P07",
                                 "Cannot create table or view " + in_ticks(where->schema) + "." +
                                     in_ticks(where->name) + " because it already exists."));
  }
  MetaTable made;
  made.name = where->name;
  made.columns = statement.columns;
  made.provider = statement.serde ? "hive" : statement.provider;
  if (made.provider.empty()) made.provider = "delta";
  if (statement.serde) made.serde = completed(*statement.serde);
  for (const auto& option : statement.options)
    if (lower(option.first) != "path") made.options.push_back(option);
  made.partitioned_by = statement.partitioned_by;
  made.comment = statement.comment;
  made.properties = {statement.properties.begin(), statement.properties.end()};
  made.owner = made.created_by = session_.caller;
  made.created_millis = region_.now_millis();
  if (auto problem = set_location(statement, **in, made)) return SqlFailed(std::move(*problem));
  if (auto problem = check_new_table(statement, made)) return SqlFailed(std::move(*problem));
  (*in)->tables.emplace(made.name, std::move(made));
  return empty_rows();
}

SqlAnswer MetastoreRun::operator()(const CreateFunction& statement) {
  auto where = place(statement.name);
  if (!where) return SqlFailed(std::move(where.error()));
  auto in = schema_for(*where);
  if (!in) return SqlFailed(std::move(in.error()));
  if (auto problem = need("CREATE_NAMED_FUNCTION", GrantKey::schema(where->schema), (*in)->owner))
    return SqlFailed(std::move(*problem));
  MetaFunction made;
  made.name = where->name;
  made.class_name = statement.class_name;
  made.resources = statement.resources;
  made.owner = session_.caller;
  const auto old = (*in)->functions.find(made.name);
  if (old != (*in)->functions.end()) {
    if (statement.if_there == IfThere::keep) return empty_rows();
    if (statement.if_there == IfThere::fail)
      return SqlFailed(sql_failure("ROUTINE_ALREADY_EXISTS", "42723",
                                   "Cannot create the function " + in_ticks(made.name) +
                                       " because a function of the same name exists."));
    if (auto problem = need_owner(GrantKey::function(*where), old->second.owner))
      return SqlFailed(std::move(*problem));
  }
  for (const auto& [kind, path] : made.resources)
    if (!SqlStorage::is_valid(path))
      return SqlFailed(sql_failure("", "", "The resource is no path: " + path));
  (*in)->functions.insert_or_assign(made.name, std::move(made));
  return empty_rows();
}

}  // namespace twinlake::simulator
