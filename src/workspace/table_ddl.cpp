#include "workspace/table_ddl.h"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "base/json_path.h"
#include "workspace/sql_text.h"

namespace twinlake::workspace {

using nlohmann::json;

namespace {

/// What the service notes about a table, and nobody meant (facts, more 20.2).
bool is_made_by_service(std::string_view property) {
  static constexpr std::array<std::string_view, 12> names{"transient_lastDdlTime",
                                                          "last_modified_by",
                                                          "last_modified_time",
                                                          "numFiles",
                                                          "numFilesErasureCoded",
                                                          "numRows",
                                                          "numPartitions",
                                                          "rawDataSize",
                                                          "totalSize",
                                                          "EXTERNAL",
                                                          "bucketing_version",
                                                          "COLUMN_STATS_ACCURATE"};
  return std::ranges::find(names, property) != names.end() || property.starts_with("spark.sql.") ||
         property.starts_with("view.");
}

class Parser {
 public:
  Parser(std::string_view text, std::vector<SqlToken> tokens)
      : text_(text), tokens_(std::move(tokens)) {}

  Result<json> run() {
    if (!accept("CREATE")) return problem();
    if (accept("OR")) (void)accept("REPLACE");
    (void)accept("EXTERNAL");
    is_view_ = accept("VIEW");
    if (!is_view_ && !accept("TABLE")) return problem();
    if (accept("IF")) at_ += 2;
    while (now().is_name() && next().is_sign('.')) at_ += 2;
    if (!now().is_name()) return problem();
    ++at_;
    if (now().is_sign('(')) read_columns();
    while (!failed_ && now().type != SqlToken::Type::end && !now().is_sign(';')) clause();
    if (failed_) return problem();
    return std::move(made_);
  }

 private:
  [[nodiscard]] const SqlToken& now() const { return tokens_[std::min(at_, tokens_.size() - 1)]; }
  [[nodiscard]] const SqlToken& next() const {
    return tokens_[std::min(at_ + 1, tokens_.size() - 1)];
  }
  [[nodiscard]] tl::unexpected<Error> problem() const {
    return fail(
        Fault::bad_answer,
        "its definition is not understood near `" + std::string(text_.substr(now().from, 40)) + "`",
        "Make it on the secondary by hand, or exclude it from the scope");
  }
  bool accept(std::string_view word) {
    const bool hit = now().is_word(word);
    if (hit) ++at_;
    return hit;
  }
  bool accept_sign(char sign) {
    const bool hit = now().is_sign(sign);
    if (hit) ++at_;
    return hit;
  }
  std::string text() {
    if (now().type != SqlToken::Type::text) failed_ = true;
    return now().type == SqlToken::Type::text ? tokens_[at_++].value : std::string();
  }

  void clause() {
    if (accept("USING")) {
      made_["provider"] = lower_case(dotted());
    } else if (accept("OPTIONS")) {
      made_["options"] = pairs();
    } else if (accept("PARTITIONED")) {
      (void)accept("BY");
      read_partitions();
    } else if (now().is_word("CLUSTERED") || now().is_word("CLUSTER")) {
      read_buckets();
    } else if (accept("COMMENT")) {
      made_["comment"] = text();
    } else if (accept("LOCATION")) {
      made_["location"] = text();
    } else if (accept("TBLPROPERTIES")) {
      made_["properties"] = pairs();
      drop_made_by_service();
    } else {
      other_clause();
    }
  }

  void other_clause() {
    if (accept("ROW")) {
      if (!accept("FORMAT") || !accept("SERDE")) return void(failed_ = true);
      made_["serde"]["library"] = text();
    } else if (accept("STORED")) {
      read_format();
    } else if (is_view_ && accept("AS")) {
      read_query();
    } else if (accept("WITH")) {
      if (accept("SERDEPROPERTIES")) {
        made_["serde"]["properties"] = pairs();
      } else if (accept("SCHEMA")) {
        while (now().type == SqlToken::Type::word && !now().is_word("AS")) ++at_;
      } else {
        failed_ = true;
      }
    } else {
      failed_ = true;
    }
  }

  std::string dotted() {
    std::string name;
    do {
      if (!now().is_name()) failed_ = true;
      name += (name.empty() ? "" : ".") + tokens_[at_].value;
      if (!failed_) ++at_;
    } while (!failed_ && accept_sign('.'));
    return name;
  }

  /// ('a' = 'b', c.d 'e')
  json pairs() {
    json all = json::object();
    if (!accept_sign('(')) failed_ = true;
    while (!failed_ && !accept_sign(')')) {
      const std::string key = now().type == SqlToken::Type::text ? text() : dotted();
      (void)accept_sign('=');
      if (failed_ || now().type == SqlToken::Type::end) break;
      all[key] = tokens_[at_++].value;
      if (!accept_sign(',') && !now().is_sign(')')) failed_ = true;
    }
    return all;
  }

