#include "workspace/auth.h"

#include <gtest/gtest.h>

#include <map>

#include "base/hash.h"
#include "http/scripted_transport.h"
#include "workspace/azure_cli.h"
#include "workspace/login.h"
#include "workspace/managed_identity.h"

namespace twinlake::workspace {
namespace {

using namespace std::chrono_literals;
using http::Headers;
using http::Request;
using http::Response;
using http::ScriptedTransport;

/// Passes on to a ScriptedTransport that the test keeps.
class Borrowed final : public http::Transport {
 public:
  explicit Borrowed(http::Transport& inner) : inner_(inner) {}
  Task<Result<Response>> send(Request request) override { return inner_.send(std::move(request)); }

 private:
  http::Transport& inner_;
};

class AuthTest : public ::testing::Test {
 protected:
  OpenTransport open() {
    return
        [this](const std::string& url, bool metadata) -> Result<std::unique_ptr<http::Transport>> {
          opened.push_back(url + (metadata ? " metadata" : ""));
          return std::make_unique<Borrowed>(login);
        };
  }
  Environment environment() {
    return [this](std::string_view name) -> std::optional<std::string> {
      const auto found = variables.find(name);
      return found == variables.end() ? std::nullopt : std::optional<std::string>(found->second);
    };
  }
  std::unique_ptr<Credentials> make(Profile profile) {
    auto made = make_credentials(loop, profile, environment(), open());
    return made ? std::move(*made) : nullptr;
  }
  static Profile profile_of(AuthKind kind) {
    Profile profile;
    profile.auth = kind;
    profile.host = "https://adb-1.azuredatabricks.net";
    profile.client_id = "the app";
    profile.scopes = "all-apis";
    profile.secret = Secret(std::string_view("s&cret"));
    return profile;
  }
  /// Each login gives the next token: t1, t2, ...
  void log_in_with_lifetime(int seconds) {
    login.always([this, seconds](const Request&) -> Result<Response> {
      return Response(200, R"({"access_token":"t)" + std::to_string(++tokens) +
                               R"(","expires_in":")" + std::to_string(seconds) + "\"}");
    });
  }
  std::string bearer(Credentials& credentials) {
    const auto headers = loop.run(credentials.headers());
    if (!headers) return describe(headers.error());
    const std::string* value = http::find_header(*headers, "Authorization");
    return value == nullptr ? "none" : *value;
  }

