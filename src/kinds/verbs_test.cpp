// The verbs that a row cannot say, each on a simulated workspace.
#include <gtest/gtest.h>

#include <algorithm>

#include "base/hash.h"
#include "kinds/test_rows.h"
#include "kinds/test_side.h"
#include "model/canonical.h"
#include "simulator/faults.h"
#include "simulator/files/tree.h"
#include "simulator/identity/account.h"
#include "simulator/service.h"
#include "workspace/rows.h"
#include "workspace/tree.h"
#include "workspace/tree_content.h"

namespace twinlake::kinds {
namespace {

using http::Method;
using model::Kind;
using nlohmann::json;

simulator::RegionOptions numbered(int number) {
  simulator::RegionOptions options;
  options.workspace_id = number;
  options.seed = static_cast<std::uint64_t>(number);
  return options;
}

class Verbs : public ::testing::Test {
 protected:
  std::vector<json> tree() { return loop.run(workspace::list_tree(home.workspace)).value(); }

  static json entry(const std::vector<json>& entries, const std::string& path) {
    for (const json& item : entries)
      if (text_at(item, "/path") == path) return item;
    return nullptr;
  }

  void plant(const std::string& path, const std::string& type, json extra = json::object(),
             std::string content = {}) {
    simulator::TreeNode node;
    node.type = type;
    node.content = std::move(content);
    node.extra = std::move(extra);
    ASSERT_FALSE(home.region.get<simulator::Tree>().plant(path, std::move(node)));
  }

  model::Write write_of(std::string_view kind, json definition) {
    model::Write write;
    write.from = &home.workspace;
    write.to = &away.workspace;
    write.kind = &kind_named(kind);
    write.definition = std::make_shared<const json>(std::move(definition));
    return write;
  }

  /// Copies one entry of the tree to the same path of the other side and gives its new bytes.
  std::string copied(const std::string& kind, const std::string& path) {
    const json item = entry(tree(), path);
    const std::string id = text_at(item, "/object_id");
    const json full =
        loop.run(workspace::read_by_row(home.workspace, kind_named(kind), nullptr, id, item))
            .value();
    const json form = *model::canonical(kind_named(kind), full, {}).form;
    model::Write write = write_of(kind, form);
    write.source_id = id;
    const auto made = loop.run(workspace::create_by_row(std::move(write)));
    EXPECT_TRUE(made) << describe(made.error());
    const simulator::TreeNode* node = away.region.get<simulator::Tree>().find(path);
    if (node == nullptr) return "(nothing at " + path + ")";
    EXPECT_EQ(node->type, kind == "file" ? "FILE" : "NOTEBOOK");
    EXPECT_EQ(std::to_string(node->object_id), text_at(entry(listed_beside(path), path), "/object_id"));
    EXPECT_EQ(text_at(full, "/content_sha256"), sha256_hex(node->content));
    return node->content;
  }

  std::vector<json> listed_beside(const std::string& path) {
    return loop.run(workspace::list_place(away.workspace, model::parent_path(path))).value();
  }

