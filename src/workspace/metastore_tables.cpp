#include "workspace/metastore_tables.h"

#include <algorithm>
#include <map>

#include <nlohmann/json.hpp>

#include "base/hash.h"
#include "base/json_path.h"
#include "http/message.h"
#include "workspace/metastore.h"
#include "workspace/sql_text.h"
#include "workspace/table_ddl.h"

namespace twinlake::workspace {

using nlohmann::json;

namespace {

/// Where each of them lies takes a statement; most tables with many have them all in their own
/// folder.
constexpr std::size_t most_placed = 50;

Task<Result<SqlRows>> ask(Workspace& side, std::string text) {
  Statement statement;
  statement.text = std::move(text);
  statement.repeat = http::Repeat::safe;
  co_return co_await run_sql(side, std::move(statement));
}

using Details = std::map<std::string, std::string>;

/// The rows after "# Detailed Table Information", or "... Partition ...".
Task<Result<Details>> details_of(Workspace& side, std::string name, std::string partition) {
  CO_TRY(const SqlRows rows,
         co_await ask(side, "DESCRIBE TABLE EXTENDED " + sql_path(name) + partition));
  Details details;
  bool inside = false;
  for (const auto& row : rows.rows) {
    const std::string what = SqlRows::value(row, 0);
    if (what.starts_with("# ")) inside = what.starts_with("# Detailed");
    if (inside) details.emplace(what, SqlRows::value(row, 1));
  }
  co_return details;
}

Task<Result<std::string>> ddl_of(Workspace& side, std::string name) {
  const std::string ask_for = "SHOW CREATE TABLE " + sql_path(name);
  auto rows = co_await ask(side, ask_for);
  if (!rows && rows.error().service_code.starts_with("UNSUPPORTED_SHOW_CREATE_TABLE"))
    rows = co_await ask(side, ask_for + " AS SERDE");
  if (!rows) co_return fail(std::move(rows).error());
  if (rows->rows.empty())
    co_return fail(Fault::bad_answer, "the service did not tell how it was made");
  co_return SqlRows::value(rows->rows.front(), 0);
}

/// Some settings let somebody in: what they are is never kept.
void hide_settings(json& item) {
  for (const char* place : {"/options", "/properties", "/serde/properties"}) {
    json* settings = find_at(item, place);
    if (settings == nullptr) continue;
    for (auto setting = settings->begin(); setting != settings->end(); ++setting) {
      if (!is_secret_setting(setting.key(), setting.value().get<std::string>())) continue;
      setting.value() = "(hidden)";
      item["hides"] = setting.key();
    }
  }
}

Task<Result<std::vector<std::string>>> partition_names(Workspace& side, std::string name) {
  CO_TRY(const SqlRows rows, co_await ask(side, "SHOW PARTITIONS " + sql_path(name)));
  std::vector<std::string> names;
  for (const auto& row : rows.rows) names.push_back(SqlRows::value(row, 0));
  std::ranges::sort(names);
  co_return names;
}

json summary_of(const std::vector<std::string>& names) {
  std::string all;
  for (const std::string& name : names) all += name + "\n";
  json summary = json::object();
  summary["count"] = names.size();
  summary["digest"] = sha256_hex(all).substr(0, 16);
  return summary;
}

/// "day=2026-01-01/region=eu" in the words of SQL; what is no name of a folder is percent-encoded.
std::string values_of(const std::string& folder) {
  std::string out;
  for (std::size_t at = 0; at <= folder.size();) {
    const std::size_t end = std::min(folder.find('/', at), folder.size());
    const std::string part = folder.substr(at, end - at);
    const std::size_t equals = std::min(part.find('='), part.size());
    const std::string value = equals < part.size() ? part.substr(equals + 1) : std::string();
    const bool is_null = value == "__HIVE_DEFAULT_PARTITION__";
    out += (out.empty() ? "" : ", ") + sql_name(http::percent_decode(part.substr(0, equals))) +
           " = " + (is_null ? "NULL" : sql_quoted(http::percent_decode(value)));
    at = end + 1;
  }
  return out;
}

Task<Result<json>> placed_partitions(Workspace& side, std::string name,
                                     std::vector<std::string> folders, std::string location) {
  json placed = json::array();
  if (folders.size() > most_placed) co_return placed;
  for (const std::string& folder : folders) {
    const std::string values = values_of(folder);
    CO_TRY(const Details details, co_await details_of(side, name, " PARTITION (" + values + ")"));
    const auto found = details.find("Location");
    if (found == details.end() || found->second.starts_with(location + "/")) continue;
    json entry = json::object();
    entry["values"] = values;
    set_place(entry, found->second);
    placed.push_back(std::move(entry));
  }
  co_return placed;
}

/// Only some formats keep a list of partitions in the metastore.
bool keeps_no_list(const Error& error) {
  return error.service_code.starts_with("INVALID_PARTITION_OPERATION") ||
         error.service_code.starts_with("_LEGACY_ERROR") ||
         error.service_code.find("PARTITION_METADATA") != std::string::npos;
}

Task<Result<void>> add_partitions(Workspace& side, json* item) {
  const std::string name = text_at(*item, "/name");
  if (!item->contains("partitioned_by") || is_delta(*item)) co_return Result<void>{};
  auto names = co_await partition_names(side, name);
  if (!names && keeps_no_list(names.error())) co_return Result<void>{};
  if (!names) co_return fail(std::move(names).error());
  (*item)["partitions"] = summary_of(*names);
  CO_TRY(json placed, co_await placed_partitions(side, name, *names, location_of(*item)));
  if (!placed.empty()) (*item)["placed_partitions"] = std::move(placed);
  co_return Result<void>{};
}

Task<Result<void>> complete_table(Workspace& side, json* item) {
  std::string location = text_at(*item, "/location");
  item->erase("location");
  if (location.empty()) {
    // Managed. In a schema with a folder of its own the data lies where others can read it.
    CO_TRY(const TableStorage storage, co_await read_storage(side, text_at(*item, "/name")));
    location = storage.location;
  }
  set_place(*item, location);
  if (item->contains("serde")) (*item)["provider"] = "hive";
  if (!item->contains("provider")) (*item)["provider"] = "delta";
  hide_settings(*item);
  co_return co_await add_partitions(side, item);
}

/// What unqualified names mean is where the view was made, not where it lies.
Task<Result<void>> complete_view(Workspace& side, json* item) {
  const std::string name = text_at(*item, "/name");
  CO_TRY(Details details, co_await details_of(side, name, ""));
  std::string context = lower_case(details["View Catalog and Namespace"]);
  std::erase(context, '`');
  const std::string schema = context.empty() ? last_part(schema_of(name)) : last_part(context);
  (*item)["in_schema"] = schema;
  json reads = json::array();
  for (const std::vector<std::string>& parts : tables_named_in(text_at(*item, "/text"))) {
    const bool foreign = parts.size() > 3 || (parts.size() == 3 && parts[0] != metastore_root &&
                                              parts[0] != "spark_catalog");
    if (foreign) continue;
    const std::string in = parts.size() == 1 ? schema : parts[parts.size() - 2];
    const std::string read = std::string(metastore_root) + "." + in + "." + parts.back();
    if (std::ranges::find(reads, json(read)) == reads.end()) reads.push_back(read);
  }
  if (!reads.empty()) (*item)["reads"] = std::move(reads);
  hide_settings(*item);
  co_return Result<void>{};
}

}  // namespace

Task<Result<json>> describe_table(Workspace& side, std::string type, std::string name) {
  CO_TRY(const std::string ddl, co_await ddl_of(side, name));
  CO_TRY(json item, parse_ddl(ddl));
  item["type"] = type;
  item["name"] = name;
  auto done =
      type == "view" ? co_await complete_view(side, &item) : co_await complete_table(side, &item);
  if (!done) co_return fail(std::move(done).error());
  co_return item;
}

Task<Result<json>> read_partitions(Workspace& side, std::string name) {
  auto names = co_await partition_names(side, std::move(name));
  if (!names && keeps_no_list(names.error())) co_return json();
  if (!names) co_return fail(std::move(names).error());
  co_return summary_of(*names);
}

Task<Result<TableStorage>> read_storage(Workspace& side, std::string name) {
  CO_TRY(Details details, co_await details_of(side, std::move(name), ""));
  TableStorage storage;
  storage.type = details["Type"];
  storage.location = details["Location"];
  storage.purges = lower_case(details["Table Properties"]).find("external.table.purge=true") !=
                   std::string::npos;
  co_return storage;
}

}  // namespace twinlake::workspace