  Loop loop{Loop::Clock::virtual_time};
  ScriptedTransport login{loop};
  ScriptedTransport wire{loop};
  std::vector<std::string> opened;
  std::map<std::string, std::string, std::less<>> variables;
  int tokens = 0;
};

Task<void> pass_time(Loop& loop, Micros duration) { co_await loop.sleep(duration); }

TEST_F(AuthTest, PersonalToken) {
  const auto credentials = make(profile_of(AuthKind::pat));
  EXPECT_EQ(bearer(*credentials), "Bearer s&cret");
  EXPECT_FALSE(credentials->refused({})) << "another one is not to be had";
}

TEST_F(AuthTest, OauthMachineToMachine) {
  log_in_with_lifetime(3600);
  const auto credentials = make(profile_of(AuthKind::oauth_m2m));
  EXPECT_EQ(bearer(*credentials), "Bearer t1");
  ASSERT_EQ(login.seen.size(), 1U);
  const Request& request = login.seen[0];
  EXPECT_EQ(request.path, "/oidc/v1/token");
  EXPECT_EQ(request.body, "grant_type=client_credentials&scope=all-apis");
  EXPECT_EQ(request.content_type, "application/x-www-form-urlencoded");
  EXPECT_EQ(*http::find_header(request.headers, "Authorization"),
            "Basic " + base64_encode("the app:s&cret"));
}

TEST_F(AuthTest, AnAccountGivesItsTokensElsewhere) {
  log_in_with_lifetime(3600);
  Profile profile = profile_of(AuthKind::oauth_m2m);
  profile.host_kind = HostKind::account;
  profile.account_id = "acc 1";
  const auto credentials = make(profile);
  EXPECT_EQ(bearer(*credentials), "Bearer t1");
  EXPECT_EQ(login.seen.at(0).path, "/oidc/accounts/acc%201/v1/token");
}

TEST_F(AuthTest, TokensAreKeptAndRenewedInTime) {
  log_in_with_lifetime(3600);
  const auto credentials = make(profile_of(AuthKind::oauth_m2m));
  EXPECT_EQ(bearer(*credentials), "Bearer t1");
  loop.run(pass_time(loop, 3555s));
  EXPECT_EQ(bearer(*credentials), "Bearer t1");
  loop.run(pass_time(loop, 10s));
  EXPECT_EQ(bearer(*credentials), "Bearer t2") << "35 s before its end";
}

Task<void> get_headers(Credentials& credentials, int* good) {
  const auto headers = co_await credentials.headers();
  if (headers) ++*good;
}

Task<int> get_many(Loop& loop, Credentials& credentials, int count) {
  int good = 0;
  TaskGroup group(loop);
  for (int i = 0; i < count; ++i) group.start(get_headers(credentials, &good));
  co_await group.join();
  co_return good;
}

TEST_F(AuthTest, OneLoginForAllWhoWait) {
  log_in_with_lifetime(3600);
  login.taking(2s);
  const auto credentials = make(profile_of(AuthKind::oauth_m2m));
  EXPECT_EQ(loop.run(get_many(loop, *credentials, 50)), 50);
  EXPECT_EQ(login.seen.size(), 1U);
}

TEST_F(AuthTest, OneFailureForAllWhoWait) {
  login.then(401, R"({"error":"invalid_client"})").taking(2s);
  const auto credentials = make(profile_of(AuthKind::oauth_m2m));
  EXPECT_EQ(loop.run(get_many(loop, *credentials, 50)), 0);
  EXPECT_EQ(login.seen.size(), 1U);
}

TEST_F(AuthTest, TokensThatHardlyLastStillServe) {
  log_in_with_lifetime(10);
  const auto credentials = make(profile_of(AuthKind::oauth_m2m));
  EXPECT_EQ(bearer(*credentials), "Bearer t1");
  EXPECT_EQ(bearer(*credentials), "Bearer t2");
  EXPECT_EQ(loop.run(get_many(loop, *credentials, 5)), 5);
}

TEST_F(AuthTest, EntraSendsBothTokensAndTheResource) {
  log_in_with_lifetime(3600);
  Profile profile = profile_of(AuthKind::azure_client_secret);
  profile.azure_tenant_id = "tenant";
  profile.azure_resource_id = "/subscriptions/s/w";
  const auto credentials = make(profile);
  const auto headers = loop.run(credentials->headers());
  ASSERT_TRUE(headers);
  EXPECT_EQ(*http::find_header(*headers, "Authorization"), "Bearer t1");
  EXPECT_EQ(*http::find_header(*headers, "X-Databricks-Azure-SP-Management-Token"), "t2");
  EXPECT_EQ(*http::find_header(*headers, "X-Databricks-Azure-Workspace-Resource-Id"),
            "/subscriptions/s/w");
  EXPECT_EQ(opened.at(0), "https://login.microsoftonline.com");
  EXPECT_EQ(login.seen.at(0).path, "/tenant/oauth2/token");
  EXPECT_EQ(login.seen.at(0).body,
            "grant_type=client_credentials&client_id=the%20app&client_secret=s%26cret&resource=" +
                std::string(databricks_resource));
  EXPECT_TRUE(
      login.seen.at(1).body.ends_with("resource=https%3A%2F%2Fmanagement.core.windows.net%2F"));
}

TEST_F(AuthTest, EntraAsksTheWorkspaceForItsTenant) {
  login.then(302, "",
             {{"Location", "https://login.microsoftonline.com/1-2-3/oauth2/authorize?x=1"}});
  log_in_with_lifetime(3600);
  variables["AZURE_AUTHORITY_HOST"] = "http://127.0.0.1:99/";
  const auto credentials = make(profile_of(AuthKind::azure_client_secret));
  EXPECT_EQ(bearer(*credentials), "Bearer t1");
  EXPECT_EQ(opened.at(0), "http://127.0.0.1:99");
  EXPECT_EQ(login.seen.at(0).path, "/aad/auth");
  EXPECT_EQ(login.seen.at(1).path, "/1-2-3/oauth2/token");
  EXPECT_EQ(login.seen.size(), 3U) << "asked once for both tokens";
}

TEST(Login, TenantInLocation) {
  EXPECT_EQ(tenant_in_location("https://login.x/abc-1/oauth2/authorize"), "abc-1");
  EXPECT_EQ(tenant_in_location("https://login.x/a%2fb/oauth2/authorize"), "");
  EXPECT_EQ(tenant_in_location("https://x/login.html"), "");
  EXPECT_EQ(tenant_in_location("/relative/oauth2/"), "");
  EXPECT_EQ(tenant_in_location(""), "");
}

TEST_F(AuthTest, ARefusedLoginTellsWhyButNoSecrets) {
  login.then(
      400,
      R"({"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret. Trace ID: 1"})");
  Profile profile = profile_of(AuthKind::azure_client_secret);
  profile.azure_tenant_id = "tenant";
  const auto credentials = make(profile);
  const auto headers = loop.run(credentials->headers());
  ASSERT_FALSE(headers);
  EXPECT_EQ(headers.error().fault, Fault::unauthenticated);
  EXPECT_EQ(headers.error().message, "invalid_client: AADSTS7000215: Invalid client secret.");
  EXPECT_EQ(describe(headers.error()).find("s&cret"), std::string::npos);
  EXPECT_EQ(describe(headers.error()).find("s%26cret"), std::string::npos);
}

TEST_F(AuthTest, ManagedIdentity) {
  login.then(410).then(404);
  login.always([this](const Request&) -> Result<Response> {
    const auto end = to_epoch_millis(loop.now()) / 1000 + 600;
    return Response(200, R"({"access_token":"m","expires_in":"86399","expires_on":")" +
                             std::to_string(end) + "\"}");
  });
  const auto credentials = make(profile_of(AuthKind::azure_msi));
  EXPECT_EQ(bearer(*credentials), "Bearer m");
  EXPECT_EQ(opened.at(0), "http://169.254.169.254 metadata");
  EXPECT_EQ(login.seen.size(), 4U) << "two while it was starting, and one for each token";
  EXPECT_EQ(*http::find_header(login.seen[0].headers, "Metadata"), "true");
  EXPECT_EQ(http::encode_query(login.seen[0].query),
            "api-version=2018-02-01&resource=" + std::string(databricks_resource) +
                "&client_id=the%20app");
  loop.run(pass_time(loop, 590s));
  EXPECT_EQ(bearer(*credentials), "Bearer m");
  EXPECT_EQ(login.seen.size(), 6U) << "expires_on counts: the tokens come from a cache";
}

