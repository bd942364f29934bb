#include "kinds/hive_fields.h"
#include "workspace/metastore_grants.h"
#include "workspace/sql_text.h"
#include "workspace/table_ddl.h"

namespace twinlake::kinds::hive_view {

using namespace model;
using nlohmann::json;

namespace {

constexpr std::string_view name_of_kind = "hive_view";

json shape(const json& item) {
  return members_of(item, {"name", "schema", "columns", "comment", "properties", "text",
                           "in_schema", "reads", "hides"});
}

std::optional<Error> cannot_write(const json& view, const workspace::Workspace& to) {
  if (const std::string setting = text_at(view, "/hides"); !setting.empty())
    return Error(Fault::blocked, "its property `" + setting + "` is a secret, and is not copied",
                 "Make the view on the secondary by hand");
  return has_no_metastore(name_of_kind, to);
}

/// Unqualified names mean what they meant where the view was made.
Task<Result<void>> say(Write write, std::string how) {
  const std::string name = text_at(*write.definition, "/name");
  CO_CHECK(co_await workspace::run_again_safely(
      *write.to, workspace::view_statement(how, name, *write.definition),
      text_at(*write.definition, "/in_schema")));
  if (auto seen =
          co_await workspace::look_again(*write.to, std::string(name_of_kind), "view", name);
      !seen)
    co_return fail(unseen(std::move(seen).error()));
  co_return Result<void>{};
}

Task<Result<std::string>> create(Write write) {
  CO_CHECK(co_await say(write, "CREATE VIEW IF NOT EXISTS"));
  const std::string name = text_at(*write.definition, "/name");
  const workspace::Observation* seen = write.to->observation_of(name_of_kind);
  for (const json& item : seen->items)
    if (text_at(item, "/name") == name && !has_problem(item) &&
        text_at(item, "/text") != text_at(*write.definition, "/text"))
      co_return fail(Fault::already_exists,
                     "the secondary has another view of that name by now, not made by Twinlake",
                     "Rename one of them, or allow `adopt: overwrite` for it in twinlake.yml");
  co_return name;
}

/// Whether a view that is replaced keeps its privileges is not told anywhere: they are compared.
Task<Result<std::string>> update(Write write) {
  CO_TRY(const json before, co_await workspace::read_grants(*write.to, "view", write.id));
  CO_CHECK(co_await say(write, "CREATE OR REPLACE VIEW"));
  CO_TRY(const json after, co_await workspace::read_grants(*write.to, "view", write.id));
  if (before == after) co_return write.id;
  CO_CHECK(co_await workspace::change_grants(*write.to, "view", write.id, after, before));
  CO_CHECK(co_await workspace::look_again(*write.to, std::string(name_of_kind), "view", write.id));
  co_return write.id;
}

Task<Result<void>> remove(Write write) {
  CO_CHECK(co_await workspace::run_once_only(
      *write.to, "DROP VIEW IF EXISTS " + workspace::sql_path(write.id)));
  co_return co_await workspace::look_again(*write.to, std::string(name_of_kind), "view", write.id);
}

constexpr std::string_view type[] = {"view"};
constexpr std::string_view named_by[] = {"/name", "/schema", "/in_schema"};
constexpr std::string_view not_compared[] = {"/reads"};
constexpr std::string_view schemas[] = {"hive_schema"};
constexpr std::string_view relations[] = {"hive_table", "hive_view"};
constexpr Reference references[] = {{.path = "/schema", .kinds = schemas, .match = Match::key},
                                    {.path = "/reads/*", .kinds = relations, .match = Match::key}};

constexpr Kind row() {
  Kind row = hive_row(name_of_kind, "views of the Hive metastore",
                      "made after the tables and views that they read", type);
  row.shape = shape;
  row.references = references;
  row.named_by = named_by;
  row.not_compared = not_compared;
  row.cannot_write = cannot_write;
  write_by_statements(row, create, update, remove);
  return row;
}
constexpr Kind kind = row();

}  // namespace

const Kind& hive_view_kind() { return kind; }

}  // namespace twinlake::kinds::hive_view
