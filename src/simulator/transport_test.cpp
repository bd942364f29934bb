#include "simulator/transport.h"

#include <gtest/gtest.h>

#include "simulator/probe.h"

namespace twinlake::simulator {
namespace {

using routes::scim;

class TransportTest : public testing::Test {
 public:
  http::Request authorised(http::Request request) {
    request.headers.emplace_back("Authorization", "Bearer dapi-simulated");
    return request;
  }
  Result<http::Response> send(http::Request request) {
    return loop.run(transport.send(authorised(std::move(request))));
  }
  void fault(const char* text) { region.faults_add(text); }
  static http::Request new_user() {
    return http::Request::post(scim + "Users", R"({"userName":"ana@contoso.example"})");
  }

  /// A region that takes its fault rules as text.
  struct Faulty : Region {
    using Region::Region;
    void faults_add(const std::string& text) {
      http::Request request = http::Request::post("/sim/faults", text);
      EXPECT_EQ(handle(request, 0).status, 200);
    }
  };
  Loop loop{Loop::Clock::virtual_time};
  Faulty region{RegionOptions{}};
  InProcessTransport transport{loop, region, Millis(40)};
};

TEST_F(TransportTest, AnswersTakeTheirTime) {
  const Time before = loop.now();
  const auto response = send(http::Request::get(scim + "Me"));
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(loop.now() - before, Millis(40));
}

TEST_F(TransportTest, DelaysAreVirtual) {
  fault(R"({"action":"delay","delay_ms":3600000})");
  const Time before = loop.now();
  ASSERT_TRUE(send(http::Request::get(scim + "Me")));
  EXPECT_EQ(loop.now() - before, Millis(3600040));
}

TEST_F(TransportTest, ALostAnswerLeavesACreateInDoubt) {
  fault(R"({"action":"drop","when":"after"})");
  const auto lost = send(new_user());
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().fault, Fault::in_doubt);
  EXPECT_EQ(lost.error().method, "POST");
  EXPECT_EQ(send(new_user())->status, 409) << "it was done";
}

TEST_F(TransportTest, ABreakBeforeTheWorkLooksTheSame) {
  fault(R"({"action":"drop"})");
  EXPECT_EQ(send(new_user()).error().fault, Fault::in_doubt);
  EXPECT_EQ(send(new_user())->status, 201);
}

TEST_F(TransportTest, WhatMayBeRepeatedIsOnlyANetworkError) {
  for (const char* text : {R"({"action":"drop","when":"after"})", R"({"action":"truncate"})"}) {
    fault(text);
    EXPECT_EQ(send(http::Request::get(scim + "Me")).error().fault, Fault::network);
  }
  fault(R"({"action":"truncate"})");
  EXPECT_EQ(send(new_user()).error().fault, Fault::in_doubt);
}

TEST_F(TransportTest, ALostRegionSurelyDidNothing) {
  (void)region.handle(http::Request::post("/sim/outage", "{}"), 0);
  EXPECT_EQ(send(new_user()).error().fault, Fault::network);
}

TEST_F(TransportTest, BodiesMayLieInFiles) {
  http::Request request = new_user();
  request.upload = http::SpoolFile::create(testing::TempDir());
  request.upload->append(request.body);
  request.body.clear();
  request.spool_answer_in = testing::TempDir();
  const auto response = send(std::move(request));
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 201);
  ASSERT_TRUE(response->file);
  EXPECT_TRUE(response->body.empty());
  std::string text(response->file->size(), '\0');
  EXPECT_EQ(response->file->read(0, text.data(), text.size()), text.size());
  EXPECT_EQ(json::parse(text)["userName"], "ana@contoso.example");
}

TEST_F(TransportTest, RefusalsStayInMemoryAndBadFoldersAreOurFault) {
  http::Request request = http::Request::get("/nothing");
  request.spool_answer_in = testing::TempDir();
  EXPECT_FALSE(send(request)->file);
  http::Request unwritable = http::Request::get(scim + "Me");
  unwritable.spool_answer_in = "/no/such/folder";
  EXPECT_EQ(send(std::move(unwritable)).error().fault, Fault::io);
}

Task<void> ask_once(TransportTest* test) {
  (void)co_await test->transport.send(test->authorised(http::Request::get(scim + "Me")));
}

TEST_F(TransportTest, CountsWhatIsInFlight) {
  loop.run(for_each_index(loop, 9, 3, [this](std::size_t) { return ask_once(this); }));
  EXPECT_EQ(region.traffic().peak_in_flight, 3);
  EXPECT_EQ(region.traffic().in_flight, 0);
}

}  // namespace
}  // namespace twinlake::simulator
