// What the founding article leaves to people: secrets, libraries and scripts outside the tree, settings.
#include <gtest/gtest.h>

#include "base/hash.h"
#include "base/json_path.h"
#include "simulator/faults.h"
#include "support/estate.h"
#include "support/lab.h"

namespace twinlake::test {
namespace {

using nlohmann::json;

/// A sync that must be complete.
engine::SyncReport good_sync(Lab& lab) {
  auto report = lab.sync();
  EXPECT_TRUE(report && report->outcome == "complete") << told(report);
  return report ? std::move(*report) : engine::SyncReport{};
}

std::string error_of(const engine::SyncReport& report, const std::string& address) {
  for (const auto& object : report.objects)
    if (object.address == address) return object.error;
  return {};
}

// --- secrets

void make_scope(Lab& lab, const std::string& scope) {
  lab.primary("POST", "/api/2.0/secrets/scopes/create", {{"scope", scope}});
}
void put_secret(Lab& lab, const std::string& scope, const std::string& key, const std::string& value) {
  lab.primary("POST", "/api/2.0/secrets/put", {{"scope", scope}, {"key", key}, {"string_value", value}});
}
std::string secret_on_secondary(Lab& lab, const std::string& scope, const std::string& key) {
  const json answer = lab.secondary("GET", "/api/2.0/secrets/get?scope=" + scope + "&key=" + key);
  return base64_decode(answer.value("value", std::string()));
}

TEST(Secrets, ComeWithTheirValuesAndAccessLists) {
  Lab lab;
  const std::string binary("\x00\xff\xfe\x80", 4);
  const std::string large(128 * 1024, 'k');
  make_scope(lab, "app");
  put_secret(lab, "app", "password", "p\u00e4ssw\u00f6rd \u2713");
  put_secret(lab, "app", "large", large);
  make_scope(lab, "app/eu");
  put_secret(lab, "app/eu", "db/reader", "slashes in both names");
  lab.primary("POST", "/api/2.0/secrets/put", {{"scope", "app"}, {"key", "key"}, {"bytes_value", base64_encode(binary)}});
  make_scope(lab, "empty");
  lab.primary("POST", "/api/2.0/preview/scim/v2/Groups", {{"displayName", "readers"}});
  lab.primary("POST", "/api/2.0/secrets/acls/put", {{"scope", "app"}, {"principal", "readers"}, {"permission", "READ"}});
  good_sync(lab);
  EXPECT_EQ(lab.not_in_sync(), "");
  EXPECT_EQ(secret_on_secondary(lab, "app", "password"), "p\u00e4ssw\u00f6rd \u2713");
  EXPECT_EQ(secret_on_secondary(lab, "app", "large"), large);
  EXPECT_EQ(secret_on_secondary(lab, "app/eu", "db/reader"), "slashes in both names");
  EXPECT_EQ(secret_on_secondary(lab, "app", "key"), binary);
  EXPECT_EQ(text_at(lab.secondary("GET", "/api/2.0/secrets/acls/get?scope=app&principal=readers"), "/permission"), "READ");
}

TEST(Secrets, AreReadAgainOnlyWhenTheyChangedAndWrittenOnlyThen) {
  Lab lab;
  make_scope(lab, "app");
  put_secret(lab, "app", "a", "one");
  put_secret(lab, "app", "b", "two");
  good_sync(lab);
  lab.reset_logs();
  good_sync(lab);
  EXPECT_EQ(lab.secondary_wire().log.writes, std::vector<std::string>{});
  EXPECT_EQ(lab.primary_wire().log.by_route.count("GET /api/2.0/secrets/get"), 0U);
  put_secret(lab, "app", "a", "other");
  lab.reset_logs();
  good_sync(lab);
  EXPECT_EQ(lab.secondary_wire().log.writes, std::vector<std::string>{"POST /api/2.0/secrets/put"});
  EXPECT_EQ(secret_on_secondary(lab, "app", "a"), "other");
  lab.primary("POST", "/api/2.0/secrets/delete", {{"scope", "app"}, {"key", "b"}});
  lab.reset_logs();
  good_sync(lab);
  EXPECT_EQ(lab.secondary_wire().log.writes, std::vector<std::string>{"POST /api/2.0/secrets/delete"});
  EXPECT_EQ(lab.not_in_sync(), "");
}

TEST(Secrets, GivenValuesWinOverWhatCanBeRead) {
  Lab lab;
  make_scope(lab, "app");
  put_secret(lab, "app", "storage-key", "of the primary region");
  lab.given.secrets.emplace("app/storage-key", Secret(std::string("of the secondary region")));
  good_sync(lab);
  EXPECT_EQ(secret_on_secondary(lab, "app", "storage-key"), "of the secondary region");
  EXPECT_EQ(lab.not_in_sync(), "");
}

TEST(Secrets, AScopeThatMayNotBeListedIsUnknownAndTheOthersAreDone) {
  Lab lab;
  make_scope(lab, "closed");
  make_scope(lab, "open");
  put_secret(lab, "closed", "a", "1");
  put_secret(lab, "open", "a", "1");
  good_sync(lab);
  simulator::FaultRule rule;
  rule.path = "/api/2.0/secrets/list";  // the first call is for the first scope
  rule.status = 403;
  lab.home().faults().add(rule);
  put_secret(lab, "open", "a", "2");
  const auto report = lab.sync();
  ASSERT_TRUE(report);
  EXPECT_EQ(report->outcome, "partial") << told(report);
  EXPECT_EQ(secret_on_secondary(lab, "open", "a"), "2");
  EXPECT_EQ(secret_on_secondary(lab, "closed", "a"), "1") << "nothing may be deleted for want of a listing";
}

/// As an Entra service principal, which alone may.
void make_vault_scope(simulator::Region& region, const json& vault) {
  const auto send = [&](const std::string& path, const std::string& type, const std::string& token, std::string body) {
    http::Request request(http::Method::post, path);
    if (!token.empty()) request.headers.emplace_back("Authorization", "Bearer " + token);
    request.content_type = type;
    request.body = std::move(body);
    const http::Response answer = region.handle(request, 0);
    EXPECT_TRUE(answer.ok()) << path << " " << answer.body;
    return json::parse(answer.body, nullptr, false);
  };
  const std::string id = "5e0c0000-0000-4000-8000-0000000e4a00";
  send("/sim/credentials", "application/json", "", to_text({{"client_id", id}, {"client_secret", "s"}}));
  const json token = send("/" + region.options().tenant + "/oauth2/v2.0/token", "application/x-www-form-urlencoded", "",
                          http::encode_query({{"grant_type", "client_credentials"}, {"client_id", id}, {"client_secret", "s"},
                                              {"scope", "2ff814a6-3304-4ab8-85cb-cd0e6f879c1d/.default"}}));
  send("/api/2.0/secrets/scopes/create", "application/json", text_at(token, "/access_token"),
       to_text({{"scope", "kv"}, {"scope_backend_type", "AZURE_KEYVAULT"}, {"backend_azure_keyvault", vault}}));
}

TEST(Secrets, OfAScopeThatNobodySawYetAreUnknownToo) {
  Lab lab;
  make_scope(lab, "closed");
  put_secret(lab, "closed", "a", "1");
  simulator::FaultRule rule;
  rule.path = "/api/2.0/secrets/list";
  rule.status = 403;
  rule.times = 0;
  lab.home().faults().add(rule);
  const auto report = lab.sync();
  ASSERT_TRUE(report);
  EXPECT_EQ(report->outcome, "partial");
  EXPECT_NE(told(report).find("secret:\"closed/*\""), std::string::npos) << told(report);
}

TEST(Secrets, AVaultNeedsALoginOfEntraAndIsMappedByARewrite) {
  Lab lab;
  json vault = {{"resource_id", "/subscriptions/s/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv-src"},
                {"dns_name", "https://kv-src.vault.azure.net/"}};
  make_vault_scope(lab.home(), vault);
  const auto report = lab.sync();
  ASSERT_TRUE(report);
  EXPECT_EQ(report->outcome, "partial");
  EXPECT_NE(error_of(*report, "secret_scope:\"kv\"").find("login of Entra ID"), std::string::npos) << told(report);
}

// --- global init scripts

std::string add_script(Lab& lab, const std::string& name, const std::string& script, bool enabled) {
  const json made = lab.primary("POST", "/api/2.0/global-init-scripts",
                                {{"name", name}, {"script", base64_encode(script)}, {"enabled", enabled}});
  return text_at(made, "/script_id");
}

std::vector<std::string> script_names(const json& listed) {
  std::vector<std::pair<int, std::string>> found;
  for (const json& script : listed.at("scripts")) found.emplace_back(script.at("position").get<int>(), text_at(script, "/name"));
  std::sort(found.begin(), found.end());
  std::vector<std::string> names;
  for (const auto& [position, name] : found) names.push_back(name);
  return names;
}

TEST(GlobalInitScripts, ComeInTheirOrderAndKeepIt) {
  Lab lab;
  add_script(lab, "proxy", "#!/bin/sh\necho 1\n", true);
  const std::string last = add_script(lab, "agents", "#!/bin/sh\necho 2\n", false);
  add_script(lab, "certs", "\xff\xfe not text", true);
  // Somebody else's, made on the secondary.
  lab.secondary("POST", "/api/2.0/global-init-scripts", {{"name", "theirs"}, {"script", base64_encode("true")}});
  good_sync(lab);
  EXPECT_EQ(lab.not_in_sync(), "global_init_script:\"theirs\": extra, exists only on the secondary and was not made by Twinlake\n");
  const auto ours = [&] {
    auto names = script_names(lab.secondary("GET", "/api/2.0/global-init-scripts"));
    std::erase(names, "theirs");
    return names;
  };
  EXPECT_EQ(ours(), (std::vector<std::string>{"proxy", "agents", "certs"}));
  lab.primary("PATCH", "/api/2.0/global-init-scripts/" + last,
              {{"name", "agents"}, {"script", base64_encode("#!/bin/sh\necho 3\n")}, {"position", 0}});
  good_sync(lab);
  EXPECT_EQ(ours(), (std::vector<std::string>{"agents", "proxy", "certs"}));
  lab.reset_logs();
  good_sync(lab);
  EXPECT_EQ(lab.secondary_wire().log.writes, std::vector<std::string>{});
}

// --- settings and who may reach the workspace

json addresses(const std::string& label, const std::string& type, const std::vector<std::string>& list) {
  return {{"label", label}, {"list_type", type}, {"ip_addresses", list}};
}

TEST(Platform, WhatShowsLateIsWaitedFor) {
  Lab lab;
  lab.away().set_eventual_consistency(true);
  fill_small_estate(lab);
  const auto report = lab.sync();
  ASSERT_TRUE(report);
  EXPECT_EQ(report->outcome, "complete") << told(report);
  EXPECT_EQ(lab.not_in_sync(), "");
}

TEST(IpAccessLists, AreSwitchedOnOnlyWhenNobodyOfOursIsLockedOut) {
  Lab lab;
  lab.primary("POST", "/api/2.0/ip-access-lists", addresses("office", "ALLOW", {"203.0.113.0/24", "192.0.2.10"}));
  lab.primary("POST", "/api/2.0/ip-access-lists", addresses("bad", "BLOCK", {"198.51.100.7"}));
  lab.primary("PATCH", "/api/2.0/workspace-conf", {{"enableIpAccessLists", "true"}, {"maxTokenLifetimeDays", "90"}});
  auto report = lab.sync();
  ASSERT_TRUE(report);
  EXPECT_EQ(report->outcome, "partial") << told(report);
  EXPECT_NE(error_of(*report, "ip_access_switch:\"enableIpAccessLists\"").find("who would be locked out"), std::string::npos)
      << told(report);
  lab.given.own_addresses = {"192.0.2.10", "198.51.100.1"};
  report = lab.sync();
  ASSERT_TRUE(report);
  EXPECT_NE(error_of(*report, "ip_access_switch:\"enableIpAccessLists\"").find("would lock out 198.51.100.1"), std::string::npos)
      << told(report);
  lab.given.own_addresses = {"192.0.2.10", "203.0.113.9"};
  good_sync(lab);
  EXPECT_EQ(lab.not_in_sync(), "");
  EXPECT_EQ(text_at(lab.secondary("GET", "/api/2.0/workspace-conf?keys=enableIpAccessLists"), "/enableIpAccessLists"), "true");
  EXPECT_EQ(text_at(lab.secondary("GET", "/api/2.0/workspace-conf?keys=maxTokenLifetimeDays"), "/maxTokenLifetimeDays"), "90");
}

TEST(IpAccessLists, AreNotGoneWhereTheFeatureIsNotThere) {
  Lab lab;
  lab.primary("POST", "/api/2.0/ip-access-lists", addresses("office", "ALLOW", {"203.0.113.0/24", "192.0.2.10"}));
  good_sync(lab);
  simulator::FaultRule rule;
  rule.path = "/api/2.0/ip-access-lists";
  rule.method = "GET";
  rule.times = 0;
  rule.status = 404;
  rule.error_code = "FEATURE_DISABLED";
  lab.home().faults().add(rule);
  lab.reset_logs();
  ASSERT_TRUE(lab.sync());
  EXPECT_EQ(lab.secondary_wire().log.writes, std::vector<std::string>{}) << "nothing may be deleted";
}

TEST(Destinations, OfMailComeByThemselvesAndOthersWithGivenKeys) {
  Lab lab;
  lab.primary("POST", "/api/2.0/notification-destinations",
              {{"display_name", "team"}, {"config", {{"email", {{"addresses", json::array({"team@lakeside.example"})}}}}}});
  lab.primary("POST", "/api/2.0/notification-destinations",
              {{"display_name", "hook"}, {"config", {{"generic_webhook", {{"url", "https://hooks.example/a"}, {"password", "pw"}}}}}});
  const auto report = lab.sync();
  ASSERT_TRUE(report);
  EXPECT_EQ(report->outcome, "partial");
  EXPECT_NE(error_of(*report, "notification_destination:\"hook\"").find("cannot be read"), std::string::npos) << told(report);
  lab.given.destinations.emplace("hook", Secret(std::string(R"({"generic_webhook":{"url":"https://hooks.example/b","password":"pw2"}})")));
  good_sync(lab);
  EXPECT_EQ(lab.not_in_sync(), "");
}

// --- files outside the tree

std::string bytes_of(std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>((i * 131 + i / 251) & 0xff);
  return bytes;
}

void put_dbfs(Lab& lab, const std::string& path, const std::string& bytes) {
  const json handle = lab.primary("POST", "/api/2.0/dbfs/create", {{"path", path}, {"overwrite", true}});
  for (std::size_t at = 0; at < bytes.size(); at += 1 << 20)
    lab.primary("POST", "/api/2.0/dbfs/add-block", {{"handle", handle["handle"]}, {"data", base64_encode(bytes.substr(at, 1 << 20))}});
  lab.primary("POST", "/api/2.0/dbfs/close", {{"handle", handle["handle"]}});
}

std::string dbfs_on_secondary(Lab& lab, const std::string& path) {
  std::string bytes;
  while (true) {
    const json block = lab.secondary("GET", "/api/2.0/dbfs/read?path=" + http::percent_encode(path) +
                                                "&offset=" + std::to_string(bytes.size()) + "&length=1048576");
    const std::string piece = base64_decode(text_at(block, "/data"));
    bytes += piece;
    if (piece.size() < 1 << 20) return bytes;
  }
}

TEST(DbfsFiles, OfTheRootsAndThoseThatAreNamedCome) {
  Lab lab;
  const std::map<std::string, std::string> files = {
      {"/FileStore/jars/deep/er/empty.jar", ""},
      {"/FileStore/jars/#1 50% ? \u0436\u4e2d.whl", bytes_of(1000)},
      {"/FileStore/jars/block.jar", bytes_of(1 << 20)},
      {"/elsewhere/large.jar", bytes_of((2 << 20) + 17)},
      {"/scripts/init.sh", "#!/bin/sh\n"},
      {"/scripts/nobody names me.sh", "x"},
  };
  for (const auto& [path, bytes] : files) put_dbfs(lab, path, bytes);
  import_notebook(lab, "/Shared/n", "# Databricks notebook source\n1");
  json job = job_body("with a jar", "/Shared/n");
  job["tasks"][0]["libraries"] = json::array({{{"jar", "dbfs:/elsewhere/large.jar"}}});
  job["tasks"][0]["new_cluster"]["init_scripts"] = json::array({{{"dbfs", {{"destination", "dbfs:/scripts/init.sh"}}}}});
  lab.primary("POST", "/api/2.2/jobs/create", job);
  good_sync(lab);
  EXPECT_EQ(lab.not_in_sync(), "");
  for (const auto& [path, bytes] : files) {
    if (path.ends_with("me.sh")) continue;
    EXPECT_TRUE(dbfs_on_secondary(lab, path) == bytes) << path;
  }
  EXPECT_THROW(lab.secondary("GET", "/api/2.0/dbfs/get-status?path=%2Fscripts%2Fnobody%20names%20me.sh"), std::runtime_error);
  lab.reset_logs();
  good_sync(lab);
  EXPECT_EQ(lab.secondary_wire().log.writes, std::vector<std::string>{});
  EXPECT_EQ(lab.primary_wire().log.by_route.count("GET /api/2.0/dbfs/read"), 0U) << "nothing changed, and it was read";
}

TEST(DbfsFiles, ThatNobodyNamesAnyMoreStayAndThoseThatAreGoneGo) {
  Lab lab;
  put_dbfs(lab, "/elsewhere/a.jar", "a");
  import_notebook(lab, "/Shared/n", "# Databricks notebook source\n1");
  json job = job_body("with a jar", "/Shared/n");
  job["tasks"][0]["libraries"] = json::array({{{"jar", "dbfs:/elsewhere/a.jar"}}});
  const json made = lab.primary("POST", "/api/2.2/jobs/create", job);
  good_sync(lab);
  lab.primary("POST", "/api/2.2/jobs/delete", {{"job_id", made["job_id"]}});
  put_dbfs(lab, "/elsewhere/a.jar", "b");
  good_sync(lab);
  EXPECT_EQ(dbfs_on_secondary(lab, "/elsewhere/a.jar"), "b") << "what we know of is kept up to date";
  lab.primary("POST", "/api/2.0/dbfs/delete", {{"path", "/elsewhere/a.jar"}});
  good_sync(lab);
  EXPECT_THROW(lab.secondary("GET", "/api/2.0/dbfs/get-status?path=%2Felsewhere%2Fa.jar"), std::runtime_error);
  EXPECT_EQ(lab.not_in_sync(), "");
}

TEST(DbfsFiles, AreNotGoneWhereDbfsWasSwitchedOff) {
  Lab lab;
  put_dbfs(lab, "/FileStore/jars/a.jar", "a");
  good_sync(lab);
  lab.home().set_legacy_dbfs_disabled(true);
  lab.reset_logs();
  ASSERT_TRUE(lab.sync());
  EXPECT_EQ(lab.secondary_wire().log.writes, std::vector<std::string>{}) << "nothing may be deleted";
  EXPECT_EQ(dbfs_on_secondary(lab, "/FileStore/jars/a.jar"), "a");
}

TEST(DbfsFiles, ThatNobodyNamesAreNotGoneEither) {
  Lab lab;
  lab.given.dbfs_roots.clear();
  put_dbfs(lab, "/elsewhere/a.jar", "a");
  import_notebook(lab, "/Shared/n", "# Databricks notebook source\n1");
  json job = job_body("with a jar", "/Shared/n");
  job["tasks"][0]["libraries"] = json::array({{{"jar", "dbfs:/elsewhere/a.jar"}}});
  lab.primary("POST", "/api/2.2/jobs/create", job);
  good_sync(lab);
  lab.home().set_legacy_dbfs_disabled(true);
  ASSERT_TRUE(lab.sync());
  EXPECT_EQ(dbfs_on_secondary(lab, "/elsewhere/a.jar"), "a");
}

TEST(DbfsFiles, WhereDbfsIsOffOnBothSidesThereIsNothingToDo) {
  Lab lab;
  lab.home().set_legacy_dbfs_disabled(true);
  lab.away().set_legacy_dbfs_disabled(true);
  good_sync(lab);
  EXPECT_EQ(lab.not_in_sync(), "");
}

TEST(DbfsFiles, AreBegunAgainWhenTheAnswerToABlockIsLost) {
  Lab lab;
  const std::string bytes = bytes_of((3 << 20) + 5);
  put_dbfs(lab, "/FileStore/jars/a.jar", bytes);
  simulator::FaultRule rule;
  rule.path = "/api/2.0/dbfs/add-block";
  rule.nth = 2;
  rule.action = simulator::FaultAction::drop;
  rule.after = true;
  lab.away().faults().add(rule);
  good_sync(lab);
  EXPECT_TRUE(dbfs_on_secondary(lab, "/FileStore/jars/a.jar") == bytes);
}

// --- Git folders

TEST(GitFolders, AreClonedAtTheirBranch) {
  Lab lab;
  lab.primary("POST", "/api/2.0/workspace/mkdirs", {{"path", "/Repos/team"}});
  const json made = lab.primary("POST", "/api/2.0/repos",
                                {{"url", "https://github.com/example/core"}, {"provider", "gitHub"}, {"path", "/Repos/team/core"}});
  lab.primary("PATCH", "/api/2.0/repos/" + text_at(made, "/id"), {{"branch", "release"}});
  good_sync(lab);
  EXPECT_EQ(lab.not_in_sync(), "");
  const json repos = lab.secondary("GET", "/api/2.0/repos?path_prefix=%2FRepos");
  ASSERT_EQ(repos.at("repos").size(), 1U);
  EXPECT_EQ(text_at(repos, "/repos/0/branch"), "release");
  lab.primary("PATCH", "/api/2.0/repos/" + text_at(made, "/id"), {{"branch", "main"}});
  lab.reset_logs();
  good_sync(lab);
  EXPECT_EQ(lab.secondary_wire().log.writes.size(), 1U);
  EXPECT_EQ(lab.not_in_sync(), "");
}

// --- what nobody carries

TEST(Unsupported, WhatNoApiCarriesIsNamedWithWhatToDo) {
  Lab lab;
  std::set<std::string> named;
  for (const auto& verdict : lab.reconcile()) {
    if (verdict.standing != engine::Standing::unsupported) continue;
    EXPECT_FALSE(verdict.because.empty() || verdict.what_to_do.empty()) << verdict.address();
    named.insert(verdict.address());
  }
  EXPECT_TRUE(named.contains("beyond_api:\"revision history of notebooks\""));
  EXPECT_TRUE(named.contains("beyond_api:\"credentials inside mounts\""));
}

}  // namespace
}  // namespace twinlake::test
