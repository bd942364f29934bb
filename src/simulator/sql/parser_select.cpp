// SELECT from a table: expressions, conditions, groups.
#include <algorithm>
#include <array>
#include <charconv>

#include "base/loop.h"
#include "simulator/body.h"
#include "simulator/sql/parser_parts.h"

namespace twinlake::simulator {

namespace {

using Type = SqlExpression::Type;

SqlExpression called(std::string what, std::vector<SqlExpression> parts) {
  SqlExpression made;
  made.type = Type::call;
  made.text = std::move(what);
  made.parts = std::move(parts);
  return made;
}

SqlExpression literal_of(Type type, std::string text) {
  SqlExpression made;
  made.type = type;
  made.text = std::move(text);
  return made;
}

std::string column_name(const SqlExpression& value, std::string_view written) {
  return value.type == Type::column ? value.name.back() : std::string(written);
}

}  // namespace

bool SqlParser::selects_from() const {
  int depth = 0;
  for (std::size_t at = at_; at < tokens_.size(); ++at) {
    depth += int{tokens_[at].is_sign('(')} - int{tokens_[at].is_sign(')')};
    if (depth == 0 && tokens_[at].is_word("FROM")) return true;
  }
  return false;
}

SqlExpression SqlParser::moment(bool is_date) {
  const std::string written = text();
  if (is_date) {
    const Time time = time_from_rfc3339(written + "T00:00:00Z");
    if (time != Time{}) return literal_of(Type::date, to_rfc3339(time).substr(0, 10));
  } else if (const Time time = time_from_rfc3339(written); time != Time{}) {
    return literal_of(Type::timestamp, sql_timestamp(time.time_since_epoch().count()));
  }
  fail_with(sql_failure("INVALID_TYPED_LITERAL", "42604",
                        "The value of the typed literal is invalid: '" + written + "'."));
  return {};
}

SqlExpression SqlParser::integer() {
  const std::string& written = now().text;
  std::int64_t value = 0;
  const char* end = written.data() + written.size();
  const auto read = std::from_chars(written.data(), end, value);
  if (read.ec != std::errc() || read.ptr != end) {
    fail_with(unsupported("Of numbers only integers are served, not " + written));
    return {};
  }
  ++at_;
  return literal_of(Type::number, std::to_string(value));
}

/// CAST(expression AS type).
SqlExpression SqlParser::cast() {
  expect_sign('(');
  SqlExpression value = expression();
  expect("AS");
  const std::string to = lower(identifier());
  expect_sign(')');
  if (to != "string") fail_with(unsupported("CAST to " + to + " is not served"));
  return called("cast string", {std::move(value)});
}

std::vector<SqlExpression> SqlParser::expressions_in_parentheses() {
  std::vector<SqlExpression> parts;
  expect_sign('(');
  if (now().is_sign('*') && after().is_sign(')')) {
    ++at_;
    parts.push_back(literal_of(Type::star, "*"));
  } else if (!now().is_sign(')')) {
    do {
      parts.push_back(expression());
    } while (ok() && accept_sign(','));
  }
  expect_sign(')');
  return parts;
}

/// A literal, a column, a call, or an expression in parentheses.
SqlExpression SqlParser::operand() {
  if (now().is_sign('(')) {
    std::vector<SqlExpression> parts = expressions_in_parentheses();
    if (parts.size() != 1) fail();
    return ok() ? std::move(parts.front()) : SqlExpression{};
  }
  if (now().kind == Kind::number) return integer();
  if (now().kind == Kind::text || now().kind == Kind::parameter)
    return literal_of(Type::text, text());
  for (const bool is_date : {true, false})
    if (now().is_word(is_date ? "DATE" : "TIMESTAMP") && after().kind == Kind::text) {
      ++at_;
      return moment(is_date);
    }
  if (accept("NULL")) return {};
  if (now().is_word("CAST") && after().is_sign('(')) {
    ++at_;
    return cast();
  }
  if (now().kind == Kind::word && after().is_sign('(')) {
    std::string what = lower(identifier());
    return called(std::move(what), expressions_in_parentheses());
  }
  SqlExpression column;
  column.type = Type::column;
  column.name = name();
  return column;
}

/// value = other, value [NOT] IN (...), value BETWEEN low AND high.
SqlExpression SqlParser::comparison() {
  SqlExpression value = operand();
  const bool negated = accept("NOT");
  if (accept("IN")) {
    std::vector<SqlExpression> parts = expressions_in_parentheses();
    parts.insert(parts.begin(), std::move(value));
    return called(negated ? "not in" : "in", std::move(parts));
  }
  if (negated) fail();
  if (accept("BETWEEN")) {
    SqlExpression low = operand();
    expect("AND");
    return called("between", {std::move(value), std::move(low), operand()});
  }
  static constexpr std::array<std::string_view, 5> signs{">=", "<=", "=", ">", "<"};
  for (const std::string_view sign : signs) {
    const bool is_two = sign.size() == 2;
    if (!now().is_sign(sign[0]) || (is_two && !after().is_sign(sign[1]))) continue;
    at_ += sign.size();
    return called(std::string(sign), {std::move(value), operand()});
  }
  return value;
}

SqlExpression SqlParser::conjunction() {
  SqlExpression value = comparison();
  while (ok() && accept("AND")) value = called("and", {std::move(value), comparison()});
  return value;
}

SqlExpression SqlParser::expression() {
  if (++depth_ > deepest_expression) fail();
  SqlExpression value = ok() ? conjunction() : SqlExpression{};
  while (ok() && accept("OR")) value = called("or", {std::move(value), conjunction()});
  --depth_;
  return value;
}

std::size_t SqlParser::position(std::size_t count) {
  std::size_t found = 0;
  const std::string& written = now().text;
  const auto read = std::from_chars(written.data(), written.data() + written.size(), found);
  if (now().kind != Kind::number || read.ec != std::errc() || found == 0 || found > count) {
    fail_with(sql_failure("GROUP_BY_POS_OUT_OF_RANGE", "42805",
                          "GROUP BY position " + written + " is not in select list."));
    return 0;
  }
  ++at_;
  return found - 1;
}

SqlStatement SqlParser::select_from() {
  SelectFrom wanted;
  do {
    const std::size_t from = now().from;
    SelectFrom::Item item{expression(), ""};
    const std::size_t to = at_ > 0 ? tokens_[at_ - 1].to : from;
    item.name = accept("AS")
                    ? identifier()
                    : column_name(item.value, std::string_view(statement_).substr(from, to - from));
    wanted.items.push_back(std::move(item));
  } while (ok() && accept_sign(','));
  expect("FROM");
  wanted.table = name();
  if (accept("WHERE")) wanted.where = expression();
  if (accept({"GROUP", "BY"})) do {
      wanted.group_by.push_back(position(wanted.items.size()));
    } while (ok() && accept_sign(','));
  return wanted;
}

}  // namespace twinlake::simulator
