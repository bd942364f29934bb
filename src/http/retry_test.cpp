#include "http/retry.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "http/scripted_transport.h"

namespace twinlake::http {
namespace {

using namespace std::chrono_literals;

Result<Response> answer(int status, std::string body = "{}") {
  return Response(status, std::move(body));
}

std::string error(const std::string& code, const std::string& message = "m") {
  return nlohmann::json{{"error_code", code}, {"message", message}}.dump();
}

struct TroubleRow {
  const char* name;
  Result<Response> outcome;
  Trouble expected;
};

TEST(Retry, MayI) {
  const TroubleRow rows[] = {
      {"a success", answer(200), Trouble::none},
      {"a success that talks of limits", answer(200, "REQUEST_LIMIT_EXCEEDED"), Trouble::none},
      {"a redirect", answer(302), Trouble::none},
      {"bad request", answer(400, error("INVALID_PARAMETER_VALUE")), Trouble::none},
      {"forbidden", answer(403), Trouble::none},
      {"rights not spread yet", answer(403, error("PERMISSION_NOT_PROPAGATED")),
       Trouble::not_begun},
      {"absent", answer(404), Trouble::none},
      {"exists", answer(409, error("RESOURCE_ALREADY_EXISTS")), Trouble::none},
      {"aborted", answer(409, error("ABORTED")), Trouble::unavailable},
      {"lock", answer(409, error("COULD_NOT_ACQUIRE_LOCK")), Trouble::unavailable},
      {"throttled", answer(429), Trouble::throttled},
      {"a quota of objects", answer(429, error("QUOTA_EXCEEDED")), Trouble::none},
      {"SCIM throttled with 500", answer(500, error("REQUEST_LIMIT_EXCEEDED")), Trouble::throttled},
      {"no worker yet", answer(400, error("BAD_REQUEST", "Unknown worker environment 7")),
       Trouble::not_begun},
      {"cluster not ready, API 1.2", answer(500, R"({"error":"ClusterNotReadyException: x"})"),
       Trouble::not_begun},
      {"timed out within", answer(400, error("BAD_REQUEST", "Timed out after 60 s")),
       Trouble::server_failed},
      {"internal", answer(500, error("INTERNAL_ERROR")), Trouble::server_failed},
      {"500 that says why", answer(500, error("FEATURE_DISABLED")), Trouble::none},
      {"not implemented", answer(501), Trouble::none},
      {"bad gateway", answer(502, "<html><title>502</title></html>"), Trouble::server_failed},
      {"unavailable", answer(503), Trouble::unavailable},
      {"gateway timeout", answer(504, ""), Trouble::server_failed},
      {"did not arrive", fail(Fault::network, "x"), Trouble::not_sent},
      {"in doubt", fail(Fault::in_doubt, "x"), Trouble::none},
      {"full disk", fail(Fault::io, "x"), Trouble::none},
      {"stopped", fail(Fault::cancelled, "x"), Trouble::none},
  };
  for (const auto& row : rows) EXPECT_EQ(trouble_of(row.outcome), row.expected) << row.name;
}

struct SafetyRow {
  const char* name;
  Trouble trouble;
  bool reads;
  bool creates;
};

TEST(Retry, IsItSafe) {
  const SafetyRow rows[] = {
      {"nothing to repeat", Trouble::none, false, false},
      {"refused by a limit: no work was done", Trouble::throttled, true, true},
      {"could not begin", Trouble::not_begun, true, true},
      {"unavailable may have begun", Trouble::unavailable, true, false},
      {"failed midway", Trouble::server_failed, true, false},
      {"did not arrive", Trouble::not_sent, true, true},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(is_safe_to_repeat(row.trouble, Repeat::safe), row.reads) << row.name;
    EXPECT_EQ(is_safe_to_repeat(row.trouble, Repeat::unsafe), row.creates) << row.name;
  }
}

struct AskedRow {
  const char* name;
  std::string header;
  std::string body;
  std::optional<Micros> expected;
};

TEST(Retry, WhatTheServiceAskedFor) {
  const Time now(std::chrono::sys_days(std::chrono::year(2026) / 1 / 1));
  const std::string info =
      R"({"error_code":"X","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retry_delay":"3.5s"}]})";
  const AskedRow rows[] = {
      {"nothing", "", "{}", std::nullopt},
      {"seconds", "7", "{}", Micros(7s)},
      {"zero", "0", "{}", Micros(0)},
      {"a date", "Thu, 01 Jan 2026 00:00:30 GMT", "{}", Micros(30s)},
      {"a date gone by", "Wed, 31 Dec 2025 23:00:00 GMT", "{}", Micros(0)},
      {"a year beyond counting", "Thu, 16 Nov 1600000000 20:00:00 GMT", "{}", Micros(24h)},
      {"no number", "soon", "{}", std::nullopt},
      {"negative", "-5", "{}", Micros(0)},
      {"absurd", "99999999999", "{}", Micros(24h)},
      {"RetryInfo", "", info, Micros(3500ms)},
      {"the larger of both", "2", info, Micros(3500ms)},
  };
  for (const auto& row : rows) {
    Response response(429, row.body);
    if (!row.header.empty()) response.headers.emplace_back("retry-after", row.header);
    EXPECT_EQ(asked_delay(response, now), row.expected) << row.name;
  }
}

TEST(Retry, HowLong) {
  const RetryOptions options;
  EXPECT_EQ(delay_before_retry(1, std::nullopt, 0, options), Micros(500ms));
  EXPECT_LT(delay_before_retry(1, std::nullopt, 0.999, options), Micros(1s));
  EXPECT_EQ(delay_before_retry(3, std::nullopt, 0, options), Micros(2s));
  EXPECT_EQ(delay_before_retry(60, std::nullopt, 0, options), Micros(10s));
  EXPECT_EQ(delay_before_retry(1, Micros(30s), 0, options), Micros(30s)) << "never below the floor";
  EXPECT_LE(delay_before_retry(9, Micros(30s), 0.999, options), Micros(31s));
  EXPECT_GE(delay_before_retry(1, Micros(0), 0.5, options), Micros(500ms))
      << "a floor of zero is no hurry";
}

class RetryingTest : public ::testing::Test {
 protected:
  Result<Response> send(Request request) { return loop.run(retrying.send(std::move(request))); }
  Micros passed() const { return loop.now() - started; }

