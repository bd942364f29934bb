#include "simulator/identity/auth.h"

#include <gtest/gtest.h>

#include "simulator/body.h"
#include "simulator/identity/identity.h"
#include "simulator/probe.h"

namespace twinlake::simulator {
namespace {

using routes::me;
const std::string client = "3f2c9d0e-1b7a-4d55-9c1a-5a7be0f1d2aa";
const std::string databricks = "2ff814a6-3304-4ab8-85cb-cd0e6f879c1d";
const std::string management = "https://management.core.windows.net/";

RegionOptions with_client() {
  RegionOptions options;
  Credential credential;
  credential.client_id = client;
  credential.secret = "s3cret";
  credential.managed_identity = true;
  options.credentials.push_back(credential);
  return options;
}

class AuthTest : public testing::Test {
 protected:
  AuthTest() { probe.use_token(""); }
  http::Response form(const std::string& path, const http::Headers& headers,
                      const std::vector<std::pair<std::string, std::string>>& fields) {
    http::Request request = probe.request(http::Method::post, path);
    request.body = http::encode_query(fields);
    request.content_type = "application/x-www-form-urlencoded";
    for (const auto& header : headers) request.headers.push_back(header);
    return probe.serve(request).response;
  }
  http::Response m2m(const std::string& id, const std::string& secret) {
    return form("/oidc/v1/token", {},
                {{"grant_type", "client_credentials"},
                 {"client_id", id},
                 {"client_secret", secret},
                 {"scope", "all-apis"}});
  }
  http::Response entra(const std::string& path, const std::string& parameter,
                       const std::string& resource, const std::string& secret = "s3cret",
                       const std::string& id = client) {
    return form(path, {},
                {{"grant_type", "client_credentials"},
                 {"client_id", id},
                 {"client_secret", secret},
                 {parameter, resource}});
  }
  Probe probe{with_client()};
  const std::string tenant = probe.region().options().tenant;
};

TEST_F(AuthTest, NoTokenIsUnauthenticatedAndAWrongOneForbidden) {
  EXPECT_EQ(probe.get(me).status, 401);
  probe.use_token("dapi-wrong");
  const auto response = probe.get(me);
  EXPECT_EQ(response.status, 403);
  EXPECT_EQ(message_of(response), "Invalid access token.");
}

TEST_F(AuthTest, AuthenticationComesBeforeKnowingTheEndpoint) {
  EXPECT_EQ(probe.get("/api/2.0/nothing").status, 401);
  probe.use_token("dapi-simulated");
  const auto response = probe.get("/api/2.0/nothing");
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(code_of(response), "ENDPOINT_NOT_FOUND");
}

TEST_F(AuthTest, MachineToMachineByFormAndByHeader) {
  const json token = body_of(m2m(client, "s3cret"));
  EXPECT_EQ(token["token_type"], "Bearer");
  EXPECT_EQ(token["expires_in"], 3600);
  probe.use_token(token["access_token"]);
  EXPECT_EQ(body_of(probe.get(me))["userName"], client);
  probe.use_token("");
  const auto basic =
      form("/oidc/v1/token", {{"Authorization", "Basic " + base64_encode(client + ":s3cret")}},
           {{"grant_type", "client_credentials"}});
  EXPECT_EQ(basic.status, 200);
}

TEST_F(AuthTest, MachineToMachineRefusals) {
  for (const auto& response : {m2m(client, "wrong"), m2m("nobody", "s3cret")}) {
    EXPECT_EQ(response.status, 401);
    EXPECT_EQ(body_of(response)["error"], "invalid_client");
  }
  EXPECT_EQ(form("/oidc/v1/token", {}, {{"grant_type", "password"}}).status, 400);
}

TEST_F(AuthTest, TokensExpireALittleEarly) {
  probe.use_token(body_of(m2m(client, "s3cret"))["access_token"]);
  probe.wait_millis(3'569'000);
  EXPECT_EQ(probe.get(me).status, 200);
  probe.wait_millis(2'000);
  const auto response = probe.get(me);
  EXPECT_EQ(response.status, 401);
  EXPECT_NE(message_of(response).find("Invalid access token"), std::string::npos);
}

TEST_F(AuthTest, EntraVersionOneWritesNumbersAsText) {
  const json token = body_of(entra("/" + tenant + "/oauth2/token", "resource", databricks));
  EXPECT_EQ(token["expires_in"], "3600");
  EXPECT_TRUE(token["expires_on"].is_string());
  probe.use_token(token["access_token"]);
  EXPECT_EQ(probe.get(me).status, 200);
}

TEST_F(AuthTest, EntraVersionTwo) {
  const json token =
      body_of(entra("/" + tenant + "/oauth2/v2.0/token", "scope", databricks + "/.default"));
  EXPECT_EQ(token["expires_in"], 3600);
  EXPECT_FALSE(token.contains("expires_on"));
}

TEST_F(AuthTest, EntraRefusals) {
  const std::string path = "/" + tenant + "/oauth2/token";
  const auto code = [](const http::Response& response) {
    return body_of(response)["error_codes"][0].get<int>();
  };
  const auto secret = entra(path, "resource", databricks, "wrong");
  EXPECT_EQ(secret.status, 401);
  EXPECT_EQ(code(secret), 7000215);
  EXPECT_EQ(code(entra(path, "resource", databricks, "s3cret", "nobody")), 700016);
  EXPECT_EQ(code(entra(path, "resource", "https://example.org")), 500011);
  EXPECT_EQ(code(entra("/other/oauth2/token", "resource", databricks)), 90002);
}

TEST_F(AuthTest, AManagementTokenOpensNoWorkspace) {
  probe.use_token(
      body_of(entra("/" + tenant + "/oauth2/token", "resource", management))["access_token"]);
  EXPECT_EQ(probe.get(me).status, 401);
}

TEST_F(AuthTest, TheMetadataServiceNeedsItsHeader) {
  const std::string path =
      "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=" + databricks;
  EXPECT_EQ(probe.get(path).status, 400);
  http::Request request = probe.request(http::Method::get, path);
  request.headers.emplace_back("Metadata", "true");
  const json token = body_of(probe.serve(request).response);
  EXPECT_TRUE(token["expires_on"].is_string());
  probe.use_token(token["access_token"]);
  EXPECT_EQ(probe.get(me).status, 200);
  request.query.emplace_back("client_id", "nobody");
  EXPECT_EQ(probe.serve(request).response.status, 400);
}

TEST_F(AuthTest, AnAppServiceHasAnIdentityEndpointOfItsOwn) {
  const std::string path = "/msi/token?api-version=2019-08-01&resource=" + databricks;
  EXPECT_EQ(probe.get(path).status, 400);
  http::Request request = probe.request(http::Method::get, path);
  request.headers.emplace_back("X-IDENTITY-HEADER", "of this machine");
  probe.use_token(body_of(probe.serve(request).response)["access_token"]);
  EXPECT_EQ(probe.get(me).status, 200);
}

TEST_F(AuthTest, AMachineWithTwoIdentitiesMustBeToldWhichOne) {
  probe.post("/sim/credentials",
             json::object({{"client_id", "second"}, {"managed_identity", true}}));
  const std::string path =
      "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=" + databricks;
  http::Request request = probe.request(http::Method::get, path);
  request.headers.emplace_back("Metadata", "true");
  EXPECT_EQ(probe.serve(request).response.status, 400);
  request.query.emplace_back("client_id", client);
  EXPECT_EQ(probe.serve(request).response.status, 200);
}

TEST(Entra, ATokenOpensEachWorkspaceThatKnowsThePrincipal) {
  RegionOptions options = with_client();
  options.entra = std::make_shared<Entra>(options.tenant);
  Probe first(options);
  Probe second(options);
  RegionOptions strange;
  strange.entra = options.entra;
  Probe third(strange);
  http::Request request = first.request(http::Method::post, "/" + options.tenant + "/oauth2/token");
  request.body = http::encode_query({{"grant_type", "client_credentials"},
                                     {"client_id", client},
                                     {"client_secret", "s3cret"},
                                     {"resource", databricks}});
  request.content_type = "application/x-www-form-urlencoded";
  const std::string token = body_of(first.serve(request).response)["access_token"];
  for (Probe* probe : {&first, &second, &third}) probe->use_token(token);
  EXPECT_EQ(first.get(me).status, 200);
  EXPECT_EQ(second.get(me).status, 200);
  EXPECT_EQ(third.get(me).status, 403);
}

TEST_F(AuthTest, AStrangerWithARoleInAzureBecomesAdmin) {
  const std::string stranger = "99999999-1b7a-4d55-9c1a-5a7be0f1d2aa";
  json credential = json::object({{"client_id", stranger}, {"client_secret", "x"}});
  credential["provision"] = false;
  probe.post("/sim/credentials", credential);
  const std::string path = "/" + tenant + "/oauth2/token";
  const json token = body_of(entra(path, "resource", databricks, "x", stranger));
  const json second = body_of(entra(path, "resource", management, "x", stranger));
  probe.use_token(token["access_token"]);
  EXPECT_EQ(probe.get(me).status, 403);
  http::Request request = probe.request(http::Method::get, me);
  request.headers.emplace_back("X-Databricks-Azure-Workspace-Resource-Id", "/subscriptions/s");
  EXPECT_EQ(probe.serve(request).response.status, 403)
      << "without a token for Azure nothing is proved";
  request.headers.emplace_back("X-Databricks-Azure-SP-Management-Token", second["access_token"]);
  EXPECT_EQ(probe.serve(request).response.status, 200);
  EXPECT_TRUE(probe.region().get<Identity>().is_admin(stranger));
}

TEST_F(AuthTest, InactivePrincipalsStayOutside) {
  const std::string token = body_of(m2m(client, "s3cret"))["access_token"];
  probe.use_token("dapi-simulated");
  const std::string id = probe.region().get<Identity>().find_service_principal(client)->id;
  probe.patch("/api/2.0/preview/scim/v2/ServicePrincipals/" + id,
              json::parse(R"({"Operations":[{"op":"replace","path":"active","value":"false"}]})"));
  probe.use_token(token);
  EXPECT_EQ(probe.get(me).status, 403);
}

TEST_F(AuthTest, HostsDescribeThemselvesWithoutAToken) {
  http::Request request =
      probe.request(http::Method::get, "/oidc/.well-known/oauth-authorization-server");
  request.headers.emplace_back("Host", "127.0.0.1:8080");
  EXPECT_EQ(body_of(probe.serve(request).response)["token_endpoint"],
            "http://127.0.0.1:8080/oidc/v1/token");
  EXPECT_EQ(body_of(probe.get("/.well-known/databricks-config"))["workspace_id"],
            "1111111111111111");
  const auto response = probe.get("/aad/auth");
  EXPECT_EQ(response.status, 302);
  EXPECT_EQ(*http::find_header(response.headers, "Location"),
            "https://login.microsoftonline.com/" + tenant + "/oauth2/authorize?response_type=code");
}

}  // namespace
}  // namespace twinlake::simulator
