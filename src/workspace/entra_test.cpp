// Ways into Entra ID beyond the client secret: certificates, tokens of other issuers, vaults.
#include <gtest/gtest.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "base/hash.h"
#include "http/scripted_transport.h"
#include "workspace/auth.h"
#include "workspace/entra_proof.h"
#include "workspace/secret_source.h"

namespace twinlake::workspace {
namespace {

using nlohmann::json;
using Variables = std::map<std::string, std::string, std::less<>>;

Environment variables_of(Variables variables) {
  return [variables](std::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional<std::string>(found->second);
  };
}

FileReader files_of(Variables files) {
  return [files](const std::string& path) -> Result<std::optional<std::string>> {
    const auto found = files.find(path);
    return found == files.end() ? std::nullopt : std::optional<std::string>(found->second);
  };
}

std::string pem_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string text(data, static_cast<std::size_t>(size));
  BIO_free(bio);
  return text;
}

/// A certificate of our own for a key, as people make them for an application.
std::string certificate_for(EVP_PKEY* key, long ends_in_seconds) {
  X509* certificate = X509_new();
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -1000);
  X509_gmtime_adj(X509_getm_notAfter(certificate), ends_in_seconds);
  X509_set_pubkey(certificate, key);
  X509_sign(certificate, key, EVP_sha256());
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(bio, certificate);
  X509_free(certificate);
  return pem_of(bio);
}

std::string private_key_of(EVP_PKEY* key, const std::string& password = {}) {
  BIO* bio = BIO_new(BIO_s_mem());
  const EVP_CIPHER* cipher = password.empty() ? nullptr : EVP_aes_256_cbc();
  PEM_write_bio_PKCS8PrivateKey(bio, key, cipher, password.data(),
                                static_cast<int>(password.size()), nullptr, nullptr);
  return pem_of(bio);
}

std::string from_base64url(std::string text) {
  for (char& c : text) {
    if (c == '-') c = '+';
    if (c == '_') c = '/';
  }
  while (text.size() % 4 != 0) text += '=';
  return base64_decode(text);
}

struct Jwt {
  json header;
  json claims;
  std::string text;
  std::string signature;
};
Jwt take_apart(std::string_view token) {
  const std::size_t first = token.find('.');
  const std::size_t second = token.find('.', first + 1);
  Jwt jwt;
  jwt.header = json::parse(from_base64url(std::string(token.substr(0, first))));
  jwt.claims =
      json::parse(from_base64url(std::string(token.substr(first + 1, second - first - 1))));
  jwt.text = token.substr(0, second);
  jwt.signature = from_base64url(std::string(token.substr(second + 1)));
  return jwt;
}

bool verifies(EVP_PKEY* key, const Jwt& jwt) {
  std::string signature = jwt.signature;
  if (jwt.header["alg"] == "ES256") {
    ECDSA_SIG* parts = ECDSA_SIG_new();
    const auto* bytes = reinterpret_cast<const unsigned char*>(jwt.signature.data());
    ECDSA_SIG_set0(parts, BN_bin2bn(bytes, 32, nullptr), BN_bin2bn(bytes + 32, 32, nullptr));
    unsigned char* encoded = nullptr;
    const int size = i2d_ECDSA_SIG(parts, &encoded);
    signature.assign(reinterpret_cast<char*>(encoded), static_cast<std::size_t>(size));
    OPENSSL_free(encoded);
    ECDSA_SIG_free(parts);
  }
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  EVP_DigestVerifyInit(context, nullptr, EVP_sha256(), nullptr, key);
  const int good = EVP_DigestVerify(
      context, reinterpret_cast<const unsigned char*>(signature.data()), signature.size(),
      reinterpret_cast<const unsigned char*>(jwt.text.data()), jwt.text.size());
  EVP_MD_CTX_free(context);
  return good == 1;
}

Time real_now() { return std::chrono::time_point_cast<Micros>(std::chrono::system_clock::now()); }

Result<Secret> assertion(const std::string& pem, const std::string& password = {}) {
  return signed_assertion(pem, Secret(std::string_view(password)), "app",
                          "https://l/t/oauth2/token", "id-1", real_now());
}

