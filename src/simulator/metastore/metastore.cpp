#include "simulator/metastore/metastore.h"

#include <variant>

#include "simulator/audit/audit_log.h"
#include "simulator/body.h"
#include "simulator/metastore/run.h"
#include "simulator/warehouse/statements.h"

namespace twinlake::simulator {

namespace {
/// Everything of a table but what is only for showing.
json world_of(const std::string& schema, const MetaTable& table) {
  json row = json::object();
  row["schema"] = schema;
  row["name"] = table.name;
  row["owner"] = table.owner;
  row["comment"] = table.comment;
  row["properties"] = table.properties;
  row["columns"] = json::array();
  for (const SqlColumnDefinition& column : table.columns)
    row["columns"].push_back(
        json::object({{"name", column.name}, {"type", column.type}, {"comment", column.comment}}));
  if (table.is_view()) {
    row["text"] = table.view_text;
    row["context"] = table.view_schema;
    return row;
  }
  row["type"] = table.type == MetaTable::Type::managed ? "MANAGED" : "EXTERNAL";
  row["provider"] = table.provider;
  row["location"] = table.location;
  row["options"] = json::object();
  for (const auto& [key, value] : table.options) row["options"][key] = value;
  row["partitioned_by"] = table.partitioned_by;
  row["partitions"] = json::array();
  for (const MetaPartition& partition : table.partitions)
    row["partitions"].push_back(json::object(
        {{"values", partition_path(partition.values)}, {"location", partition.location}}));
  return row;
}

json world_of(const std::string& schema, const MetaFunction& function) {
  json row = json::object();
  row["schema"] = schema;
  row["name"] = function.name;
  row["owner"] = function.owner;
  row["class"] = function.class_name;
  row["resources"] = json::array();
  for (const auto& [kind, path] : function.resources)
    row["resources"].push_back(json::object({{"type", kind}, {"path", path}}));
  return row;
}

json world_of(const MetaSchema& schema) {
  return json::object({{"name", schema.name},
                       {"comment", schema.comment},
                       {"location", schema.location},
                       {"owner", schema.owner},
                       {"properties", schema.properties}});
}

std::vector<SqlColumnDefinition> columns_from(const json& listed) {
  std::vector<SqlColumnDefinition> columns;
  for (const json& each : listed) {
    SqlColumnDefinition column;
    column.name = text_of(each, "name");
    column.type = text_of(each, "type", "string");
    columns.push_back(std::move(column));
  }
  return columns;
}
}  // namespace

Metastore::Metastore(Region& region) : region_(region) {
  MetaSchema first;
  first.name = "default";
  first.comment = "Default Hive database";
  first.location = "dbfs:/user/hive/warehouse";
  first.owner = metastore_itself;
  state_.schemas.emplace(first.name, first);
  using http::Method;
  region.router().add(Method::post, "/sim/metastore",
                      [this](Call& call) { return change_settings(call.body); });
  region.router().add(Method::post, "/sim/storage",
                      [this](Call& call) { return change_storage(call.body); });
}

json Metastore::world() const {
  json body = json::object();
  for (const char* key : {"schemas", "tables", "views", "functions"}) body[key] = json::array();
  for (const auto& [schema_name, schema] : state_.schemas) {
    body["schemas"].push_back(world_of(schema));
    for (const auto& [name, table] : schema.tables)
      body[table.is_view() ? "views" : "tables"].push_back(world_of(schema_name, table));
    for (const auto& [name, function] : schema.functions)
      body["functions"].push_back(world_of(schema_name, function));
  }
  body["grants"] = state_.grants.world();
  body["storage"] = state_.storage.world();
  return json::object({{"hive_metastore", std::move(body)}});
}

SqlAnswer Metastore::run(const std::string& statement, const std::string& caller) {
  SqlSession session;
  session.caller = caller;
  return run(statement, session);
}

SqlAnswer Metastore::run(const std::string& statement, SqlSession& session,
                         const SqlParameters& parameters) {
  region_.get<Statements>().settle();  // what is due on a warehouse has happened before
  auto parsed = parse_sql(statement, parameters);
  if (!parsed) return SqlFailed(std::move(parsed.error()));
  return std::visit(MetastoreRun(region_, state_, session), *parsed);
}

http::Response Metastore::change_settings(const json& body) {
  MetastoreSettings& settings = state_.settings;
  const std::map<std::string, bool*> flags{
      {"present", &settings.present},
      {"refuse_unknown_principals", &settings.refuse_unknown_principals},
      {"expand_all_privileges", &settings.expand_all_privileges},
      {"show_function_resources", &settings.show_function_resources},
      {"replaced_views_keep_grants", &settings.replaced_views_keep_grants}};
  const std::map<std::string, std::string*> texts{
      {"schemas_column", &settings.schemas_column},
      {"schema_object_type", &settings.schema_object_type},
      {"shown_catalog", &settings.shown_catalog}};
  for (const auto& [key, value] : body.items()) {
    const auto flag = flags.find(key);
    const auto text = texts.find(key);
    if (flag != flags.end())
      *flag->second = value.get<bool>();
    else if (text != texts.end())
      *text->second = value.get<std::string>();
    else
      return invalid("A metastore has no setting " + key + ".");
  }
  return done();
}

/// {"location","provider","columns","partitioned_by","properties","partitions"} puts data there,
/// {"location","gone":true} takes it away, {"location","unreadable":"why"} and
/// {"location","readable":true} close and open everything below a place.
http::Response Metastore::change_storage(const json& body) {
  const std::string location = SqlStorage::canonical(text_of(body, "location"));
  if (!SqlStorage::is_valid(location)) return invalid("No location: " + location);
  SqlStorage& storage = state_.storage;
  if (flag_of(body, "gone")) {
    storage.erase(location);
  } else if (const std::string why = text_of(body, "unreadable"); !why.empty()) {
    storage.forbid(location, why);
  } else if (flag_of(body, "readable")) {
    storage.allow(location);
  } else {
    StoredData data;
    data.provider = text_of(body, "provider", "delta");
    data.columns = columns_from(list_of(body, "columns"));
    for (const json& each : list_of(body, "partitioned_by"))
      data.partitioned_by.push_back(each.get<std::string>());
    for (const json& each : list_of(body, "partitions"))
      data.partitions.push_back(each.get<std::string>());
    if (const json* properties = field(body, "properties"))
      data.properties = properties->get<std::map<std::string, std::string>>();
    storage.put(location, std::move(data));
  }
  return done();
}

SqlAnswer MetastoreRun::operator()(const UsePlace& statement) {
  if (statement.catalog) {
    if (auto problem = check_catalog(statement.name.back())) return SqlFailed(*problem);
    session_.catalog = lower(statement.name.back());
    return empty_rows();
  }
  auto found = schema(statement.name);
  if (!found) return SqlFailed(std::move(found.error()));
  session_.catalog = "hive_metastore";
  session_.schema = (*found)->name;
  return empty_rows();
}

/// Of tables that hold rows there is the audit log; the data of other ones is nobody's concern here.
SqlAnswer MetastoreRun::operator()(const SelectFrom& statement) {
  SqlName name = statement.table;
  if (name.size() == 1) name.insert(name.begin(), session_.schema);
  if (name.size() == 2) name.insert(name.begin(), session_.catalog);
  if (lower(name.front()) == "system")
    return region_.get<AuditLog>().select(statement, name, session_.caller);
  if (auto found = table(statement.table); !found) return SqlFailed(std::move(found.error()));
  return SqlFailed(unsupported("This simulator keeps no rows of tables."));
}

SqlAnswer MetastoreRun::operator()(const SelectValues& statement) {
  SqlRows rows = statement.rows;
  for (std::size_t i = 0; i < statement.calls.size(); ++i) {
    const std::string& call = statement.calls[i];
    if (call.empty()) continue;
    if (call == "current_user" || call == "session_user")
      rows.rows[0][i] = session_.caller;
    else if (call == "current_catalog")
      rows.rows[0][i] = session_.catalog;
    else if (call == "current_schema" || call == "current_database")
      rows.rows[0][i] = session_.schema;
    else
      return SqlFailed(sql_failure("UNRESOLVED_ROUTINE", "42883",
                                   "Cannot resolve routine " + in_ticks(call) + "."));
  }
  return rows;
}

}  // namespace twinlake::simulator
