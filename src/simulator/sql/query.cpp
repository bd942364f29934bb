#include "simulator/sql/query.h"

#include <algorithm>
#include <array>
#include <optional>

#include "simulator/body.h"

namespace twinlake::simulator {

namespace {
using Kind = SqlToken::Kind;
constexpr int deepest = 60;
/// A name of WITH may be used many times, also by the next one of WITH.
constexpr std::size_t heaviest = 2000;

template <std::size_t N>
bool is_one_of(const SqlToken& token, const std::array<std::string_view, N>& words) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return token.is_word(word); });
}

constexpr std::array<std::string_view, 4> set_operators{"UNION", "INTERSECT", "EXCEPT", "MINUS"};
/// What ends a list of columns, a relation or a condition.
constexpr std::array<std::string_view, 12> clauses{
    "WHERE",   "GROUP", "HAVING", "ORDER",   "LIMIT",      "WINDOW",
    "QUALIFY", "SORT",  "OFFSET", "CLUSTER", "DISTRIBUTE", "TABLESAMPLE"};
constexpr std::array<std::string_view, 9> joins{"JOIN",  "NATURAL", "INNER", "CROSS", "LEFT",
                                                "RIGHT", "FULL",    "SEMI",  "ANTI"};
constexpr std::array<std::string_view, 4> query_starts{"SELECT", "WITH", "VALUES", "FROM"};
/// Words after which a name is no alias.
constexpr std::array<std::string_view, 16> inside_words{
    "AND",  "OR",   "NOT",  "IS",       "IN",       "LIKE", "BETWEEN", "CASE",
    "WHEN", "THEN", "ELSE", "DISTINCT", "INTERVAL", "DATE", "RLIKE",   "DIV"};
constexpr std::array<std::string_view, 8> values{
    "NULL",         "TRUE",           "FALSE", "CURRENT_DATE", "END", "CURRENT_TIMESTAMP",
    "CURRENT_USER", "CURRENT_CATALOG"};

bool is_name(const SqlToken& token) {
  return token.kind == Kind::word || token.kind == Kind::quoted_name;
}

std::size_t weight_of(const SqlQuery& query) {
  std::size_t weight = 1 + query.items.size();
  for (const SqlRelation& relation : query.from) {
    ++weight;
    for (const SqlQuery& sub : relation.sub) weight += weight_of(sub);
  }
  return weight;
}

class QueryReader {
 public:
  QueryReader(std::string_view statement, const std::vector<SqlToken>& tokens, std::size_t at)
      : statement_(statement), tokens_(tokens), at_(at) {}

  SqlResult<SqlQuery> read(std::size_t& at) {
    SqlQuery found = query({});
    if (failure_) return SqlFailed(std::move(*failure_));
    found.tables = std::move(tables_);
    at = at_;
    return found;
  }

 private:
  using Known = std::map<std::string, SqlQuery>;  ///< what WITH named, in lower case

  [[nodiscard]] const SqlToken& now() const { return tokens_[at_]; }
  [[nodiscard]] const SqlToken& after(std::size_t steps = 1) const {
    return tokens_[std::min(at_ + steps, tokens_.size() - 1)];
  }
  [[nodiscard]] bool finished() const {
    return failure_ || now().kind == Kind::end || now().is_sign(';');
  }
  bool accept(std::string_view word) {
    if (!now().is_word(word)) return false;
    ++at_;
    return true;
  }
  bool accept(char sign) {
    if (!now().is_sign(sign)) return false;
    ++at_;
    return true;
  }
  void fail() {
    if (!failure_) failure_ = syntax_failure(now().text);
  }
  void expect(char sign) {
    if (!accept(sign)) fail();
  }
  void expect(std::string_view word) {
    if (!accept(word)) fail();
  }
  std::string name() {
    if (!is_name(now())) {
      fail();
      return "";
    }
    return tokens_[at_++].text;
  }

  SqlQuery query(Known known) {
    if (++depth_ > deepest) fail();
    if (!failure_ && accept("WITH")) with(known);
    SqlQuery result = failure_ ? SqlQuery{} : body(known);
    while (!finished() && !now().is_sign(')')) {
      if (is_one_of(now(), set_operators)) {
        ++at_;
        if (!accept("ALL")) accept("DISTINCT");
        (void)body(known);
      } else {
        step(known);
      }
    }
    --depth_;
    return result;
  }

