#pragma once
// The hive_metastore of a workspace and the SQL that reads and rebuilds it. It has no REST API:
// statements come through a warehouse (statements.h) or through a command on a cluster.
//
// POST /sim/metastore changes what the documentation leaves open (MetastoreSettings);
// POST /sim/storage puts data under a location, or takes it away.
#include <map>
#include <string>

#include "simulator/metastore/grants.h"
#include "simulator/metastore/objects.h"
#include "simulator/service.h"
#include "simulator/sql/answer.h"
#include "simulator/sql/parser.h"
#include "simulator/sql/storage.h"

namespace twinlake::simulator {

/// Where a statement runs. A warehouse keeps nothing of it between two statements; a context on a
/// cluster keeps what USE changed.
struct SqlSession {
  enum class TableAcls { enforced, absent };  ///< absent: a cluster without table access control
  std::string caller;
  std::string catalog = "hive_metastore";
  std::string schema = "default";
  TableAcls table_acls = TableAcls::enforced;
};

/// Where sources disagree or say nothing, a client has to live with each of these.
struct MetastoreSettings {
  bool present = true;                    ///< false: legacy access is disabled, or there is none
  bool refuse_unknown_principals = true;  ///< in GRANT, DENY and OWNER TO
  bool expand_all_privileges = false;     ///< ALL PRIVILEGES is shown as each single one
  bool show_function_resources = true;    ///< DESCRIBE FUNCTION EXTENDED tells the jars
  bool replaced_views_keep_grants = true;
  std::string schemas_column = "databaseName";   ///< older: "namespace"
  std::string schema_object_type = "DATABASE";   ///< in SHOW GRANTS; also "SCHEMA"
  std::string shown_catalog = "hive_metastore";  ///< of names in DDL; also "spark_catalog", ""
};

struct MetastoreState {
  std::map<std::string, MetaSchema> schemas;
  MetastoreGrants grants;
  SqlStorage storage;
  MetastoreSettings settings;
};

class Metastore : public Service {
 public:
  explicit Metastore(Region& region);
  [[nodiscard]] json world() const override;

  /// One statement, at once, as somebody on a warehouse.
  SqlAnswer run(const std::string& statement, const std::string& caller);
  /// The same anywhere; USE changes the session.
  SqlAnswer run(const std::string& statement, SqlSession& session,
                const SqlParameters& parameters = {});

  [[nodiscard]] MetastoreState& state() { return state_; }

 private:
  http::Response change_settings(const json& body);
  http::Response change_storage(const json& body);

  Region& region_;
  MetastoreState state_;
};

}  // namespace twinlake::simulator
