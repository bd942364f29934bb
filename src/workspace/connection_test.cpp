#include "workspace/connection.h"

#include <gtest/gtest.h>

#include "http/scripted_transport.h"

namespace twinlake::workspace {
namespace {

using http::Effect;
using http::Request;
using http::Response;

class ConnectionTest : public ::testing::Test {
 protected:
  void SetUp() override {
    profile.host = "https://adb-1.azuredatabricks.net";
    profile.auth = AuthKind::pat;
    profile.secret = Secret(std::string_view("dapi-x"));
    options.environment = [](std::string_view) { return std::nullopt; };
  }
  Connection make() {
    auto owned = std::make_unique<http::ScriptedTransport>(loop);
    wire = owned.get();
    const OpenTransport open = [](const std::string&,
                                  bool) -> Result<std::unique_ptr<http::Transport>> {
      return fail(Fault::bug, "no login is needed for a token");
    };
    auto made = connect_over(loop, std::move(owned), open, profile, options);
    return std::move(*made);
  }

  Loop loop{Loop::Clock::virtual_time};
  Profile profile;
  ConnectOptions options;
  http::ScriptedTransport* wire = nullptr;
};

TEST_F(ConnectionTest, EachAttemptIsCountedAndCarriesTheToken) {
  Connection connection = make();
  wire->then(503).then(429, "{}", {{"Retry-After", "9"}}).then(200, "[]");
  const auto result = loop.run(connection.transport().send(Request::get("/api/2.0/clusters/list")));
  ASSERT_TRUE(result);
  EXPECT_EQ(connection.counts().sent, 3U);
  EXPECT_EQ(connection.counts().throttled, 1U);
  for (const Request& request : wire->seen)
    EXPECT_EQ(*http::find_header(request.headers, "Authorization"), "Bearer dapi-x");
}

TEST_F(ConnectionTest, TheGuardStandsBeforeEverything) {
  Connection connection = make();
  wire->then(200);
  const auto result =
      loop.run(connection.transport().send(Request::post("/api/2.2/jobs/create", "{}")));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().fault, Fault::refused);
  EXPECT_EQ(connection.counts().sent, 0U);
  connection.guard().allow(Effect::writes, "a sync");
  EXPECT_TRUE(loop.run(connection.transport().send(Request::post("/api/2.2/jobs/create", "{}"))));
}

TEST_F(ConnectionTest, APersonalTokenThatIsRefusedIsNotTriedAgain) {
  Connection connection = make();
  wire->then(401);
  EXPECT_EQ(loop.run(connection.transport().send(Request::get("/x")))->status, 401);
  EXPECT_EQ(wire->seen.size(), 1U);
}

TEST_F(ConnectionTest, AHostInTheClearIsRefused) {
  Loop real;
  http::CurlEngine engine(real);
  profile.host = "http://far.example";
  EXPECT_EQ(connect(real, engine, profile, options).error().fault, Fault::config);
  profile.host = "http://127.0.0.1:1";
  EXPECT_TRUE(connect(real, engine, profile, options));
}

}  // namespace
}  // namespace twinlake::workspace
