// Objects that are odd or bad: each gets a clear verdict of its own, and all others are done.
#include <gtest/gtest.h>

#include "base/hash.h"
#include "base/json_path.h"
#include "simulator/files/unity_catalog.h"
#include "simulator/files/volume_files.h"
#include "support/estate.h"
#include "support/lab.h"

namespace twinlake::test {
namespace {

using nlohmann::json;

constexpr const char* volume = "/Volumes/main/raw/files";
/// Names that have to be encoded in one way in a path, in another one in a query, and not at all in JSON.
const std::vector<std::string> odd_names = {"a#b.whl",       "a?b.whl",         "100% \u00fc.whl", "%41.whl",        "a b  c.whl",
                                            "a+b&c=d;e.whl", "\u0436\u4e2d.whl", "\u00e9.whl",      "e\u0301.whl", "\"quoted\" 'too'.whl"};

std::string content_of(const std::string& name) { return "PK\x03\x04 " + name + std::string("\0\xff", 2); }

void put_on_dbfs(Lab& lab, const std::string& path, const std::string& bytes) {
  lab.primary("POST", "/api/2.0/dbfs/put", {{"path", path}, {"contents", base64_encode(bytes)}, {"overwrite", true}});
}
void put_in_tree(Lab& lab, const std::string& path, const std::string& bytes) {
  lab.primary("POST", "/api/2.0/workspace/import", {{"path", path}, {"format", "RAW"}, {"content", base64_encode(bytes)}});
}

class Objects : public testing::Test {
 protected:
  Objects() {
    for (simulator::Region* region : {&lab.home(), &lab.away()})
      EXPECT_FALSE(region->get<simulator::UnityCatalog>().plant_volume("main.raw.files"));
    lab.primary("POST", "/api/2.0/workspace/mkdirs", {{"path", "/Shared/odd"}});
    import_notebook(lab, "/Shared/n", "# Databricks notebook source\n1");
  }
  void put_in_volume(const std::string& path, const std::string& bytes) {
    EXPECT_FALSE(lab.home().get<simulator::VolumeFiles>().plant(path, bytes));
  }
  std::string volume_file_there(const std::string& path) {
    const auto* entry = lab.away().get<simulator::VolumeFiles>().find(path);
    return entry == nullptr ? "(not there)" : entry->content.text();
  }
  std::string dbfs_there(const std::string& path) {
    return base64_decode(text_at(lab.secondary("GET", "/api/2.0/dbfs/read?path=" + http::percent_encode(path)), "/data"));
  }
  std::string file_there(const std::string& path) {
    return base64_decode(
        text_at(lab.secondary("GET", "/api/2.0/workspace/export?format=AUTO&path=" + http::percent_encode(path)), "/content"));
  }
  /// Files in volumes are found because somebody names them.
  void name_in_a_job(const std::vector<std::string>& paths) {
    json job = job_body("names them", "/Shared/n");
    for (const std::string& path : paths) job["tasks"][0]["libraries"].push_back({{"whl", path}});
    lab.primary("POST", "/api/2.2/jobs/create", job);
  }
  Lab lab;
};

TEST_F(Objects, WithOddNamesAndWithoutAByteArriveAsTheyAre) {
  std::vector<std::string> in_volumes = {std::string(volume) + "/empty.whl"};
  put_in_volume(in_volumes.front(), "");
  put_on_dbfs(lab, "/FileStore/jars/empty.jar", "");
  put_in_tree(lab, "/Shared/odd/empty", "");
  for (const std::string& name : odd_names) {
    in_volumes.push_back(std::string(volume) + "/in " + name + "/" + name);
    put_in_volume(in_volumes.back(), content_of(name));
    put_on_dbfs(lab, "/FileStore/jars/in " + name + "/" + name, content_of(name));
    lab.primary("POST", "/api/2.0/workspace/mkdirs", {{"path", "/Shared/odd/in " + name}});
    put_in_tree(lab, "/Shared/odd/in " + name + "/" + name, content_of(name));
  }
  name_in_a_job(in_volumes);
  const auto report = lab.sync();
  ASSERT_TRUE(report);
  EXPECT_EQ(report->outcome, "complete") << told(report);
  EXPECT_EQ(lab.not_in_sync(), "");
  EXPECT_EQ(volume_file_there(in_volumes.front()), "");
  EXPECT_EQ(dbfs_there("/FileStore/jars/empty.jar"), "");
  EXPECT_EQ(file_there("/Shared/odd/empty"), "");
  for (const std::string& name : odd_names) {
    EXPECT_EQ(volume_file_there(std::string(volume) + "/in " + name + "/" + name), content_of(name)) << name;
    EXPECT_EQ(dbfs_there("/FileStore/jars/in " + name + "/" + name), content_of(name)) << name;
    EXPECT_EQ(file_there("/Shared/odd/in " + name + "/" + name), content_of(name)) << name;
  }
  lab.reset_logs();
  EXPECT_EQ(lab.sync()->outcome, "complete");
  EXPECT_EQ(lab.secondary_wire().log.writes, std::vector<std::string>{});
}

constexpr std::size_t script_limit = 64UL * 1024;
constexpr std::size_t secret_limit = 128UL * 1024;

/// What no copy can make good, each in its own way.
class BadObjects : public Objects {
 protected:
  BadObjects() {
    // A script that is as large as it may be, and longer once it speaks of the other region.
    std::string script = "#!/bin/sh\necho stweu\n";
    script += std::string(script_limit - script.size(), '#');
    lab.primary("POST", "/api/2.0/global-init-scripts", {{"name", "too long"}, {"script", base64_encode(script)}});
    lab.primary("POST", "/api/2.0/global-init-scripts", {{"name", "short"}, {"script", base64_encode("echo stweu\n")}});
    lab.rules.rewrite = rewritten_by([](const model::Kind& kind, json& definition) {
      if (kind.name != "global_init_script") return;
      std::string text = text_at(definition, "/script");
      if (const std::size_t at = text.find("stweu"); at != std::string::npos) text.replace(at, 5, "st-of-the-secondary");
      definition["script"] = text;
    });
    fill_scopes();
    use_mounts();
    // A file in a volume that the secondary does not have.
    EXPECT_FALSE(lab.home().get<simulator::UnityCatalog>().plant_volume("main.raw.onlyhere"));
    put_in_volume("/Volumes/main/raw/onlyhere/a.whl", "a");
    put_in_volume(std::string(volume) + "/b.whl", "b");
    name_in_a_job({"/Volumes/main/raw/onlyhere/a.whl"});
    json job = job_body("good", "/Shared/n");
    job["tasks"][0]["libraries"] = json::array({{{"whl", std::string(volume) + "/b.whl"}}});
    lab.primary("POST", "/api/2.2/jobs/create", job);
  }
  void fill_scopes() {
    for (const char* scope : {"app", "of nobody"})
      lab.primary("POST", "/api/2.0/secrets/scopes/create", {{"scope", std::string(scope) == "app" ? "app" : "of-nobody"}});
    lab.primary("POST", "/api/2.0/secrets/put", {{"scope", "app"}, {"key", "large"}, {"string_value", std::string(secret_limit, 'k')}});
    lab.primary("POST", "/api/2.0/secrets/put", {{"scope", "app"}, {"key", "given"}, {"string_value", "small"}});
    lab.primary("POST", "/api/2.0/secrets/put", {{"scope", "of-nobody"}, {"key", "a"}, {"string_value", "1"}});
    lab.given.secrets.emplace("app/given", Secret(std::string(secret_limit + 1, 'k')));
    // One list that is empty, and one that names somebody who is not replicated.
    const json mine = lab.primary("GET", "/api/2.0/secrets/acls/list?scope=of-nobody");
    lab.primary("POST", "/api/2.0/secrets/acls/delete", {{"scope", "of-nobody"}, {"principal", text_at(mine, "/items/0/principal")}});
    for (const char* group : {"ghosts", "readers"}) {
      lab.primary("POST", "/api/2.0/preview/scim/v2/Groups", {{"displayName", group}});
      lab.primary("POST", "/api/2.0/secrets/acls/put", {{"scope", "app"}, {"principal", group}, {"permission", "READ"}});
    }
    lab.rules.in_scope = [](const model::Kind& kind, const std::string& key) {
      return (!kind.key_is_path || !key.starts_with("/Twinlake")) && !(kind.name == "group" && key == "ghosts");
    };
  }
  void use_mounts() {
    lab.rules.observe.kinds = {"mount"};
    lab.rules.observe.secondary = workspace::HelperOptions{};
    for (const char* name : {"dead", "alive"}) {
      json item = {{"mount_point", std::string("/mnt/") + name}, {"source", std::string("wasbs://raw@st") + name + ".blob.core.windows.net/"}};
      item["configs"][std::string("fs.azure.account.key.st") + name + ".blob.core.windows.net"] = "{{secrets/of-nobody/a}}";
      lab.rules.observe.declared["mount"].push_back(std::move(item));
    }
    lab.secondary("POST", "/sim/storage-accounts", {{"account", "stdead"}, {"state", "dead"}});
  }
};

TEST_F(BadObjects, GetAVerdictOfTheirOwnAndTheOthersAreDone) {
  const auto report = lab.sync();
  ASSERT_TRUE(report);
  EXPECT_EQ(report->outcome, "partial");
  std::map<std::string, std::string> not_done;
  for (const auto& object : report->objects) {
    if (object.outcome == "done") continue;
    not_done[object.address] = object.error;
    EXPECT_FALSE(object.error.empty()) << object.address;
    const bool waits = object.error.find("needs ") != std::string::npos || object.error.starts_with("waits for ");
    EXPECT_TRUE(waits || !object.what_to_do.empty()) << object.address << ": " << object.error;
  }
  const std::map<std::string, std::string> expected = {
      {"global_init_script:\"too long\"", "64 KB"},
      {"global_init_script_order:\"order of the scripts\"", "too long"},
      {"secret:\"app/given\"", "131073 bytes"},
      {"mount:\"/mnt/dead\"", "did not end in time"},
      {"volume_file:\"/Volumes/main/raw/onlyhere/a.whl\"", "onlyhere"},
      {"job:\"names them\"", "onlyhere/a.whl"},
  };
  for (const auto& [address, part] : expected) {
    ASSERT_TRUE(not_done.contains(address)) << address << " is not told\n" << told(report);
    EXPECT_NE(not_done.at(address).find(part), std::string::npos) << address << ": " << not_done.at(address);
  }
  EXPECT_EQ(told(report).find("kkkk"), std::string::npos) << "no value is told";

  // The others.
  EXPECT_EQ(base64_decode(text_at(lab.secondary("GET", "/api/2.0/secrets/get?scope=app&key=large"), "/value")),
            std::string(secret_limit, 'k'));
  EXPECT_EQ(text_at(lab.secondary("GET", "/api/2.0/secrets/acls/get?scope=app&principal=readers"), "/permission"), "READ");
  EXPECT_EQ(volume_file_there(std::string(volume) + "/b.whl"), "b");
  const json world = lab.away().world();
  EXPECT_EQ(text_at(world, "/mounts/0/mount_point"), "/mnt/alive");
  EXPECT_EQ(text_at(world, "/global_init_scripts/0/name"), "short");
  EXPECT_EQ(text_at(lab.secondary("GET", "/api/2.2/jobs/list"), "/jobs/0/settings/name"), "good");

  // Reading again says the same of the same objects, and nothing else is wrong.
  std::set<std::string> again;
  for (const engine::Verdict& verdict : lab.reconcile())
    if (verdict.spoils && verdict.kind->child_of.empty()) again.insert(verdict.address());
  std::set<std::string> bad;
  for (const auto& [address, part] : expected) bad.insert(address);
  EXPECT_EQ(again, bad);
}

TEST_F(BadObjects, WhoIsNotThereIsLeftOutOfAListAndSaid) {
  const auto report = lab.sync();
  ASSERT_TRUE(report);
  EXPECT_TRUE(std::any_of(report->findings.begin(), report->findings.end(), [](const model::Finding& finding) {
    return finding.address.find("secret_acl") != std::string::npos && finding.message.find("ghosts") != std::string::npos;
  }));
  const json listed = lab.secondary("GET", "/api/2.0/secrets/acls/list?scope=of-nobody");
  for (const json& entry : listed.value("items", json::array()))
    EXPECT_NE(text_at(entry, "/principal").find("replicator"), std::string::npos) << listed.dump();
}

}  // namespace
}  // namespace twinlake::test