class WithKey : public ::testing::TestWithParam<std::string> {
 protected:
  WithKey() : key(GetParam() == "RS256" ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256")) {}
  ~WithKey() override { EVP_PKEY_free(key); }
  EVP_PKEY* key;
};

TEST_P(WithKey, TheAssertionSaysWhoAndIsSignedWithIt) {
  const auto made = assertion(private_key_of(key) + certificate_for(key, 1000));
  ASSERT_TRUE(made) << describe(made.error());
  const Jwt jwt = take_apart(made->reveal());
  EXPECT_EQ(jwt.header["alg"], GetParam());
  EXPECT_EQ(jwt.header["kid"].get<std::string>().size(), 27U) << "SHA-1 in base64url";
  EXPECT_EQ(jwt.claims["aud"], "https://l/t/oauth2/token");
  EXPECT_EQ(jwt.claims["iss"], "app");
  EXPECT_EQ(jwt.claims["sub"], "app");
  EXPECT_EQ(jwt.claims["jti"], "id-1");
  EXPECT_GT(jwt.claims["exp"], jwt.claims["nbf"]);
  EXPECT_TRUE(verifies(key, jwt));
}

TEST_P(WithKey, AnEncryptedKeyNeedsItsPassword) {
  const std::string pem = certificate_for(key, 1000) + private_key_of(key, "pass word");
  EXPECT_TRUE(assertion(pem, "pass word"));
  for (const char* const wrong : {"", "other"}) {
    const auto refused = assertion(pem, wrong);
    ASSERT_FALSE(refused);
    EXPECT_NE(describe(refused.error()).find("azure_client_certificate_password"),
              std::string::npos);
  }
}

TEST_P(WithKey, WhatIsWrongWithTheFileIsSaid) {
  EVP_PKEY* const other = EVP_EC_gen("P-256");
  const auto reason = [](const std::string& pem) {
    const auto made = assertion(pem);
    return made ? "none" : describe(made.error());
  };
  EXPECT_NE(reason("").find("no private key"), std::string::npos);
  EXPECT_NE(reason(private_key_of(key)).find("no certificate"), std::string::npos);
  EXPECT_NE(reason(private_key_of(key) + certificate_for(other, 1000)).find("another certificate"),
            std::string::npos);
  EXPECT_NE(reason(private_key_of(key) + certificate_for(key, -10)).find("has ended"),
            std::string::npos);
  EXPECT_EQ(reason(private_key_of(key) + certificate_for(other, 1000) + certificate_for(key, 1000)),
            "none")
      << "in a chain that of the key counts";
  EVP_PKEY_free(other);
}

INSTANTIATE_TEST_SUITE_P(Entra, WithKey, ::testing::Values("RS256", "ES256"));

TEST(EntraProof, AKeyThatEntraDoesNotTakeIsRefused) {
  EVP_PKEY* const key = EVP_EC_gen("P-384");
  const auto made = assertion(private_key_of(key) + certificate_for(key, 1000));
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().message.find("P-256"), std::string::npos);
  EVP_PKEY_free(key);
}

/// Passes on to a ScriptedTransport that the test keeps.
class Shared final : public http::Transport {
 public:
  explicit Shared(http::Transport& inner) : inner_(inner) {}
  Task<Result<http::Response>> send(http::Request request) override {
    return inner_.send(std::move(request));
  }

 private:
  http::Transport& inner_;
};

class EntraTest : public ::testing::Test {
 protected:
  OpenTransport open() {
    return [this](const std::string& url, bool) -> Result<std::unique_ptr<http::Transport>> {
      opened.push_back(url);
      return std::make_unique<Shared>(wire);
    };
  }
  Result<http::Headers> sign_in(const Profile& profile, std::string_view resource,
                                const Variables& variables = {}) {
    TRY(auto made,
        make_azure_credentials(loop, profile, variables_of(variables), open(), resource));
    credentials = std::move(made);
    return loop.run(credentials->headers());
  }
  std::string field(std::size_t request, std::string_view name) const {
    for (const auto& [key, value] : http::decode_query(wire.seen.at(request).body))
      if (key == name) return value;
    return "(none)";
  }
  Loop loop{Loop::Clock::virtual_time};
  http::ScriptedTransport wire{loop};
  std::vector<std::string> opened;
  std::unique_ptr<Credentials> credentials;
};

constexpr const char* token_answer = R"({"access_token":"t1","expires_in":"3599"})";

