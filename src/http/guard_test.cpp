#include "http/guard.h"

#include <gtest/gtest.h>

#include "http/counting.h"
#include "http/scripted_transport.h"

namespace twinlake::http {
namespace {

Request with(Method method, Effect effect) {
  return Request::send_json(method, "/api/2.0/x", "{}", effect, Repeat::safe);
}

struct GuardRow {
  const char* name;
  Effect allowed;
  Method method;
  Effect effect;
  bool passes;
};

TEST(EffectGuard, RefusesWhatIsAboveTheAllowed) {
  const GuardRow rows[] = {
      {"a read", Effect::reads, Method::get, Effect::reads, true},
      {"a search by POST", Effect::reads, Method::post, Effect::reads, true},
      {"a write", Effect::reads, Method::post, Effect::writes, false},
      {"a run", Effect::reads, Method::post, Effect::executes, false},
      {"a delete that calls itself a read", Effect::reads, Method::del, Effect::reads, false},
      {"a write where writes are allowed", Effect::writes, Method::put, Effect::writes, true},
      {"a run where writes are allowed", Effect::writes, Method::post, Effect::executes, false},
      {"a run where runs are allowed", Effect::executes, Method::post, Effect::executes, true},
  };
  for (const auto& row : rows) {
    Loop loop(Loop::Clock::virtual_time);
    ScriptedTransport wire(loop);
    wire.then(200);
    EffectGuard guard(wire, row.allowed, "home has the primary role");
    const auto result = loop.run(guard.send(with(row.method, row.effect)));
    EXPECT_EQ(result.has_value(), row.passes) << row.name;
    EXPECT_EQ(wire.seen.size(), row.passes ? 1U : 0U) << row.name;
    if (!result) {
      EXPECT_EQ(result.error().fault, Fault::refused);
      EXPECT_NE(result.error().message.find("home has the primary role"), std::string::npos);
      EXPECT_EQ(result.error().path, "/api/2.0/x");
    }
  }
}

TEST(EffectGuard, LetsRunWithoutLettingWrite) {
  Loop loop(Loop::Clock::virtual_time);
  ScriptedTransport wire(loop);
  wire.then(200);
  EffectGuard guard(wire, Effect::reads, "home has the primary role");
  guard.allow_execution();
  EXPECT_TRUE(loop.run(guard.send(with(Method::post, Effect::executes))));
  EXPECT_FALSE(loop.run(guard.send(with(Method::post, Effect::writes))));
}

TEST(EffectGuard, CanBeTurned) {
  Loop loop(Loop::Clock::virtual_time);
  ScriptedTransport wire(loop);
  wire.then(200);
  EffectGuard guard(wire, Effect::reads, "a");
  guard.allow(Effect::writes, "b");
  EXPECT_TRUE(loop.run(guard.send(with(Method::put, Effect::writes))));
}

TEST(CountingTransport, CountsPerLaneAndEffect) {
  Loop loop(Loop::Clock::virtual_time);
  ScriptedTransport wire(loop);
  wire.then(200).then(429).then_fail(Fault::network).then(200);
  CountingTransport counting(wire);
  for (int i = 0; i < 3; ++i)
    (void)loop.run(counting.send(Request::get("/api/2.0/secrets/scopes/list")));
  (void)loop.run(counting.send(Request::post("/api/2.2/jobs/create", "{}")));
  const Counts& counts = counting.counts();
  EXPECT_EQ(counts.sent, 4U);
  EXPECT_EQ(counts.throttled, 1U);
  EXPECT_EQ(counts.failed, 1U);
  EXPECT_EQ(counts.of(Effect::reads), 3U);
  EXPECT_EQ(counts.of(Effect::writes), 1U);
  EXPECT_EQ((counts.by_lane.at({"secrets", "GET"})), 3U);
  EXPECT_EQ((counts.by_lane.at({"jobs.create", "POST"})), 1U);
}

}  // namespace
}  // namespace twinlake::http
