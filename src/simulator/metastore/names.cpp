// From names as written to what they mean in a session.
#include "simulator/body.h"
#include "simulator/metastore/run.h"

namespace twinlake::simulator {

namespace {
std::string joined_name(const SqlName& name) {
  std::string out;
  for (const std::string& part : name) out += (out.empty() ? "" : ".") + in_ticks(part);
  return out;
}

SqlFailure no_such_schema(const SqlName& name) {
  return sql_failure("SCHEMA_NOT_FOUND", "42704",
                     "The schema " + joined_name(name) +
                         " cannot be found. Verify the spelling and correctness of the schema and "
                         "catalog.");
}
}  // namespace

SqlRows empty_rows() { return {}; }

SqlRow sql_row(std::initializer_list<std::string> values) {
  SqlRow row;
  for (const std::string& value : values) row.emplace_back(value);
  return row;
}

SqlFailure no_such_table(const SqlName& name) {
  return sql_failure("TABLE_OR_VIEW_NOT_FOUND", "42P01",
                     "The table or view " + joined_name(name) +
                         " cannot be found. Verify the spelling and correctness of the schema and "
                         "catalog.");
}

SqlFailure no_such_function(const MetaPlace& place) {
  return sql_failure(
      "ROUTINE_NOT_FOUND", "42883",
      "The routine " + in_ticks(place.schema) + "." + in_ticks(place.name) + " cannot be found.");
}

SqlFailure wrong_type(bool wanted_view, const std::string& name) {
  return wanted_view ? sql_failure("EXPECT_VIEW_NOT_TABLE", "42809",
                                   "The table " + name + " is a table; a view was expected.")
                     : sql_failure("EXPECT_TABLE_NOT_VIEW", "42809",
                                   "The view " + name + " is a view; a table was expected.");
}

MetastoreRun::Problem MetastoreRun::check_catalog(const std::string& catalog) const {
  const std::string name = lower(catalog);
  // The old name of the same thing.
  const bool known = name == "hive_metastore" || name == "spark_catalog";
  if (known && state_.settings.present) return std::nullopt;
  return sql_failure("NO_SUCH_CATALOG_EXCEPTION", "42704",
                     "Catalog '" + catalog +
                         "' was not found. Please verify the catalog name and then retry the query "
                         "or command again.");
}

SqlResult<std::string> MetastoreRun::schema_name(const SqlName& name) const {
  if (name.size() > 2) return SqlFailed(no_such_schema(name));
  const std::string& catalog = name.size() == 2 ? name[0] : session_.catalog;
  if (auto problem = check_catalog(catalog)) return SqlFailed(std::move(*problem));
  return lower(name.empty() ? session_.schema : name.back());
}

SqlResult<MetaSchema*> MetastoreRun::schema(const SqlName& name) const {
  auto wanted = schema_name(name);
  if (!wanted) return SqlFailed(std::move(wanted.error()));
  const auto found = state_.schemas.find(*wanted);
  if (found != state_.schemas.end()) return &found->second;
  return SqlFailed(no_such_schema(name.empty() ? SqlName{session_.schema} : name));
}

SqlResult<MetaPlace> MetastoreRun::place(const SqlName& name) const {
  if (name.empty() || name.size() > 3) return SqlFailed(no_such_table(name));
  const std::string& catalog = name.size() == 3 ? name[0] : session_.catalog;
  if (auto problem = check_catalog(catalog)) return SqlFailed(std::move(*problem));
  const std::string& schema = name.size() >= 2 ? name[name.size() - 2] : session_.schema;
  return MetaPlace{lower(schema), lower(name.back())};
}

MetaTable* MetastoreRun::find_table(const MetaPlace& place) const {
  const auto schema = state_.schemas.find(place.schema);
  if (schema == state_.schemas.end()) return nullptr;
  const auto found = schema->second.tables.find(place.name);
  return found == schema->second.tables.end() ? nullptr : &found->second;
}

SqlResult<MetaTable*> MetastoreRun::table(const SqlName& name) const {
  auto where = place(name);
  if (!where) return SqlFailed(std::move(where.error()));
  if (MetaTable* found = find_table(*where)) return found;
  return SqlFailed(no_such_table(name));
}

MetastoreRun::Problem MetastoreRun::check_new_name(const std::string& name) {
  for (const char c : name)
    if (!(c == '_' || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')))
      return sql_failure("INVALID_SCHEMA_OR_RELATION_NAME", "42602",
                         in_ticks(name) +
                             " is not a valid name for tables/schemas. Valid names only contain "
                             "alphabet characters, numbers and _.");
  return std::nullopt;
}

/// The schema in which something is to be made.
SqlResult<MetaSchema*> MetastoreRun::schema_for(const MetaPlace& place) const {
  if (auto problem = check_new_name(place.name)) return SqlFailed(std::move(*problem));
  const auto found = state_.schemas.find(place.schema);
  if (found != state_.schemas.end()) return &found->second;
  return SqlFailed(no_such_schema({place.schema}));
}

std::string MetastoreRun::shown_name(const MetaPlace& place) const {
  const std::string& catalog = state_.settings.shown_catalog;
  return (catalog.empty() ? "" : catalog + ".") + in_ticks_if_needed(place.schema) + "." +
         in_ticks_if_needed(place.name);
}

}  // namespace twinlake::simulator
