#include "workspace/metastore.h"

#include <algorithm>
#include <map>
#include <set>

#include <nlohmann/json.hpp>

#include "base/json_path.h"
#include "workspace/inventory.h"
#include "workspace/metastore_grants.h"
#include "workspace/metastore_tables.h"
#include "workspace/sql_runner.h"
#include "workspace/sql_text.h"

namespace twinlake::workspace {

using nlohmann::json;

namespace {

/// So many objects are described at a time; a runner lets a few statements through.
constexpr int described_at_once = 16;

json item_of(const std::string& type, const std::string& name) {
  json item = json::object();
  item["type"] = type;
  item["name"] = name;
  return item;
}

/// Stands for everything below a schema that could not be listed.
json hole(const std::string& type, const std::string& schema, const Error& error) {
  json item = item_of(type, schema + ".");
  item["not_listed"] = not_listed(error);
  return item;
}

/// A name in each row, at a position, with or without what it lies in, with or without back-ticks.
std::vector<std::string> names_in(const SqlRows& rows, std::size_t position) {
  std::vector<std::string> names;
  for (const auto& row : rows.rows) {
    std::string name = lower_case(SqlRows::value(row, position));
    std::erase(name, '`');
    name = last_part(name);
    if (!name.empty()) names.push_back(std::move(name));
  }
  return names;
}

/// (a,b), (c,d) of DESCRIBE SCHEMA EXTENDED.
json properties_of_schema(std::string text) {
  json properties = json::object();
  if (text.starts_with("((") && text.ends_with("))")) text = text.substr(1, text.size() - 2);
  for (std::size_t at = text.find('('); at != std::string::npos; at = text.find('(', at + 1)) {
    // A value may hold a parenthesis: a pair ends where the next one begins, or the text ends.
    std::size_t end = text.find("), (", at);
    if (end == std::string::npos) end = text.rfind(')');
    if (end == std::string::npos || end <= at) break;
    const std::string pair = text.substr(at + 1, end - at - 1);
    const std::size_t comma = pair.find(',');
    if (comma != std::string::npos) properties[pair.substr(0, comma)] = pair.substr(comma + 1);
    at = end;
  }
  return properties;
}

Task<Result<json>> describe_schema(Workspace& side, std::string name) {
  Statement statement;
  statement.text = "DESCRIBE SCHEMA EXTENDED " + sql_path(name);
  statement.repeat = http::Repeat::safe;
  CO_TRY(const SqlRows rows, co_await run_sql(side, std::move(statement)));
  json item = item_of("schema", name);
  for (const auto& row : rows.rows) {
    const std::string what = SqlRows::value(row, 0);
    std::string value = SqlRows::value(row, 1);
    if (what == "Location") {
      item["folder"] = std::move(value);
    } else if (what == "Comment" && !value.empty()) {
      item["comment"] = std::move(value);
    } else if (what == "Properties" && !value.empty()) {
      item["properties"] = properties_of_schema(std::move(value));
    }
  }
  const std::string folder = text_at(item, "/folder");
  const bool is_usual = folder.empty() || folder == default_location(last_part(name)) ||
                        name == std::string(metastore_root) + ".default";
  item.erase("folder");
  if (!is_usual) set_place(item, folder);
  co_return item;
}

/// From which file a function comes is told by newer runtimes only.
Task<Result<json>> describe_function(Workspace& side, std::string name) {
  Statement statement;
  statement.text = "DESCRIBE FUNCTION EXTENDED " + sql_path(name);
  statement.repeat = http::Repeat::safe;
  CO_TRY(const SqlRows rows, co_await run_sql(side, std::move(statement)));
  json item = item_of("function", name);
  for (const auto& row : rows.rows) {
    const std::string line = SqlRows::value(row, 0);
    if (line.starts_with("Class: ")) item["class"] = line.substr(std::string("Class: ").size());
    if (!line.starts_with("Resource: ")) continue;
    const std::string resource = line.substr(std::string("Resource: ").size());
    const std::size_t blank = resource.find(' ');
    if (blank == std::string::npos) continue;
    json entry = json::object();
    entry["type"] = resource.substr(0, blank);
    entry["path"] = resource.substr(blank + 1);
    item["resources"].push_back(std::move(entry));
  }
  co_return item;
}

Task<Result<json>> describe(Workspace& side, std::string type, std::string name) {
  if (type == "schema") co_return co_await describe_schema(side, std::move(name));
  if (type == "function") co_return co_await describe_function(side, std::move(name));
  if (type == "table" || type == "view")
    co_return co_await describe_table(side, std::move(type), std::move(name));
  co_return item_of(type, name);
}

/// All that a crawl has found so far.
struct Crawl {
  Workspace& side;
  std::vector<json> items;
  std::vector<std::pair<std::string, std::string>>
      open;  ///< type and name of what is to be described