  void drop_made_by_service() {
    json& properties = made_["properties"];
    for (auto entry = properties.begin(); entry != properties.end();)
      entry = is_made_by_service(entry.key()) ? properties.erase(entry) : std::next(entry);
  }

  void read_columns() {
    ++at_;
    while (!failed_ && !accept_sign(')')) {
      json column = read_column();
      made_["columns"].push_back(std::move(column));
      if (!accept_sign(',') && !now().is_sign(')')) failed_ = true;
    }
  }

  json read_column() {
    json column = json::object();
    if (!now().is_name()) failed_ = true;
    column["name"] = now().value;
    ++at_;
    if (!is_view_) column["type"] = type();
    if (accept("NOT")) column["not_null"] = accept("NULL");
    if (accept("COMMENT")) column["comment"] = text();
    return column;
  }

  /// Everything up to what ends a type, with blanks only between words and after the name of a
  /// field: `a:int` could be read as the parameter `:int`.
  std::string type() {
    std::string out;
    int depth = 0;
    for (; now().type != SqlToken::Type::end; ++at_) {
      const SqlToken& token = now();
      const bool outside = depth == 0;
      if (outside && (token.is_sign(',') || token.is_sign(')') || token.is_word("NOT") ||
                      token.is_word("COMMENT")))
        break;
      depth += token.is_sign('<') || token.is_sign('(')   ? 1
               : token.is_sign('>') || token.is_sign(')') ? -1
                                                          : 0;
      const bool blank =
          !out.empty() && token.type != SqlToken::Type::sign &&
          (tokens_[at_ - 1].type != SqlToken::Type::sign || tokens_[at_ - 1].is_sign(':'));
      out += (blank ? " " : "") + std::string(text_.substr(token.from, token.to - token.from));
    }
    if (out.empty()) failed_ = true;
    return out;
  }

  /// Names of columns, or, as Hive has it, columns that stand in no other list.
  void read_partitions() {
    if (!accept_sign('(')) failed_ = true;
    while (!failed_ && !accept_sign(')')) {
      if (!now().is_name()) return void(failed_ = true);
      made_["partitioned_by"].push_back(now().value);
      if (next().is_sign(',') || next().is_sign(')')) {
        ++at_;
      } else {
        json column = read_column();
        made_["columns"].push_back(std::move(column));
      }
      if (!accept_sign(',') && !now().is_sign(')')) failed_ = true;
    }
  }

  /// CLUSTERED BY (...) [SORTED BY (...)] INTO n BUCKETS; of Delta CLUSTER BY (...).
  void read_buckets() {
    const std::size_t from = now().from;
    std::size_t to = now().to;
    const auto take = [&] {
      to = now().to;
      ++at_;
    };
    const auto take_list = [&] {
      while (now().type != SqlToken::Type::end && !now().is_sign(')')) take();
      take();
    };
    take_list();
    if (now().is_word("SORTED")) take_list();
    while (now().is_word("INTO") || now().type == SqlToken::Type::number ||
           now().is_word("BUCKETS"))
      take();
    made_["buckets"] = std::string(text_.substr(from, to - from));
  }

  void read_format() {
    if (!accept("AS")) return void(failed_ = true);
    if (accept("INPUTFORMAT")) {
      made_["serde"]["input"] = text();
      if (!accept("OUTPUTFORMAT")) failed_ = true;
      made_["serde"]["output"] = text();
    } else {
      made_["serde"]["format"] = lower_case(dotted());
    }
  }

  void read_query() {
    std::string_view query = text_.substr(now().from);
    const std::size_t end = query.find_last_not_of(" \t\r\n;");
    made_["text"] = std::string(query.substr(0, end == std::string_view::npos ? 0 : end + 1));
    at_ = tokens_.size() - 1;
  }