TEST_F(EntraTest, AWorkloadIdentityReadsItsFileForEachSignIn) {
  const std::string path = ::testing::TempDir() + "twinlake_federated_token";
  const auto write = [&](const char* text) { std::ofstream(path) << text; };
  Profile profile;
  profile.auth = AuthKind::azure_workload_identity;
  profile.client_id = "app";
  profile.azure_tenant_id = "tenant";
  profile.federated_token_file = path;
  wire.then(200, token_answer).then(200, token_answer);
  write("outside-1\n");
  const auto headers = sign_in(profile, endpoints_of(Cloud::public_cloud).management_resource);
  ASSERT_TRUE(headers) << describe(headers.error());
  EXPECT_EQ(*http::find_header(*headers, "Authorization"), "Bearer t1");
  EXPECT_EQ(http::find_header(*headers, "X-Databricks-Azure-SP-Management-Token"), nullptr);
  EXPECT_EQ(wire.seen[0].path, "/tenant/oauth2/token");
  EXPECT_EQ(field(0, "client_assertion"), "outside-1");
  EXPECT_EQ(field(0, "client_secret"), "(none)");
  EXPECT_EQ(field(0, "resource"), "https://management.core.windows.net/");
  write("outside-2\r\n");
  EXPECT_TRUE(credentials->refused(*headers));
  ASSERT_TRUE(loop.run(credentials->headers()));
  EXPECT_EQ(field(1, "client_assertion"), "outside-2") << "the file has rotated";
  std::remove(path.c_str());
  const auto gone = sign_in(profile, "x");
  ASSERT_FALSE(gone);
  EXPECT_NE(describe(gone.error()).find(path), std::string::npos);
}

TEST_F(EntraTest, AJobOfGithubAsksForItsTokenAtEachSignIn) {
  const Variables job{{"ACTIONS_ID_TOKEN_REQUEST_URL", "https://gh.example/token?api-version=2.0"},
                      {"ACTIONS_ID_TOKEN_REQUEST_TOKEN", "of-the-job"},
                      {"ARM_CLIENT_ID", "app"},
                      {"ARM_TENANT_ID", "tenant"}};
  const auto who = azure_sign_in(Profile(), variables_of(job), files_of({}));
  ASSERT_TRUE(who) << describe(who.error());
  ASSERT_EQ(who->auth, AuthKind::azure_github_oidc);
  wire.then(200, R"({"value":"outside"})").then(200, token_answer);
  const auto headers = sign_in(*who, "x", job);
  ASSERT_TRUE(headers) << describe(headers.error());
  EXPECT_EQ(opened.back(), "https://gh.example");
  EXPECT_EQ(wire.seen[0].path, "/token");
  EXPECT_EQ(http::encode_query(wire.seen[0].query),
            "api-version=2.0&audience=api%3A%2F%2FAzureADTokenExchange");
  EXPECT_EQ(*http::find_header(wire.seen[0].headers, "Authorization"), "Bearer of-the-job");
  EXPECT_EQ(field(1, "client_assertion"), "outside");
  wire.then(403, R"({"message":"no"})");
  const auto refused = sign_in(*who, "x", job);
  ASSERT_FALSE(refused);
  EXPECT_NE(describe(refused.error()).find("id-token: write"), std::string::npos)
      << describe(refused.error());
  EXPECT_EQ(describe(refused.error()).find("of-the-job"), std::string::npos);
  EXPECT_NE(describe(sign_in(*who, "x").error()).find("are not set"), std::string::npos);
}

TEST_F(EntraTest, AudiencesAreThoseOfTheCloud) {
  Profile profile;
  profile.auth = AuthKind::azure_client_secret;
  profile.cloud = Cloud::us_government;
  profile.client_id = "app";
  profile.azure_tenant_id = "tenant";
  profile.secret = Secret(std::string_view("s"));
  const CloudEndpoints& endpoints = endpoints_of(profile.cloud);
  wire.then(200, token_answer);
  for (const auto resource :
       {endpoints.management_resource, endpoints.storage_resource, endpoints.vault_resource})
    ASSERT_TRUE(sign_in(profile, resource));
  EXPECT_EQ(opened[0], "https://login.microsoftonline.us");
  EXPECT_EQ(field(0, "resource"), "https://management.core.usgovcloudapi.net/");
  EXPECT_EQ(field(1, "resource"), "https://storage.azure.com/");
  EXPECT_EQ(field(2, "resource"), "https://vault.usgovcloudapi.net");
  profile.azure_tenant_id.clear();
  EXPECT_NE(describe(sign_in(profile, "x").error()).find("azure_tenant_id"), std::string::npos);
}

TEST_F(EntraTest, ATokenOfTheWorkspaceDoesNotOpenAzure) {
  Profile profile;
  profile.auth = AuthKind::pat;
  const auto refused = sign_in(profile, "x");
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().hint.find("az login"), std::string::npos);
}

