#include "simulator/region.h"

#include <gtest/gtest.h>

#include "http/limits.h"
#include "simulator/faults.h"
#include "simulator/limiter.h"
#include "simulator/probe.h"

namespace twinlake::simulator {
namespace {

using routes::scim;

json rule(const std::string& text) { return json::parse(text); }

class RegionTest : public testing::Test {
 protected:
  void fault(const std::string& text) {
    const auto response = probe.post("/sim/faults", rule(text));
    ASSERT_EQ(response.status, 200) << response.body;
  }
  std::int64_t users() {
    return body_of(probe.get(scim + "Users?count=0"))["totalResults"].get<std::int64_t>();
  }
  http::Response add_user(const std::string& name) {
    return probe.post(scim + "Users", json::object({{"userName", name}}));
  }
  /// A small endpoint of the test's own, so that these tests depend on no service.
  void add_endpoint(const std::string& path, Handler handler) {
    probe.region().router().add(http::Method::post, path, std::move(handler));
  }
  Probe probe;
};

TEST_F(RegionTest, EveryAnswerHasARequestId) {
  EXPECT_NE(http::find_header(probe.get(scim + "Me").headers, "x-request-id"), nullptr);
  EXPECT_NE(http::find_header(probe.get("/nothing").headers, "x-request-id"), nullptr);
}

TEST_F(RegionTest, BrokenJsonIsMalformed) {
  http::Request request = probe.request(http::Method::post, scim + "Users");
  request.body = "{\"userName\":";
  request.content_type = "application/json";
  const auto response = probe.serve(request).response;
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(code_of(response), "MALFORMED_REQUEST");
}

TEST_F(RegionTest, HandlersMayStumbleOverMissingAndWrongFields) {
  add_endpoint("/api/test",
               [](Call& call) { return answer(json(call.body.at("name").get<std::string>())); });
  const auto missing = probe.post("/api/test", json::object());
  EXPECT_EQ(missing.status, 400);
  EXPECT_EQ(message_of(missing), "Missing required field: name");
  const auto wrong = probe.post("/api/test", json::object({{"name", 5}}));
  EXPECT_EQ(code_of(wrong), "INVALID_PARAMETER_VALUE");
  add_endpoint("/api/broken", [](Call&) -> http::Response { throw std::runtime_error("oh"); });
  EXPECT_EQ(code_of(probe.post("/api/broken", json::object())), "INTERNAL_ERROR");
}

TEST_F(RegionTest, CurlCallsItsJsonAForm) {
  add_endpoint("/api/test", [](Call& call) { return answer(call.body); });
  http::Request request = probe.request(http::Method::post, "/api/test", json::object({{"a", 1}}));
  request.content_type = "application/x-www-form-urlencoded";
  EXPECT_EQ(probe.serve(request).response.body, R"({"a":1})");
  request.content_type = "application/octet-stream";
  EXPECT_EQ(probe.serve(request).response.body, "null");
}

TEST_F(RegionTest, StatusFaultInsteadOfTheWork) {
  fault(
      R"({"method":"POST","path":"*/scim/v2/Users","status":503,"retry_after":7,"error_code":"X","message":"m"})");
  const auto refused = add_user("ana@contoso.example");
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(*http::find_header(refused.headers, "Retry-After"), "7");
  EXPECT_EQ(code_of(refused), "X");
  EXPECT_EQ(users(), 1);
  EXPECT_EQ(add_user("ana@contoso.example").status, 201) << "the rule fires once";
}

TEST_F(RegionTest, StatusFaultAfterTheWork) {
  fault(R"({"method":"POST","path":"*/Users","status":504,"when":"after"})");
  EXPECT_EQ(add_user("ana@contoso.example").status, 504);
  EXPECT_EQ(users(), 2);
}

TEST_F(RegionTest, RulesStartAtTheNthCallAndRepeat) {
  fault(R"({"path":"*/Me","nth":2,"times":2,"status":500})");
  std::vector<int> statuses;
  for (int i = 0; i < 4; ++i) statuses.push_back(probe.get(scim + "Me").status);
  EXPECT_EQ(statuses, (std::vector<int>{200, 500, 500, 200}));
  fault(R"({"path":"*/Me","times":0,"status":500})");
  for (int i = 0; i < 5; ++i) EXPECT_EQ(probe.get(scim + "Me").status, 500);
  probe.del("/sim/faults");
  EXPECT_EQ(probe.get(scim + "Me").status, 200);
}

TEST_F(RegionTest, DroppedAnswersAreToldApart) {
  fault(R"({"method":"POST","action":"drop"})");
  EXPECT_EQ(probe
                .serve(probe.request(http::Method::post, scim + "Users",
                                     json::object({{"userName", "a@b.c"}})))
                .delivery,
            Delivery::lost_before_work);
  EXPECT_EQ(users(), 1);
  fault(R"({"method":"POST","action":"drop","when":"after"})");
  EXPECT_EQ(add_user("ana@contoso.example").status, 0);
  EXPECT_EQ(users(), 2);
  fault(R"({"method":"POST","action":"truncate"})");
  const Outcome outcome = probe.serve(probe.request(
      http::Method::post, scim + "Users", json::object({{"userName", "bob@contoso.example"}})));
  EXPECT_EQ(outcome.delivery, Delivery::truncated);
  EXPECT_EQ(outcome.response.status, 201);
}

TEST_F(RegionTest, DelayHtmlAndExpiry) {
  fault(R"({"path":"*/Me","action":"delay","delay_ms":1500})");
  const Outcome late = probe.serve(probe.request(http::Method::get, scim + "Me"));
  EXPECT_EQ(late.extra_delay.count(), 1500);
  EXPECT_EQ(late.response.status, 200);
  fault(R"({"path":"*/Me","action":"html"})");
  const auto page = probe.get(scim + "Me");
  EXPECT_EQ(page.status, 200);
  EXPECT_TRUE(body_of(page).is_null());
  EXPECT_EQ(*http::find_header(page.headers, "Content-Type"), "text/html");
  fault(R"({"path":"*/Me","action":"expire_token"})");
  EXPECT_EQ(probe.get(scim + "Me").status, 401);
  EXPECT_EQ(probe.get(scim + "Me").status, 401) << "an expired token stays expired";
}

TEST_F(RegionTest, AnEmptyPageGivesATokenThatGoesOnWhereItWas) {
  probe.region().router().add(http::Method::get, "/api/list", [](Call& call) {
    json body = json::object();
    body["asked"] = call.query("page_token", "(none)");
    return answer(body);
  });
  fault(R"({"path":"/api/list","action":"empty_page","times":2})");
  const json first = body_of(probe.get("/api/list"));
  EXPECT_FALSE(first.contains("asked"));
  const json second =
      body_of(probe.get("/api/list?page_token=" + first["next_page_token"].get<std::string>()));
  EXPECT_FALSE(second.contains("asked"));
  const json third =
      body_of(probe.get("/api/list?page_token=" + second["next_page_token"].get<std::string>()));
  EXPECT_EQ(third["asked"], "(none)");
  fault(R"({"path":"/api/list","action":"empty_page"})");
  const json later = body_of(probe.get("/api/list?page_token=abc"));
  EXPECT_EQ(body_of(probe.get("/api/list?page_token=" +
                              later["next_page_token"].get<std::string>()))["asked"],
            "abc");
}

TEST_F(RegionTest, WrongRulesAreRefused) {
  for (const char* text : {R"({"action":"explode"})", R"({"method":"FETCH"})",
                           R"({"when":"later"})", R"({"nth":"x"})", R"({"nht":2})", R"([1])"})
    EXPECT_EQ(probe.post("/sim/faults", rule(text)).status, 400) << text;
  EXPECT_EQ(body_of(probe.get("/sim/faults"))["rules"].size(), 0U);
  EXPECT_EQ(
      body_of(probe.post("/sim/faults", rule(R"([{"status":500},{"status":501}])")))["ids"].size(),
      2U);
  EXPECT_EQ(probe.del("/sim/faults/1").status, 200);
  EXPECT_EQ(probe.del("/sim/faults/1").status, 404);
}

TEST_F(RegionTest, ARuleThatOnlyTellsADelayDelays) {
  fault(R"({"path":"/api/*","delay_ms":700})");
  const Outcome late = probe.serve(probe.request(http::Method::get, scim + "Me"));
  EXPECT_EQ(late.response.status, 200);
  EXPECT_EQ(late.extra_delay, std::chrono::milliseconds(700));
}

TEST_F(RegionTest, AnOutageThatIsNotUnderstoodIsNone) {
  for (const char* text :
       {R"({"seconds":5})", R"({"for_seconds":"soon"})", R"({"for_seconds":-1})"})
    EXPECT_EQ(probe.post("/sim/outage", json::parse(text)).status, 400) << text;
  EXPECT_EQ(probe.get(scim + "Me").status, 200);
  probe.post("/sim/outage", json::parse(R"({"for_seconds":0.5})"));
  EXPECT_EQ(probe.get(scim + "Me").status, 0);
  probe.wait_millis(500);
  EXPECT_EQ(probe.get(scim + "Me").status, 200);
}

TEST_F(RegionTest, ALostRegionAnswersOnlyItsRemoteControl) {
  probe.post("/sim/outage", json::object());
  EXPECT_EQ(probe.serve(probe.request(http::Method::get, scim + "Me")).delivery,
            Delivery::unreachable);
  EXPECT_EQ(probe.get("/sim/world").status, 200);
  probe.post("/sim/restore", json::object());
  EXPECT_EQ(probe.get(scim + "Me").status, 200);
  probe.post("/sim/outage", json::object({{"for_seconds", 60}}));
  EXPECT_EQ(probe.get(scim + "Me").status, 0);
  probe.wait_millis(60'000);
  EXPECT_EQ(probe.get(scim + "Me").status, 200);
}

TEST_F(RegionTest, PublishedLimitsHoldOneSecondsWorth) {
  probe.region().set_enforce_limits(true);
  const double rate = http::lane_of(http::Method::get, scim + "Users").per_second;
  ASSERT_GT(rate, 1);
  int served = 0;
  http::Response last;
  for (int i = 0; i < 50; ++i) {
    last = probe.get(scim + "Users?count=0");
    served += last.status == 200 ? 1 : 0;
  }
  EXPECT_EQ(served, static_cast<int>(rate));
  EXPECT_EQ(last.status, 429);
  EXPECT_EQ(code_of(last), "REQUEST_LIMIT_EXCEEDED");
  EXPECT_EQ(*http::find_header(last.headers, "Retry-After"), "1");
  probe.wait_millis(1000);
  EXPECT_EQ(probe.get(scim + "Users?count=0").status, 200);
  EXPECT_EQ(probe.region().traffic().throttled, 50 - served);
}

TEST(Limiter, TrueLimitsMayBeOthersThanThePublishedOnes) {
  const http::Lane lane{"x", http::Method::get, true, "/", 10, 1, "test"};
  for (const double factor : {0.5, 1.0, 3.0}) {
    Limiter limiter;
    limiter.scale(factor);
    int served = 0;
    for (std::int64_t now = 0; now < 60'000'000; now += 10'000)
      served += limiter.refuse(lane, now) ? 0 : 1;
    EXPECT_NEAR(served, 10 * factor * 61, 2) << factor;
  }
}

TEST(Limiter, WhoWaitsAsToldIsServed) {
  const http::Lane lane{"x", http::Method::get, true, "/", 3.7, 1, "test"};
  Limiter limiter;
  std::int64_t now = 0;
  for (int i = 0; i < 500; ++i) {
    const auto wait = limiter.refuse(lane, now);
    if (!wait) continue;
    now += *wait * 1000;
    EXPECT_FALSE(limiter.refuse(lane, now)) << i;
  }
  EXPECT_NEAR(static_cast<double>(now), 1e6 * 497 / 3.7, 1e6);
}

TEST_F(RegionTest, NewObjectsAreHiddenOnceWhenAsked) {
  probe.region().set_eventual_consistency(true);
  const std::string id = body_of(add_user("ana@contoso.example"))["id"];
  EXPECT_EQ(probe.get(scim + "Users/" + id).status, 404);
  EXPECT_EQ(probe.get(scim + "Users/" + id).status, 200);
  EXPECT_EQ(users(), 2) << "only reads of the object itself are late";
}

TEST_F(RegionTest, RequestsAreCountedByRoute) {
  probe.get(scim + "Users/1");
  probe.get(scim + "Users/2");
  probe.get("/nothing/here");
  const json seen = body_of(probe.get("/sim/requests"));
  EXPECT_EQ(seen["total"], 3);
  std::map<std::string, int> counts;
  for (const json& row : seen["routes"]) counts[row["route"]] = row["requests"];
  EXPECT_EQ(counts[scim + "Users/{id}"], 2);
  EXPECT_EQ(counts["(no such endpoint)"], 1);
  probe.post("/sim/requests/reset", json::object());
  EXPECT_EQ(body_of(probe.get("/sim/requests"))["total"], 0);
}

TEST_F(RegionTest, TheSameSeedMakesTheSameWorld) {
  Probe other;
  add_user("ana@contoso.example");
  other.post(scim + "Users", json::object({{"userName", "ana@contoso.example"}}));
  EXPECT_EQ(probe.region().world(), other.region().world());
  RegionOptions options;
  options.seed = 2;
  Probe different(options);
  different.post(scim + "Users", json::object({{"userName", "ana@contoso.example"}}));
  EXPECT_NE(probe.region().world(), different.region().world());
}

TEST(GlobMatch, StarsStandForAnything) {
  EXPECT_TRUE(glob_match("*", ""));
  EXPECT_TRUE(glob_match("/api/*/list", "/api/2.0/jobs/list"));
  EXPECT_TRUE(glob_match("/api/*", "/api/"));
  EXPECT_FALSE(glob_match("/api/*/list", "/api/2.0/jobs/lists"));
  EXPECT_FALSE(glob_match("", "a"));
  EXPECT_TRUE(glob_match("*a*b", "xaab"));
}

TEST(IdsTest, LookAsTheServiceMakesThem) {
  Ids ids(3);
  EXPECT_GT(ids.number(), 0);
  EXPECT_EQ(ids.digits(12).size(), 12U);
  EXPECT_NE(ids.digits(1), "0");
  const std::string uuid = ids.uuid();
  EXPECT_EQ(uuid.size(), 36U);
  EXPECT_EQ(uuid[14], '4');
  EXPECT_EQ(ids.upper_hex(8).find_first_not_of("0123456789ABCDEF"), std::string::npos);
}

}  // namespace
}  // namespace twinlake::simulator