TEST_F(AuthTest, IdentityEndpointOfAppService) {
  variables["IDENTITY_ENDPOINT"] = "http://127.0.0.1:41741/msi/token?x";
  variables["IDENTITY_HEADER"] = "key";
  const auto endpoint = identity_endpoint(environment());
  ASSERT_TRUE(endpoint);
  EXPECT_EQ(endpoint->base_url, "http://127.0.0.1:41741");
  EXPECT_EQ(endpoint->path, "/msi/token");
  EXPECT_EQ(endpoint->api_version, "2019-08-01");
  EXPECT_EQ(endpoint->headers.at(0).first, "X-IDENTITY-HEADER");
}

class RefusalTest : public AuthTest {
 protected:
  void SetUp() override {
    log_in_with_lifetime(3600);
    credentials = make(profile_of(AuthKind::oauth_m2m));
  }
  Result<Response> send(Request request) {
    AuthenticatedTransport transport(wire, *credentials);
    return loop.run(transport.send(std::move(request)));
  }
  std::string token_of(std::size_t request) {
    return *http::find_header(wire.seen.at(request).headers, "Authorization");
  }
  std::unique_ptr<Credentials> credentials;
};

TEST_F(RefusalTest, ARefusedTokenIsRenewedAndTheRequestRepeatedOnce) {
  wire.then(401).then(200, "[]");
  EXPECT_EQ(send(Request::post("/create", "{}"))->status, 200);
  EXPECT_EQ(token_of(0), "Bearer t1");
  EXPECT_EQ(token_of(1), "Bearer t2");
}

TEST_F(RefusalTest, TheOtherFormOfRefusal) {
  wire.then(403, R"({"error_code":"403","message":"Invalid access token."})").then(200);
  EXPECT_EQ(send(Request::get("/x"))->status, 200);
}

TEST_F(RefusalTest, ATokenThatEndsAgainBeforeItIsUsedIsRenewedAgain) {
  wire.then(401).then(401).then(401).then(200);
  EXPECT_EQ(send(Request::get("/x"))->status, 200);
  EXPECT_EQ(token_of(3), "Bearer t4");
}

