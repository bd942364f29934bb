#include "kinds/hive_fields.h"
#include "workspace/sql_text.h"

namespace twinlake::kinds::hive_function {

using namespace model;
using nlohmann::json;

namespace {

constexpr std::string_view name_of_kind = "hive_function";

json shape(const json& item) { return members_of(item, {"name", "schema", "class", "resources"}); }

std::optional<Error> cannot_write(const json& function, const workspace::Workspace& to) {
  if (auto none = has_no_metastore(name_of_kind, to)) return none;
  if (text_at(function, "/class").empty() || array_at(&function, "/resources").empty())
    return Error(Fault::blocked, "the primary does not tell from which files it comes",
                 "Make it on the secondary by hand: CREATE FUNCTION " +
                     workspace::sql_path(text_at(function, "/name")) + " AS '" +
                     text_at(function, "/class") + "' USING JAR '...'");
  return std::nullopt;
}

Task<Result<void>> say(Write write, std::string how) {
  const json& wanted = *write.definition;
  const std::string name = text_at(wanted, "/name");
  std::string statement = how + " " + workspace::sql_path(name) + " AS " +
                          workspace::sql_quoted(text_at(wanted, "/class"));
  std::string files;
  for (const json& resource : array_at(&wanted, "/resources"))
    files += (files.empty() ? " USING " : ", ") + text_at(resource, "/type") + " " +
             workspace::sql_quoted(text_at(resource, "/path"));
  CO_CHECK(co_await workspace::run_again_safely(*write.to, statement + files, ""));
  if (auto seen =
          co_await workspace::look_again(*write.to, std::string(name_of_kind), "function", name);
      !seen)
    co_return fail(unseen(std::move(seen).error()));
  co_return Result<void>{};
}

Task<Result<std::string>> create(Write write) {
  CO_CHECK(co_await say(write, "CREATE FUNCTION IF NOT EXISTS"));
  co_return text_at(*write.definition, "/name");
}

Task<Result<std::string>> update(Write write) {
  CO_CHECK(co_await say(write, "CREATE OR REPLACE FUNCTION"));
  co_return write.id;
}

Task<Result<void>> remove(Write write) {
  CO_CHECK(co_await workspace::run_once_only(
      *write.to, "DROP FUNCTION IF EXISTS " + workspace::sql_path(write.id)));
  co_return co_await workspace::look_again(*write.to, std::string(name_of_kind), "function",
                                           write.id);
}

constexpr std::string_view type[] = {"function"};
constexpr std::string_view named_by[] = {"/name", "/schema"};
/// Older runtimes do not tell the files: what one side cannot tell is no difference.
constexpr std::string_view if_told[] = {"/resources"};
constexpr std::string_view schemas[] = {"hive_schema"};
constexpr std::string_view files[] = {"dbfs_file"};
constexpr Reference references[] = {{.path = "/schema", .kinds = schemas, .match = Match::key},
                                    {.path = "/resources/*/path",
                                     .kinds = files,
                                     .match = Match::path,
                                     .missing = IfMissing::keep}};

constexpr Kind row() {
  Kind row = hive_row(name_of_kind, "functions of the Hive metastore",
                      "class and files, where the service tells them", type);
  row.shape = shape;
  row.references = references;
  row.named_by = named_by;
  row.compared_if_told = if_told;
  row.cannot_write = cannot_write;
  write_by_statements(row, create, update, remove);
  return row;
}
constexpr Kind kind = row();

}  // namespace

const Kind& hive_function_kind() { return kind; }

}  // namespace twinlake::kinds::hive_function
