#include "kinds/hive_fields.h"
#include "workspace/metastore_grants.h"
#include "workspace/metastore_tables.h"
#include "workspace/sql_text.h"
#include "workspace/table_ddl.h"

namespace twinlake::kinds::hive_table {

using namespace model;
using nlohmann::json;

namespace {

constexpr std::string_view name_of_kind = "hive_table";

/// What a Delta table is stands in its log, which comes with the data. A copy that somebody made of
/// a table in the workspace's own storage is compared by its columns.
json shape(const json& item) {
  json table = members_of(
      item, {"name", "schema", "provider", "location", "mounted", "in_workspace", "hides"});
  add_mounts(table);
  const bool is_copied = table.contains("in_workspace");
  if (workspace::is_delta(item) && !is_copied) return table;
  table.update(members_of(item, {"columns", "partitioned_by"}));
  if (is_copied) return table;
  table.update(members_of(item, {"options", "buckets", "serde", "comment", "properties",
                                 "partitions", "placed_partitions"}));
  return table;
}

std::string lines_to_copy(const json& table) {
  const std::string name = workspace::sql_path(text_at(table, "/name"));
  const std::string exchange = "'abfss://CONTAINER@ACCOUNT.dfs.core.windows.net/" +
                               workspace::last_part(text_at(table, "/name")) + "'";
  if (!workspace::is_delta(table))
    return "Copy its files to storage that both workspaces read, then make it on the secondary:\n"
           "CREATE TABLE " +
           name + " AS SELECT * FROM " + text_at(table, "/provider") + ".`...`";
  const std::string path = "delta.`" + exchange.substr(1, exchange.size() - 2) + "`";
  return "Copy it through storage that both workspaces read. On the primary:\n"
         "CREATE OR REPLACE TABLE " +
         path + " DEEP CLONE " + name +
         "\nOn the secondary:\n"
         "CREATE OR REPLACE TABLE " +
         name + " DEEP CLONE " + path;
}

std::optional<Error> cannot_write(const json& table, const workspace::Workspace& to) {
  if (auto none = has_no_metastore(name_of_kind, to)) return none;
  if (const std::string path = text_at(table, "/in_workspace"); !path.empty())
    return Error(Fault::blocked,
                 "its data must be copied: it lies in dbfs:" + path +
                     ", which only the primary workspace can read",
                 lines_to_copy(table));
  if (const std::string setting = text_at(table, "/hides"); !setting.empty())
    return Error(Fault::blocked, "its setting `" + setting + "` is a secret, and is not copied",
                 "Make the table on the secondary by hand, with the secret of that region");
  return std::nullopt;
}

/// Folders below the table are found by the service; those that lie elsewhere are told.
Task<Result<void>> add_partitions(Write write) {
  const json& wanted = *write.definition;
  const json* partitions = find_at(wanted, "/partitions");
  if (partitions == nullptr || partitions->value("count", 0) == 0) co_return Result<void>{};
  const std::string name = text_at(wanted, "/name");
  CO_CHECK(co_await workspace::run_again_safely(
      *write.to, "MSCK REPAIR TABLE " + workspace::sql_path(name), ""));
  std::string added;
  for (const json& placed : array_at(&wanted, "/placed_partitions"))
    added += " PARTITION (" + text_at(placed, "/values") + ") LOCATION " +
             workspace::sql_quoted(workspace::location_of(placed));
  if (!added.empty())
    CO_CHECK(co_await workspace::run_again_safely(
        *write.to, "ALTER TABLE " + workspace::sql_path(name) + " ADD IF NOT EXISTS" + added, ""));
  CO_TRY(const json now, co_await workspace::read_partitions(*write.to, name));
  if (now.is_null() || text_at(now, "/digest") == text_at(*partitions, "/digest"))
    co_return Result<void>{};
  co_return fail(Fault::blocked,
                 "it has " + text_at(now, "/count") + " partitions, the primary's has " +
                     text_at(*partitions, "/count"),
                 "Their folders may not be replicated yet: sync again later. Those with a location "
                 "of their own: "
                 "ALTER TABLE ... ADD PARTITION ... LOCATION");
}

/// Whatever says that there is no Delta log at the place.
bool has_no_data(const Error& error) {
  return error.service_code.starts_with("DELTA_CREATE_EXTERNAL_TABLE_WITHOUT_SCHEMA") ||
         error.service_code.starts_with("DELTA_CREATE_TABLE_ON_NON_EMPTY_LOCATION") ||
         error.service_code.starts_with("DELTA_PATH_DOES_NOT_EXIST") ||
         error.service_code.starts_with("DELTA_TABLE_NOT_FOUND");
}

Task<Result<void>> make(workspace::Workspace& to, std::shared_ptr<const json> table) {
  const std::string place = workspace::location_of(*table);
  auto made = co_await workspace::run_again_safely(
      to, workspace::table_statement(text_at(*table, "/name"), *table, place), "");
  if (!made && has_no_data(made.error())) {
    made.error().fault = Fault::blocked;
    made.error().hint = "Its data is not at " + place +
                        " yet: replicate the storage, or add a rewrite, then sync again";
  }
  co_return made;
}

Task<Result<void>> look(Write write) {
  co_return co_await workspace::look_again(*write.to, std::string(name_of_kind), "table",
                                           text_at(*write.definition, "/name"));
}

/// The statement leaves alone what is there: somebody may have made another one since we looked.
Result<void> expect_ours(const Write& write) {
  const workspace::Observation* seen = write.to->observation_of(name_of_kind);
  const std::string name = text_at(*write.definition, "/name");
  for (const json& item : seen->items) {
    if (text_at(item, "/name") != name || has_problem(item)) continue;
    if (workspace::location_of(item) != workspace::location_of(*write.definition) ||
        text_at(item, "/provider") != text_at(*write.definition, "/provider"))
      return fail(Fault::already_exists,
                  "the secondary has another table of that name by now, not made by Twinlake",
                  "Rename one of them, or allow `adopt: overwrite` for it in twinlake.yml");
  }
  return {};
}

Task<Result<std::string>> create(Write write) {
  // Also for whoever asks without a plan.
  if (auto refusal = cannot_write(*write.definition, *write.to))
    co_return fail(std::move(*refusal));
  CO_CHECK(co_await make(*write.to, write.definition));
  if (auto seen = co_await look(write); !seen) co_return fail(unseen(std::move(seen).error()));
  CO_CHECK(expect_ours(write));
  // The table is made, and ours: partitions that are not there yet are a difference of the next
  // run, which says what is missing.
  (void)co_await add_partitions(write);
  if (auto seen = co_await look(write); !seen) co_return fail(unseen(std::move(seen).error()));
  co_return text_at(*write.definition, "/name");
}

/// Dropping may only ever take the entry in the metastore.
Task<Result<void>> drop(workspace::Workspace& to, std::string name) {
  auto storage = co_await workspace::read_storage(to, name);
  if (!storage && storage.error().fault == Fault::not_found) co_return Result<void>{};
  if (!storage) co_return fail(std::move(storage).error());
  if (storage->type != "EXTERNAL" || storage->purges)
    co_return fail(Fault::blocked, "DROP TABLE would delete its data at " + storage->location,
                   "Drop it by hand when that data is needed no more");
  co_return co_await workspace::run_once_only(to,
                                              "DROP TABLE IF EXISTS " + workspace::sql_path(name));
}

/// Nothing else changes a table of the metastore in all its parts. Its privileges would go with it.
Task<Result<void>> make_again(Write write) {
  auto grants = co_await workspace::read_grants(*write.to, "table", write.id);
  // An earlier run may have got as far as dropping it.
  if (!grants && grants.error().fault == Fault::not_found) grants = json::array();
  if (!grants) co_return fail(std::move(grants).error());
  CO_CHECK(co_await drop(*write.to, write.id));
  auto made = co_await make(*write.to, write.definition);
  // An old one is better than none.
  if (!made) (void)co_await make(*write.to, write.current);
  CO_CHECK(co_await workspace::change_grants(*write.to, "table", write.id, json::array(), *grants));
  co_return made;
}

json without_partitions(const json& table) {
  json rest = table;
  for (const char* member : {"partitions", "placed_partitions", "mounts"}) rest.erase(member);
  return rest;
}

bool moves_partitions(const json& current, const json& wanted) {
  for (const json& before : array_at(&current, "/placed_partitions"))
    for (const json& after : array_at(&wanted, "/placed_partitions"))
      if (text_at(before, "/values") == text_at(after, "/values") && before != after) return true;
  return false;
}

Task<Result<std::string>> update(Write write) {
  if (auto refusal = cannot_write(*write.definition, *write.to))
    co_return fail(std::move(*refusal));
  const bool is_same_table =
      without_partitions(*write.current) == without_partitions(*write.definition) &&
      !moves_partitions(*write.current, *write.definition);
  Result<void> done;
  if (!is_same_table) done = co_await make_again(write);
  if (done) done = co_await add_partitions(write);
  // Whatever came of it: what is there now counts from here on.
  CO_CHECK(co_await look(write));
  CO_CHECK(std::move(done));
  co_return write.id;
}

Task<Result<void>> remove(Write write) {
  CO_CHECK(co_await drop(*write.to, write.id));
  co_return co_await workspace::look_again(*write.to, std::string(name_of_kind), "table", write.id);
}

constexpr std::string_view type[] = {"table"};
constexpr std::string_view named_by[] = {"/name", "/schema", "/mounted"};
constexpr std::string_view not_compared[] = {"/mounts"};
constexpr std::string_view region_bound[] = {"/location"};
constexpr std::string_view schemas[] = {"hive_schema"};
constexpr std::string_view mounts[] = {"mount"};
constexpr Reference references[] = {
    {.path = "/schema", .kinds = schemas, .match = Match::key},
    {.path = "/mounts/*", .kinds = mounts, .match = Match::key, .missing = IfMissing::ignore}};

constexpr Kind row() {
  Kind row =
      hive_row(name_of_kind, "tables of the Hive metastore",
               "external tables registered on replicated storage, with their partitions", type);
  row.shape = shape;
  row.references = references;
  row.region_bound = region_bound;
  row.named_by = named_by;
  row.not_compared = not_compared;
  row.cannot_write = cannot_write;
  row.data_stays_at = "/in_workspace";
  row.left_to_people = "data of managed tables on the DBFS root";
  write_by_statements(row, create, update, remove);
  return row;
}
constexpr Kind kind = row();

}  // namespace

const Kind& hive_table_kind() { return kind; }

}  // namespace twinlake::kinds::hive_table
