// Values that differ by region and secrets written out in full, from twinlake.yml to both workspaces.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "app/config.h"
#include "app/rules.h"
#include "base/hash.h"
#include "base/json_path.h"
#include "simulator/faults.h"
#include "support/lab.h"

namespace twinlake::test {
namespace {

using engine::Reading;
using nlohmann::json;

/// A lab with the rules of a group of twinlake.yml.
class Configured {
 public:
  explicit Configured(const std::string& lines, Lab::Options options = {}) : lab(std::move(options)) { configure(lines); }

  void configure(const std::string& lines) {
    const std::set<std::string, std::less<>> names = [] {
      std::set<std::string, std::less<>> all;
      for (const model::Kind* kind : kinds::all()) all.emplace(kind->name);
      return all;
    }();
    auto config = app::parse_config("groups:\n  main:\n    primary: a\n    secondary: b\n" + lines, "twinlake.yml", names);
    if (!config) throw std::runtime_error(config.error().message);
    group_ = std::move(config->groups.front());
    const engine::Rules made = app::rules_of(group_);
    lab.rules.rewrite = made.rewrite;
    lab.rules.literals = made.literals;
    lab.rules.may_overwrite = made.may_overwrite;
    lab.rules.digest = made.digest;
  }
  [[nodiscard]] const app::GroupConfig& group() const { return group_; }

  Lab lab;

