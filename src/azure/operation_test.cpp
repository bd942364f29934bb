#include "azure/operation.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "azure/arm.h"
#include "http/scripted_transport.h"

namespace twinlake::azure {
namespace {

using namespace std::chrono_literals;
using http::Headers;
using http::ScriptedTransport;
using nlohmann::json;

constexpr const char* polled_host = "https://management.azure.com";
constexpr const char* status_url = "https://management.azure.com/ops/1?api-version=1&t=x";
constexpr const char* location_url = "https://management.azure.com/results/1?api-version=1";
constexpr const char* resource =
    R"({"id":"/x","properties":{"provisioningState":"Succeeded"},"found":true})";

class OperationTest : public ::testing::Test {
 protected:
  OperationTest() {
    wire.always([](const http::Request&) -> Result<http::Response> {
      return fail(Fault::bug, "asked more often than the test says");
    });
  }
  static auto forever(int status, std::string body) {
    return [=](const http::Request&) -> Result<http::Response> {
      return http::Response(status, body);
    };
  }
  Result<json> put(Patience patience = {}) {
    json body = json::object();
    auto begun = loop.run(arm.put("/x", "1", body));
    if (!begun) return fail(begun.error());
    return loop.run(complete(arm, *begun, std::move(patience)));
  }
  Result<json> post() {
    auto begun = loop.run(arm.post("/x/do", "1", json()));
    if (!begun) return fail(begun.error());
    return loop.run(complete(arm, *begun, Patience()));
  }
  Result<json> remove() {
    auto begun = loop.run(arm.remove("/x", "1"));
    if (!begun) return fail(begun.error());
    return loop.run(complete(arm, *begun, Patience()));
  }
  std::vector<std::string> paths() const {
    std::vector<std::string> all;
    for (const auto& request : wire.seen) all.push_back(request.path);
    return all;
  }
  static Headers both() {
    return {{"Azure-AsyncOperation", status_url}, {"Location", location_url}};
  }
  Loop loop{Loop::Clock::virtual_time};
  ScriptedTransport wire{loop};
  Arm arm{loop, wire, polled_host};
};

TEST_F(OperationTest, WhoStopsDoesNotWaitForTheEndOfAPause) {
  Headers headers = both();
  headers.emplace_back("Retry-After", "600");
  wire.then(202, "", headers);
  const Time start = loop.now();
  Patience patience;
  patience.stop = [&] { return loop.now() - start >= 3s; };
  const auto stopped = put(std::move(patience));
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().fault, Fault::cancelled);
  EXPECT_LT(loop.now() - start, 5s);
}

TEST_F(OperationTest, APostThatNobodyCanFollowIsNoSuccess) {
  wire.then(202, "", {{"Location", "https://elsewhere.example/results/1"}});
  const auto posted = post();
  ASSERT_FALSE(posted);
  EXPECT_EQ(posted.error().fault, Fault::in_doubt) << describe(posted.error());
}

TEST_F(OperationTest, AnAnswerThatIsDoneIsDone) {
  wire.then(200, resource);
  EXPECT_EQ((*put())["found"], true);
  wire.then(201, R"({"id":"/x","properties":{}})");
  EXPECT_TRUE(put()) << "no provisioningState is a success";
  EXPECT_EQ(wire.seen.size(), 2U);
}

TEST_F(OperationTest, TheStatusUrlWinsAndTheResourceIsReadAtTheEnd) {
  wire.then(202, "", both());
  wire.then(200, R"({"status":"Running","percentComplete":40})", {{"Retry-After", "30"}});
  wire.then(200, R"({"status":"Succeeded"})");
  wire.then(200, resource);
  const auto done = put();
  ASSERT_TRUE(done) << describe(done.error());
  EXPECT_EQ((*done)["found"], true);
  EXPECT_EQ(paths(), (std::vector<std::string>{"/x", "/ops/1", "/ops/1", "/x"}));
  EXPECT_EQ(wire.times[2] - wire.times[1], 30s) << "Retry-After is a floor";
  EXPECT_EQ(wire.times[1] - wire.times[0], 10s);
}

TEST_F(OperationTest, LocationAloneEndsWithAnythingButAccepted) {
  wire.then(202, "", {{"Location", location_url}, {"Retry-After", "5"}});
  wire.then(202, "").then(204, "");
  wire.then(200, resource);
  const auto done = put();
  ASSERT_TRUE(done) << describe(done.error());
  EXPECT_EQ(paths(), (std::vector<std::string>{"/x", "/results/1", "/results/1", "/x"}));
}

TEST_F(OperationTest, WithoutAnyUrlTheResourceIsAsked) {
  wire.then(201, R"({"properties":{"provisioningState":"Creating"}})");
  wire.then(404, R"({"error":{"code":"ResourceNotFound","message":"not yet"}})");
  wire.then(200, R"({"id":"/x","properties":{"provisioningState":"Accepted"}})");
  wire.then(200, resource);
  const auto done = put();
  ASSERT_TRUE(done) << describe(done.error());
  EXPECT_EQ((*done)["found"], true);
  EXPECT_EQ(wire.seen.size(), 4U);
}

TEST_F(OperationTest, AStatusThatCannotBeReadIsNoFailure) {
  wire.then(202, "", both());
  wire.then(404, "{}").then(500, "").then(429, "{}", {{"Retry-After", "20"}});
  wire.then_fail(Fault::network).then(503, "");
  wire.then(200, "");
  wire.then(200, resource);
  const auto done = put();
  ASSERT_TRUE(done) << describe(done.error());
  EXPECT_EQ(wire.times[4] - wire.times[3], 20s);
}

TEST_F(OperationTest, OneThatIsNeverReadIsInDoubt) {
  wire.then(202, "", both());
  wire.always(forever(500, R"({"error":{"code":"Broken","message":"ill"}})"));
  const auto done = put();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().fault, Fault::in_doubt);
  EXPECT_NE(done.error().message.find("ill"), std::string::npos);
}

