#pragma once
// The statements that are understood, parsed. Names are as written; who runs them resolves them.
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "simulator/sql/expression.h"
#include "simulator/sql/query.h"

namespace twinlake::simulator {

/// In the order in which they were written.
using SqlProperties = std::vector<std::pair<std::string, std::string>>;
/// day = '2026-01-01', region = 'eu'
using SqlPartition = std::vector<std::pair<std::string, std::string>>;

struct SqlColumnDefinition {
  std::string name;
  std::string type;  ///< lower case, without blanks: "map<string,decimal(10,2)>"
  std::string comment;
  bool nullable = true;
};

/// What privileges are about.
struct SqlSecurable {
  enum class Type { catalog, schema, table, view, function, any_file, anonymous_function };
  Type type = Type::table;
  SqlName name;  ///< empty for the two that have none
};

struct ShowList {
  enum class What { schemas, tables, tables_extended, views, user_functions };
  What what = What::schemas;
  SqlName in;  ///< empty: where the session is
  std::optional<std::string> pattern;
};
struct ShowCreateTable {
  SqlName table;
  bool as_serde = false;
};
struct ShowProperties {
  SqlName table;
  std::optional<std::string> key;
};
struct ShowPartitions {
  SqlName table;
};
struct ShowGrants {
  std::optional<std::string> principal;
  SqlSecurable on;
};
struct DescribeSchema {
  SqlName schema;
  bool extended = false;
};
struct DescribeTable {
  SqlName table;
  bool extended = false;
  SqlPartition partition;
};
struct DescribeFunction {
  SqlName function;
  bool extended = false;
};

enum class IfThere { fail, keep, replace };  ///< plain, IF NOT EXISTS, OR REPLACE

struct CreateSchema {
  SqlName name;
  IfThere if_there = IfThere::fail;
  std::string comment;
  std::string location;
  SqlProperties properties;
};
/// How a Hive table is read, where no data source does it.
struct SqlSerde {
  std::string library;
  std::string input_format;
  std::string output_format;
  SqlProperties properties;
};
struct CreateTable {
  SqlName name;
  IfThere if_there = IfThere::fail;
  bool external = false;
  std::vector<SqlColumnDefinition> columns;
  std::string provider;  ///< empty: not said
  std::optional<SqlSerde> serde;
  SqlProperties options;
  std::vector<std::string> partitioned_by;
  std::string location;
  std::string comment;
  SqlProperties properties;
};
struct CreateView {
  SqlName name;
  IfThere if_there = IfThere::fail;
  std::vector<SqlColumnDefinition> columns;  ///< without types
  std::string comment;
  SqlProperties properties;
  std::string text;  ///< of the query, as written
  SqlQuery query;
};
struct CreateFunction {
  SqlName name;
  IfThere if_there = IfThere::fail;
  std::string class_name;
  SqlProperties resources;  ///< {"JAR", "dbfs:/jars/x.jar"}
};
struct AlterOwner {
  SqlSecurable object;
  std::string principal;
};
struct AlterProperties {
  SqlName table;
  bool view = false;
  SqlProperties set;
  std::vector<std::string> unset;
  bool if_exists = false;
};
/// ALTER SCHEMA ... SET DBPROPERTIES, COMMENT ON SCHEMA ... IS.
struct AlterSchema {
  SqlName schema;
  SqlProperties set;
  std::optional<std::string> comment;
};
struct AddPartitions {
  SqlName table;
  bool if_not_exists = false;
  std::vector<std::pair<SqlPartition, std::string>> partitions;  ///< with their own location
};
struct Drop {
  SqlSecurable object;
  bool if_exists = false;
  bool cascade = false;
};
struct RepairTable {
  SqlName table;
};
struct ChangeGrants {
  enum class Verb { grant, deny, revoke };
  Verb verb = Verb::grant;
  std::vector<std::string> privileges;  ///< "SELECT", "READ_METADATA", "ALL_PRIVILEGES"
  SqlSecurable on;
  std::string principal;
};
struct UsePlace {
  SqlName name;
  bool catalog = false;
};
/// SELECT of values that need no table.
struct SelectValues {
  SqlRows rows;
  std::vector<std::string> calls;  ///< per value: the function that gives it, or empty
};

using SqlStatement =
    std::variant<ShowList, ShowCreateTable, ShowProperties, ShowPartitions, ShowGrants,
                 DescribeSchema, DescribeTable, DescribeFunction, CreateSchema, CreateTable,
                 CreateView, CreateFunction, AlterOwner, AlterProperties, AlterSchema,
                 AddPartitions, Drop, RepairTable, ChangeGrants, UsePlace, SelectValues, SelectFrom>;

}  // namespace twinlake::simulator
