#include "simulator/files/tree.h"

#include <gtest/gtest.h>

#include "simulator/identity/identity.h"
#include "simulator/probe.h"

namespace twinlake::simulator {
namespace {

class TreeTest : public testing::Test {
 protected:
  http::Response mkdirs(const std::string& path) {
    return probe.post("/api/2.0/workspace/mkdirs", json::object({{"path", path}}));
  }
  http::Response status(const std::string& path) {
    return probe.get("/api/2.0/workspace/get-status?path=" + http::percent_encode(path));
  }
  http::Response list(const std::string& path) {
    return probe.get("/api/2.0/workspace/list?path=" + http::percent_encode(path));
  }
  http::Response remove(const std::string& path, bool recursive = false) {
    return probe.post("/api/2.0/workspace/delete",
                      json::object({{"path", path}, {"recursive", recursive}}));
  }
  http::Response import_raw(const std::string& path, const std::string& text) {
    return probe.post(
        "/api/2.0/workspace/import",
        json::object({{"path", path}, {"format", "RAW"}, {"content", base64_encode(text)}}));
  }
  std::int64_t id_of(const std::string& path) {
    return integer_of(body_of(status(path)), "object_id").value_or(-1);
  }
  Probe probe;
};

TEST_F(TreeTest, PathsAreTheSameWithPrefixAndDoubledSlashes) {
  ASSERT_EQ(mkdirs("/Workspace/Shared//etl/").status, 200);
  EXPECT_EQ(text_of(body_of(status("/Shared/etl")), "path"), "/Shared/etl");
  EXPECT_EQ(id_of("/Workspace/Shared/etl"), id_of("//Shared/etl/"));
  EXPECT_EQ(Tree::canonical("/Workspace"), "/");
  EXPECT_EQ(Tree::canonical("/Workspaces/x"), "/Workspaces/x")
      << "only the whole word is the prefix";
  EXPECT_EQ(status("/Shared/ETL").status, 404) << "paths are case-sensitive";
}

TEST_F(TreeTest, RefusesPathsThatAreNotAbsolute) {
  EXPECT_EQ(code_of(status("Shared")), "INVALID_PARAMETER_VALUE");
  EXPECT_EQ(code_of(mkdirs("Shared/x")), "INVALID_PARAMETER_VALUE");
}

TEST_F(TreeTest, MissingPathIsNamedAsItWasAsked) {
  for (const auto& answer : {status("/Workspace/Shared/none"), list("/Workspace/Shared/none"),
                             remove("/Workspace/Shared/none")}) {
    EXPECT_EQ(answer.status, 404);
    EXPECT_EQ(code_of(answer), "RESOURCE_DOES_NOT_EXIST");
    EXPECT_EQ(message_of(answer), "Path (/Workspace/Shared/none) doesn't exist.");
  }
}

TEST_F(TreeTest, MkdirsMakesEveryAncestorAndMayBeRepeated) {
  ASSERT_EQ(mkdirs("/Shared/a/b/c").status, 200);
  const auto id = id_of("/Shared/a/b/c");
  ASSERT_EQ(mkdirs("/Shared/a/b/c").status, 200);
  EXPECT_EQ(id_of("/Shared/a/b/c"), id);
  ASSERT_EQ(import_raw("/Shared/a/file", "x").status, 200);
  const auto answer = mkdirs("/Shared/a/file/deeper");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(code_of(answer), "RESOURCE_ALREADY_EXISTS");
}

TEST_F(TreeTest, ListsOneLevelAndLeavesOutTheKeyWhenEmpty) {
  mkdirs("/Shared/a/b/c");
  mkdirs("/Shared/a-b");
  mkdirs("/Shared/a0");
  import_raw("/Shared/z.txt", "hello");
  json names = json::array();
  const json shared = body_of(list("/Shared"));
  for (const json& object : list_of(shared, "objects")) names.push_back(object.at("path"));
  EXPECT_EQ(names, json::array({"/Shared/a", "/Shared/a-b", "/Shared/a0", "/Shared/z.txt"}));
  EXPECT_EQ(list("/Shared/a-b").body, "{}");
  const json file = body_of(list("/Shared/z.txt"));
  ASSERT_EQ(count_of(file, "objects"), 1U) << "a list of a file is the file itself";
  EXPECT_EQ(file.at("objects")[0].at("size"), 5);
  EXPECT_EQ(body_of(list("/")).at("objects").size(), 3U);
}

TEST_F(TreeTest, DirectoriesOfTheSystemAreProtected) {
  mkdirs("/Shared/x");
  for (const char* path :
       {"/", "/Users", "/Shared", "/Repos", "/Users/replicator@twinlake.example"}) {
    const auto answer = remove(path, true);
    EXPECT_EQ(answer.status, 400) << path;
    EXPECT_EQ(code_of(answer), "DIRECTORY_PROTECTED") << path;
  }
  EXPECT_EQ(status("/Shared/x").status, 200);
}

TEST_F(TreeTest, HomesComeWithTheirUsersOnly) {
  EXPECT_EQ(status("/Users/replicator@twinlake.example").status, 200);
  for (const char* path : {"/Users/ana@contoso.com", "/Users/ana@contoso.com/deep/er"}) {
    EXPECT_EQ(code_of(mkdirs(path)), "DIRECTORY_PROTECTED") << path;
    EXPECT_EQ(status(path).status, 404) << path;
  }
  probe.region().get<Identity>().ensure_user("ana@contoso.com", false);
  EXPECT_EQ(mkdirs("/Users/ana@contoso.com/deep/er").status, 200);
}

TEST_F(TreeTest, FullDirectoriesGoOnlyRecursively) {
  mkdirs("/Shared/a/b");
  const auto refused = remove("/Shared/a");
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(code_of(refused), "DIRECTORY_NOT_EMPTY");
  EXPECT_EQ(remove("/Shared/a", true).status, 200);
  EXPECT_EQ(status("/Shared/a/b").status, 404);
  mkdirs("/Shared/empty");
  EXPECT_EQ(remove("/Shared/empty").status, 200);
}

TEST_F(TreeTest, RecreatedObjectHasANewId) {
  mkdirs("/Shared/a");
  const auto before = id_of("/Shared/a");
  remove("/Shared/a");
  mkdirs("/Shared/a");
  EXPECT_NE(id_of("/Shared/a"), before);
}

TEST_F(TreeTest, RenameKeepsIdsOfAllThatMoves) {
  mkdirs("/Shared/old/sub");
  import_raw("/Shared/old/sub/f.txt", "x");
  const auto folder = id_of("/Shared/old");
  const auto file = id_of("/Shared/old/sub/f.txt");
  const auto move = [&](const char* from, const char* to) {
    return probe.post("/sim/tree/move", json::object({{"from", from}, {"to", to}})).status;
  };
  ASSERT_EQ(move("/Shared/old", "/Shared/new"), 200);
  EXPECT_EQ(id_of("/Shared/new"), folder);
  EXPECT_EQ(id_of("/Shared/new/sub/f.txt"), file);
  EXPECT_EQ(status("/Shared/old").status, 404);
  EXPECT_EQ(move("/Shared/new", "/Shared/new/inside"), 400);
  EXPECT_EQ(move("/Shared/gone", "/Shared/x"), 404);
}

TEST_F(TreeTest, PlantsWhatNoApiMakes) {
  const json repo = json::object({{"path", "/Repos/ana/core"},
                                  {"object_type", "REPO"},
                                  {"git_info", json::object({{"branch", "main"}})}});
  ASSERT_EQ(probe.post("/sim/tree", repo).status, 200);
  EXPECT_FALSE(body_of(status("/Repos/ana/core")).contains("git_info"));
  const auto with_git =
      probe.get("/api/2.0/workspace/get-status?path=/Repos/ana/core&return_git_info=true");
  EXPECT_EQ(body_of(with_git).at("git_info").at("branch"), "main");
  probe.post("/sim/tree", json::object({{"path", "/Shared/Sales.lvdash.json"},
                                        {"object_type", "DASHBOARD"},
                                        {"resource_id", "01ef"}}));
  EXPECT_EQ(text_of(body_of(status("/Shared/Sales.lvdash.json")), "resource_id"), "01ef");
  for (const char* path : {"/Repos/ana/core", "/Shared/Sales.lvdash.json"}) {
    const auto answer =
        probe.get(std::string("/api/2.0/workspace/export?format=AUTO&path=") + path);
    EXPECT_EQ(answer.status, 400) << path;
  }
}

TEST_F(TreeTest, PermissionsAreInheritedThroughTheTree) {
  mkdirs("/Shared/a");
  import_raw("/Shared/a/f.txt", "x");
  const auto folder = std::to_string(id_of("/Shared/a"));
  const auto file = std::to_string(id_of("/Shared/a/f.txt"));
  const json grants = json::object(
      {{"access_control_list",
        json::array({json::object({{"group_name", "users"}, {"permission_level", "CAN_EDIT"}})})}});
  ASSERT_EQ(probe.put("/api/2.0/permissions/directories/" + folder, grants).status, 200);
  const auto seen = probe.get("/api/2.0/permissions/files/" + file);
  ASSERT_EQ(seen.status, 200);
  EXPECT_NE(seen.body.find("/directories/" + folder), std::string::npos);
  EXPECT_EQ(probe.get("/api/2.0/permissions/notebooks/" + file).status, 404)
      << "a file is no notebook";
}

}  // namespace
}  // namespace twinlake::simulator
