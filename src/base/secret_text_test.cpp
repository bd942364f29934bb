#include "base/secret_text.h"

#include <gtest/gtest.h>

namespace twinlake {
namespace {

const std::string storage_key = std::string(86, 'k') + "==";
constexpr const char* web_token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJlLXBhcnQ";

struct Shape {
  const char* name;
  std::string text;
  std::string shown;
};

class SecretShapes : public testing::TestWithParam<Shape> {};

TEST_P(SecretShapes, AreHiddenAndTheRestStays) {
  EXPECT_EQ(hide_secrets(GetParam().text), GetParam().shown);
  EXPECT_TRUE(holds_secret(GetParam().text));
  EXPECT_FALSE(holds_secret(GetParam().shown)) << "what is hidden is not found again";
}

INSTANTIATE_TEST_SUITE_P(
    All, SecretShapes,
    testing::Values(
        Shape{"sas", "https://a.blob.core.windows.net/c?sv=2024&sig=aB%2Bc%3D&se=2030",
              "https://a.blob.core.windows.net/c?sv=2024&sig=(hidden)&se=2030"},
        Shape{"account_key",
              "DefaultEndpointsProtocol=https;AccountName=st;AccountKey=abc/def+g==;X=y",
              "DefaultEndpointsProtocol=https;AccountName=st;AccountKey=(hidden);X=y"},
        Shape{"event_hub", "Endpoint=sb://h/;SharedAccessKeyName=root;SharedAccessKey=abc=",
              "Endpoint=sb://h/;SharedAccessKeyName=(hidden);SharedAccessKey=(hidden)"},
        Shape{"database", "jdbc:sqlserver://s:1433;user=u;password=p w;encrypt=true",
              "jdbc:sqlserver://s:1433;user=u;password=(hidden) w;encrypt=true"},
        Shape{"web_token", std::string("x ") + web_token + " y", "x (hidden) y"},
        Shape{"databricks", "t dapi0123456789abcdef0123456789abcdef-2 u", "t (hidden) u"},
        Shape{"databricks_within", "mydapi-dapi0123456789abcdef0123456789abcdef u",
              "mydapi-(hidden) u"},
        Shape{"storage_key", "k " + storage_key + ".", "k (hidden)."},
        Shape{"url", "https://me:pa55@pypi.contoso.com/simple",
              "https://me:(hidden)@pypi.contoso.com/simple"},
        Shape{"pem", "a\n-----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY-----\nb",
              "a\n(hidden)\nb"},
        Shape{"pem_cut", "-----BEGIN PRIVATE KEY-----\nMII", "(hidden)"},
        Shape{"variable", "export DB_PASSWORD=hunter2\nrun", "export DB_PASSWORD=(hidden)\nrun"},
        Shape{"quoted", "client_secret = \"a b\"", "client_secret = \"(hidden)\""},
        Shape{"json", R"j({"apiKey": "x y", "n": 1})j", R"j({"apiKey": "(hidden)", "n": 1})j"},
        Shape{"curl", "curl -u me:pw https://x", "curl -u me:(hidden) https://x"},
        Shape{"bearer", "-H 'Authorization: Bearer abcdefghijklmnop1'",
              "-H 'Authorization: Bearer (hidden)'"}),
    [](const auto& info) { return std::string(info.param.name); });

class NoSecrets : public testing::TestWithParam<const char*> {};

TEST_P(NoSecrets, StayAsTheyAre) { EXPECT_EQ(hide_secrets(GetParam()), GetParam()); }

INSTANTIATE_TEST_SUITE_P(
    All, NoSecrets,
    testing::Values("abfss://raw@stweu.dfs.core.windows.net/x", "{{secrets/app/password}}",
                    "password={{secrets/a/b}}", "export TOKEN=$(cat /run/token)", "TOKEN=${TOKEN}",
                    "pypi --index-url https://pypi.org/simple", "Invalid token: expired",
                    "password = dbutils.secrets.get(\"a\", \"b\")", "task_key=main",
                    "partition_key=order_id",
                    "-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----", "a=b", "=", ":",
                    "https://host:8080/x@y", "eyJ", "", "sig=", "password: see the wiki"));

TEST(SecretParts, AreFoundInLongAndHostileTextsToo) {
  for (const char* piece :
       {"token=", "token=$", "key=", "eyJ.", "dapi-", "-----BEGIN PRIVATE KEY-----",
        "://u:", " -u \"a:", "Bearer ", "\"password\":\"", "= ", "k", "a.b:", "-----BEGIN "}) {
    std::string text;
    while (text.size() < 400'000) text += piece;
    std::size_t end = 0;
    for (const SecretPart& part : secret_parts(text)) {
      EXPECT_GE(part.begin, end) << piece;
      EXPECT_GT(part.end, part.begin) << piece;
      end = part.end;
    }
    EXPECT_LE(end, text.size()) << piece;
  }
}

TEST(SecretNames, AreFoundHoweverTheWordsAreJoined) {
  for (const char* name :
       {"password", "DB_PASSWORD", "PGPASSWORD", "clientSecret",
        "fs.azure.account.key.stweu.dfs.core.windows.net", "fs.azure.sas.fixed.token.c.stweu",
        "API_TOKEN", "storageKey", "connection-string", "apikey", "SAS"})
    EXPECT_TRUE(names_secret(name)) << name;
  for (const char* name : {"spark.sql.shuffle.partitions", "task_key", "job_cluster_key",
                           "partition.key", "primaryKey", "monkey", "keyboard", "max_tokens",
                           "tokenizer", "passenger", "sasquatch", "", "name", "compass"})
    EXPECT_FALSE(names_secret(name)) << name;
}

TEST(SecretNames, AReferenceIsNoSecret) {
  EXPECT_TRUE(is_secret_reference("{{secrets/app/key}}"));
  EXPECT_FALSE(is_secret_reference("{{secrets/app/key}}x"));
  EXPECT_FALSE(is_secret_reference("{{secrets/a/b}}{{secrets/c/d}}"))
      << "two of them are a text of their own";
  EXPECT_FALSE(is_secret_reference("{{job.id}}"));
}

}  // namespace
}  // namespace twinlake
