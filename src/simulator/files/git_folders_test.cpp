#include "simulator/files/git_folders.h"

#include <gtest/gtest.h>

#include "simulator/identity/identity.h"
#include "simulator/probe.h"

namespace twinlake::simulator {
namespace {

using people::admin;
using people::ana;
const std::string repos = "/api/2.0/repos";
const std::string remote = "https://dev.azure.com/contoso/_git/core";

class GitFoldersTest : public testing::Test {
 protected:
  GitFoldersTest() {
    probe.region().get<Identity>().ensure_user(ana, false);
    probe.post("/sim/credentials", json::object({{"token", "dapi-ana"}, {"principal", ana}}));
    probe.post("/api/2.0/workspace/mkdirs", {{"path", "/Repos/team"}});
  }
  http::Response create(const std::string& path, const std::string& url = remote,
                        const std::string& provider = "azureDevOpsServices") {
    return probe.post(repos, json::object({{"path", path}, {"url", url}, {"provider", provider}}));
  }
  std::string make(const std::string& path) { return text_of(body_of(create(path)), "id"); }
  json status(const std::string& path) {
    return body_of(probe.get("/api/2.0/workspace/get-status?return_git_info=true&path=" + path));
  }
  std::vector<std::string> listed(const std::string& prefix = "") {
    std::vector<std::string> paths;
    std::string token;
    do {
      const json page = body_of(probe.get(repos + "?path_prefix=" + prefix +
                                          "&next_page_token=" + http::percent_encode(token)));
      for (const json& row : list_of(page, "repos")) paths.push_back(text_of(row, "path"));
      token = text_of(page, "next_page_token");
    } while (!token.empty());
    return paths;
  }
  Probe probe;
};

TEST_F(GitFoldersTest, AreMadeMovedToAnotherBranchAndDeleted) {
  const json made = body_of(create("/Workspace/Repos/team/core", remote, "AZUREDEVOPSSERVICES"));
  EXPECT_EQ(made.at("path"), "/Repos/team/core");
  EXPECT_EQ(made.at("provider"), "azureDevOpsServices") << "in whatever case it came";
  EXPECT_EQ(made.at("branch"), "main") << "the default branch";
  EXPECT_EQ(text_of(made, "head_commit_id").size(), 40U);
  const std::string one = repos + "/" + text_of(made, "id");
  EXPECT_EQ(body_of(probe.get(one)), made);
  ASSERT_EQ(probe.patch(one, {{"branch", "release"}}).status, 200);
  const json moved = body_of(probe.get(one));
  EXPECT_EQ(moved.at("branch"), "release");
  EXPECT_NE(moved.at("head_commit_id"), made.at("head_commit_id"));
  ASSERT_EQ(probe.patch(one, {{"tag", "v1"}}).status, 200);
  EXPECT_FALSE(body_of(probe.get(one)).contains("branch")) << "a tag detaches the head";
  EXPECT_EQ(probe.patch(one, {{"tag", "v1"}, {"branch", "main"}}).status, 400);
  ASSERT_EQ(probe.del(one).status, 200);
  EXPECT_EQ(code_of(probe.get(one)), "RESOURCE_DOES_NOT_EXIST");
  EXPECT_EQ(probe.region().get<Tree>().find("/Repos/team/core"), nullptr);
}

TEST_F(GitFoldersTest, AreRefusedForTheDocumentedReasons) {
  make("/Repos/team/core");
  EXPECT_EQ(code_of(create("/Repos/team/core")), "RESOURCE_ALREADY_EXISTS");
  const auto orphan = create("/Repos/nobody/core");
  EXPECT_EQ(orphan.status, 404);
  EXPECT_EQ(message_of(orphan), "Parent directory /Repos/nobody does not exist.");
  EXPECT_EQ(create("/Repos/core").status, 400);
  EXPECT_EQ(create("/Repos/team/deeper/core").status, 400);
  EXPECT_EQ(create("relative").status, 400);
  EXPECT_EQ(code_of(create("/Repos/team/x", remote, "sourceForge")), "INVALID_PARAMETER_VALUE");
  EXPECT_EQ(create("/Repos/team/x", remote, "").status, 400);
  EXPECT_EQ(create("/Repos/team/x", "no url").status, 400);
  EXPECT_EQ(probe.get(repos + "/77").status, 404);
}

TEST_F(GitFoldersTest, ShowInTheTreeByPlace) {
  const std::string below = make("/Repos/team/core");
  const std::string elsewhere = make("/Users/" + ana + "/core");
  const json repo = status("/Repos/team/core");
  EXPECT_EQ(repo.at("object_type"), "REPO");
  EXPECT_EQ(text_of(repo, "object_id"), below);
  EXPECT_EQ(repo.at("git_info").at("branch"), "main");
  const json folder = status("/Workspace/Users/" + ana + "/core");
  EXPECT_EQ(folder.at("object_type"), "DIRECTORY");
  EXPECT_EQ(folder.at("directory_info").at("is_git_folder"), true);
  EXPECT_EQ(folder.at("git_info").at("path"), "/Users/" + ana + "/core");
  EXPECT_EQ(status("/Repos/team/core/jobs/run").at("object_type"), "NOTEBOOK")
      << "the working copy is in the tree too";
  EXPECT_FALSE(body_of(probe.get("/api/2.0/workspace/list?path=/Repos/team"))
                   .at("objects")
                   .at(0)
                   .contains("git_info"));
  EXPECT_EQ(probe.get("/api/2.0/permissions/repos/" + elsewhere).status, 200);
}

TEST_F(GitFoldersTest, MayShowInTheOtherTwoWays) {
  const std::string home = "/Users/" + ana;
  probe.post("/sim/git/style", {{"style", "standard"}});
  make(home + "/standard");
  const json standard = status(home + "/standard");
  EXPECT_EQ(standard.at("object_type"), "REPO");
  EXPECT_FALSE(standard.contains("directory_info"));
  probe.post("/sim/git/style", {{"style", "git_cli"}});
  const std::string id = make(home + "/cli");
  const json cli = status(home + "/cli");
  EXPECT_EQ(cli.at("directory_info").at("is_git_folder"), true);
  EXPECT_EQ(cli.at("git_info").size(), 2U) << "only id and path";
  EXPECT_EQ(body_of(probe.get(repos + "/" + id)).at("url"), remote);
  EXPECT_EQ(listed(home), std::vector<std::string>{home + "/standard"});
  EXPECT_EQ(probe.post("/sim/git/style", {{"style", "other"}}).status, 400);
}

TEST_F(GitFoldersTest, AreListedInPagesByPrefix) {
  EXPECT_FALSE(body_of(probe.get(repos)).contains("repos"));
  for (int i = 0; i < 45; ++i) make("/Repos/team/r" + std::to_string(i));
  make("/Users/" + ana + "/core");
  EXPECT_EQ(listed().size(), 45U) << "without a prefix only /Repos";
  EXPECT_EQ(listed("/Workspace").size(), 45U) << "a prefix that says nothing";
  EXPECT_EQ(listed("/Workspace/Users").size(), 1U);
  EXPECT_EQ(listed("/Repos/team/r4").size(), 6U);
  EXPECT_EQ(probe.get(repos + "?next_page_token=wrong").status, 400);
  probe.use_token("dapi-ana");
  EXPECT_EQ(listed().size(), 0U) << "only what the caller manages";
  EXPECT_EQ(listed("/Users").size(), 1U);
}

TEST_F(GitFoldersTest, GoWithTheTreesEntryAndMoveWithIt) {
  const std::string id = make("/Repos/team/core");
  probe.post("/sim/tree/move", {{"from", "/Repos/team/core"}, {"to", "/Repos/team/new"}});
  EXPECT_EQ(body_of(probe.get(repos + "/" + id)).at("path"), "/Repos/team/new");
  EXPECT_EQ(status("/Repos/team/new").at("git_info").at("path"), "/Repos/team/new");
  probe.post("/api/2.0/workspace/delete", {{"path", "/Repos/team/new"}, {"recursive", true}});
  EXPECT_EQ(probe.get(repos + "/" + id).status, 404);
  EXPECT_EQ(listed().size(), 0U);
}

TEST_F(GitFoldersTest, LocalChangesHoldTheBranch) {
  const std::string one = repos + "/" + make("/Repos/team/core");
  const json change = {{"path", "/Repos/team/core/lib/more.py"},
                       {"format", "AUTO"},
                       {"content", base64_encode("x = 1\n")}};
  ASSERT_EQ(probe.post("/api/2.0/workspace/import", change).status, 200);
  EXPECT_EQ(code_of(probe.patch(one, {{"branch", "release"}})), "GIT_CONFLICT");
  const json discard = {{"branch", "release"}, {"dangerously_force_discard_all", true}};
  EXPECT_EQ(probe.patch(one, discard).status, 200);
  EXPECT_EQ(probe.region().get<Tree>().find("/Repos/team/core/lib/more.py"), nullptr);
}

TEST_F(GitFoldersTest, ASparseCheckoutStaysSparse) {
  json body = {{"path", "/Repos/team/core"}, {"url", remote}, {"provider", "gitHub"}};
  body["sparse_checkout"]["patterns"] = json::array({"lib"});
  const std::string one = repos + "/" + text_of(body_of(probe.post(repos, body)), "id");
  const auto& tree = probe.region().get<Tree>();
  EXPECT_NE(tree.find("/Repos/team/core/lib/version.py"), nullptr);
  EXPECT_NE(tree.find("/Repos/team/core/README.md"), nullptr);
  EXPECT_EQ(tree.find("/Repos/team/core/jobs/run"), nullptr);
  const json wider = {{"sparse_checkout", {{"patterns", json::array({"lib", "jobs"})}}}};
  ASSERT_EQ(probe.patch(one, wider).status, 200);
  EXPECT_NE(tree.find("/Repos/team/core/jobs/run"), nullptr);
  EXPECT_EQ(body_of(probe.get(one)).at("sparse_checkout").at("patterns").size(), 2U);
  EXPECT_EQ(probe.patch(repos + "/" + make("/Repos/team/full"), wider).status, 400)
      << "on or off is decided once";
}

TEST_F(GitFoldersTest, RemotesMayBePrivateAndKnowTheirBranches) {
  const json declared = {
      {"url", remote}, {"private", true}, {"branches", {{"dev", std::string(40, 'd')}}}};
  ASSERT_EQ(probe.post("/sim/git/remotes", declared).status, 200);
  EXPECT_EQ(code_of(create("/Repos/team/core")), "GIT_REMOTE_ERROR");
  ASSERT_EQ(
      probe.post("/api/2.0/git-credentials", {{"git_provider", "azureDevOpsServices"}}).status,
      200);
  const std::string one = repos + "/" + make("/Repos/team/core");
  EXPECT_EQ(code_of(probe.patch(one, {{"branch", "none"}})), "GIT_UNKNOWN_REF");
  ASSERT_EQ(probe.patch(one, {{"branch", "dev"}}).status, 200);
  EXPECT_EQ(body_of(probe.get(one)).at("head_commit_id"), std::string(40, 'd'));
}

TEST_F(GitFoldersTest, AnAllowListHoldsRemotesBack) {
  ASSERT_EQ(probe
                .patch("/api/2.0/workspace-conf",
                       {{"enableProjectsAllowList", "true"},
                        {"projectsAllowList", "https://github.com/contoso/,https://git.contoso/"}})
                .status,
            204);
  EXPECT_EQ(code_of(create("/Repos/team/x")), "GIT_URL_NOT_ON_ALLOW_LIST");
  EXPECT_EQ(create("/Repos/team/x", "https://github.com/contoso/x.git", "gitHub").status, 200);
}

TEST_F(GitFoldersTest, RightsComeFromThePlaceAndFromTheirOwnList) {
  const std::string id = make("/Repos/team/core");
  probe.use_token("dapi-ana");
  EXPECT_EQ(probe.get(repos + "/" + id).status, 403);
  probe.use_token("dapi-simulated");
  const json entry = {{"user_name", ana}, {"permission_level", "CAN_READ"}};
  const json list = json::object({{"access_control_list", json::array({entry})}});
  ASSERT_EQ(probe.put("/api/2.0/permissions/repos/" + id, list).status, 200);
  probe.use_token("dapi-ana");
  EXPECT_EQ(probe.get(repos + "/" + id).status, 200);
  EXPECT_EQ(probe.patch(repos + "/" + id, {{"branch", "x"}}).status, 403);
  EXPECT_EQ(probe.del(repos + "/" + id).status, 403);
  const json made =
      body_of(probe.post(repos, {{"url", remote + ".git"}, {"provider", "azureDevOpsServices"}}));
  EXPECT_EQ(made.at("path"), "/Repos/" + ana + "/core") << "the place when none is asked for";
}

}  // namespace
}  // namespace twinlake::simulator
