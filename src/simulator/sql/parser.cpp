#include "simulator/sql/parser.h"

#include <algorithm>

#include "simulator/body.h"
#include "simulator/sql/parser_parts.h"

namespace twinlake::simulator {

const SqlToken& SqlParser::after(std::size_t steps) const {
  return tokens_[std::min(at_ + steps, tokens_.size() - 1)];
}

void SqlParser::fail() { fail_with(syntax_failure(now().text)); }

void SqlParser::fail_with(SqlFailure failure) {
  if (failure_) return;
  failure_ = std::move(failure);
  at_ = tokens_.size() - 1;  // the end: nothing is accepted any more
}

bool SqlParser::accept(std::string_view word) {
  if (!now().is_word(word)) return false;
  ++at_;
  return true;
}

bool SqlParser::accept(std::initializer_list<std::string_view> words) {
  std::size_t steps = 0;
  for (const std::string_view word : words)
    if (!after(steps++).is_word(word)) return false;
  at_ += words.size();
  return true;
}

bool SqlParser::accept_sign(char sign) {
  if (!now().is_sign(sign)) return false;
  ++at_;
  return true;
}

void SqlParser::expect(std::string_view word) {
  if (!accept(word)) fail();
}

void SqlParser::expect(std::initializer_list<std::string_view> words) {
  for (const std::string_view word : words) expect(word);
}

void SqlParser::expect_sign(char sign) {
  if (!accept_sign(sign)) fail();
}

std::string SqlParser::identifier() {
  if (now().kind != Kind::word && now().kind != Kind::quoted_name) {
    fail();
    return "";
  }
  return tokens_[at_++].text;
}

SqlName SqlParser::name() {
  if (now().is_word("IDENTIFIER") && after().is_sign('(')) {
    at_ += 2;
    const std::string given = text();
    expect_sign(')');
    if (!ok()) return {};
    auto parsed = parse_name(given);
    if (parsed) return std::move(*parsed);
    fail_with(std::move(parsed.error()));
    return {};
  }
  SqlName parts{identifier()};
  while (accept_sign('.')) parts.push_back(identifier());
  return parts;
}

std::string SqlParser::parameter_value() {
  const auto found = parameters_.find(now().text);
  if (found == parameters_.end()) {
    fail_with(sql_failure("UNBOUND_SQL_PARAMETER", "42P02",
                          "Found the unbound parameter: " + now().text + "."));
    return "";
  }
  ++at_;
  return found->second.value_or("");
}

std::string SqlParser::text() {
  if (now().kind == Kind::parameter) return parameter_value();
  if (now().kind != Kind::text) {
    fail();
    return "";
  }
  std::string value = tokens_[at_++].text;
  while (now().kind == Kind::text) value += tokens_[at_++].text;  // texts side by side are one
  return value;
}

std::string SqlParser::principal() {
  // A name with an @ or a blank needs back-ticks, and so does anything that is no plain word.
  return identifier();
}

std::optional<std::string> SqlParser::literal() {
  if (accept("NULL")) return std::nullopt;
  for (const char* word : {"TRUE", "FALSE"})
    if (accept(word)) return lower(word);
  if (now().kind == Kind::parameter) {
    const auto found = parameters_.find(now().text);
    if (found != parameters_.end() && !found->second) {
      ++at_;
      return std::nullopt;
    }
    return parameter_value();
  }
  const bool negative = now().is_sign('-') && after().kind == Kind::number;
  if (negative) ++at_;
  if (now().kind == Kind::number) return (negative ? "-" : "") + tokens_[at_++].text;
  return text();
}

SqlProperties SqlParser::properties() {
  SqlProperties found;
  expect_sign('(');
  do {
    std::string key;
    if (now().kind == Kind::text) {
      key = tokens_[at_++].text;  // only this one: a value may follow without a sign
    } else {
      for (const std::string& part : name()) key += (key.empty() ? "" : ".") + part;
    }
    accept_sign('=');
    std::string value = literal().value_or("");
    const bool twice = std::any_of(found.begin(), found.end(),
                                   [&](const auto& other) { return other.first == key; });
    if (twice && ok())
      fail_with(
          sql_failure("DUPLICATE_KEY", "23505", "Found duplicate keys " + in_ticks(key) + "."));
    found.emplace_back(std::move(key), std::move(value));
  } while (ok() && accept_sign(','));
  expect_sign(')');
  return found;
}

SqlPartition SqlParser::partition() {
  SqlPartition found;
  expect_sign('(');
  do {
    std::string column = identifier();
    expect_sign('=');
    found.emplace_back(std::move(column), literal().value_or("__HIVE_DEFAULT_PARTITION__"));
  } while (ok() && accept_sign(','));
  expect_sign(')');
  return found;
}

SqlSecurable SqlParser::securable() {
  using Type = SqlSecurable::Type;
  if (accept({"ANY", "FILE"})) return {Type::any_file, {}};
  if (accept({"ANONYMOUS", "FUNCTION"})) return {Type::anonymous_function, {}};
  SqlSecurable found;
  if (accept("CATALOG")) {
    found.type = Type::catalog;
    // The name may be left out: there is but one.
    if (now().kind == Kind::end || now().is_word("TO") || now().is_word("FROM") ||
        now().is_sign(';'))
      return found;
  } else if (accept_schema_word()) {
    found.type = Type::schema;
  } else if (accept("VIEW")) {
    found.type = Type::view;
  } else if (accept("FUNCTION")) {
    found.type = Type::function;
  } else {
    accept("TABLE");
  }
  found.name = name();
  return found;
}

SqlStatement SqlParser::dispatch() {
  if (accept("SHOW")) return show();
  if (accept("DESCRIBE") || accept("DESC")) return describe();
  if (accept("CREATE")) return create();
  if (accept("ALTER")) return alter();
  if (accept("COMMENT")) return comment_on();
  if (accept("DROP")) return drop();
  if (accept("MSCK")) return repair();
  if (accept("GRANT")) return grants(ChangeGrants::Verb::grant);
  if (accept("DENY")) return grants(ChangeGrants::Verb::deny);
  if (accept("REVOKE")) return grants(ChangeGrants::Verb::revoke);
  if (accept("USE")) return use();
  if (accept("SELECT")) return select();
  fail();
  return {};
}

SqlResult<SqlStatement> SqlParser::statement() {
  SqlStatement parsed = dispatch();
  while (accept_sign(';')) {
  }
  if (ok() && now().kind != Kind::end) fail();  // one statement at a time, understood to its end
  if (!ok()) return SqlFailed(std::move(*failure_));
  return parsed;
}

SqlResult<SqlName> SqlParser::only_a_name() {
  SqlName parsed = name();
  if (ok() && now().kind != Kind::end) fail();
  if (!ok()) return SqlFailed(std::move(*failure_));
  return parsed;
}

SqlResult<SqlStatement> parse_sql(const std::string& statement, const SqlParameters& parameters) {
  auto tokens = sql_tokens(statement);
  if (!tokens) return SqlFailed(std::move(tokens.error()));
  return SqlParser(statement, parameters, std::move(*tokens)).statement();
}

SqlResult<SqlName> parse_name(const std::string& text) {
  auto tokens = sql_tokens(text);
  if (!tokens) return SqlFailed(std::move(tokens.error()));
  // A name inside a name would have no end.
  if (tokens->size() > 1 && (*tokens)[1].is_sign('(')) return SqlFailed(syntax_failure("("));
  return SqlParser(text, {}, std::move(*tokens)).only_a_name();
}

}  // namespace twinlake::simulator
