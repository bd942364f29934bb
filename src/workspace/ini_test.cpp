#include "workspace/ini.h"

#include <gtest/gtest.h>

namespace twinlake::workspace {
namespace {

struct ValueRow {
  const char* name;
  std::string line;
  std::string expected;
};

TEST(Ini, Values) {
  const std::string long_value(5000, 'x');
  const ValueRow rows[] = {
      {"equals", "k=v", "v"},
      {"colon", "k: v", "v"},
      {"blanks", "  k \t=  v  ", "v"},
      {"a URL", "k = https://x.y/?o=1", "https://x.y/?o=1"},
      {"a URL after a colon", "k: https://x.y", "https://x.y"},
      {"empty", "k =", ""},
      {"a token with #", "k = abc#def", "abc#def"},
      {"a comment", "k = abc # def", "abc"},
      {"only a comment", "k = # def", ""},
      {"; is no comment", "k = abc ; def", "abc ; def"},
      {"double quotes", "k = \"a # b\"", "a # b"},
      {"single quotes", "k = 'a b ' # c", "a b "},
      {"an open quote is text", "k = \"abc", "\"abc"},
      {"quotes inside are text", "k = \"a\" and \"b\"", "\"a\" and \"b\""},
      {"a long value", "k = " + long_value, long_value},
      {"carriage return", "k = v\r", "v"},
  };
  for (const ValueRow& row : rows) {
    const auto file = parse_ini("[s]\n" + row.line + "\n");
    ASSERT_TRUE(file) << row.name;
    const std::string* const value = file->find("s")->find("k");
    ASSERT_NE(value, nullptr) << row.name;
    EXPECT_EQ(*value, row.expected) << row.name;
  }
}

TEST(Ini, Sections) {
  const auto file = parse_ini(
      "\xEF\xBB\xBFhost = a\n[ Prod.east ] # note\r\nhost = b\n\n; c\n# "
      "d\n[prod.east]\nhost=c\n[Prod.east]\nx=1\nhost=d");
  ASSERT_TRUE(file);
  ASSERT_EQ(file->sections.size(), 3U);
  EXPECT_EQ(*file->find("DEFAULT")->find("host"), "a");
  EXPECT_EQ(*file->find("Prod.east")->find("host"), "d")
      << "sections of one name are one, the last value counts";
  EXPECT_EQ(*file->find("Prod.east")->find("x"), "1");
  EXPECT_EQ(*file->find("prod.east")->find("host"), "c");
  EXPECT_EQ(file->find("PROD.EAST"), nullptr);
}

TEST(Ini, EmptyFiles) {
  for (const char* text : {"", "\n\n", "\xEF\xBB\xBF", "# only\n"})
    EXPECT_TRUE(parse_ini(text)->sections.empty());
}

TEST(Ini, ErrorsNameTheLineAndNotItsContent) {
  for (const char* bad :
       {"[open", "[]", "[ ]", "[s] rest dapi1", "dapi1 without delimiter", "= dapi1"}) {
    const auto file = parse_ini(std::string("[ok]\nk = v\n") + bad);
    ASSERT_FALSE(file) << bad;
    EXPECT_EQ(file.error().fault, Fault::config);
    EXPECT_TRUE(file.error().message.starts_with("line 3: ")) << file.error().message;
    EXPECT_EQ(file.error().message.find("dapi1"), std::string::npos);
  }
}

}  // namespace
}  // namespace twinlake::workspace