  void with(Known& known) {
    do {
      const std::string given = lower(name());
      if (now().is_sign('(')) group(known);
      expect("AS");
      expect('(');
      if (failure_) return;
      SqlQuery inner = query(known);
      expect(')');
      known.insert_or_assign(given, std::move(inner));
    } while (!failure_ && accept(','));
  }

  SqlQuery body(const Known& known) {
    SqlQuery result;
    if (now().is_sign('(')) {
      ++at_;
      result = query(known);
      expect(')');
      return result;
    }
    if (accept("VALUES")) return result;  // the rest of it is stepped over
    expect("SELECT");
    if (failure_) return result;
    if (!accept("DISTINCT")) accept("ALL");
    do {
      result.items.push_back(item(known));
    } while (!failure_ && accept(','));
    if (!failure_ && accept("FROM")) relations(known, result.from);
    return result;
  }

  /// One token, or all between two parentheses.
  void step(const Known& known) {
    if (now().is_sign('(')) return group(known);
    ++at_;
  }

  void group(const Known& known) {
    if (++depth_ > deepest) fail();
    expect('(');
    if (!failure_ && is_one_of(now(), query_starts)) {
      (void)query(known);
    } else {
      while (!finished() && !now().is_sign(')')) step(known);
    }
    expect(')');
    --depth_;
  }

  [[nodiscard]] bool at_from() const {
    const bool distinct = at_ > 1 && tokens_[at_ - 1].is_word("DISTINCT") &&
                          (tokens_[at_ - 2].is_word("IS") || tokens_[at_ - 2].is_word("NOT"));
    return now().is_word("FROM") && !distinct;
  }
  [[nodiscard]] bool at_join() const {
    return (is_one_of(now(), joins) || now().is_word("LATERAL")) && !after().is_sign('(');
  }
  [[nodiscard]] bool at_stop() const {
    return finished() || now().is_sign(',') || now().is_sign(')') || is_one_of(now(), clauses) ||
           is_one_of(now(), set_operators);
  }

  /// Behind any number of parentheses.
  [[nodiscard]] bool query_follows() const {
    std::size_t at = at_;
    while (tokens_[at].is_sign('(')) ++at;
    return is_one_of(tokens_[at], query_starts);
  }

  SqlItem item(const Known& known) {
    const std::size_t from = at_;
    while (!at_stop() && !at_from()) step(known);
    if (at_ == from) fail();
    return failure_ ? SqlItem{} : describe(from, at_);
  }

  /// What the tokens of one column of SELECT say.
  [[nodiscard]] SqlItem describe(std::size_t from, std::size_t to) const {
    SqlItem item;
    if (tokens_[to - 1].is_sign('*') && (to - from == 1 || tokens_[to - 2].is_sign('.'))) {
      item.star = true;
      if (to - from >= 3) item.qualifier = tokens_[to - 3].text;
      return item;
    }
    std::size_t end = to;
    if (to - from >= 2 && is_name(tokens_[to - 1])) {
      const SqlToken& before = tokens_[to - 2];
      const bool value = is_one_of(tokens_[to - 1], values);
      if (before.is_word("AS") && to - from >= 3)
        end = to - 2;
      else if (!value && (before.is_sign(')') || before.is_word("END") ||
                          (is_name(before) && !is_one_of(before, inside_words))))
        end = to - 1;
      if (end != to) item.name = tokens_[to - 1].text;
    }
    set_column(item, from, end);
    if (item.column.empty()) item.type = type_of(from, end);
    if (item.name.empty())
      item.name = !item.column.empty()
                      ? item.column
                      : std::string(statement_.substr(tokens_[from].from,
                                                      tokens_[end - 1].to - tokens_[from].from));
    return item;
  }

  void set_column(SqlItem& item, std::size_t from, std::size_t to) const {
    if ((to - from) % 2 == 0) return;
    for (std::size_t i = from; i < to; ++i)
      if ((i - from) % 2 == 0 ? !is_name(tokens_[i]) : !tokens_[i].is_sign('.')) return;
    if (to - from == 1 && is_one_of(tokens_[from], values)) return;
    item.column = tokens_[to - 1].text;
    if (to - from >= 3) item.qualifier = tokens_[to - 3].text;
  }