  Loop loop{Loop::Clock::virtual_time};
  ScriptedTransport wire{loop};
  RetryingTransport retrying{loop, wire};
  Time started = loop.now();
};

TEST_F(RetryingTest, ReadsUntilItWorks) {
  wire.then_fail(Fault::network).then(503).then(502).then(200, "[1]");
  const auto result = send(Request::get("/x"));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->body, "[1]");
  EXPECT_EQ(wire.seen.size(), 4U);
}

TEST_F(RetryingTest, RetryAfterIsAFloor) {
  wire.then(429, "{}", {{"Retry-After", "40"}}).then(200);
  ASSERT_TRUE(send(Request::get("/x")));
  EXPECT_GE(passed(), Micros(40s));
  EXPECT_LE(passed(), Micros(41s));
}

TEST_F(RetryingTest, ACreateIsRepeatedAfterARefusalOnly) {
  wire.then(429).then_fail(Fault::network).then(200);
  ASSERT_TRUE(send(Request::post("/x", "{}")));
  EXPECT_EQ(wire.seen.size(), 3U);
}

TEST_F(RetryingTest, ACreateThatMayHaveBeenDoneIsInDoubt) {
  for (const int status : {500, 502, 503, 504, 408}) {
    wire.always([status](const Request&) { return answer(status); });
    wire.seen.clear();
    const auto result = send(Request::post("/x", "{}"));
    ASSERT_FALSE(result) << status;
    EXPECT_EQ(result.error().fault, Fault::in_doubt) << status;
    EXPECT_EQ(result.error().status, status);
    EXPECT_EQ(wire.seen.size(), 1U) << status;
  }
}

TEST_F(RetryingTest, A503IsInDoubtEvenWithRetryAfter) {
  wire.then(503, "{}", {{"Retry-After", "1"}}).then(200);
  EXPECT_EQ(send(Request::post("/x", "{}")).error().fault, Fault::in_doubt);
}

TEST_F(RetryingTest, OtherStatusesArePassedOn) {
  wire.then(404, error("RESOURCE_DOES_NOT_EXIST"));
  const auto result = send(Request::get("/x"));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->status, 404);
}

TEST_F(RetryingTest, TroubleEndsAtItsBudgetAndTellsTheAttempts) {
  wire.then(503);
  const auto result = send(Request::get("/x"));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().fault, Fault::unavailable);
  EXPECT_EQ(result.error().attempts, static_cast<int>(wire.seen.size()));
  EXPECT_GT(result.error().attempts, 10);
  EXPECT_LE(passed(), Micros(5min));
  EXPECT_GE(passed(), Micros(4min));
}

TEST_F(RetryingTest, ABrokenObjectDoesNotHoldUpARun) {
  wire.then(500, error("INTERNAL_ERROR"));
  const auto result = send(Request::get("/x"));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().fault, Fault::unavailable);
  EXPECT_EQ(result.error().attempts, 6);
  EXPECT_LE(passed(), Micros(1min));
}

TEST_F(RetryingTest, ThrottlingSlowsButDoesNotLose) {
  int left = 60;  // half an hour of refusals
  wire.always([&left](const Request&) -> Result<Response> {
    Response response(left-- > 0 ? 429 : 200, "{}");
    response.headers.emplace_back("Retry-After", "30");
    return response;
  });
  ASSERT_TRUE(send(Request::get("/x")));
  EXPECT_GE(passed(), Micros(30min));
}

TEST_F(RetryingTest, ThrottlingForEverEnds) {
  wire.then(429, "{}", {{"Retry-After", "600"}});
  const auto result = send(Request::get("/x"));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().fault, Fault::throttled);
}

TEST_F(RetryingTest, ErrorsOfTheWireCarryTheAttempts) {
  wire.then_fail(Fault::network).then_fail(Fault::in_doubt);
  const auto result = send(Request::post("/x", "{}"));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().fault, Fault::in_doubt);
  EXPECT_EQ(result.error().attempts, 2);
}

}  // namespace
}  // namespace twinlake::http
