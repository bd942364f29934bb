#include "azure/arm.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "azure/connection.h"
#include "http/scripted_transport.h"

namespace twinlake::azure {
namespace {

using http::Request;
using http::Response;
using http::ScriptedTransport;
using nlohmann::json;

constexpr const char* arm_host = "https://management.azure.com";

class ArmTest : public ::testing::Test {
 protected:
  ArmTest() {
    wire.always([](const http::Request&) -> Result<http::Response> {
      return fail(Fault::bug, "asked more often than the test says");
    });
  }
  static auto forever(int status, std::string body) {
    return [=](const http::Request&) -> Result<http::Response> {
      return http::Response(status, body);
    };
  }
  std::string error_of(Task<Result<json>> task) {
    auto done = loop.run(std::move(task));
    return done ? "none" : describe(done.error());
  }
  Loop loop{Loop::Clock::virtual_time};
  ScriptedTransport wire{loop};
  Arm arm{loop, wire, arm_host};
};

TEST_F(ArmTest, AsksForAResource) {
  wire.then(200, R"({"id":"/subscriptions/s/x"})");
  const auto got = loop.run(arm.get("/subscriptions/s/x", "2026-01-01"));
  ASSERT_TRUE(got) << describe(got.error());
  EXPECT_EQ((*got)["id"], "/subscriptions/s/x");
  EXPECT_EQ(http::encode_query(wire.seen[0].query), "api-version=2026-01-01");
  EXPECT_NE(http::find_header(wire.seen[0].headers, "x-ms-client-request-id"), nullptr);
}

TEST_F(ArmTest, TellsAbsenceFromNotBeingAllowedToSee) {
  wire.then(404, R"({"error":{"code":"ResourceNotFound","message":"gone"}})");
  const auto absent = loop.run(arm.find("/subscriptions/s/x", "1"));
  ASSERT_TRUE(absent);
  EXPECT_FALSE(*absent);
  wire.then(403, R"({"error":{"code":"AuthorizationFailed","message":"no"}})");
  EXPECT_EQ(loop.run(arm.find("/x", "1")).error().fault, Fault::forbidden);
  wire.then(404, R"({"error":{"code":"SubscriptionNotFound","message":"no"}})");
  EXPECT_EQ(loop.run(arm.find("/x", "1")).error().fault, Fault::forbidden);
}

TEST_F(ArmTest, ErrorsCarryWhatTheServiceSaid) {
  wire.then(400,
            R"({"error":{"code":"InvalidTemplate","message":"wrong","target":"sku",
                "details":[{"code":"X","message":"too small"}]}})",
            {{"x-ms-request-id", "r-1"}});
  const std::string text = error_of(arm.get("/x", "1"));
  EXPECT_NE(text.find("wrong (sku); X: too small"), std::string::npos) << text;
  EXPECT_NE(text.find("InvalidTemplate"), std::string::npos) << text;
  EXPECT_NE(text.find("r-1"), std::string::npos) << text;
  wire.then(409, R"({"error":{"code":"MissingSubscriptionRegistration","message":"not"}})");
  EXPECT_EQ(loop.run(arm.get("/x", "1")).error().fault, Fault::disabled);
}

TEST_F(ArmTest, ListsAllPagesAndFollowsLinksAsTheyAre) {
  wire.then(200, R"({"value":[{"n":1}],
      "nextLink":"https://management.azure.com/subscriptions/s/y?api-version=1&t=a+b%2Fc"})");
  wire.then(200, R"({"value":[],"nextLink":"https://MANAGEMENT.azure.com:443/z?p=2"})");
  wire.then(200, R"({"value":[{"n":2}]})");
  const auto all = loop.run(arm.list("/subscriptions/s/y", "1"));
  ASSERT_TRUE(all) << describe(all.error());
  EXPECT_EQ(all->size(), 2U);
  EXPECT_EQ(wire.seen[1].path, "/subscriptions/s/y");
  EXPECT_EQ(wire.seen[1].raw_query, "api-version=1&t=a+b%2Fc")
      << "a query that would not survive being taken apart stays as it came";
  EXPECT_EQ(wire.seen[2].path, "/z");
}