  [[nodiscard]] std::string type_of(std::size_t from, std::size_t to) const {
    const SqlToken& first = tokens_[from];
    if (first.is_word("COUNT")) return "bigint";
    if (first.is_word("CURRENT_DATE")) return "date";
    if (first.is_word("CURRENT_TIMESTAMP")) return "timestamp";
    if (to - from == 1 && (first.is_word("TRUE") || first.is_word("FALSE"))) return "boolean";
    if (to - from == 1 && first.kind == Kind::number)
      return first.text.find('.') == std::string::npos ? "int" : "decimal(10,2)";
    if (!first.is_word("CAST") || !tokens_[to - 1].is_sign(')')) return "";
    std::string type;
    for (std::size_t i = to - 2; i > from && !tokens_[i].is_word("AS"); --i)
      type.insert(0, lower(tokens_[i].text));
    return type;
  }

  void relations(const Known& known, std::vector<SqlRelation>& found) {
    do {
      relation(known, found);
      while (!failure_ && at_join()) join(known, found);
    } while (!failure_ && accept(','));
  }

  void join(const Known& known, std::vector<SqlRelation>& found) {
    if (now().is_word("LATERAL") && after().is_word("VIEW")) {
      found.emplace_back();  // its columns are not known
      while (!at_stop() && !(at_join() && !now().is_word("LATERAL"))) {
        step(known);
        if (now().is_word("LATERAL")) return;
      }
      return;
    }
    while (!finished() && at_join() && !now().is_word("JOIN")) {
      ++at_;
      accept("OUTER");
    }
    if (now().is_word("JOIN")) ++at_;
    relation(known, found);
    if (accept("ON") || accept("USING"))
      while (!at_stop() && !at_join()) step(known);
  }

  void relation(const Known& known, std::vector<SqlRelation>& found) {
    if (++depth_ > deepest) fail();
    accept("LATERAL");
    SqlRelation one;
    if (now().is_sign('(')) {
      ++at_;
      if (query_follows()) {
        one.sub.push_back(query(known));
      } else {
        relations(known, found);  // parentheses around joins
      }
      expect(')');
      if (!one.sub.empty()) finish_relation(known, std::move(one), found);
    } else if (now().is_word("VALUES")) {
      ++at_;
      while (now().is_sign('(') && !failure_) {
        group(known);
        accept(',');
      }
      finish_relation(known, std::move(one), found);
    } else {
      named_relation(known, std::move(one), found);
    }
    --depth_;
  }

  void named_relation(const Known& known, SqlRelation one, std::vector<SqlRelation>& found) {
    SqlName parts{name()};
    while (!failure_ && accept('.')) parts.push_back(name());
    if (failure_) return;
    one.alias = parts.back();
    if (now().is_sign('(')) {
      group(known);  // a function that gives a table
    } else if (const auto named = known.find(lower(parts.front()));
               parts.size() == 1 && named != known.end()) {
      copied_ += weight_of(named->second);
      if (copied_ > heaviest) return fail();
      one.sub.push_back(named->second);
    } else {
      one.table = parts;
      if (std::find(tables_.begin(), tables_.end(), parts) == tables_.end())
        tables_.push_back(parts);
    }
    if ((now().is_word("VERSION") || now().is_word("TIMESTAMP")) && after().is_word("AS") &&
        after(2).is_word("OF")) {
      at_ += 3;
      if (!finished()) step(known);
    }
    finish_relation(known, std::move(one), found);
  }

  void finish_relation(const Known& known, SqlRelation one, std::vector<SqlRelation>& found) {
    const bool said = accept("AS");
    const bool named = is_name(now()) && !at_join() && !at_stop() && !now().is_word("ON") &&
                       !now().is_word("USING");
    if (said && !named) fail();
    if (named && !failure_) {
      one.alias = name();
      if (now().is_sign('(')) {
        group(known);
        one.table.clear();  // its columns have other names
        one.sub.clear();
      }
    }
    found.push_back(std::move(one));
  }

  std::string_view statement_;
  const std::vector<SqlToken>& tokens_;
  std::size_t at_;
  int depth_ = 0;
  std::size_t copied_ = 0;
  std::optional<SqlFailure> failure_;
  std::vector<SqlName> tables_;
};
}  // namespace

SqlResult<SqlQuery> read_query(std::string_view statement, const std::vector<SqlToken>& tokens,
                               std::size_t& at) {
  return QueryReader(statement, tokens, at).read(at);
}

}  // namespace twinlake::simulator
