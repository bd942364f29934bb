#include "simulator/azure/vault_data.h"

#include <gtest/gtest.h>

#include "simulator/azure/azure_probe.h"

namespace twinlake::simulator {
namespace {

class VaultDataTest : public testing::Test {
 public:
  VaultDataTest() {
    probe.cloud().vault_data().put("kv-lake", "client-secret", "s3cret value");
    use(Audience::vault);
  }
  void use(Audience audience) {
    probe.use_token(probe.cloud().entra().issue("app", audience, probe.now_micros() / 1000, 3600));
  }
  AzureProbe probe;
};

TEST_F(VaultDataTest, GivesValuesToWhoeverMayHaveThem) {
  const json secret = azure_body(probe.get("/secrets/client-secret?api-version=7.6"));
  EXPECT_EQ(secret.at("value"), "s3cret value");
  const json all = azure_body(probe.get("/secrets?api-version=7.6")).at("value");
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].at("id"), "https://kv-lake.vault.azure.net/secrets/client-secret");
  EXPECT_FALSE(all[0].contains("value")) << "names only";
  EXPECT_EQ(probe.cloud().world().dump().find("s3cret"), std::string::npos);
}

TEST_F(VaultDataTest, RefusesEverybodyElse) {
  EXPECT_EQ(azure_code(probe.get("/secrets/other?api-version=7.6")), "SecretNotFound");
  EXPECT_EQ(azure_code(probe.get("/secrets/client-secret?api-version=9.9")), "BadParameter");
  use(Audience::management);
  const auto refused = probe.get("/secrets/client-secret?api-version=7.6");
  EXPECT_EQ(refused.status, 401);
  EXPECT_NE(azure_header(refused, "WWW-Authenticate").find("vault.azure.net"), std::string::npos);
  use(Audience::vault);
  probe.wait(7200);
  EXPECT_EQ(probe.get("/secrets/client-secret?api-version=7.6").status, 401) << "it has ended";
}

TEST_F(VaultDataTest, AVaultIsItsHost) {
  probe.post("/sim/vault-secrets", {{"vault", "kv-two"}, {"name", "a"}, {"value", "b"}});
  http::Request request = probe.request(http::Method::get, "/secrets/a?api-version=7.5");
  request.headers.emplace_back("Host", "kv-two.vault.azure.net");
  EXPECT_EQ(azure_body(probe.cloud().handle(request, probe.now_micros())).at("value"), "b");
  request.headers.back().second = "kv-none.vault.azure.net";
  EXPECT_EQ(azure_code(probe.cloud().handle(request, probe.now_micros())), "VaultNotFound");
}

}  // namespace
}  // namespace twinlake::simulator