  Loop loop{Loop::Clock::virtual_time};
  TestSide home{loop, model::Side::home, numbered(1)};
  TestSide away{loop, model::Side::away, numbered(2)};
};

TEST_F(Verbs, TreeNamesEverythingAndStaysOutOfOthersFolders) {
  plant("/Shared/a", "DIRECTORY");
  plant("/Shared/a/n", "NOTEBOOK");
  plant("/Shared/board", "DASHBOARD");
  plant("/Shared/git", "DIRECTORY", {{"directory_info", {{"is_git_folder", true}}}});
  plant("/Shared/git/inside", "FILE");
  plant("/Shared/old", "REPO");
  plant("/Shared/old/inside", "NOTEBOOK");
  plant("/Shared/late.dbalert.json", "FILE");
  plant("/Twinlake", "DIRECTORY");
  plant("/Twinlake/state", "FILE");
  const auto found = tree();
  EXPECT_EQ(text_at(entry(found, "/Shared/a/n"), "/object_type"), "NOTEBOOK");
  EXPECT_EQ(text_at(entry(found, "/Shared/git"), "/object_type"), "REPO");
  EXPECT_EQ(text_at(entry(found, "/Shared/late.dbalert.json"), "/object_type"), "ALERT");
  EXPECT_EQ(text_at(entry(found, "/Shared/board"), "/object_type"), "DASHBOARD");
  for (const char* path :
       {"/Shared/git/inside", "/Shared/old/inside", "/Twinlake", "/Twinlake/state"})
    EXPECT_TRUE(entry(found, path).is_null()) << path;
}

TEST_F(Verbs, TreeThatCannotBeReadWholeIsAnError) {
  plant("/Shared/a", "DIRECTORY");
  simulator::FaultRule rule;
  rule.path = "*workspace/list*";
  rule.nth = 3;
  rule.times = 0;
  rule.status = 404;
  rule.error_code = "RESOURCE_DOES_NOT_EXIST";
  home.region.faults().add(rule);
  const auto listed = loop.run(workspace::list_tree(home.workspace));
  ASSERT_FALSE(listed);
  EXPECT_NE(listed.error().fault, Fault::not_found) << "that would be taken for an empty workspace";
}

TEST_F(Verbs, NotebooksKeepTheirFormByteForByte) {
  const std::string sql =
      "-- Databricks notebook source\nselect 1\n\n-- COMMAND ----------\n\nselect 2";
  const std::string ipynb =
      "{\"cells\": [], \"metadata\": {},\n \"nbformat\": 4, \"nbformat_minor\": 5}\n";
  for (TestSide* side : {&home, &away})
    side->send(Method::post, "/api/2.0/workspace/mkdirs", {{"path", "/Shared/x"}});
  home.send(Method::post, "/api/2.0/workspace/import",
            {{"path", "/Shared/x/s"},
             {"format", "SOURCE"},
             {"language", "SQL"},
             {"content", base64_encode(sql)}});
  home.send(Method::post, "/api/2.0/workspace/import",
            {{"path", "/Shared/x/j"}, {"format", "JUPYTER"}, {"content", base64_encode(ipynb)}});
  EXPECT_EQ(copied("notebook", "/Shared/x/s"), sql);
  EXPECT_EQ(copied("notebook", "/Shared/x/j"), ipynb);
  const simulator::Tree& there = away.region.get<simulator::Tree>();
  EXPECT_EQ(there.find("/Shared/x/j")->native, "JUPYTER");
  EXPECT_EQ(there.find("/Shared/x/s")->language, "SQL");
  // Compared and copied with one read each.
  EXPECT_EQ(home.calls("GET", "/api/2.0/workspace/export"), 2);
}

TEST_F(Verbs, FilesArriveByteForByteWhateverTheirSizeAndName) {
  const std::string header = "# Databricks notebook source\nprint(1)\n";
  const std::string large(8 << 20, 'x');
  const std::pair<const char*, std::string> files[] = {
      {"/Shared/small.py", header},
      {"/Shared/empty", ""},
      {"/Shared/large.bin", large + std::string(1, '\0')},
      {"/Shared/with space #1.csv", large},
      {"/Shared/large.py", header + large},
      {"/Shared/large.ipynb", "{\"cells\":[],\"x\":\"" + large + "\"}"}};
  for (const auto& [path, content] : files) {
    plant(path, "FILE", json::object(), content);
    EXPECT_TRUE(copied("file", path) == content) << path;
  }
  EXPECT_EQ(away.calls("POST", "/api/2.0/workspace-files/import-file/{path...}"), 2)
      << "the route for raw bytes guesses, so it is for those whose name leaves nothing to guess";
}

TEST_F(Verbs, AFolderThatIsNotEmptyStays) {
  for (const char* path : {"/Shared/full", "/Shared/full/inner"})
    away.send(Method::post, "/api/2.0/workspace/mkdirs", {{"path", path}});
  model::Write write = write_of("directory", {{"path", "/Shared/full"}});
  EXPECT_FALSE(loop.run(workspace::remove_by_row(write)));
  write.definition = nullptr;
  write.key = "/Shared/full/inner";
  EXPECT_TRUE(loop.run(workspace::remove_by_row(write)));
  EXPECT_TRUE(loop.run(workspace::remove_by_row(write))) << "gone already is as good";
}

TEST_F(Verbs, AHomeIsWaitedForNotMade) {
  const std::string path = "/Users/ana@x.example";
  EXPECT_TRUE(loop.run(workspace::create_by_row(write_of("directory", {{"path", path}}))));
  EXPECT_EQ(away.region.get<simulator::Tree>().find(path), nullptr);
  away.send(Method::post, "/api/2.0/preview/scim/v2/Users", {{"userName", "ana@x.example"}});
  EXPECT_EQ(text_at(entry(listed_beside(path), path), "/object_type"), "DIRECTORY");
}

json job_with_tasks(int count) {
  json tasks = json::array();
  for (int i = 0; i < count; ++i)
    tasks.push_back({{"task_key", "t" + std::to_string(i)},
                     {"notebook_task", {{"notebook_path", "/Shared/n"}}}});
  return {{"name", "long"}, {"tasks", tasks}, {"continuous", json::object()}};
}

TEST_F(Verbs, AJobOfManyTasksIsReadWhole) {
  const json made = home.send(Method::post, "/api/2.2/jobs/create", job_with_tasks(250));
  const Kind& kind = kind_named("job");
  const auto listed = loop.run(workspace::list_by_row(home.workspace, kind)).value();
  ASSERT_EQ(listed.size(), 1U);
  EXPECT_TRUE(kind.must_read(listed.front()));
  const json full = loop.run(workspace::read_by_row(home.workspace, kind, nullptr,
                                                    text_at(made, "/job_id"), listed.front()))
                        .value();
  json form = *model::canonical(kind, full, {}).form;
  EXPECT_EQ(form["tasks"].size(), 250U);
  EXPECT_EQ(text_at(form, "/run_as/user_name"), "replicator@twinlake.example");
  EXPECT_EQ(text_at(form, "/continuous/pause_status"), "UNPAUSED")
      << "an empty trigger is a live one";
  EXPECT_EQ(model::hold(kind, form).size(), 1U);
  EXPECT_EQ(text_at(form, "/continuous/pause_status"), "PAUSED");
}

TEST(Job, WhatTheServiceWouldFillInIsSaid) {
  const Kind& kind = kind_named("job");
  const json task = {{"task_key", "t"}, {"notebook_task", {{"notebook_path", "x"}}}};
  json item = {{"run_as_user_name", "ana@x.example"},
               {"settings", {{"tasks", json::array({task})}}}};
  json form = *model::canonical(kind, item, {}).form;
  EXPECT_EQ(text_at(form, "/queue/enabled"), "false");
  EXPECT_EQ(text_at(form, "/run_as/user_name"), "ana@x.example");
  EXPECT_EQ(text_at(form, "/tasks/0/notebook_task/source"), "WORKSPACE");
  item["settings"]["git_source"] = {{"git_url", "https://x.example/r"}, {"git_provider", "gitHub"}};
  item["settings"]["run_as"] = {{"group_name", "data-eng"}};
  form = *model::canonical(kind, item, {}).form;
  EXPECT_EQ(text_at(form, "/tasks/0/notebook_task/source"), "GIT");
  EXPECT_EQ(to_text(form["run_as"]), R"({"group_name":"data-eng"})");
}

TEST_F(Verbs, StatesInsideATriggerAreHeldToo) {
  const json item = {
      {"settings",
       {{"triggers",
         {{{"schedule", {{"quartz_cron_expression", "0 0 1 * * ?"}, {"pause_status", "UNPAUSED"}}}},
          {{"pause_status", "UNPAUSED"},
           {"periodic", {{"interval", 1}, {"pause_status", "PAUSED"}}}}}}}}};
  json form = *model::canonical(kind_named("job"), item, {}).form;
  EXPECT_EQ(text_at(form, "/triggers/0/pause_status"), "UNPAUSED");
  EXPECT_EQ(text_at(form, "/triggers/1/pause_status"), "PAUSED");
  (void)model::hold(kind_named("job"), form);
  EXPECT_EQ(to_text(form).find("UNPAUSED"), std::string::npos);
}

TEST_F(Verbs, AJobWithoutAnOwnerGetsOurs) {
  const json made = away.send(Method::post, "/api/2.2/jobs/create", job_with_tasks(1));
  model::Write write = write_of("permissions", json::object());
  write.parent_kind = &kind_named("job");
  write.id = text_at(made, "/job_id");
  EXPECT_TRUE(loop.run(workspace::update_by_row(write)));
  const Kind& kind = kind_named("permissions");
  const json read = loop.run(workspace::read_by_row(away.workspace, kind, write.parent_kind,
                                                    write.id, json::object()))
                        .value();
  model::CanonicalContext context;
  context.self = away.workspace.self().names();
  EXPECT_TRUE(model::canonical(kind, read, context).form->empty())
      << "our own entry is not part of the comparison";
}

TEST_F(Verbs, AnUnknownPrincipalIsNamed) {
  const json made = away.send(Method::post, "/api/2.2/jobs/create", job_with_tasks(1));
  json entry = {{"user_name", "nobody@x.example"}, {"permission_level", "CAN_VIEW"}};
  model::Write write = write_of("permissions", {{"access_control_list", json::array({entry})}});
  write.parent_kind = &kind_named("job");
  write.id = text_at(made, "/job_id");
  const auto refused = loop.run(workspace::update_by_row(write));
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().hint.find("nobody@x.example"), std::string::npos)
      << describe(refused.error());
}

TEST(Permissions, FixedListsHaveNoChild) {
  const Kind& kind = kind_named("permissions");
  const Kind& directory = kind_named("directory");
  for (const char* path : {"/", "/Users", "/Shared", "/Repos"})
    EXPECT_TRUE(kind.child_item(directory, {{"path", path}}).is_null()) << path;
  for (const char* path : {"/Users/ana@x.example", "/Shared/etl"})
    EXPECT_FALSE(kind.child_item(directory, {{"path", path}}).is_null()) << path;
}

TEST(Cluster, SpecComesFirstAndPoolsDecideMachines) {
  const Kind& kind = kind_named("cluster");
  const json item = {
      {"cluster_id", "c"},
      {"cluster_name", "one"},
      {"node_type_id", "Standard_DS3_v2"},
      {"enable_elastic_disk", false},
      {"single_user_name", "ana@x.example"},
      {"spec",
       {{"instance_pool_id", "p"}, {"node_type_id", "Standard_DS3_v2"}, {"num_workers", 1}}}};
  const json form = *model::canonical(kind, item, {}).form;
  EXPECT_FALSE(form.contains("node_type_id"));
  EXPECT_FALSE(form.contains("enable_elastic_disk"));
  EXPECT_EQ(text_at(form, "/cluster_name"), "one");
  EXPECT_EQ(text_at(form, "/single_user_name"), "ana@x.example");
  EXPECT_EQ(text_at(form, "/autotermination_minutes"), "0");
}

TEST(Cluster, ClustersOfServicesAreForeign) {
  const Kind& kind = kind_named("cluster");
  for (const char* source : {"JOB", "SQL", "PIPELINE", "MODELS"})
    EXPECT_TRUE(kind.is_foreign({{"cluster_source", source}})) << source;
  for (const char* name : {"job-12-run-3-main", "mlflow-model-x", "dlt-execution-1"})
    EXPECT_TRUE(kind.is_foreign({{"cluster_name", name}})) << name;
  for (const char* name : {"job-runner", "job-12", "job-run-3", "shared"})
    EXPECT_FALSE(kind.is_foreign({{"cluster_name", name}})) << name;
  EXPECT_FALSE(kind.is_foreign({{"cluster_source", "UI"}, {"cluster_name", "job-12-run-3"}}));
}

TEST_F(Verbs, AClusterOnTheMoveIsEditedWhenItHasArrived) {
  json body = {{"cluster_name", "c"},
               {"spark_version", "15.4.x-scala2.12"},
               {"node_type_id", "Standard_DS3_v2"},
               {"num_workers", 1}};
  const json made = away.send(Method::post, "/api/2.1/clusters/create", body);
  away.send(Method::post, "/api/2.1/clusters/delete", made);
  body["num_workers"] = 2;
  model::Write write = write_of("cluster", body);
  write.id = text_at(made, "/cluster_id");
  const auto done = loop.run(workspace::update_by_row(write));
  EXPECT_TRUE(done) << describe(done.error());
  EXPECT_TRUE(loop.run(workspace::remove_by_row(write)));
}

TEST(Group, AccountGroupsAreAssignedWithTheirEntitlements) {
  Loop loop{Loop::Clock::virtual_time};
  auto account = std::make_shared<simulator::Account>("acc");
  const std::string id = account->add_group("data-eng").id;
  simulator::RegionOptions first = numbered(1);
  simulator::RegionOptions second = numbered(2);
  first.account = second.account = account;
  TestSide home(loop, model::Side::home, first);
  TestSide away(loop, model::Side::away, second);
  const json wish = {{"group_name", "data-eng"}, {"permissions", {"USER"}}};
  home.send(Method::post, "/api/2.0/preview/permissionassignments",
            {{"permission_assignments", json::array({wish})}});
  model::Write write;
  write.from = &home.workspace;
  write.to = &away.workspace;
  write.kind = &kind_named("group");
  write.source_id = id;
  json definition = {{"displayName", "data-eng"}};
  definition["entitlements"] = json::array({{{"value", "allow-cluster-create"}}});
  definition["of_account"] = true;
  write.definition = std::make_shared<const json>(definition);
  const auto made = loop.run(workspace::create_by_row(write));
  ASSERT_TRUE(made) << describe(made.error());
  EXPECT_EQ(*made, id);
  const auto groups = loop.run(workspace::list_by_row(away.workspace, kind_named("group"))).value();
  const auto found = std::find_if(groups.begin(), groups.end(),
                                  [&](const json& group) { return text_at(group, "/id") == id; });
  ASSERT_NE(found, groups.end());
  EXPECT_EQ(*model::canonical(kind_named("group"), *found, {}).form, definition);
  EXPECT_TRUE(kind_named("group_members").child_item(kind_named("group"), *found).is_null());
}

}  // namespace
}  // namespace twinlake::kinds