TEST_F(RefusalTest, ButNotForEver) {
  wire.then(401);
  EXPECT_EQ(send(Request::get("/x"))->status, 401);
  EXPECT_EQ(wire.seen.size(), 4U);
}

TEST_F(RefusalTest, AForbiddenRequestIsNotRepeated) {
  wire.then(403, R"({"error_code":"PERMISSION_DENIED","message":"no"})");
  EXPECT_EQ(send(Request::get("/x"))->status, 403);
  EXPECT_EQ(wire.seen.size(), 1U);
}

Task<void> send_one(http::Transport& transport) {
  (void)co_await transport.send(Request::get("/x"));
}

Task<void> send_some(Loop& loop, http::Transport& transport, int count) {
  TaskGroup group(loop);
  for (int i = 0; i < count; ++i) group.start(send_one(transport));
  co_await group.join();
}

TEST_F(RefusalTest, ManyRefusedAtOnceRenewOnce) {
  wire.taking(1s).always([](const Request& request) -> Result<Response> {
    return Response(*http::find_header(request.headers, "Authorization") == "Bearer t1" ? 401 : 200,
                    "{}");
  });
  login.taking(1s);
  AuthenticatedTransport transport(wire, *credentials);
  loop.run(send_some(loop, transport, 20));
  EXPECT_EQ(wire.seen.size(), 40U);
  EXPECT_EQ(login.seen.size(), 2U);
}

TEST_F(AuthTest, ALoginThatCannotBeReachedIsNotRetriedAboveIt) {
  login.then_fail(Fault::network, "no route");
  const auto credentials = make(profile_of(AuthKind::oauth_m2m));
  AuthenticatedTransport transport(wire, *credentials);
  const auto result = loop.run(transport.send(Request::get("/x")));
  EXPECT_EQ(result.error().fault, Fault::unauthenticated);
  EXPECT_EQ(result.error().message, "no access token: no route");
  EXPECT_TRUE(wire.seen.empty());
}

TEST(AzureCli, CommandsInTheirOrder) {
  const auto commands =
      azure_cli_commands("az", "res", "/subscriptions/sub-1/resourceGroups/r", "ten");
  ASSERT_EQ(commands.size(), 3U);
  EXPECT_EQ(commands[0].back(), "sub-1");
  EXPECT_EQ(commands[1].back(), "ten");
  EXPECT_EQ(commands[2].back(), "json");
  EXPECT_EQ(azure_cli_commands("az", "res", "", "").size(), 1U);
  EXPECT_EQ(azure_cli_commands("az", "res", "/subscriptions/--x/y", "-t").size(), 1U)
      << "no options by the back door";
}

TEST(AzureCli, Answers) {
  EXPECT_EQ(read_azure_cli_answer(R"({"accessToken":"a","expires_on":1787151845,"expiresOn":"x"})")
                ->expires,
            Time(std::chrono::seconds(1787151845)));
  const auto local =
      read_azure_cli_answer(R"({"accessToken":"a","expiresOn":"2026-08-19 15:04:05.000000"})");
  ASSERT_TRUE(local);
  EXPECT_GT(local->expires, Time(std::chrono::sys_days(std::chrono::year(2026) / 8 / 18)));
  for (const char* bad : {"", "{}", "[]", R"({"accessToken":1})", R"({"accessToken":"a"})"})
    EXPECT_FALSE(read_azure_cli_answer(bad)) << bad;
}

Task<Result<ProcessOutput>> pretend(std::vector<std::string> arguments,
                                    std::vector<std::string>* seen) {
  seen->push_back(arguments.back());
  ProcessOutput output;
  output.exit_code = arguments.back() == "json" ? 0 : 1;
  output.out = R"({"accessToken":"a","expires_on":1787151845})";
  output.err = "ERROR: no subscription found";
  co_return output;
}

TEST_F(AuthTest, AzureCliTriesOneAfterTheOther) {
  std::vector<std::string> seen;
  AzureCliOrigin origin(
      azure_cli_commands("az", "res", "/subscriptions/sub/x", "ten"),
      [&seen](std::vector<std::string> arguments) { return pretend(std::move(arguments), &seen); });
  const auto token = loop.run(origin.fetch());
  ASSERT_TRUE(token);
  EXPECT_EQ(token->value.reveal(), "a");
  EXPECT_EQ(seen, (std::vector<std::string>{"sub", "ten", "json"}));
}

}  // namespace
}  // namespace twinlake::workspace