 private:
  app::GroupConfig group_;
};

void full_sync(Lab& lab) {
  const auto report = lab.sync();
  EXPECT_TRUE(report && report->outcome == "complete") << told(report);
}

std::string notes_on(const Reading& reading, const std::string& address) {
  std::string text;
  for (const model::Finding& finding : reading.plan.findings)
    if (finding.address == address) text += finding.message + ". " + finding.what_to_do + "\n";
  return text;
}

/// "update job:"x"" of each step; pins are held on whichever side stands by.
std::vector<std::string> planned_steps(const Reading& reading) {
  std::vector<std::string> steps;
  for (const engine::Step& step : reading.plan.steps)
    if (step.kind->name != "cluster_pin") steps.push_back(std::string(engine::name_of(step.action)) + " " + step.address());
  return steps;
}

json job_on(const std::string& name, const std::string& lake) {
  return {{"name", name},
          {"tasks", json::array({{{"task_key", "read"},
                                  {"spark_python_task", {{"python_file", "dbfs:/mnt/x.py"}, {"parameters", json::array({lake, "--day"})}}},
                                  {"new_cluster", {{"spark_version", "15.4.x-scala2.12"}, {"node_type_id", "Standard_DS3_v2"}, {"num_workers", 1}}}}})}};
}

json job_named(Lab& lab, bool away, const std::string& name) {
  const std::string path = "/api/2.2/jobs/list?expand_tasks=true";
  const json listed = away ? lab.secondary("GET", path) : lab.primary("GET", path);
  for (const json& job : listed.at("jobs"))
    if (text_at(job, "/settings/name") == name) return job;
  throw std::runtime_error("there is no job " + name);
}

constexpr const char* first_parameter = "/settings/tasks/0/spark_python_task/parameters/0";

std::string lake_of(Lab& lab, bool away, const std::string& name) { return text_at(job_named(lab, away, name), first_parameter); }

void set_lake_away(Lab& lab, const std::string& name, const std::string& lake) {
  json job = job_named(lab, true, name);
  job["settings"]["tasks"][0]["spark_python_task"]["parameters"][0] = lake;
  lab.secondary("POST", "/api/2.2/jobs/reset", {{"job_id", job["job_id"]}, {"new_settings", job["settings"]}});
}

constexpr const char* two_to_one = R"(    rewrites:
      - {from: st1weu, to: stneu, one_way: true}
      - {from: st2weu, to: stneu, one_way: true}
      - {from: westeurope, to: northeurope}
)";

// --- one way, and back

void make_two_jobs(Lab& lab) {
  lab.primary("POST", "/api/2.2/jobs/create", job_on("one", "abfss://raw@st1weu.dfs.core.windows.net/westeurope"));
  lab.primary("POST", "/api/2.2/jobs/create", job_on("two", "abfss://raw@st2weu.dfs.core.windows.net/westeurope"));
}

TEST(OneWayRewrites, ComeBackWhenTheRolesTurnAndNothingIsWritten) {
  Configured configured(two_to_one);
  Lab& lab = configured.lab;
  make_two_jobs(lab);
  full_sync(lab);
  EXPECT_EQ(lab.not_in_sync(), "");
  EXPECT_EQ(lake_of(lab, true, "one"), "abfss://raw@stneu.dfs.core.windows.net/northeurope");
  EXPECT_EQ(lake_of(lab, true, "two"), "abfss://raw@stneu.dfs.core.windows.net/northeurope");
  lab.turn_roles();
  EXPECT_EQ(planned_steps(lab.read(true)), std::vector<std::string>{});
  EXPECT_EQ(lab.not_in_sync(), "");
}

TEST(OneWayRewrites, WhatElseChangedComesBackWithTheOriginals) {
  Configured configured(two_to_one);
  Lab& lab = configured.lab;
  make_two_jobs(lab);
  full_sync(lab);
  lab.turn_roles();
  json job = job_named(lab, true, "two");
  job["settings"]["max_concurrent_runs"] = 3;
  lab.secondary("POST", "/api/2.2/jobs/reset", {{"job_id", job["job_id"]}, {"new_settings", job["settings"]}});
  full_sync(lab);
  EXPECT_EQ(text_at(job_named(lab, false, "two"), "/settings/max_concurrent_runs"), "3");
  EXPECT_EQ(lake_of(lab, false, "two"), "abfss://raw@st2weu.dfs.core.windows.net/westeurope");
  EXPECT_EQ(lake_of(lab, false, "one"), "abfss://raw@st1weu.dfs.core.windows.net/westeurope");
  lab.turn_roles();
  full_sync(lab);
  EXPECT_EQ(lab.not_in_sync(), "") << "and there again";
}

TEST(OneWayRewrites, ATouchedValueIsAConflictUntilSomebodySaysWhatIsRight) {
  Configured configured(two_to_one);
  Lab& lab = configured.lab;
  make_two_jobs(lab);
  full_sync(lab);
  lab.turn_roles();
  set_lake_away(lab, "one", "abfss://raw@stneu.dfs.core.windows.net/other");
  auto report = lab.sync();
  ASSERT_TRUE(report) << told(report);
  EXPECT_EQ(report->outcome, "partial");
  EXPECT_NE(told(report).find("a one_way rule made /tasks/=read/spark_python_task/parameters/0, and it has been changed since"),
            std::string::npos) << told(report);
  EXPECT_EQ(lake_of(lab, false, "one"), "abfss://raw@st1weu.dfs.core.windows.net/westeurope") << "home is not written";
  configured.configure(std::string(two_to_one) + "    adopt: {overwrite: [{kind: job, name: one}]}\n");
  full_sync(lab);
  EXPECT_EQ(lake_of(lab, false, "one"), "abfss://raw@stneu.dfs.core.windows.net/other") << "taken as it is";
}

TEST(OneWayRewrites, WhatIsMadeAwayStaysAsItIsAndIsTold) {
  Configured configured(two_to_one);
  Lab& lab = configured.lab;
  make_two_jobs(lab);
  full_sync(lab);
  lab.turn_roles();
  lab.secondary("POST", "/api/2.2/jobs/create", job_on("new", "abfss://raw@stneu.dfs.core.windows.net/northeurope"));
  EXPECT_NE(notes_on(lab.read(true), "job:\"new\"").find("there is no original"), std::string::npos);
  full_sync(lab);
  EXPECT_EQ(lake_of(lab, false, "new"), "abfss://raw@stneu.dfs.core.windows.net/westeurope") << "two-way rules go back";
}

json cluster_with(const std::string& name, const json& more) {
  json cluster = {{"cluster_name", name}, {"spark_version", "15.4.x-scala2.12"}, {"node_type_id", "Standard_DS3_v2"}, {"num_workers", 1}};
  cluster.update(more);
  return cluster;
}

void make_cluster_on_lake(Lab& lab) {
  lab.primary("POST", "/api/2.1/clusters/create",
              cluster_with("lake", {{"spark_conf", {{"fs.azure.account.auth.type.st1weu.dfs.core.windows.net", "SharedKey"},
                                                    {"fs.azure.account.key.st2weu.dfs.core.windows.net", "AccountKey=hunter2hunter2;at st2weu"}}}}));
}

TEST(OneWayRewrites, ReachNamesOfSettingsAndSecretsWithoutKeepingThese) {
  Configured configured(two_to_one);
  Lab& lab = configured.lab;
  make_cluster_on_lake(lab);
  make_two_jobs(lab);
  full_sync(lab);
  const json conf = lab.secondary("GET", "/api/2.1/clusters/list").at("clusters").at(0).at("spark_conf");
  EXPECT_EQ(conf, json::parse(R"({"fs.azure.account.auth.type.stneu.dfs.core.windows.net": "SharedKey",
                                  "fs.azure.account.key.stneu.dfs.core.windows.net": "AccountKey=hunter2hunter2;at stneu"})"));
  EXPECT_EQ(to_text(lab.store().to_mirror()).find("hunter2"), std::string::npos);
  for (const auto& [uuid, originals] : lab.store().originals())
    for (const auto& original : originals) EXPECT_EQ((original.after + original.pieces).find("hunter2"), std::string::npos);
  lab.turn_roles();
  EXPECT_EQ(planned_steps(lab.read(true)), std::vector<std::string>{});
}

TEST(OneWayRewrites, AreKnownToAnotherMachineButForWhatHoldsASecret) {
  Configured configured(two_to_one);
  Lab& lab = configured.lab;
  make_cluster_on_lake(lab);
  make_two_jobs(lab);
  full_sync(lab);
  ASSERT_TRUE(lab.store().load_mirror(json::parse(to_text(lab.store().to_mirror()))));
  lab.turn_roles();
  const Reading reading = lab.read(true);
  EXPECT_EQ(planned_steps(reading), std::vector<std::string>{});
  std::vector<std::string> conflicts;
  for (const engine::Verdict& verdict : reading.plan.verdicts)
    if (verdict.stop == engine::Stop::conflict) conflicts.push_back(verdict.address() + ": " + verdict.because);
  ASSERT_EQ(conflicts.size(), 1U);
  EXPECT_NE(conflicts[0].find("cluster:\"lake\""), std::string::npos) << conflicts[0];
  EXPECT_NE(conflicts[0].find("only the key of the machine"), std::string::npos) << conflicts[0];
}

TEST(OneWayRewrites, AreForgottenWithTheObjectAndItsChildren) {
  Configured configured(two_to_one);
  Lab& lab = configured.lab;
  const json made = lab.primary("POST", "/api/2.1/clusters/create", cluster_with("lake", {{"custom_tags", {{"lake", "st1weu"}}}}));
  const json libraries = {{{"pypi", {{"package", "core"}, {"repo", "https://st2weu/simple"}}}}};
  lab.primary("POST", "/api/2.0/libraries/install", {{"cluster_id", made["cluster_id"]}, {"libraries", libraries}});
  full_sync(lab);
  EXPECT_EQ(lab.store().originals().size(), 2U) << "the cluster's and its libraries'";
  lab.primary("POST", "/api/2.1/clusters/permanent-delete", {{"cluster_id", made["cluster_id"]}});
  full_sync(lab);
  full_sync(lab);
  EXPECT_TRUE(lab.store().originals().empty());
}

TEST(OneWayRewrites, ThatWouldMakeTwoSettingsOneAreAConflict) {
  Configured configured(std::string(two_to_one) + "    adopt: overwrite\n");
  Lab& lab = configured.lab;
  lab.primary("POST", "/api/2.1/clusters/create",
              cluster_with("both", {{"spark_conf", {{"fs.x.st1weu.net", "a"}, {"fs.x.st2weu.net", "b"}}}}));
  const auto report = lab.sync();
  ASSERT_TRUE(report);
  EXPECT_EQ(report->outcome, "partial");
  EXPECT_NE(told(report).find("two settings at /spark_conf would have the same name"), std::string::npos) << told(report);
  EXPECT_EQ(lab.secondary("GET", "/api/2.1/clusters/list").value("clusters", json::array()).size(), 0U);
}

// --- what rules reach

TEST(Rewrites, ReachRepositoriesOfLibrariesOnClustersAndJobs) {
  Configured configured("    rewrites: [{from: pypi-weu.contoso.example, to: pypi-neu.contoso.example}, {from: maven-weu, to: maven-neu}]\n");
  Lab& lab = configured.lab;
  const json libraries = {{{"pypi", {{"package", "core==1"}, {"repo", "https://pypi-weu.contoso.example/simple"}}}},
                          {{"maven", {{"coordinates", "a:b:1"}, {"repo", "https://maven-weu.contoso.example/m2"}}}},
                          {{"cran", {{"package", "ada"}, {"repo", "https://pypi-weu.contoso.example/cran"}}}}};
  const json made = lab.primary("POST", "/api/2.1/clusters/create", cluster_with("tools", json::object()));
  lab.primary("POST", "/api/2.0/libraries/install", {{"cluster_id", made["cluster_id"]}, {"libraries", libraries}});
  json job = job_on("uses", "x");
  job["tasks"][0]["libraries"] = libraries;
  lab.primary("POST", "/api/2.2/jobs/create", job);
  full_sync(lab);
  EXPECT_EQ(lab.not_in_sync(), "");
  const std::string clusters = to_text(lab.secondary("GET", "/api/2.0/libraries/all-cluster-statuses"));
  const std::string jobs = to_text(job_named(lab, true, "uses"));
  for (const std::string& text : {clusters, jobs}) {
    EXPECT_EQ(text.find("-weu"), std::string::npos) << text;
    for (const char* repo : {"https://pypi-neu.contoso.example/simple", "https://maven-neu.contoso.example/m2", "https://pypi-neu.contoso.example/cran"})
      EXPECT_NE(text.find(repo), std::string::npos) << repo << " in " << text;
  }
  lab.turn_roles();
  EXPECT_EQ(planned_steps(lab.read(true)), std::vector<std::string>{}) << "and back";
}

TEST(Rewrites, ReachAbfssInitScriptsAndTheirAbsenceIsTold) {
  Configured configured("");
  Lab& lab = configured.lab;
  const json scripts = {{{"abfss", {{"destination", "abfss://init@stweu.dfs.core.windows.net/a.sh"}}}}};
  lab.primary("POST", "/api/2.1/clusters/create", cluster_with("scripted", {{"init_scripts", scripts}}));
  json job = job_on("scripted", "x");
  job["tasks"][0]["new_cluster"]["init_scripts"] = scripts;
  lab.primary("POST", "/api/2.2/jobs/create", job);
  lab.primary("POST", "/api/2.0/policies/clusters/create",
              {{"name", "scripted"},
               {"definition", R"({"init_scripts.0.abfss.destination":{"type":"fixed","value":"abfss://init@stweu.dfs.core.windows.net/a.sh"}})"}});
  const Reading without = lab.read(true);
  for (const char* address : {"cluster:\"scripted\"", "job:\"scripted\"", "cluster_policy:\"scripted\""})
    EXPECT_NE(notes_on(without, address).find("abfss://init@stweu.dfs.core.windows.net/a.sh"), std::string::npos) << address;
  configured.configure("    rewrites: [{same: stweu}]\n");
  for (const char* address : {"cluster:\"scripted\"", "job:\"scripted\"", "cluster_policy:\"scripted\""})
    EXPECT_EQ(notes_on(lab.read(true), address), "") << "said to be right";
  configured.configure("    rewrites: [{from: stweu, to: stneu}]\n");
  const Reading with = lab.read(true);
  for (const char* address : {"cluster:\"scripted\"", "job:\"scripted\"", "cluster_policy:\"scripted\""})
    EXPECT_EQ(notes_on(with, address), "") << address;
  full_sync(lab);
  EXPECT_EQ(lab.not_in_sync(), "");
  const json clusters = lab.secondary("GET", "/api/2.1/clusters/list");
  EXPECT_EQ(text_at(clusters, "/clusters/0/init_scripts/0/abfss/destination"), "abfss://init@stneu.dfs.core.windows.net/a.sh");
}

TEST(Rewrites, OfPeopleAndPathsLookForTheirTargetOnTheSecondary) {
  Configured configured("    rewrites: [{from: ana.weu@contoso.com, to: ana.neu@contoso.com}, {from: /Shared/weu, to: /Shared/neu}]\n");
  Lab& lab = configured.lab;
  for (const char* name : {"ana.weu@contoso.com", "ana.neu@contoso.com"})
    lab.primary("POST", "/api/2.0/preview/scim/v2/Users", {{"userName", name}});
  for (const char* folder : {"/Shared/weu", "/Shared/neu"}) {
    lab.primary("POST", "/api/2.0/workspace/mkdirs", {{"path", folder}});
    lab.primary("POST", "/api/2.0/workspace/import", {{"path", std::string(folder) + "/load"}, {"format", "SOURCE"}, {"language", "PYTHON"},
                                                      {"content", base64_encode("# Databricks notebook source\n1\n")}});
  }
  lab.primary("POST", "/api/2.2/jobs/create",
              {{"name", "nightly"}, {"run_as", {{"user_name", "ana.weu@contoso.com"}}},
               {"tasks", json::array({{{"task_key", "a"}, {"notebook_task", {{"notebook_path", "/Shared/weu/load"}}}}})}});
  full_sync(lab);
  EXPECT_EQ(lab.not_in_sync(), "");
  const json job = lab.secondary("GET", "/api/2.2/jobs/get?job_id=" + text_at(job_named(lab, true, "nightly"), "/job_id"));
  EXPECT_EQ(text_at(job, "/settings/run_as/user_name"), "ana.neu@contoso.com");
  EXPECT_EQ(text_at(job, "/settings/tasks/0/notebook_task/notebook_path"), "/Shared/neu/load");
}

TEST(Rewrites, OfScriptsAreToldAsTextThatPeopleWrote) {
  Configured configured("    rewrites: [{from: stweu, to: stneu}]\n");
  Lab& lab = configured.lab;
  lab.primary("POST", "/api/2.0/global-init-scripts", {{"name", "agent"}, {"script", base64_encode("#!/bin/sh\necho stweu\n")}});
  lab.primary("POST", "/api/2.0/global-init-scripts", {{"name", "other"}, {"script", base64_encode("#!/bin/sh\necho\n")}});
  const Reading reading = lab.read(true);
  EXPECT_NE(notes_on(reading, "global_init_script:\"agent\"").find("text that people wrote"), std::string::npos);
  EXPECT_EQ(notes_on(reading, "global_init_script:\"other\""), "");
}

// --- node types

json node_policy(const std::string& name, const json& rule) {
  return {{"name", name}, {"definition", to_text({{"node_type_id", rule}, {"spark_version", {{"type", "unlimited"}}}})}};
}

TEST(NodeTypes, OfPoliciesAndPoolsThatTheSecondaryLacksAreToldWithTheNearest) {
  Configured configured("");
  Lab& lab = configured.lab;
  lab.secondary("POST", "/sim/node-types", {{"withdrawn", json::array({"Standard_DS3_v2"})}, {"unavailable", json::array({"Standard_DS4_v2"})}});
  const auto add = [&](const std::string& name, const json& rule) { lab.primary("POST", "/api/2.0/policies/clusters/create", node_policy(name, rule)); };
  add("fixed", {{"type", "fixed"}, {"value", "Standard_DS3_v2"}});
  add("list", {{"type", "allowlist"}, {"values", json::array({"Standard_DS3_v2", "Standard_DS5_v2"})}, {"defaultValue", "Standard_DS5_v2"}});
  add("default", {{"type", "unlimited"}, {"defaultValue", "Standard_DS4_v2"}});
  add("pattern", {{"type", "regex"}, {"pattern", "Standard_DS3_v2|Standard_DS4_v2"}});
  add("wide", {{"type", "regex"}, {"pattern", "Standard_(DS3|DS4)_v2.*"}});
  add("enough", {{"type", "regex"}, {"pattern", "Standard_DS3_v2|Standard_DS5_v2"}});
  lab.primary("POST", "/api/2.0/instance-pools/create", {{"instance_pool_name", "pool"}, {"node_type_id", "Standard_DS3_v2"}});
  const Reading reading = lab.read(true);
  for (const char* address : {"cluster_policy:\"fixed\"", "cluster_policy:\"list\"", "instance_pool:\"pool\""})
    EXPECT_NE(notes_on(reading, address).find("The nearest that it has is Standard_D4ds_v5"), std::string::npos) << address << notes_on(reading, address);
  EXPECT_NE(notes_on(reading, "cluster_policy:\"default\"").find("The nearest that it has is Standard_D"), std::string::npos);
  EXPECT_NE(notes_on(reading, "cluster_policy:\"pattern\"").find("the other side offers none"), std::string::npos);
  EXPECT_EQ(notes_on(reading, "cluster_policy:\"wide\""), "") << "what it means is not guessed";
  EXPECT_EQ(notes_on(reading, "cluster_policy:\"enough\""), "");
}

TEST(NodeTypes, AreRewrittenInEveryRuleOfAPolicy) {
  Configured configured("    rewrites: [{from: Standard_DS3_v2, to: Standard_D4ds_v5, kinds: [cluster_policy, instance_pool]}]\n");
  Lab& lab = configured.lab;
  lab.secondary("POST", "/sim/node-types", {{"withdrawn", json::array({"Standard_DS3_v2"})}});
  lab.primary("POST", "/api/2.0/policies/clusters/create", node_policy("a", {{"type", "regex"}, {"pattern", "^(Standard_DS3_v2|Standard_DS5_v2)$"}, {"defaultValue", "Standard_DS3_v2"}}));
  lab.primary("POST", "/api/2.0/policies/clusters/create", node_policy("b", {{"type", "allowlist"}, {"values", json::array({"Standard_DS3_v2", "Standard_DS5_v2"})}}));
  lab.primary("POST", "/api/2.0/instance-pools/create", {{"instance_pool_name", "pool"}, {"node_type_id", "Standard_DS3_v2"}});
  const Reading reading = lab.read(true);
  for (const char* address : {"cluster_policy:\"a\"", "cluster_policy:\"b\"", "instance_pool:\"pool\""}) EXPECT_EQ(notes_on(reading, address), "");
  full_sync(lab);
  EXPECT_EQ(lab.not_in_sync(), "");
  const std::string policies = to_text(lab.secondary("GET", "/api/2.0/policies/clusters/list"));
  EXPECT_EQ(policies.find("Standard_DS3_v2"), std::string::npos);
  EXPECT_NE(policies.find("^(Standard_D4ds_v5|Standard_DS5_v2)$"), std::string::npos);
}

// --- secrets written out in full

std::string all_text_of(const Reading& reading) {
  std::string text;
  const auto add = [&](const std::vector<model::Change>& changes) {
    for (const model::Change& change : changes) text += change.pointer + " " + change.before + " " + change.after + "\n";
  };
  for (const engine::Step& step : reading.plan.steps) {
    add(step.changes);
    add(step.rewritten);
  }
  for (const engine::Verdict& verdict : reading.plan.verdicts) {
    add(verdict.changes);
    text += std::string(verdict.because) + verdict.what_to_do + "\n";
  }
  for (const model::Finding& finding : reading.plan.findings) text += finding.message + finding.what_to_do + "\n";
  return text;
}

Task<void> a_minute(Loop* loop) { co_await loop->sleep(std::chrono::minutes(1)); }

TEST(Literals, ThatAppearOrChangeAreNeverShown) {
  Configured configured("    secrets: {names: [\"licen?e\"], places: [{kind: job, place: /tasks/*/spark_python_task/parameters/0}]}\n");
  Lab& lab = configured.lab;
  json cluster = cluster_with("c", json::object());
  cluster["cluster_id"] = lab.primary("POST", "/api/2.1/clusters/create", cluster).at("cluster_id");
  const std::string job_id = text_at(lab.primary("POST", "/api/2.2/jobs/create", job_on("j", "pl4nted-0")), "/job_id");
  const std::string policy_id = text_at(lab.primary("POST", "/api/2.0/policies/clusters/create", node_policy("p", {{"type", "unlimited"}})), "/policy_id");
  full_sync(lab);
  for (const std::string number : {"1", "2"}) {
    lab.loop().run(a_minute(&lab.loop()));  // what starts or restarts cannot be edited
    cluster["spark_conf"] = {{"any.setting", "pl4nted-" + number}};
    cluster["spark_env_vars"] = {{"ANY", "pl4nted-" + number}};
    cluster["custom_tags"] = {{"deploy_token", "pl4nted-" + number}, {"licence", "pl4nted-" + number}};
    lab.primary("POST", "/api/2.1/clusters/edit", cluster);
    json job = job_on("j", "pl4nted-" + number);
    job["tasks"][0]["libraries"] = {{{"pypi", {{"package", "a"}, {"repo", "https://u:pl4nted-" + number + "@pypi.example/simple"}}}}};
    job["tasks"][0]["spark_python_task"]["parameters"].push_back("--password");
    job["tasks"][0]["spark_python_task"]["parameters"].push_back("pl4nted-" + number);
    job["parameters"] = {{{"name", "api_key"}, {"default", "pl4nted-" + number}}};
    lab.primary("POST", "/api/2.2/jobs/reset", {{"job_id", std::stoll(job_id)}, {"new_settings", job}});
    lab.primary("POST", "/api/2.0/policies/clusters/edit",
                {{"policy_id", policy_id}, {"name", "p"},
                 {"definition", to_text({{"spark_env_vars.DB_PASSWORD", {{"type", "fixed"}, {"value", "pl4nted-" + number}}}})}});
    const Reading reading = lab.read(true);
    EXPECT_EQ(planned_steps(reading).size(), 3U) << "the change is noticed";
    const std::string text = all_text_of(reading);
    EXPECT_EQ(text.find("pl4nted"), std::string::npos) << text;
    EXPECT_NE(text.find("(hidden)"), std::string::npos);
    full_sync(lab);
    EXPECT_EQ(lab.not_in_sync(), "");
  }
  EXPECT_NE(to_text(job_named(lab, true, "j")).find("pl4nted-2"), std::string::npos) << "the value itself arrives";
}

TEST(Literals, ThatAServiceRepeatsAreNeitherToldNorKept) {
  const auto folder = std::filesystem::temp_directory_path() / ("twinlake-literals-" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  {
    Lab::Options options;
    options.state_folder = folder.string();
    Configured configured("", options);
    Lab& lab = configured.lab;
    lab.primary("POST", "/api/2.1/clusters/create", cluster_with("c", {{"spark_conf", {{"any.setting", "pl4nted value"}}}}));
    simulator::FaultRule rule;
    rule.path = "/api/2.1/clusters/create";
    rule.status = 400;
    rule.error_code = "INVALID_PARAMETER_VALUE";
    rule.message = "The value 'pl4nted value' of any.setting is not allowed";
    lab.away().faults().add(rule);
    const auto report = lab.sync();
    ASSERT_TRUE(report);
    EXPECT_EQ(report->outcome, "partial");
    EXPECT_NE(told(report).find("The value '[secret]' of any.setting"), std::string::npos) << told(report);
    EXPECT_EQ(told(report).find("pl4nted"), std::string::npos) << told(report);
  }
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string content{std::istreambuf_iterator<char>(file), {}};
    EXPECT_EQ(content.find("pl4nted"), std::string::npos) << entry.path();
  }
  std::filesystem::remove_all(folder);
}

TEST(Literals, InScriptsAreTold) {
  Lab lab;
  const auto add = [&](const std::string& name, const std::string& script) {
    lab.primary("POST", "/api/2.0/global-init-scripts", {{"name", name}, {"script", base64_encode(script)}});
  };
  add("bad", "#!/bin/sh\nset -e\nexport API_TOKEN=pl4nted\n");
  add("good", "#!/bin/sh\nexport API_TOKEN=$SECRET_FROM_SCOPE\n");
  const Reading reading = lab.read(true);
  const std::string found = notes_on(reading, "global_init_script:\"bad\"");
  EXPECT_NE(found.find("holds what looks like a secret, in line 3 of /script"), std::string::npos) << found;
  EXPECT_EQ(found.find("pl4nted"), std::string::npos);
  EXPECT_EQ(notes_on(reading, "global_init_script:\"good\""), "");
}

}  // namespace
}  // namespace twinlake::test