  std::string_view text_;
  std::vector<SqlToken> tokens_;
  std::size_t at_ = 0;
  bool is_view_ = false;
  bool failed_ = false;
  json made_ = json::object();
};

json member(const json& of, const char* name, json otherwise) {
  const auto found = of.find(name);
  if (found == of.end()) return otherwise;
  return *found;
}

std::string comment_clause(const json& of) {
  const std::string comment = text_at(of, "/comment");
  return comment.empty() ? "" : " COMMENT " + sql_quoted(comment);
}

std::string column_list(const json& columns) {
  std::string out;
  for (const json& column : columns) {
    out += (out.empty() ? "" : ", ") + sql_name(text_at(column, "/name"));
    if (const std::string type = text_at(column, "/type"); !type.empty()) out += " " + type;
    if (column.contains("not_null")) out += " NOT NULL";
    out += comment_clause(column);
  }
  return out;
}

std::string properties_clause(const json& of, const char* name, const char* word) {
  const json pairs = member(of, name, json::object());
  return pairs.empty() ? "" : std::string(" ") + word + " " + sql_pairs(pairs);
}

bool is_partition(const json& names, const json& column) {
  return std::ranges::any_of(names, [&](const json& name) {
    return lower_case(name.get<std::string>()) == lower_case(text_at(column, "/name"));
  });
}

/// A table that Hive reads, in the words of Hive: the columns of partitions stand apart.
std::string serde_clauses(const json& table, const json& partition_columns) {
  std::string out;
  if (!partition_columns.empty()) out += " PARTITIONED BY (" + column_list(partition_columns) + ")";
  if (const std::string buckets = text_at(table, "/buckets"); !buckets.empty())
    out += " " + buckets;
  const json& serde = table.at("serde");
  if (const std::string library = text_at(serde, "/library"); !library.empty())
    out += " ROW FORMAT SERDE " + sql_quoted(library);
  out += properties_clause(serde, "properties", "WITH SERDEPROPERTIES");
  if (const std::string format = text_at(serde, "/format"); !format.empty())
    return out + " STORED AS " + format;
  return out + " STORED AS INPUTFORMAT " + sql_quoted(text_at(serde, "/input")) + " OUTPUTFORMAT " +
         sql_quoted(text_at(serde, "/output"));
}

std::string source_clauses(const json& table) {
  std::string out = " USING " + text_at(table, "/provider");
  out += properties_clause(table, "options", "OPTIONS");
  std::string by;
  for (const json& name : member(table, "partitioned_by", json::array()))
    by += (by.empty() ? "" : ", ") + sql_name(name.get<std::string>());
  if (!by.empty()) out += " PARTITIONED BY (" + by + ")";
  if (const std::string buckets = text_at(table, "/buckets"); !buckets.empty())
    out += " " + buckets;
  return out;
}

}  // namespace

Result<json> parse_ddl(std::string_view statement) {
  TRY(std::vector<SqlToken> tokens, sql_tokens(statement));
  return Parser(statement, std::move(tokens)).run();
}

bool is_delta(const json& table) { return text_at(table, "/provider") == "delta"; }

std::string sql_pairs(const json& pairs) {
  std::string out;
  for (auto pair = pairs.begin(); pair != pairs.end(); ++pair)
    out += (out.empty() ? "" : ", ") + sql_quoted(pair.key()) + " = " +
           sql_quoted(pair.value().get<std::string>());
  return "(" + out + ")";
}

std::string table_statement(const std::string& key, const json& table,
                            const std::string& location) {
  const bool is_serde = table.contains("serde");
  std::string out = std::string("CREATE ") + (is_serde ? "EXTERNAL " : "") +
                    "TABLE IF NOT EXISTS " + sql_path(key);
  const std::string place = " LOCATION " + sql_quoted(location);
  if (is_delta(table)) return out + " USING delta" + place;
  const json columns = member(table, "columns", json::array());
  const json names = member(table, "partitioned_by", json::array());
  json plain = json::array();
  json apart = json::array();
  for (const json& column : columns)
    (is_serde && is_partition(names, column) ? apart : plain).push_back(column);
  if (!plain.empty()) out += " (" + column_list(plain) + ")";
  out += is_serde ? serde_clauses(table, apart) : source_clauses(table);
  return out + comment_clause(table) + place +
         properties_clause(table, "properties", "TBLPROPERTIES");
}

std::string view_statement(const std::string& how, const std::string& key, const json& view) {
  std::string out = how + " " + sql_path(key);
  const json columns = member(view, "columns", json::array());
  if (!columns.empty()) out += " (" + column_list(columns) + ")";
  out += comment_clause(view) + properties_clause(view, "properties", "TBLPROPERTIES");
  return out + " AS " + text_at(view, "/text");
}

bool is_secret_setting(std::string_view name, std::string_view value) {
  static constexpr std::array<std::string_view, 8> names{"secret",     "password",    "token",
                                                         "credential", "account.key", "accesskey",
                                                         "access.key", "fs.azure.sas"};
  static constexpr std::array<std::string_view, 4> values{
      "password=", "sig=", "accountkey=", "(redacted)"};
  const std::string small_name = lower_case(name);
  const std::string small_value = lower_case(value);
  const auto within = [](const std::string& text) {
    return [&text](std::string_view part) { return text.find(part) != std::string::npos; };
  };
  return std::ranges::any_of(names, within(small_name)) ||
         std::ranges::any_of(values, within(small_value));
}

}  // namespace twinlake::workspace