TEST_F(OperationTest, FailuresAndCancellationsCarryTheReason) {
  wire.then(202, "", both());
  wire.then(200, R"({"status":"Failed","error":{"code":"QuotaExceeded","message":"8 of 10"}})");
  const auto failed = put();
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().service_code, "QuotaExceeded");
  EXPECT_NE(failed.error().message.find("8 of 10"), std::string::npos);
  wire.then(202, "", both());
  wire.then(200, R"({"status":"cancelled"})");
  EXPECT_NE(put().error().message.find("cancelled"), std::string::npos);
  wire.then(202, "", {{"Location", location_url}});
  wire.then(409, R"({"error":{"code":"Conflict","message":"busy"}})");
  EXPECT_EQ(put().error().service_code, "Conflict");
}

TEST_F(OperationTest, AResourceInPlaceOfAStatusIsUnderstood) {
  wire.then(201, R"({"properties":{"provisioningState":"Creating"}})", both());
  wire.then(200, R"({"id":"/x","properties":{"provisioningState":"Updating"}})");
  wire.then(200, resource);
  wire.then(200, resource);
  ASSERT_TRUE(put());
  EXPECT_EQ(wire.seen.size(), 4U);
}

TEST_F(OperationTest, EachAnswerMayMoveTheUrl) {
  wire.then(202, "", {{"Location", location_url}});
  wire.then(202, "", {{"Location", "https://management.azure.com/results/2"}});
  wire.then(200, "{}").then(200, resource);
  ASSERT_TRUE(put());
  EXPECT_EQ(paths(), (std::vector<std::string>{"/x", "/results/1", "/results/2", "/x"}));
}

TEST_F(OperationTest, AUrlOnAnotherHostIsNotFollowed) {
  wire.then(202, "", {{"Azure-AsyncOperation", "https://elsewhere.example/ops/1"}});
  wire.then(200, resource);
  ASSERT_TRUE(put());
  EXPECT_EQ(paths(), (std::vector<std::string>{"/x", "/x"}));
}

TEST_F(OperationTest, APostGivesItsResult) {
  wire.then(202, "", both());
  wire.then(200, R"({"status":"Succeeded"})");
  wire.then(200, R"({"result":7})");
  EXPECT_EQ((*post())["result"], 7);
  wire.then(200, R"({"keys":[]})");
  EXPECT_TRUE(post()->contains("keys")) << "at once";
  wire.then(202, "", {{"Location", location_url}}).then(200, R"({"result":8})");
  EXPECT_EQ((*post())["result"], 8);
}

TEST_F(OperationTest, ADeleteEndsWhenTheResourceIsGone) {
  wire.then(202, "").then(200, resource).then(404, "{}");
  EXPECT_TRUE(remove());
  EXPECT_EQ(wire.seen.size(), 3U);
  wire.then(204, "");
  EXPECT_TRUE(remove());
}

TEST_F(OperationTest, AnotherProcessGoesOn) {
  wire.then(202, "", both());
  wire.then(200, R"({"status":"Running"})");
  std::vector<json> kept;
  Patience patience;
  patience.watch = [&](const Operation& operation) { kept.push_back(to_json(operation)); };
  patience.stop = [&] { return kept.size() == 2; };
  EXPECT_EQ(put(patience).error().fault, Fault::cancelled);
  const auto restored = operation_from(json::parse(kept.back().dump()));
  ASSERT_TRUE(restored) << describe(restored.error());
  ScriptedTransport later(loop);
  later.then(200, R"({"status":"Succeeded"})").then(200, resource);
  Arm again(loop, later, polled_host);
  ASSERT_TRUE(loop.run(complete(again, *restored, Patience())));
  EXPECT_EQ(http::encode_query(later.seen[0].query), "api-version=1&t=x");
}

TEST_F(OperationTest, WhatWasKeptIsReadWithCare) {
  for (const char* const text : {"7", "{}", R"({"verb":"PUT","path":"/x"})"})
    EXPECT_FALSE(operation_from(json::parse(text))) << text;
}

TEST_F(OperationTest, PatienceEnds) {
  wire.then(202, "", both()).always(forever(200, R"({"status":"Running"})"));
  Patience patience;
  patience.limit = 5min;
  EXPECT_EQ(put(patience).error().fault, Fault::in_doubt);
}

}  // namespace
}  // namespace twinlake::azure
