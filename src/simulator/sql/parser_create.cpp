// CREATE of schemas, tables, views and functions.
#include <array>

#include "simulator/body.h"
#include "simulator/sql/parser_parts.h"

namespace twinlake::simulator {

namespace {
constexpr int deepest_type = 40;
constexpr std::array<std::string_view, 18> simple_types{
    "boolean",   "tinyint",       "byte",   "smallint", "short", "int",
    "integer",   "bigint",        "long",   "float",    "real",  "double",
    "timestamp", "timestamp_ntz", "string", "binary",   "date",  "variant"};

/// Some types have two names; one of them is shown.
std::string usual(const std::string& type) {
  if (type == "byte") return "tinyint";
  if (type == "short") return "smallint";
  if (type == "integer") return "int";
  if (type == "long") return "bigint";
  if (type == "real") return "float";
  if (type == "dec" || type == "numeric") return "decimal";
  return type;
}
}  // namespace

SqlStatement SqlParser::create() {
  const bool replace = accept({"OR", "REPLACE"});
  if (!replace && accept_schema_word()) return create_schema();
  if (!replace && accept({"EXTERNAL", "TABLE"})) return create_table(true);
  if (!replace && accept("TABLE")) return create_table(false);
  if (accept("VIEW")) return create_view(replace);
  if (accept("FUNCTION")) return create_function(replace);
  fail();
  return {};
}

IfThere SqlParser::if_not_exists(bool replace) {
  if (replace) return IfThere::replace;
  return accept({"IF", "NOT", "EXISTS"}) ? IfThere::keep : IfThere::fail;
}

SqlStatement SqlParser::create_schema() {
  CreateSchema schema;
  schema.if_there = if_not_exists(false);
  schema.name = name();
  for (;;) {
    if (accept("COMMENT")) {
      schema.comment = text();
    } else if (accept("LOCATION")) {
      schema.location = text();
    } else if (accept("WITH")) {
      if (!accept("DBPROPERTIES")) expect("PROPERTIES");
      schema.properties = properties();
    } else {
      return schema;
    }
  }
}

std::string SqlParser::struct_type(int depth) {
  std::string made = "struct<";
  expect_sign('<');
  while (ok() && !now().is_sign('>')) {
    if (made.back() != '<') {
      expect_sign(',');
      made += ',';
    }
    made += in_ticks_if_needed(identifier());
    accept_sign(':');
    made += ':' + type(depth);
    if (accept("COMMENT")) made += " COMMENT " + sql_text(text());
  }
  expect_sign('>');
  return made + ">";
}

std::string SqlParser::type(int depth) {
  if (depth > deepest_type) fail();
  std::string word = usual(lower(identifier()));
  if (!ok()) return "";
  if (word == "array" || word == "map") {
    expect_sign('<');
    std::string made = word + "<" + type(depth + 1);
    if (word == "map") {
      expect_sign(',');
      made += "," + type(depth + 1);
    }
    expect_sign('>');
    return made + ">";
  }
  if (word == "struct") return struct_type(depth + 1);
  if (word == "decimal" || word == "char" || word == "varchar") {
    if (word == "decimal" && !now().is_sign('(')) return "decimal(10,0)";
    expect_sign('(');
    std::string made = word + "(" + now().text;
    if (now().kind != Kind::number) fail();
    if (ok()) ++at_;
    if (word == "decimal" && !accept_sign(',')) made += ",0";
    if (word == "decimal" && now().kind == Kind::number) made += "," + tokens_[at_++].text;
    expect_sign(')');
    return made + ")";
  }
  for (const std::string_view simple : simple_types)
    if (word == simple) return word;
  fail_with(sql_failure("UNSUPPORTED_DATATYPE", "0A000",
                        "Unsupported data type " + in_ticks(upper(word)) + "."));
  return "";
}

SqlColumnDefinition SqlParser::column() {
  SqlColumnDefinition made;
  made.name = identifier();
  made.type = type();
  if (accept({"NOT", "NULL"})) made.nullable = false;
  if (accept("COMMENT")) made.comment = text();
  return made;
}

std::vector<SqlColumnDefinition> SqlParser::columns() {
  std::vector<SqlColumnDefinition> found;
  expect_sign('(');
  do {
    found.push_back(column());
  } while (ok() && accept_sign(','));
  expect_sign(')');
  return found;
}

std::vector<std::string> SqlParser::names_in_parentheses() {
  std::vector<std::string> found;
  expect_sign('(');
  do {
    found.push_back(identifier());
  } while (ok() && accept_sign(','));
  expect_sign(')');
  return found;
}

SqlStatement SqlParser::create_table(bool external) {
  CreateTable table;
  table.external = external;
  table.if_there = if_not_exists(false);
  table.name = name();
  if (now().is_sign('(')) table.columns = columns();
  while (ok() && now().kind != Kind::end && !now().is_sign(';')) table_clause(table);
  return table;
}

/// The clauses come in any order.
void SqlParser::table_clause(CreateTable& table) {
  if (accept("USING")) {
    for (const std::string& part : name())
      table.provider += (table.provider.empty() ? "" : ".") + lower(part);
  } else if (accept("OPTIONS")) {
    table.options = properties();
  } else if (accept({"PARTITIONED", "BY"})) {
    // Names of columns, or, as Hive has it, columns that are in no other list.
    const bool hive =
        after(2).kind != Kind::end && !after(2).is_sign(',') && !after(2).is_sign(')');
    if (!hive) {
      table.partitioned_by = names_in_parentheses();
      return;
    }
    for (SqlColumnDefinition& each : columns()) {
      table.partitioned_by.push_back(each.name);
      table.columns.push_back(std::move(each));
    }
  } else if (accept("LOCATION")) {
    table.location = text();
  } else if (accept("COMMENT")) {
    table.comment = text();
  } else if (accept("TBLPROPERTIES")) {
    table.properties = properties();
  } else if (accept({"ROW", "FORMAT", "SERDE"})) {
    row_format(table);
  } else if (accept({"STORED", "AS"})) {
    stored_as(table);
  } else {
    fail();
  }
}

void SqlParser::row_format(CreateTable& table) {
  if (!table.serde) table.serde.emplace();
  table.serde->library = text();
  if (accept({"WITH", "SERDEPROPERTIES"})) table.serde->properties = properties();
}

void SqlParser::stored_as(CreateTable& table) {
  if (!table.serde) table.serde.emplace();
  if (accept("INPUTFORMAT")) {
    table.serde->input_format = text();
    expect("OUTPUTFORMAT");
    table.serde->output_format = text();
    return;
  }
  const std::string format = lower(identifier());
  if (format != "parquet" && format != "orc" && format != "textfile" && format != "avro") fail();
  table.serde->input_format = format;
}

SqlStatement SqlParser::create_view(bool replace) {
  CreateView view;
  view.if_there = if_not_exists(replace);
  view.name = name();
  if (accept_sign('(')) {
    do {
      SqlColumnDefinition column;
      column.name = identifier();
      if (accept("COMMENT")) column.comment = text();
      view.columns.push_back(std::move(column));
    } while (ok() && accept_sign(','));
    expect_sign(')');
  }
  while (ok() && !now().is_word("AS")) {
    if (accept("COMMENT"))
      view.comment = text();
    else if (accept("TBLPROPERTIES"))
      view.properties = properties();
    else
      fail();
  }
  expect("AS");
  if (!ok()) return view;
  const std::size_t from = now().from;
  auto query = read_query(statement_, tokens_, at_);
  if (!query) {
    fail_with(std::move(query.error()));
    return view;
  }
  view.query = std::move(*query);
  view.text = statement_.substr(from, tokens_[at_ - 1].to - from);
  return view;
}

SqlStatement SqlParser::create_function(bool replace) {
  CreateFunction function;
  function.if_there = if_not_exists(replace);
  function.name = name();
  expect("AS");
  function.class_name = text();
  if (!accept("USING")) return function;
  do {
    std::string kind = upper(identifier());
    if (kind != "JAR" && kind != "FILE" && kind != "ARCHIVE") fail();
    function.resources.emplace_back(std::move(kind), text());
  } while (ok() && accept_sign(','));
  return function;
}

}  // namespace twinlake::simulator
