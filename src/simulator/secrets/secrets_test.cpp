#include "simulator/secrets/secrets.h"

#include <gtest/gtest.h>

#include "simulator/identity/identity.h"
#include "simulator/probe.h"

namespace twinlake::simulator {
namespace {

using people::ana;
using routes::secrets_api;
const std::string application = "3f2c9d0e-1b7a-4d55-9c1a-5a7be0f1d2aa";

RegionOptions with_application() {
  RegionOptions options;
  Credential credential;
  credential.client_id = application;
  credential.secret = "s3cret";
  options.credentials.push_back(credential);
  return options;
}

class SecretsTest : public testing::Test {
 protected:
  SecretsTest() {
    probe.region().get<Identity>().ensure_user(ana, false);
    probe.post("/sim/credentials", json::object({{"token", "dapi-ana"}, {"principal", ana}}));
  }
  void as(const std::string& who) { probe.use_token(who == ana ? "dapi-ana" : "dapi-simulated"); }
  http::Response make_scope(const std::string& name) {
    return probe.post(secrets_api + "scopes/create", json::object({{"scope", name}}));
  }
  http::Response put(const std::string& scope, const std::string& key, const std::string& value,
                     const char* form = "string_value") {
    return probe.post(secrets_api + "put",
                      json::object({{"scope", scope}, {"key", key}, {form, value}}));
  }
  http::Response remove(const std::string& scope, const std::string& key) {
    return probe.post(secrets_api + "delete", json::object({{"scope", scope}, {"key", key}}));
  }
  http::Response read(const std::string& scope, const std::string& key) {
    return probe.get(secrets_api + "get?scope=" + scope + "&key=" + key);
  }
  http::Response list(const std::string& scope) {
    return probe.get(secrets_api + "list?scope=" + scope);
  }
  http::Response grant(const std::string& scope, const std::string& who, const char* right) {
    return probe.post(secrets_api + "acls/put",
                      json::object({{"scope", scope}, {"principal", who}, {"permission", right}}));
  }
  std::string token(const std::string& path, const std::string& parameter,
                    const std::string& resource) {
    http::Request request(http::Method::post, path);
    request.body = http::encode_query({{"grant_type", "client_credentials"},
                                       {"client_id", application},
                                       {"client_secret", "s3cret"},
                                       {parameter, resource}});
    request.content_type = "application/x-www-form-urlencoded";
    return text_of(body_of(probe.serve(request).response), "access_token");
  }
  http::Response make_vault_scope(const std::string& name) {
    json body = json::object({{"scope", name}, {"scope_backend_type", "AZURE_KEYVAULT"}});
    body["backend_azure_keyvault"] = json::object(
        {{"resource_id", "/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v"},
         {"dns_name", "https://v.vault.azure.net/"}});
    return probe.post(secrets_api + "scopes/create", body);
  }
  Probe probe{with_application()};
};

TEST_F(SecretsTest, AreWrittenListedReadAndDeleted) {
  make_scope("app");
  EXPECT_FALSE(body_of(list("app")).contains("secrets"))
      << "nothing is left out, not an empty list";
  ASSERT_EQ(put("app", "db-password", "hunter2").status, 200);
  const json row = body_of(list("app")).at("secrets").at(0);
  EXPECT_EQ(row, json::object({{"key", "db-password"},
                               {"last_updated_timestamp", probe.now_micros() / 1000}}));
  EXPECT_EQ(body_of(read("app", "db-password")),
            json::object({{"key", "db-password"}, {"value", "aHVudGVyMg=="}}));
  probe.wait_millis(1000);
  ASSERT_EQ(
      put("app", "db-password", base64_encode(std::string("\0\xff", 2)), "bytes_value").status, 200)
      << "a put replaces";
  EXPECT_EQ(text_of(body_of(read("app", "db-password")), "value"), "AP8=");
  EXPECT_EQ(integer_of(body_of(list("app")).at("secrets").at(0), "last_updated_timestamp"),
            probe.now_micros() / 1000);
  EXPECT_EQ(count_of(body_of(list("app")), "secrets"), 1U);
  ASSERT_EQ(remove("app", "db-password").status, 200);
  EXPECT_EQ(remove("app", "db-password").status, 404);
  EXPECT_EQ(code_of(read("app", "db-password")), "RESOURCE_DOES_NOT_EXIST");
}

TEST_F(SecretsTest, AreRefusedForTheDocumentedReasons) {
  make_scope("app");
  EXPECT_EQ(code_of(put("none", "k", "v")), "RESOURCE_DOES_NOT_EXIST");
  EXPECT_EQ(list("none").status, 404);
  EXPECT_EQ(put("app", "no blanks", "v").status, 400);
  EXPECT_EQ(put("app", std::string(129, 'k'), "v").status, 400);
  EXPECT_EQ(put("app", std::string(128, 'k'), "v").status, 200);
  EXPECT_EQ(put("app", "k", std::string(128UL * 1024, 'v')).status, 200);
  EXPECT_EQ(code_of(put("app", "k", std::string(128UL * 1024 + 1, 'v'))),
            "INVALID_PARAMETER_VALUE");
  EXPECT_EQ(put("app", "k", "no base64", "bytes_value").status, 400);
  json both = json::object({{"scope", "app"}, {"key", "k"}, {"string_value", "v"}});
  both["bytes_value"] = "dg==";
  EXPECT_EQ(probe.post(secrets_api + "put", both).status, 400);
  both.erase("bytes_value");
  both.erase("string_value");
  EXPECT_EQ(probe.post(secrets_api + "put", both).status, 400);
}

TEST_F(SecretsTest, AScopeHoldsAThousand) {
  make_scope("app");
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(put("app", "k" + std::to_string(i), "v").status, 200);
  EXPECT_EQ(code_of(put("app", "one-more", "v")), "RESOURCE_LIMIT_EXCEEDED");
  EXPECT_EQ(put("app", "k7", "other").status, 200);
}

TEST_F(SecretsTest, ReadingNeedsReadAndWritingNeedsWrite) {
  make_scope("app");
  put("app", "k", "v");
  auto& secrets = probe.region().get<Secrets>();
  as(ana);
  EXPECT_EQ(code_of(list("app")), "PERMISSION_DENIED");
  EXPECT_EQ(read("app", "k").status, 403);
  EXPECT_FALSE(secrets.may_read("app", ana));
  as("admin");
  ASSERT_EQ(grant("app", "users", "READ").status, 200) << "through a group";
  as(ana);
  EXPECT_EQ(read("app", "k").status, 200);
  EXPECT_EQ(put("app", "k", "w").status, 403);
  EXPECT_TRUE(secrets.may_read("app", ana));
  as("admin");
  grant("app", ana, "WRITE");
  as(ana);
  EXPECT_EQ(put("app", "k", "w").status, 200);
  EXPECT_EQ(remove("app", "k").status, 200);
  EXPECT_EQ(probe.post(secrets_api + "scopes/delete", json::object({{"scope", "app"}})).status, 403)
      << "that needs MANAGE";
}

TEST_F(SecretsTest, StayInsideWhenTheRegionIsAsDocumented) {
  make_scope("app");
  put("app", "k", "v");
  ASSERT_EQ(probe.post("/sim/options", json::object({{"secrets_stay_inside", true}})).status, 200);
  const auto refused = read("app", "k");
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(code_of(refused), "BAD_REQUEST");
  EXPECT_EQ(probe.region().get<Secrets>().value("app", "k"), "v") << "for what runs in a cluster";
  probe.region().set_secrets_stay_inside(false);
  EXPECT_EQ(read("app", "k").status, 200);
}

TEST_F(SecretsTest, GoWithTheirScope) {
  make_scope("app");
  put("App", "k", "v");
  EXPECT_EQ(probe.region().get<Secrets>().value("APP", "k"), "v") << "names ignore case";
  ASSERT_EQ(probe.post(secrets_api + "scopes/delete", json::object({{"scope", "App"}})).status,
            200);
  EXPECT_EQ(list("app").status, 404);
  EXPECT_EQ(probe.region().get<Secrets>().value("app", "k"), std::nullopt);
  make_scope("app");
  EXPECT_EQ(read("app", "k").status, 404) << "a new scope of that name is empty";
}

TEST_F(SecretsTest, AllScopesNeedAnEntraTokenForAVault) {
  EXPECT_EQ(message_of(make_vault_scope("kv")),
            "Scope with Azure KeyVault must have userAADToken defined!")
      << "with a personal access token";
  probe.use_token(token("/oidc/v1/token", "scope", "all-apis"));
  EXPECT_EQ(code_of(make_vault_scope("kv")), "INVALID_PARAMETER_VALUE") << "Databricks OAuth";
  probe.use_token(token("/" + probe.region().options().tenant + "/oauth2/v2.0/token", "scope",
                        "2ff814a6-3304-4ab8-85cb-cd0e6f879c1d/.default"));
  EXPECT_EQ(make_vault_scope("kv").status, 200);
}

TEST_F(SecretsTest, OfAVaultCannotBeWritten) {
  probe.use_token(token("/" + probe.region().options().tenant + "/oauth2/token", "resource",
                        "2ff814a6-3304-4ab8-85cb-cd0e6f879c1d"));
  ASSERT_EQ(make_vault_scope("kv").status, 200);
  EXPECT_EQ(code_of(put("kv", "k", "v")), "BAD_REQUEST");
  EXPECT_EQ(code_of(remove("kv", "k")), "BAD_REQUEST");
  const json planted = json::object({{"scope", "kv"}, {"key", "k"}, {"string_value", "v"}});
  ASSERT_EQ(probe.post("/sim/secrets", planted).status, 200);
  EXPECT_EQ(text_of(body_of(read("kv", "k")), "value"), "dg==");
}

TEST_F(SecretsTest, AreShownByTheWorld) {
  make_scope("app");
  put("app", "k", "v");
  grant("app", ana, "READ");
  const json world = probe.region().world();
  const json& secret = world.at("secrets").at(0);
  EXPECT_EQ(secret.at("scope"), "app");
  EXPECT_EQ(secret.at("value"), "dg==");
  EXPECT_EQ(world.at("secret_acls").size(), 2U) << "of who made it and of ana";
}

TEST_F(SecretsTest, MayTellTheirTimeAsText) {
  Unsettled unsettled;
  unsettled.secret_times_as_text = true;
  probe.region().set_unsettled(unsettled);
  make_scope("app");
  put("app", "k", "v");
  EXPECT_TRUE(body_of(list("app")).at("secrets").at(0).at("last_updated_timestamp").is_string());
}

}  // namespace
}  // namespace twinlake::simulator
