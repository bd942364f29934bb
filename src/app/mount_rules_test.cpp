#include "app/mount_rules.h"

#include <gtest/gtest.h>

#include "app/config.h"
#include "app/rules.h"

namespace twinlake::app {
namespace {

using nlohmann::json;

Result<Config> parse(const std::string& rest) {
  return parse_config("groups:\n  g:\n    primary: a\n    secondary: b\n" + rest, "twinlake.yml",
                      {});
}

/// Rules of a file that must be right.
engine::ObserveRules rules_from(const std::string& rest) {
  const auto config = parse(rest);
  EXPECT_TRUE(config) << config.error().message;
  return config ? rules_of(*config->find("g")).observe : engine::ObserveRules{};
}

constexpr const char* mounts = R"(    mounts:
      look_every_hours: 6
      credentials:
        - source: "abfss://*@stweu.dfs.core.windows.net/*"
          configs:
            fs.azure.account.auth.type: OAuth
            fs.azure.account.oauth2.client.secret: "{{secrets/lake/client}}"
      list:
        - {mount: /mnt/raw, source: "abfss://raw@stweu.dfs.core.windows.net/"}
        - mount: /mnt/own
          source: wasbs://own@other.blob.core.windows.net/
          configs: {fs.azure.account.key.other.blob.core.windows.net: "{{secrets/lake/key}}"}
)";

TEST(MountRules, SayWhatIsThereAndWithWhat) {
  const engine::ObserveRules rules = rules_from(mounts);
  EXPECT_TRUE(rules.kinds.contains("mount"));
  EXPECT_EQ(rules.every, std::chrono::hours(6));
  EXPECT_FALSE(rules.primary) << "nobody opted in";
  ASSERT_TRUE(rules.secondary) << "mounts cannot be made without";
  const auto& declared = rules.declared.at("mount");
  ASSERT_EQ(declared.size(), 2U);
  EXPECT_EQ(declared[1].at("configs").size(), 1U);
}

TEST(MountRules, CredentialsGoToTheMountsWhoseSourceFits) {
  const engine::ObserveRules rules = rules_from(mounts);
  const model::Kind* mount = nullptr;
  for (const model::Kind* kind : kinds::all())
    if (kind->name == "mount") mount = kind;
  ASSERT_NE(mount, nullptr);
  json fits = {{"mount_point", "/mnt/a"},
               {"source", "abfss://a@stweu.dfs.core.windows.net/in/deep"}};
  json other = {{"mount_point", "/mnt/b"}, {"source", "abfss://a@stelse.dfs.core.windows.net/"}};
  json told = {{"mount_point", "/mnt/c"}, {"source", fits["source"]}, {"configs", {{"x", "y"}}}};
  for (json* item : {&fits, &other, &told}) rules.complete(*mount, *item);
  EXPECT_EQ(fits.at("configs").at("fs.azure.account.auth.type"), "OAuth");
  EXPECT_FALSE(other.contains("configs"));
  EXPECT_EQ(told.at("configs").size(), 1U) << "its own win";
}

TEST(MountRules, NothingRunsWithoutBeingAskedFor) {
  const engine::ObserveRules rules = rules_from("");
  EXPECT_FALSE(rules.primary || rules.secondary);
  EXPECT_TRUE(rules.kinds.empty());
}

TEST(MountRules, HelperClustersAreOursOrRunningOnes) {
  const engine::ObserveRules rules = rules_from(
      "    helper_clusters: {primary: auto, secondary: 0412-091500-abcd123, node_type: "
      "Standard_D4s_v3}\n");
  ASSERT_TRUE(rules.primary && rules.secondary);
  EXPECT_EQ(rules.primary->cluster_id, "");
  EXPECT_EQ(rules.primary->node_type, "Standard_D4s_v3");
  EXPECT_EQ(rules.secondary->cluster_id, "0412-091500-abcd123");
  EXPECT_FALSE(
      rules_from(std::string(mounts) + "    helper_clusters: {secondary: none}\n").secondary);
}

TEST(MountRules, WrongOnesAreToldWithTheirPlace) {
  struct Row {
    const char* text;
    const char* message;
  };
  const Row rows[] = {
      {"    mounts: {list: [{mount: /mnt/a}]}\n", "has no `source`"},
      {"    mounts: {list: [{mount: /data, source: \"abfss://a@b.dfs.core.windows.net/\"}]}\n",
       "/mnt/raw"},
      {"    mounts: {list: [{mount: /mnt/a, source: \"b.dfs.core.windows.net\"}]}\n",
       "no storage that can be mounted"},
      {"    mounts: {credentials: [{source: \"abfss://*\"}]}\n", "need a `source` and `configs`"},
      {"    mounts: {list: [{mount: /mnt/a, source: \"wasbs://a@b.blob.core.windows.net/\", "
       "configs: "
       "{fs.azure.account.key.b.blob.core.windows.net: c2VjcmV0}}]}\n",
       "is a secret and must not stand here"},
      {"    mounts: {list: [{mount: /mnt/a, source: \"wasbs://a@b.blob.core.windows.net/\", "
       "configs: "
       "{fs.azure.sas.a.b.blob.core.windows.net: \"?sv=1\"}}]}\n",
       "is a secret and must not stand here"},
      {"    mounts: {list: [{mount: /mnt/a, source: \"abfss://a@b.dfs.core.windows.net/\", "
       "configs: "
       "{fs.azure.account.oauth2.refresh.token: c2VjcmV0}}]}\n",
       "is a secret and must not stand here"},
      {"    mounts: {look_every_hours: often}\n", "look_every_hours"},
      {"    mounts: {lists: []}\n", "lists"},
      {"    helper_clusters: {primary: \"\"}\n", "is empty"},
  };
  for (const Row& row : rows) {
    const auto config = parse(row.text);
    ASSERT_FALSE(config) << row.text;
    EXPECT_NE(config.error().message.find(row.message), std::string::npos)
        << config.error().message;
    EXPECT_EQ(config.error().message.find("c2VjcmV0"), std::string::npos)
        << "a secret is not repeated";
    EXPECT_NE(config.error().message.find("twinlake.yml:5"), std::string::npos)
        << config.error().message;
    EXPECT_FALSE(config.error().hint.empty());
  }
}

}  // namespace
}  // namespace twinlake::app
