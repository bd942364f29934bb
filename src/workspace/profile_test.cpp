#include "workspace/profile.h"

#include <gtest/gtest.h>

#include <map>

namespace twinlake::workspace {
namespace {

using Variables = std::map<std::string, std::string, std::less<>>;

Environment environment_of(Variables variables) {
  return [variables = std::move(variables)](std::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional<std::string>(found->second);
  };
}

/// One file at one path; nothing elsewhere.
FileReader file_at(std::string place, std::string text) {
  return [place = std::move(place),
          text = std::move(text)](const std::string& path) -> Result<std::optional<std::string>> {
    if (path != place) return std::nullopt;
    return std::optional<std::string>(text);
  };
}

constexpr const char* config = R"(
[__settings__]
default_profile = east
[DEFAULT]
host = https://default.example
token = t-default
[east]
host = https://ADB-1.2.azuredatabricks.net/?o=123
token = t-east
[oauth]
host = adb-3.azuredatabricks.net
client_id = id
client_secret = s3cret # a note
[entra]
host = https://adb-4.databricks.azure.us
azure_workspace_resource_id = /subscriptions/s/resourceGroups/r/providers/Microsoft.Databricks/workspaces/w
azure_tenant_id = tenant
azure_client_id = app
[cli]
host = https://adb-5.azuredatabricks.net
[both]
host = https://x.example
token = t
azure_client_id = app
[forced]
host = https://x.example
token = t
client_id = id
client_secret = s
auth_type = oauth-m2m
[old]
host = https://x.example
username = u
password = p
[hostless]
token = t
[clear]
host = http://x.example
token = t
)";

Result<Profile> resolve(const std::string& name, Variables variables = {},
                        const std::string& text = config) {
  variables.emplace("HOME", "/home/me");
  return resolve_profile(name, environment_of(std::move(variables)),
                         file_at("/home/me/.databrickscfg", text));
}

std::string error_of(const std::string& name, Variables variables = {}) {
  const auto result = resolve(name, std::move(variables));
  return result ? "none" : describe(result.error());
}

TEST(Profile, Token) {
  const auto profile = resolve("east");
  ASSERT_TRUE(profile);
  EXPECT_EQ(profile->name, "east");
  EXPECT_EQ(profile->host, "https://adb-1.2.azuredatabricks.net");
  EXPECT_EQ(profile->workspace_id, "123");
  EXPECT_EQ(profile->auth, AuthKind::pat);
  EXPECT_EQ(profile->secret.reveal(), "t-east");
}

TEST(Profile, Oauth) {
  const auto profile = resolve("oauth");
  ASSERT_TRUE(profile);
  EXPECT_EQ(profile->host, "https://adb-3.azuredatabricks.net");
  EXPECT_EQ(profile->auth, AuthKind::oauth_m2m);
  EXPECT_EQ(profile->client_id, "id");
  EXPECT_EQ(profile->secret.reveal(), "s3cret");
  EXPECT_EQ(profile->scopes, "all-apis");
}

TEST(Profile, ANamedOneIsCompletedButNotOverruledByTheEnvironment) {
  const Variables shell{{"DATABRICKS_HOST", "https://other.example"},
                        {"DATABRICKS_TOKEN", "t-other"},
                        {"DATABRICKS_AUTH_TYPE", "pat"},
                        {"ARM_CLIENT_SECRET", "from-shell"},
                        {"DATABRICKS_CLIENT_ID", "other"},
                        {"DATABRICKS_CLIENT_SECRET", "other"}};
  const auto east = resolve("east", shell);
  ASSERT_TRUE(east);
  EXPECT_EQ(east->secret.reveal(), "t-east");
  EXPECT_EQ(east->host, "https://adb-1.2.azuredatabricks.net");
  const auto entra = resolve("entra", shell);
  ASSERT_TRUE(entra) << describe(entra.error());
  EXPECT_EQ(entra->auth, AuthKind::azure_client_secret);
  EXPECT_EQ(entra->secret.reveal(), "from-shell");
  EXPECT_EQ(entra->cloud, Cloud::us_government);
  EXPECT_EQ(entra->azure_tenant_id, "tenant");
}

TEST(Profile, WithoutANameTheOfficialOrderHolds) {
  EXPECT_EQ(resolve("")->secret.reveal(), "t-east") << "default_profile of __settings__";
  EXPECT_EQ(resolve("", {{"DATABRICKS_CONFIG_PROFILE", "oauth"}})->client_id, "id");
  const auto from_shell =
      resolve("", {{"DATABRICKS_HOST", "https://shell.example"}, {"DATABRICKS_TOKEN", "t"}});
  ASSERT_TRUE(from_shell);
  EXPECT_EQ(from_shell->host, "https://shell.example");
  EXPECT_EQ(from_shell->name, "");
  EXPECT_EQ(resolve("", {}, "[DEFAULT]\nhost=d.example\ntoken=t\n")->host, "https://d.example");
  EXPECT_FALSE(resolve("", {{"DATABRICKS_TOKEN", "t"}}))
      << "the file is skipped, so there is no host";
  EXPECT_FALSE(resolve("", {}, "")) << "no DEFAULT is no error by itself, no host is";
}

TEST(Profile, AzureKinds) {
  EXPECT_EQ(resolve("cli")->auth, AuthKind::azure_cli);
  EXPECT_EQ(resolve("entra")->auth, AuthKind::azure_cli) << "without the secret";
  EXPECT_EQ(resolve("cli", {{"ARM_USE_MSI", "true"}})->auth, AuthKind::azure_msi);
  EXPECT_EQ(resolve("forced")->auth, AuthKind::oauth_m2m) << "auth_type chooses";
  EXPECT_EQ(resolve("cli", {{"ARM_ENVIRONMENT", "china"}})->cloud, Cloud::china);
}

TEST(Profile, MoreAzureKinds) {
  const auto of = [](const std::string& lines, Variables variables = {}) {
    return resolve("x", std::move(variables), "[x]\n" + lines);
  };
  const std::string id = "azure_workspace_resource_id = /subscriptions/s/x\n";
  const auto certificate = of(id + "azure_client_id = a\nazure_client_certificate_path = /c.pem\n");
  ASSERT_TRUE(certificate) << describe(certificate.error());
  EXPECT_EQ(certificate->auth, AuthKind::azure_client_certificate);
  EXPECT_EQ(certificate->certificate_file, "/c.pem");
  EXPECT_EQ(certificate->host, "") << "ARM tells it";
  const auto workload = of("host = h.example\nauth_type = azure-workload-identity\n",
                           {{"AZURE_CLIENT_ID", "a"}, {"AZURE_FEDERATED_TOKEN_FILE", "/t"}});
  ASSERT_TRUE(workload) << describe(workload.error());
  EXPECT_EQ(workload->federated_token_file, "/t");
  const auto hosts = of(id +
                        "azure_login_host = http://127.0.0.1:7/\n"
                        "azure_arm_host = http://127.0.0.1:8\n");
  ASSERT_TRUE(hosts) << describe(hosts.error());
  EXPECT_EQ(hosts->login_host, "http://127.0.0.1:7");
  EXPECT_EQ(hosts->arm_host, "http://127.0.0.1:8");
  EXPECT_FALSE(of(id + "azure_arm_host = http://other.example\n")) << "tokens in the clear";
  EXPECT_EQ(of("host = h.example\ntoken = t\n", {{"AZURE_CLIENT_ID", "a"}})->auth, AuthKind::pat)
      << "what a platform sets unasked is no second method";
  EXPECT_FALSE(of("token = t\nazure_workspace_resource_id = /x\n"));
}

TEST(Profile, Errors) {
  EXPECT_NE(error_of("nowhere").find("it holds: DEFAULT, east"), std::string::npos)
      << error_of("nowhere");
  EXPECT_NE(error_of("both").find("more than one authorization method configured: pat and azure"),
            std::string::npos);
  EXPECT_NE(error_of("old").find("no longer accepted"), std::string::npos);
  EXPECT_NE(error_of("hostless").find("no host"), std::string::npos);
  EXPECT_NE(error_of("clear").find("plain http"), std::string::npos);
  EXPECT_NE(error_of("__settings__").find("not a profile"), std::string::npos);
  EXPECT_NE(error_of("east", {{"DATABRICKS_CONFIG_FILE", "/none"}}).find("there is no /none"),
            std::string::npos);
  EXPECT_NE(error_of("cli", {{"ARM_ENVIRONMENT", "MOON"}}).find("azure_environment"),
            std::string::npos);
  const auto broken = resolve("x", {}, "[x]\nhost\n");
  EXPECT_NE(broken.error().message.find("/home/me/.databrickscfg, line 2"), std::string::npos)
      << broken.error().message;
}

TEST(Profile, TheFileMayLieElsewhere) {
  const auto reader = file_at("/home/me/other.cfg", "[a]\nhost=h.example\ntoken=t\n");
  const auto environment =
      environment_of({{"HOME", "/home/me"}, {"DATABRICKS_CONFIG_FILE", "~/other.cfg"}});
  EXPECT_TRUE(resolve_profile("a", environment, reader));
}

struct HostRow {
  const char* text;
  const char* host;
  const char* workspace;
  const char* account;
};

TEST(Profile, Hosts) {
  const HostRow rows[] = {
      {"adb-1.2.azuredatabricks.net", "https://adb-1.2.azuredatabricks.net", "", ""},
      {"https://X.net/", "https://x.net", "", ""},
      {"https://x.net/login.html?o=42#job/1", "https://x.net", "42", ""},
      {"https://x.net?workspace_id=7&account_id=a-b", "https://x.net", "7", "a-b"},
      {"https://x.net?w=abc&a=1", "https://x.net", "", "1"},
      {"http://127.0.0.1:8080/", "http://127.0.0.1:8080", "", ""},
  };
  for (const HostRow& row : rows) {
    const auto parts = normalise_host(row.text);
    ASSERT_TRUE(parts) << row.text;
    EXPECT_EQ(parts->host, row.host);
    EXPECT_EQ(parts->workspace_id, row.workspace);
    EXPECT_EQ(parts->account_id, row.account);
  }
  for (const char* bad : {"", "https://", "http://x.net", "https://u:p@x.net", "ftp://x"})
    EXPECT_FALSE(normalise_host(bad)) << bad;
}

TEST(Profile, Clouds) {
  EXPECT_EQ(cloud_of_host("https://adb-1.2.azuredatabricks.net"), Cloud::public_cloud);
  EXPECT_EQ(cloud_of_host("https://adb-1.2.databricks.azure.us:443"), Cloud::us_government);
  EXPECT_EQ(cloud_of_host("adb-1.2.databricks.azure.cn/"), Cloud::china);
  EXPECT_EQ(cloud_of_host("127.0.0.1"), Cloud::public_cloud);
  EXPECT_EQ(endpoints_of(Cloud::china).login, "https://login.chinacloudapi.cn");
}

TEST(Profile, TheRealFile) {
  const auto reader = disk_reader();
  EXPECT_FALSE(reader("/nonexistent/file")->has_value());
  EXPECT_TRUE(reader("/etc/passwd")->has_value());
  EXPECT_EQ(reader("/proc/self/mem/x")->has_value(), false);
}

}  // namespace
}  // namespace twinlake::workspace
