#include "simulator/identity/scim_filter.h"

#include <gtest/gtest.h>

#include <map>

namespace twinlake::simulator {
namespace {

std::optional<bool> match(std::string_view text) {
  const std::map<std::string, std::string> ana{{"username", "Ana@contoso.example"},
                                               {"displayname", "Ana \"A\""}};
  const auto filter = ScimFilter::parse(text);
  if (!filter) throw std::runtime_error("no filter: " + std::string(text));
  return filter->matches([&](const std::string& name) -> std::optional<std::vector<std::string>> {
    const auto found = ana.find(name);
    if (found == ana.end()) return std::nullopt;
    return std::vector<std::string>{found->second};
  });
}

TEST(ScimFilter, OperatorsIgnoreCase) {
  EXPECT_EQ(match(R"(userName eq "ana@CONTOSO.example")"), true);
  EXPECT_EQ(match(R"(userName ne "ana@contoso.example")"), false);
  EXPECT_EQ(match(R"(username CO "contoso")"), true);
  EXPECT_EQ(match(R"(userName sw "contoso")"), false);
  EXPECT_EQ(match(R"(userName sw ana)"), true);
}

TEST(ScimFilter, QuotesMayBeEscaped) { EXPECT_EQ(match(R"(displayName eq "ana \"a\"")"), true); }

TEST(ScimFilter, AndBindsTighterThanOr) {
  EXPECT_EQ(match(R"(userName eq "x" and userName eq "y" or displayName sw "ana")"), true);
  EXPECT_EQ(match(R"(displayName sw "ana" or userName eq "x" and userName eq "y")"), true);
  EXPECT_EQ(match(R"(displayName sw "ana" and userName eq "x" or userName eq "y")"), false);
}

TEST(ScimFilter, UnknownAttributesAreSeenEvenWhenTheyDoNotDecide) {
  EXPECT_EQ(match(R"(userName sw "ana" or colour eq "x")"), std::nullopt);
}

TEST(ScimFilter, WhatIsNoFilter) {
  for (const char* text :
       {"", "userName", "userName eq", "userName gt \"a\"", "userName eq \"a",
        "userName eq \"a\" and", "userName eq \"a\" xor userName eq \"b\"", "\"userName\" eq 1"})
    EXPECT_FALSE(ScimFilter::parse(text)) << text;
}

}  // namespace
}  // namespace twinlake::simulator
