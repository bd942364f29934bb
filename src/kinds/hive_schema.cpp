#include "kinds/hive_fields.h"
#include "workspace/sql_text.h"
#include "workspace/table_ddl.h"

namespace twinlake::kinds::hive_schema {

using namespace model;
using nlohmann::json;

namespace {

constexpr std::string_view name_of_kind = "hive_schema";

json shape(const json& item) {
  json schema =
      members_of(item, {"name", "comment", "properties", "location", "mounted", "in_workspace"});
  add_mounts(schema);
  return schema;
}

std::optional<Error> cannot_write(const json&, const workspace::Workspace& to) {
  return has_no_metastore(name_of_kind, to);
}

Task<Result<void>> look(Write write) {
  return workspace::look_again(*write.to, std::string(name_of_kind), "schema",
                               text_at(*write.definition, "/name"));
}

Task<Result<std::string>> create(Write write) {
  const json& wanted = *write.definition;
  std::string name = text_at(wanted, "/name");
  std::string statement = "CREATE SCHEMA IF NOT EXISTS " + workspace::sql_path(name);
  if (const std::string comment = text_at(wanted, "/comment"); !comment.empty())
    statement += " COMMENT " + workspace::sql_quoted(comment);
  if (const std::string place = workspace::location_of(wanted); !place.empty())
    statement += " LOCATION " + workspace::sql_quoted(place);
  if (wanted.contains("properties"))
    statement += " WITH DBPROPERTIES " + workspace::sql_pairs(wanted.at("properties"));
  CO_CHECK(co_await workspace::run_again_safely(*write.to, std::move(statement), ""));
  if (auto seen = co_await look(write); !seen) co_return fail(unseen(std::move(seen).error()));
  co_return name;
}

/// What can be said in a statement is said; a property cannot be taken away.
Task<Result<std::string>> update(Write write) {
  const json& wanted = *write.definition;
  const std::string name = workspace::sql_path(write.id);
  const std::string comment = text_at(wanted, "/comment");
  if (comment != text_at(*write.current, "/comment"))
    CO_CHECK(co_await workspace::run_again_safely(
        *write.to,
        "COMMENT ON SCHEMA " + name + " IS " +
            (comment.empty() ? "NULL" : workspace::sql_quoted(comment)),
        ""));
  const json properties = wanted.value("properties", json::object());
  if (!properties.empty())
    CO_CHECK(co_await workspace::run_again_safely(
        *write.to, "ALTER SCHEMA " + name + " SET DBPROPERTIES " + workspace::sql_pairs(properties),
        ""));
  CO_CHECK(co_await look(write));
  const json before = write.current->value("properties", json::object());
  for (auto entry = before.begin(); entry != before.end(); ++entry)
    if (!properties.contains(entry.key()))
      co_return fail(Fault::blocked,
                     "the property `" + entry.key() + "` of a schema cannot be taken away",
                     "Set it on the primary too, or make the schema again by hand");
  co_return write.id;
}

/// DROP SCHEMA deletes the folder of the schema with all that lies below: also the data of external
/// tables.
Task<Result<void>> remove(Write write) {
  CO_TRY(const json now, co_await workspace::read_metastore_object(*write.to, "schema", write.id));
  if (now.is_null()) co_return Result<void>{};
  if (const std::string place = workspace::location_of(now); !place.empty())
    co_return fail(
        Fault::blocked, "DROP SCHEMA would delete its folder " + place + " with all data below it",
        "Drop it by hand when that data is needed no more, or exclude it from the scope");
  auto dropped = co_await workspace::run_once_only(
      *write.to, "DROP SCHEMA IF EXISTS " + workspace::sql_path(write.id) + " RESTRICT");
  if (!dropped && dropped.error().service_code.starts_with("SCHEMA_NOT_EMPTY"))
    dropped.error().hint =
        "Something in it was not made by Twinlake: drop that by hand, then sync again";
  if (!dropped) co_return fail(std::move(dropped).error());
  co_return co_await workspace::look_again(*write.to, std::string(name_of_kind), "schema",
                                           write.id);
}

constexpr std::string_view type[] = {"schema"};
constexpr std::string_view in_every_metastore[] = {"hive_metastore.default"};
constexpr std::string_view named_by[] = {"/name", "/mounted"};
constexpr std::string_view immutable[] = {"/location", "/mounted", "/in_workspace"};
constexpr std::string_view not_compared[] = {"/mounts"};
constexpr std::string_view mounts[] = {"mount"};
constexpr Reference references[] = {
    {.path = "/mounts/*", .kinds = mounts, .match = Match::key, .missing = IfMissing::ignore}};

constexpr Kind row() {
  Kind row =
      hive_row(name_of_kind, "schemas of the Hive metastore",
               "databases with comment, properties and a location of their own, rewritten", type);
  row.built_in_keys = in_every_metastore;
  row.shape = shape;
  row.references = references;
  row.named_by = named_by;
  row.immutable = immutable;
  row.not_compared = not_compared;
  row.cannot_write = cannot_write;
  write_by_statements(row, create, update, remove);
  return row;
}
constexpr Kind kind = row();

}  // namespace

const Kind& hive_schema_kind() { return kind; }

}  // namespace twinlake::kinds::hive_schema
