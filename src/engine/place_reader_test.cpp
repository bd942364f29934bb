#include "engine/place_reader.h"

#include <gtest/gtest.h>

#include <set>

#include "http/scripted_transport.h"

namespace twinlake::engine {
namespace {

using nlohmann::json;
using workspace::Item;
using workspace::Workspace;

Task<Result<std::vector<json>>> list(Workspace& side, std::string place) {
  http::Request request = http::Request::get("/list");
  request.with_query("path", std::move(place));
  CO_TRY(json answer, co_await side.call(std::move(request)));
  co_return answer.get<std::vector<json>>();
}

constexpr model::Kind file = [] {
  model::Kind kind;
  kind.name = "page";
  kind.list_place_verb = list;
  kind.id_at = "/id";
  kind.key_at = "/path";
  kind.key_is_path = true;
  return kind;
}();
constexpr const model::Kind* shown_kinds[] = {&file};

/// A service that shows what was put into it, each thing from a certain moment on.
class PlaceReaderTest : public testing::Test {
 protected:
  PlaceReaderTest() {
    wire_.always([this](const http::Request&) -> Result<http::Response> {
      json shown = json::array();
      for (const auto& [path, from] : there_)
        if (loop_.now() >= from) shown.push_back({{"id", "id of " + path}, {"path", path}});
      return http::Response(200, shown.dump());
    });
  }

  Task<void> write(std::string path, Micros takes, Micros shown_after = Micros(0)) {
    co_await loop_.sleep(takes);
    there_[path] = loop_.now() + shown_after;
    auto found = co_await reader_.show(file, path);
    shown_.insert(found ? std::string(found->id) : describe(found.error()));
    last_ = loop_.now();
  }

  Task<void> write_all(int count, Micros apart, Micros shown_after = Micros(0)) {
    TaskGroup writers(loop_);
    for (int i = 0; i < count; ++i) reader_.expect(file, "/a/" + std::to_string(i));
    for (int i = 0; i < count; ++i) writers.start(write("/a/" + std::to_string(i), i * apart, shown_after));
    co_await writers.join();
    co_await reader_.finish();
  }

  Task<void> write_one_and_fail_another() {
    TaskGroup group(loop_);
    group.start(write("/a/1", Millis(1)));
    co_await loop_.sleep(Millis(2));
    reader_.give_up(file, "/a/2");
    co_await group.join();
    co_await reader_.finish();
  }

  Loop loop_{Loop::Clock::virtual_time};
  http::ScriptedTransport wire_{loop_};
  Workspace side_{loop_, model::Side::away, wire_, {}, "/tmp"};
  PlaceReader reader_{loop_, side_, shown_kinds};
  std::map<std::string, Time> there_;
  std::multiset<std::string> shown_;
  Time last_{};
};

TEST_F(PlaceReaderTest, OneListingShowsAllThatWereWrittenTogether) {
  loop_.run(write_all(50, Micros(100)));
  EXPECT_EQ(shown_.size(), 50U);
  EXPECT_TRUE(shown_.contains("id of /a/17"));
  EXPECT_EQ(wire_.seen.size(), 1U);
}

TEST_F(PlaceReaderTest, ALongSeriesIsShownInBetweenButSeldom) {
  const Time started = loop_.now();
  loop_.run(write_all(1000, Millis(33)));
  EXPECT_EQ(shown_.size(), 1000U);
  EXPECT_LE(wire_.seen.size(), 12U);
  EXPECT_LE(last_ - started, Millis(33 * 1000 + 200)) << "the last one need not wait for anybody";
}

TEST_F(PlaceReaderTest, WhatFailedIsNotWaitedFor) {
  reader_.expect(file, "/a/1");
  reader_.expect(file, "/a/2");
  const Time started = loop_.now();
  loop_.run(write_one_and_fail_another());
  EXPECT_EQ(shown_, std::multiset<std::string>{"id of /a/1"});
  EXPECT_LE(last_ - started, Millis(3));
}

TEST_F(PlaceReaderTest, WhatShowsLateIsLookedForAgain) {
  loop_.run(write_all(3, Millis(1), std::chrono::seconds(2)));
  EXPECT_EQ(shown_, (std::multiset<std::string>{"id of /a/0", "id of /a/1", "id of /a/2"}));
}

TEST_F(PlaceReaderTest, WhatNeverShowsIsSaidToBeMissing) {
  loop_.run(write_all(1, Millis(1), std::chrono::hours(1)));
  ASSERT_EQ(shown_.size(), 1U);
  EXPECT_NE(shown_.begin()->find("does not list it"), std::string::npos);
}

TEST_F(PlaceReaderTest, AnErrorReachesEachThatWaits) {
  wire_.always([](const http::Request&) -> Result<http::Response> { return http::Response(403, "{}"); });
  loop_.run(write_all(2, Millis(1)));
  ASSERT_EQ(shown_.size(), 2U);
  EXPECT_EQ(shown_.count(*shown_.begin()), 2U);
  EXPECT_NE(shown_.begin()->find("403"), std::string::npos);
}

}  // namespace
}  // namespace twinlake::engine
