#include "simulator/identity/entra_login.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "simulator/body.h"
#include "simulator/identity/assertion.h"

namespace twinlake::simulator {
namespace {

/// A key with a certificate for it, made for one test.
class Keys {
 public:
  explicit Keys(bool elliptic = false) : key_(elliptic ? EVP_EC_gen("P-256") : EVP_RSA_gen(2048)) {
    X509* made = X509_new();
    ASN1_INTEGER_set(X509_get_serialNumber(made), 1);
    X509_gmtime_adj(X509_getm_notBefore(made), 0);
    X509_gmtime_adj(X509_getm_notAfter(made), 3600);
    X509_set_pubkey(made, key_);
    X509_sign(made, key_, EVP_sha256());
    BIO* text = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(text, made);
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(text, &bytes);
    certificate.assign(bytes, static_cast<std::size_t>(size));
    BIO_free(text);
    X509_free(made);
  }
  ~Keys() { EVP_PKEY_free(key_); }
  Keys(const Keys&) = delete;
  Keys& operator=(const Keys&) = delete;

  [[nodiscard]] std::string sign(const json& header, const json& claims) const {
    const std::string text =
        base64url_encode(header.dump()) + "." + base64url_encode(claims.dump());
    return text + "." + base64url_encode(signature(text, header.at("alg")));
  }
  std::string certificate;

 private:
  [[nodiscard]] std::string signature(const std::string& text, const std::string& algorithm) const {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    EVP_PKEY_CTX* parameters = nullptr;
    EVP_DigestSignInit(context, &parameters, EVP_sha256(), nullptr, key_);
    if (algorithm == "PS256") {
      EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING);
      EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST);
    }
    std::size_t size = 0;
    const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
    EVP_DigestSign(context, nullptr, &size, bytes, text.size());
    std::string out(size, '\0');
    EVP_DigestSign(context, reinterpret_cast<unsigned char*>(out.data()), &size, bytes,
                   text.size());
    EVP_MD_CTX_free(context);
    out.resize(size);
    return algorithm == "ES256" ? side_by_side(out) : out;
  }
  static std::string side_by_side(const std::string& der) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
    ECDSA_SIG* numbers = d2i_ECDSA_SIG(nullptr, &bytes, static_cast<long>(der.size()));
    std::string out(64, '\0');
    auto* to = reinterpret_cast<unsigned char*>(out.data());
    BN_bn2binpad(ECDSA_SIG_get0_r(numbers), to, 32);
    BN_bn2binpad(ECDSA_SIG_get0_s(numbers), to + 32, 32);
    ECDSA_SIG_free(numbers);
    return out;
  }
  EVP_PKEY* key_;
};

class EntraLoginTest : public testing::Test {
 public:
  static constexpr std::int64_t now = 1'767'225'600;  // 2026-01-01T00:00:00Z
  const std::string tenant = "0c0ffee0-7e11-4a11-9a11-000000000001";
  const std::string databricks = "2ff814a6-3304-4ab8-85cb-cd0e6f879c1d";
  Entra entra{tenant};

