#include "http/pager.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "http/scripted_transport.h"

namespace twinlake::http {
namespace {

using nlohmann::json;

class PagerTest : public ::testing::Test {
 protected:
  Result<std::vector<json>> list(PageStyle style, const std::string& items = "/jobs") {
    return loop.run(
        list_all(wire, Request::get("/api/list").with_query("limit", "2"), style, items));
  }
  std::string query(std::size_t request) const { return encode_query(wire.seen.at(request).query); }

  Loop loop{Loop::Clock::virtual_time};
  ScriptedTransport wire{loop};
};

TEST_F(PagerTest, OnePage) {
  wire.then(200, R"({"jobs":[1,2]})");
  EXPECT_EQ(list(PageStyle::none)->size(), 2U);
  EXPECT_EQ(wire.seen.size(), 1U);
}

TEST_F(PagerTest, AListWithoutPagesMustNotPromiseMore) {
  for (const char* answer : {R"({"next_page_token":"t"})", R"({"jobs":[1],"has_more":true})"}) {
    wire.then(200, answer);
    const auto listed = list(PageStyle::none);
    ASSERT_FALSE(listed) << answer;
    EXPECT_EQ(listed.error().fault, Fault::bad_answer) << answer;
  }
}

TEST_F(PagerTest, AScimAnswerThatSaysNoNumberIsNoEmptyList) {
  wire.then(200, "{}");
  EXPECT_EQ(list(PageStyle::scim).error().fault, Fault::bad_answer);
}

TEST_F(PagerTest, AMissingArrayIsEmpty) {
  wire.then(200, "{}");
  EXPECT_TRUE(list(PageStyle::none)->empty());
}

TEST_F(PagerTest, TheAnswerItselfMayBeTheArray) {
  wire.then(200, "[1,2,3]");
  EXPECT_EQ(list(PageStyle::none, "")->size(), 3U);
}

TEST_F(PagerTest, OnlyTheTokenEndsAListing) {
  wire.then(200, R"({"jobs":[1],"next_page_token":"a b"})")
      .then(200, R"({"next_page_token":"c"})")
      .then(200, R"({"jobs":[2],"next_page_token":""})");
  EXPECT_EQ(list(PageStyle::token)->size(), 2U);
  EXPECT_EQ(query(0), "limit=2");
  EXPECT_EQ(query(1), "limit=2&page_token=a%20b");
  EXPECT_EQ(query(2), "limit=2&page_token=c");
}

TEST_F(PagerTest, ReposUseTheSameNameBothWays) {
  wire.then(200, R"({"jobs":[1],"next_page_token":"t"})").then(200, R"({"jobs":[2]})");
  EXPECT_EQ(list(PageStyle::repos_token)->size(), 2U);
  EXPECT_EQ(query(1), "limit=2&next_page_token=t");
}

TEST_F(PagerTest, ARepeatedTokenIsAnErrorAndNotALoop) {
  wire.then(200, R"({"jobs":[1],"next_page_token":"t"})");
  const auto result = list(PageStyle::token);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().fault, Fault::bad_answer);
  EXPECT_EQ(wire.seen.size(), 2U);
}

TEST_F(PagerTest, Scim) {
  wire.then(200, R"({"totalResults":3,"Resources":[{"id":"1"},{"id":"2"}]})")
      .then(200, R"({"totalResults":3,"Resources":[{"id":"3"}]})");
  EXPECT_EQ(list(PageStyle::scim, "/Resources")->size(), 3U);
  EXPECT_EQ(query(0), "limit=2&count=1000&startIndex=1");
  EXPECT_EQ(query(1), "limit=2&count=1000&startIndex=3");
  EXPECT_EQ(wire.seen.size(), 2U);
}

TEST_F(PagerTest, ScimPagesThatOverlapCountOnce) {
  wire.then(200, R"({"totalResults":4,"Resources":[{"id":"1"},{"id":"2"}]})")
      .then(200, R"({"totalResults":4,"Resources":[{"id":"2"},{"id":"3"}]})");
  EXPECT_EQ(list(PageStyle::scim, "/Resources")->size(), 3U);
}

TEST_F(PagerTest, ScimThatEndsEarlyIsIncomplete) {
  wire.then(200, R"({"totalResults":4,"Resources":[{"id":"1"}]})")
      .then(200, R"({"totalResults":4})");
  EXPECT_EQ(list(PageStyle::scim, "/Resources").error().fault, Fault::bad_answer);
}

struct BadRow {
  const char* name;
  PageStyle style;
  const char* body;
};

TEST_F(PagerTest, WhatCannotBeAWholeListing) {
  const BadRow rows[] = {
      {"promises more without a token", PageStyle::token, R"({"jobs":[1],"has_more":true})"},
      {"an object where the array should be", PageStyle::none, R"({"jobs":{}})"},
      {"a token that is no text", PageStyle::token, R"({"jobs":[1],"next_page_token":7})"},
      {"no object", PageStyle::none, R"("hello")"},
      {"an empty answer", PageStyle::none, ""},
      {"a login page", PageStyle::none, "<html>"},
  };
  for (const BadRow& row : rows) {
    ScriptedTransport own(loop);
    own.then(200, row.body);
    const auto result = loop.run(list_all(own, Request::get("/api/list"), row.style, "/jobs"));
    ASSERT_FALSE(result) << row.name;
    EXPECT_EQ(result.error().fault, Fault::bad_answer) << row.name;
  }
}

TEST_F(PagerTest, AnErrorOfALaterPageLosesTheListing) {
  wire.then(200, R"({"jobs":[1],"next_page_token":"t"})").then(403);
  EXPECT_EQ(list(PageStyle::token).error().fault, Fault::forbidden);
}

TEST_F(PagerTest, TheSinkCanEndIt) {
  wire.then(200, R"({"jobs":[1],"next_page_token":"t"})");
  const PageSink sink = [](json&) -> Result<void> { return fail(Fault::cancelled, "enough"); };
  const auto result =
      loop.run(for_each_page(wire, Request::get("/x"), PageStyle::token, "/jobs", sink));
  EXPECT_EQ(result.error().fault, Fault::cancelled);
  EXPECT_EQ(wire.seen.size(), 1U);
}

}  // namespace
}  // namespace twinlake::http
