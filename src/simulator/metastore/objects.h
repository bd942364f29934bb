#pragma once
// What a legacy metastore holds: schemas with their tables, views and functions.
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "simulator/sql/statements.h"

namespace twinlake::simulator {

/// Owner of what the service made itself: nobody of the workspace.
constexpr const char* metastore_itself = "root";

/// Schema and object, in lower case as the metastore keeps names.
struct MetaPlace {
  std::string schema;
  std::string name;
  auto operator<=>(const MetaPlace&) const = default;
};

struct MetaPartition {
  SqlPartition values;
  std::string location;
};

struct MetaTable {
  enum class Type { managed, external, view };
  std::string name;
  Type type = Type::managed;
  std::vector<SqlColumnDefinition> columns;
  std::string provider;  ///< "delta", "csv", ... or "hive" with a serde
  std::optional<SqlSerde> serde;
  SqlProperties options;
  std::vector<std::string> partitioned_by;
  std::string location;
  std::string comment;
  std::map<std::string, std::string> properties;  ///< those of a Delta table are in its log
  std::string owner;
  std::string created_by;
  std::int64_t created_millis = 0;
  std::vector<MetaPartition> partitions;
  // of views
  std::string view_text;
  std::string view_catalog;  ///< what its unqualified names meant
  std::string view_schema;
  std::vector<MetaPlace> view_reads;

  [[nodiscard]] bool is_view() const { return type == Type::view; }
  [[nodiscard]] bool is_delta() const { return provider == "delta"; }
};

struct MetaFunction {
  std::string name;
  std::string class_name;
  SqlProperties resources;
  std::string owner;
};

struct MetaSchema {
  std::string name;
  std::string comment;
  std::string location;
  std::string owner;
  std::map<std::string, std::string> properties;
  std::map<std::string, MetaTable> tables;  ///< views too: they share the names
  std::map<std::string, MetaFunction> functions;
};

/// "day=2026-01-01/region=eu"; what would be no name of a folder is percent-encoded.
[[nodiscard]] std::string partition_path(const SqlPartition& partition);

}  // namespace twinlake::simulator