  using Form = std::vector<std::pair<std::string, std::string>>;
  json ask(Form form, bool version_two = true) {
    http::Request request(http::Method::post, "/ignored");
    request.body = http::encode_query(form);
    LoginRequest login{request, tenant};
    login.version_two = version_two;
    login.now_millis = now * 1000;
    return json::parse(answer_login(entra, login).body);
  }
  json secret(const std::string& scope, const std::string& secret = "s", bool version_two = true) {
    return ask({{"grant_type", "client_credentials"},
                {"client_id", "app"},
                {"client_secret", secret},
                {version_two ? "scope" : "resource", scope}},
               version_two);
  }
  json assertion(const std::string& text) {
    return ask({{"grant_type", "client_credentials"},
                {"client_id", "app"},
                {"client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
                {"client_assertion", text},
                {"scope", databricks + "/.default"}});
  }
  Audience audience(const json& answer) { return entra.token(answer.at("access_token"))->audience; }
  [[nodiscard]] json claims() const {
    return {{"aud", "https://login.microsoftonline.com/" + tenant + "/oauth2/v2.0/token"},
            {"iss", "app"},
            {"sub", "app"},
            {"nbf", now},
            {"exp", now + 3600}};
  }
  static int code(const json& answer) { return answer.value("error_codes", json{0}).at(0); }
};

TEST_F(EntraLoginTest, ATokenForEachService) {
  entra.add({.client_id = "app", .secret = "s"});
  EXPECT_EQ(audience(secret(databricks + "/.default")), Audience::databricks);
  EXPECT_EQ(audience(secret("https://management.azure.com/.default")), Audience::management);
  EXPECT_EQ(audience(secret("https://management.core.windows.net//.default openid")),
            Audience::management);
  EXPECT_EQ(audience(secret("https://storage.azure.com/.default")), Audience::storage);
  EXPECT_EQ(audience(secret("https://vault.azure.net/.default")), Audience::vault);
  EXPECT_EQ(audience(secret("https://management.core.usgovcloudapi.net/", "s", false)),
            Audience::management);
  EXPECT_EQ(code(secret("https://unknown.example/.default")), 500011);
  EXPECT_EQ(code(secret(databricks)), 1002012) << "a scope has an end";
}

TEST_F(EntraLoginTest, VersionOneWritesItsNumbersAsText) {
  entra.add({.client_id = "app", .secret = "s"});
  const json one = secret(databricks, "s", false);
  EXPECT_EQ(one.at("expires_in"), "3600");
  EXPECT_EQ(one.at("expires_on"), std::to_string(now + 3600));
  EXPECT_EQ(secret(databricks + "/.default").at("expires_in"), 3600);
}

TEST_F(EntraLoginTest, WrongSecretsAndStrangers) {
  entra.add({.client_id = "app", .secret = "s"});
  const json wrong = secret(databricks + "/.default", "x");
  EXPECT_EQ(wrong.at("error"), "invalid_client");
  EXPECT_EQ(code(wrong), 7000215);
  EXPECT_TRUE(wrong.at("error_description").get<std::string>().starts_with("AADSTS7000215: "));
  EXPECT_EQ(wrong.at("timestamp"), "2026-01-01 00:00:00Z");
  EXPECT_EQ(code(secret(databricks + "/.default", "")), 7000216);
  EXPECT_EQ(code(ask({{"grant_type", "client_credentials"},
                      {"client_id", "nobody"},
                      {"scope", databricks + "/.default"}})),
            700016);
  EXPECT_EQ(code(ask({{"grant_type", "password"}})), 70003);
}

TEST_F(EntraLoginTest, ACertificateSignsInItsOwnWays) {
  const Keys rsa, elliptic(true);
  entra.add(
      {.client_id = "app", .secret = "", .certificates = {rsa.certificate, elliptic.certificate}});
  const std::string thumbprint = thumbprint_of(rsa.certificate, false);
  EXPECT_EQ(audience(assertion(rsa.sign({{"alg", "RS256"}, {"kid", thumbprint}}, claims()))),
            Audience::databricks);
  EXPECT_EQ(code(assertion(rsa.sign({{"alg", "RS256"}, {"x5t", thumbprint}}, claims()))), 0);
  const std::string longer = thumbprint_of(rsa.certificate, true);
  EXPECT_EQ(code(assertion(rsa.sign({{"alg", "PS256"}, {"x5t#S256", longer}}, claims()))), 0);
  const std::string other = thumbprint_of(elliptic.certificate, false);
  EXPECT_EQ(code(assertion(elliptic.sign({{"alg", "ES256"}, {"kid", other}}, claims()))), 0);
}

TEST_F(EntraLoginTest, ACertificateIsNotBelievedBlindly) {
  const Keys known, stranger;
  entra.add({.client_id = "app", .secret = "", .certificates = {known.certificate}});
  const json header{{"alg", "RS256"}, {"kid", thumbprint_of(known.certificate, false)}};
  const auto changed = [&](const char* claim, const json& value) {
    json all = claims();
    all[claim] = value;
    return code(assertion(known.sign(header, all)));
  };
  EXPECT_EQ(code(assertion(stranger.sign(header, claims()))), 700027) << "another key";
  EXPECT_EQ(code(assertion(known.sign({{"alg", "RS256"}, {"kid", "x"}}, claims()))), 700027);
  EXPECT_EQ(code(assertion(known.sign({{"alg", "none"}, {"kid", header["kid"]}}, claims()))),
            700027);
  EXPECT_EQ(changed("aud", "https://elsewhere.example/token"), 700023);
  EXPECT_EQ(changed("exp", now - 3600), 700024);
  EXPECT_EQ(changed("nbf", now + 3600), 700024);
  EXPECT_EQ(changed("sub", "other"), 700021);
  EXPECT_EQ(code(assertion("no token")), 50027);
}

TEST_F(EntraLoginTest, ATokenOfSomebodyElse) {
  const Keys issuer;
  Federation trusted;
  trusted.issuer = "https://oidc.example/cluster";
  trusted.subject = "system:serviceaccount:lake:replicator";
  trusted.public_key = issuer.certificate;
  entra.add({.client_id = "app", .secret = "", .federations = {trusted}});
  json all = claims();
  all["iss"] = trusted.issuer;
  all["sub"] = trusted.subject;
  all["aud"] = trusted.audience;
  const json header{{"alg", "RS256"}};
  EXPECT_EQ(code(assertion(issuer.sign(header, all))), 0);
  EXPECT_EQ(code(assertion(Keys().sign(header, all))), 700212);
  all["sub"] = "system:serviceaccount:lake:other";
  EXPECT_EQ(code(assertion(issuer.sign(header, all))), 700213);
}

TEST_F(EntraLoginTest, ClientsFindTheEndpoints) {
  http::Request request(http::Method::get, "/");
  request.headers = {{"Host", "127.0.0.4"}, {"X-Forwarded-Proto", "https"}};
  const json found = json::parse(openid_configuration(entra, request).body);
  EXPECT_EQ(found.at("token_endpoint"), "https://127.0.0.4/" + tenant + "/oauth2/v2.0/token");
}

}  // namespace
}  // namespace twinlake::simulator