TEST_F(ArmTest, AListIsWholeOrAnError) {
  wire.then(200, R"({"value":[],"nextLink":"https://elsewhere.example/y"})");
  EXPECT_EQ(loop.run(arm.list("/y", "1")).error().fault, Fault::bad_answer);
  wire.then(200, R"({"value":[],"nextLink":"/y?p=1"})").then(200, R"({"nextLink":"/y?p=1"})");
  EXPECT_EQ(loop.run(arm.list("/y", "1")).error().fault, Fault::bad_answer) << "a circle";
  wire.then(200, R"({"value":7})");
  EXPECT_EQ(loop.run(arm.list("/y", "1")).error().fault, Fault::bad_answer);
  EXPECT_EQ(wire.seen.size(), 4U) << "the token never went to the other host";
}

TEST_F(ArmTest, ABareArrayIsAList) {
  wire.then(200, R"([{"category":"a"},{"category":"b"}])");
  const auto all = loop.run(arm.list("/y", "1"));
  ASSERT_TRUE(all);
  EXPECT_EQ(all->size(), 2U);
}

TEST_F(ArmTest, SaysWhatMayBeRepeated) {
  wire.always(forever(200, "{}"));
  json body = json::object();
  static_cast<void>(loop.run(arm.put("/x", "1", body)));
  static_cast<void>(loop.run(arm.post("/x/failover", "1", json())));
  static_cast<void>(loop.run(arm.ask("/x/checkNameAvailability", "1", body)));
  EXPECT_EQ(wire.seen[0].repeat, http::Repeat::safe);
  EXPECT_EQ(wire.seen[0].effect, http::Effect::writes);
  EXPECT_EQ(wire.seen[1].repeat, http::Repeat::unsafe);
  EXPECT_TRUE(wire.seen[1].body.empty());
  EXPECT_EQ(wire.seen[2].effect, http::Effect::reads);
}

TEST_F(ArmTest, WhatIsAbsentIsRemoved) {
  wire.then(404, R"({"error":{"code":"ResourceNotFound","message":""}})");
  const auto gone = loop.run(arm.remove("/x", "1"));
  ASSERT_TRUE(gone);
  EXPECT_TRUE(gone->finished());
}

TEST(ArmIds, AreComparedWithoutCase) {
  EXPECT_TRUE(same_id("/subscriptions/A/resourceGroups/b", "/SUBSCRIPTIONS/a/resourcegroups/B"));
  EXPECT_FALSE(same_id("/a", "/a/b"));
}

/// Passes on to a ScriptedTransport that the test keeps.
class Lent final : public http::Transport {
 public:
  explicit Lent(http::Transport& inner) : inner_(inner) {}
  Task<Result<Response>> send(Request request) override { return inner_.send(std::move(request)); }

 private:
  http::Transport& inner_;
};

class NoCredentials final : public workspace::Credentials {
 public:
  Task<Result<http::Headers>> headers() override { co_return http::Headers(); }
  bool refused(const http::Headers&) override { return false; }
};

TEST_F(ArmTest, OneThatIsThrottledHoldsUpTheWholeLane) {
  wire.then(429, "{}", {{"x-ms-retry-after-ms", "16500"}}).then(200);
  ArmConnection connection(loop, std::make_unique<Lent>(wire), std::make_unique<NoCredentials>(),
                           ArmOptions());
  const Time begin = loop.now();
  ASSERT_TRUE(loop.run(connection.arm().get("/x", "1")));
  EXPECT_GE(wire.times[1] - begin, std::chrono::seconds(17)) << "milliseconds are rounded up";
}

TEST_F(ArmTest, AConnectionThatReadsDoesNotWrite) {
  wire.then(200);
  ArmConnection connection(loop, std::make_unique<Lent>(wire), std::make_unique<NoCredentials>(),
                           ArmOptions());
  EXPECT_EQ(loop.run(connection.arm().remove("/x", "1")).error().fault, Fault::refused);
  EXPECT_TRUE(wire.seen.empty());
}

}  // namespace
}  // namespace twinlake::azure