TEST_F(EntraTest, ASecretMayLieInAVault) {
  Profile profile;
  profile.auth = AuthKind::pat;
  profile.host = "https://adb-1.azuredatabricks.net";
  profile.secret = Secret(std::string_view("@vault:https://kv.vault.azure.net/secrets/pat"));
  const Variables variables{
      {"AZURE_CLIENT_ID", "app"}, {"AZURE_CLIENT_SECRET", "s"}, {"AZURE_TENANT_ID", "tenant"}};
  wire.then(200, token_answer).then(200, R"({"value":"dapi-from-vault","id":"x"})");
  auto made = make_credentials(loop, profile, variables_of(variables), open());
  ASSERT_TRUE(made) << describe(made.error());
  const auto headers = loop.run((*made)->headers());
  ASSERT_TRUE(headers) << describe(headers.error());
  EXPECT_EQ(*http::find_header(*headers, "Authorization"), "Bearer dapi-from-vault");
  EXPECT_EQ(field(0, "resource"), "https://vault.azure.net");
  EXPECT_EQ(wire.seen[1].path, "/secrets/pat");
  EXPECT_EQ(*http::find_header(wire.seen[1].headers, "Authorization"), "Bearer t1");
}

TEST(VaultPlace, IsAVaultOfTheCloudAndNothingElse) {
  EXPECT_TRUE(vault_place("@vault:https://kv.vault.azure.cn/secrets/a/b", Cloud::china));
  for (const char* const wrong :
       {"@vault:", "@vault:kv", "@vault:https://kv.vault.azure.net/keys/x",
        "@vault:https://kv.vault.azure.net/secrets/", "@vault:https://evil.example/secrets/x",
        "@vault:https://evil.example/.vault.azure.net/secrets/x",
        "@vault:http://kv.vault.azure.net/secrets/x",
        "@vault:https://evil.example?.vault.azure.net/secrets/x",
        "@vault:http://127.0.0.1:80@evil.example/secrets/x",
        "@vault:https://kv.vault.azure.net/secrets/x?y"})
    EXPECT_FALSE(vault_place(wrong, Cloud::public_cloud)) << wrong;
}

Result<Profile> signed_in(const Profile& profile, Variables variables, Variables files = {}) {
  return azure_sign_in(profile, variables_of(std::move(variables)), files_of(std::move(files)));
}

TEST(AzureSignIn, OfAnotherKindOfProfileIsTheEnvironments) {
  Profile token;
  token.cloud = Cloud::china;
  const Variables both{{"ARM_CLIENT_ID", "arm"},       {"ARM_CLIENT_SECRET", "arm-secret"},
                       {"AZURE_CLIENT_ID", "azure"},   {"AZURE_CLIENT_SECRET", "azure-secret"},
                       {"AZURE_TENANT_ID", "t-azure"}, {"DATABRICKS_TOKEN", "unrelated"}};
  const auto arm = signed_in(token, both);
  ASSERT_TRUE(arm) << describe(arm.error());
  EXPECT_EQ(arm->auth, AuthKind::azure_client_secret);
  EXPECT_EQ(arm->client_id, "arm");
  EXPECT_EQ(arm->secret.reveal(), "arm-secret");
  EXPECT_EQ(arm->azure_tenant_id, "t-azure");
  EXPECT_EQ(arm->cloud, Cloud::china);
  EXPECT_EQ(
      signed_in(token, {{"AZURE_CLIENT_ID", "a"}, {"AZURE_FEDERATED_TOKEN_FILE", "/f"}})->auth,
      AuthKind::azure_workload_identity);
  EXPECT_EQ(signed_in(token, {{"ARM_CLIENT_ID", "a"}, {"ARM_CLIENT_CERTIFICATE_PATH", "/c"}})->auth,
            AuthKind::azure_client_certificate);
  EXPECT_EQ(signed_in(token, {})->auth, AuthKind::azure_cli);
}

TEST(AzureSignIn, TheSecretMayLieInAFile) {
  const Variables variables{{"ARM_CLIENT_ID", "a"}, {"ARM_CLIENT_SECRET_FILE_PATH", "/run/s"}};
  EXPECT_EQ(signed_in(Profile(), variables, {{"/run/s", "from file\n"}})->secret.reveal(),
            "from file");
  EXPECT_NE(describe(signed_in(Profile(), variables).error()).find("/run/s"), std::string::npos);
  EXPECT_FALSE(signed_in(Profile(), variables, {{"/run/s", "\n"}}));
}

}  // namespace
}  // namespace twinlake::workspace