  void take_problem(const std::string& schema, const Error& error) {
    for (const char* type : {"table", "view", "function"})
      items.push_back(hole(type, schema, error));
  }
};

Task<Result<std::vector<std::string>>> list(Workspace& side, std::string text,
                                            std::size_t position) {
  Statement statement;
  statement.text = std::move(text);
  statement.repeat = http::Repeat::safe;
  CO_TRY(const SqlRows rows, co_await run_sql(side, std::move(statement)));
  co_return names_in(rows, position);
}

Task<Result<void>> list_schema(Crawl* crawl, std::string schema) {
  const std::string in = " IN " + sql_path(schema);
  CO_TRY(const auto tables, co_await list(crawl->side, "SHOW TABLES" + in, 1));
  CO_TRY(const auto view_names, co_await list(crawl->side, "SHOW VIEWS" + in, 1));
  CO_TRY(const auto functions, co_await list(crawl->side, "SHOW USER FUNCTIONS" + in, 0));
  const std::set<std::string> views(view_names.begin(), view_names.end());
  for (const std::string& name : tables)
    crawl->open.emplace_back(views.contains(name) ? "view" : "table", schema + "." + name);
  for (const std::string& name : functions)
    crawl->open.emplace_back("function", schema + "." + name);
  co_return Result<void>{};
}

Task<void> crawl_schema(Crawl* crawl, std::string schema) {
  auto listed = co_await list_schema(crawl, schema);
  // Dropped meanwhile: then there is nothing in it.
  if (!listed && listed.error().fault != Fault::not_found)
    crawl->take_problem(schema, listed.error());
}

Task<void> crawl_object(Crawl* crawl, std::size_t index) {
  const auto [type, name] = crawl->open[index];
  auto item = co_await read_metastore_object(crawl->side, type, name);
  if (!item) {
    json broken = item_of(type, name);
    broken["problem"] = not_listed(item.error());
    crawl->items.push_back(std::move(broken));
  } else if (!item->is_null()) {
    crawl->items.push_back(std::move(*item));
  }
}

std::set<std::string> names_of_tables(const std::vector<json>& items) {
  std::set<std::string> names;
  for (const json& item : items)
    if (const std::string type = text_at(item, "/type"); type == "table" || type == "view")
      names.insert(text_at(item, "/name"));
  return names;
}

/// Only what is really there counts among what a query seems to name.
void keep_existing(json& view, const std::set<std::string>& names) {
  if (!view.contains("reads")) return;
  json kept = json::array();
  for (const json& read : view.at("reads"))
    if (names.contains(read.get<std::string>()) && read != view.at("name")) kept.push_back(read);
  view["reads"] = std::move(kept);
}

}  // namespace

std::string last_part(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  return std::string(dot == std::string_view::npos ? name : name.substr(dot + 1));
}

std::string schema_of(std::string_view name) {
  return std::string(name.substr(0, name.rfind('.')));
}

std::string default_location(std::string_view schema) {
  return "dbfs:/user/hive/warehouse/" + std::string(schema) + ".db";
}

void set_place(json& item, const std::string& location) {
  std::string path = location;
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  if (path.starts_with("dbfs:")) path.erase(0, std::string("dbfs:").size());
  if (path.starts_with("/mnt/")) {
    item["mounted"] = path;
  } else if (path.starts_with('/')) {
    item["in_workspace"] = path;
  } else {
    item["location"] = path;
  }
}

std::string location_of(const json& item) {
  for (const char* place : {"mounted", "in_workspace"})
    if (const std::string path = text_at(item, std::string("/") + place); !path.empty())
      return "dbfs:" + path;
  return text_at(item, "/location");
}

Task<Result<SqlRows>> run_sql(Workspace& side, Statement statement) {
  if (side.sql() == nullptr)
    co_return fail(Fault::blocked,
                   "the Hive metastore is reached by SQL only, and nothing may run there",
                   "Name a warehouse as `metastore` in twinlake.yml");
  co_return co_await side.sql()->run(std::move(statement));
}

Task<Result<void>> run_again_safely(Workspace& side, std::string text, std::string schema) {
  Statement statement;
  statement.text = std::move(text);
  statement.schema = std::move(schema);
  statement.repeat = http::Repeat::safe;
  CO_CHECK(co_await run_sql(side, std::move(statement)));
  co_return Result<void>{};
}

Task<Result<void>> run_once_only(Workspace& side, std::string text) {
  Statement statement;
  statement.text = std::move(text);
  CO_CHECK(co_await run_sql(side, std::move(statement)));
  co_return Result<void>{};
}

Task<Result<json>> read_metastore_object(Workspace& side, std::string type, std::string name) {
  auto described = co_await describe(side, type, name);
  if (!described && described.error().fault == Fault::not_found) co_return json();
  json item = described ? std::move(*described) : item_of(type, name);
  if (!described) item["problem"] = not_listed(described.error());
  if (type == "table" || type == "view" || type == "function") item["schema"] = schema_of(name);
  auto grants = co_await read_grants(side, type, name);
  if (!grants && grants.error().fault == Fault::not_found) co_return json();
  if (grants)
    item["grants"] = std::move(*grants);
  else if (described)
    item["problem"] = not_listed(grants.error());
  co_return item;
}

Task<Result<std::vector<json>>> observe_metastore(Workspace& side) {
  CO_TRY(std::vector<std::string> schemas,
         co_await list(side, "SHOW SCHEMAS IN " + sql_name(metastore_root), 0));
  std::erase_if(schemas, [](const std::string& name) { return name == "global_temp"; });
  Crawl crawl{side, {}, {}};
  for (const char* name : {metastore_root, "any file", "anonymous function"})
    crawl.open.emplace_back("root", name);
  for (std::string& name : schemas) {
    name = std::string(metastore_root) + "." + name;
    crawl.open.emplace_back("schema", name);
  }
  const auto one_schema = [&](std::size_t index) { return crawl_schema(&crawl, schemas[index]); };
  co_await for_each_index(side.loop(), schemas.size(), described_at_once, one_schema);
  const auto one_object = [&](std::size_t index) { return crawl_object(&crawl, index); };
  co_await for_each_index(side.loop(), crawl.open.size(), described_at_once, one_object);
  const std::set<std::string> names = names_of_tables(crawl.items);
  for (json& item : crawl.items) keep_existing(item, names);
  std::ranges::sort(crawl.items, {}, [](const json& item) {
    return std::pair(text_at(item, "/type"), text_at(item, "/name"));
  });
  co_return std::move(crawl.items);
}

Task<Result<void>> look_again(Workspace& side, std::string kind, std::string type,
                              std::string name) {
  CO_TRY(json item, co_await read_metastore_object(side, type, name));
  std::vector<json>& items = side.observations()[kind].items;
  std::erase_if(items, [&](const json& other) { return text_at(other, "/name") == name; });
  if (!item.is_null()) items.push_back(std::move(item));
  co_return Result<void>{};
}

}  // namespace twinlake::workspace
