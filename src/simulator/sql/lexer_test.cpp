#include "simulator/sql/lexer.h"

#include <gtest/gtest.h>

namespace twinlake::simulator {
namespace {

/// Tokens by their first letter and text: "w:SHOW q:a b t:x".
std::string tokens(const std::string& statement) {
  const auto found = sql_tokens(statement);
  if (!found) return "(" + found.error().error_class + ")";
  std::string out;
  for (const SqlToken& token : *found) {
    constexpr const char* letters = "wqtnsp";
    if (token.kind == SqlToken::Kind::end) continue;
    if (!out.empty()) out += ' ';
    out += letters[static_cast<int>(token.kind)];
    out += ':' + token.text;
  }
  return out;
}

TEST(SqlLexer, KnowsWordsNamesTextsNumbersAndSigns) {
  EXPECT_EQ(tokens("Select `a b`, 'x', 1.5, :p"), "w:Select q:a b s:, t:x s:, n:1.5 s:, p:p");
  EXPECT_EQ(tokens("a.`b`.c"), "w:a s:. q:b s:. w:c");
  EXPECT_EQ(tokens("day='2026-01-01'"), "w:day s:= t:2026-01-01");
  EXPECT_EQ(tokens("größe"), "w:größe");
  EXPECT_EQ(tokens(""), "");
}

TEST(SqlLexer, ResolvesEscapes) {
  EXPECT_EQ(tokens("`a``b`"), "q:a`b");
  EXPECT_EQ(tokens(R"('it\'s')"), "t:it's");
  EXPECT_EQ(tokens(R"("say \"x\"")"), "t:say \"x\"");
  EXPECT_EQ(tokens(R"('a\\b\nc')"), "t:a\\b\nc");
  EXPECT_EQ(tokens(R"('50\%')"), R"(t:50\%)") << "kept for LIKE";
  EXPECT_EQ(tokens(R"(r'C:\new')"), R"(t:C:\new)");
}

TEST(SqlLexer, PassesComments) {
  EXPECT_EQ(tokens("show -- what\n tables"), "w:show w:tables");
  EXPECT_EQ(tokens("/* a /* b */ c */ show"), "w:show");
  EXPECT_EQ(tokens("'-- no comment'"), "t:-- no comment");
  EXPECT_EQ(tokens("show /* never ends"), "(UNCLOSED_BRACKETED_COMMENT)");
}

TEST(SqlLexer, RefusesWhatDoesNotEnd) {
  for (const char* text : {"'x", "\"x", "`x", "``", "'x\\'", "a\x01"})
    EXPECT_EQ(tokens(text), "(PARSE_SYNTAX_ERROR)") << text;
}

TEST(SqlLexer, WritesWhatItReads) {
  for (const std::string text : {"plain", "it's", "a\\b", "two\nlines", "`"}) {
    const auto read = sql_tokens(sql_text(text));
    ASSERT_TRUE(read) << text;
    EXPECT_EQ(read->front().text, text);
    const auto name = sql_tokens(in_ticks(text));
    ASSERT_TRUE(name) << text;
    EXPECT_EQ(name->front().text, text);
  }
  EXPECT_EQ(in_ticks_if_needed("orders_2"), "orders_2");
  EXPECT_EQ(in_ticks_if_needed("2orders"), "`2orders`");
  EXPECT_EQ(in_ticks_if_needed("region name"), "`region name`");
}

TEST(SqlFailures, AreWrittenAsTheServiceWritesThem) {
  EXPECT_EQ(sql_failure("SCHEMA_NOT_EMPTY", "2BP01", "Not empty.").message,
            "[SCHEMA_NOT_EMPTY] Not empty. SQLSTATE: 2BP01");
  EXPECT_EQ(sql_failure("", "", "Just a text").message, "Just a text");
  EXPECT_EQ(syntax_failure("FOO").message,
            "[PARSE_SYNTAX_ERROR] Syntax error at or near 'FOO'. SQLSTATE: 42601");
}

}  // namespace
}  // namespace twinlake::simulator
