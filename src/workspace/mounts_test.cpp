#include "workspace/mounts.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/json_path.h"

namespace twinlake::workspace {
namespace {

TEST(ParseMounts, TakesTheLineThatIsMeantAndLeavesWhatEveryWorkspaceHas) {
  const auto mounts = parse_mounts(
      "twinlake: welcome to the cluster\n"
      R"(twinlake:[{"mount_point":"/mnt/raw","source":"abfss://a@b/","encryption_type":""},)"
      R"({"mount_point":"/","source":"DatabricksRoot"},{"mount_point":"/databricks-datasets","source":"x"}])"
      "\nMounts successfully refreshed.");
  ASSERT_TRUE(mounts) << describe(mounts.error());
  ASSERT_EQ(mounts->size(), 1U);
  EXPECT_EQ(mounts->front().dump(), R"({"mount_point":"/mnt/raw","source":"abfss://a@b/"})");
}

TEST(ParseMounts, OfPeopleStayThoughTheyBeginLikeThoseOfTheService) {
  const auto mounts = parse_mounts(
      R"(twinlake:[{"mount_point":"/databricks-datasets-of-ours","source":"abfss://a@b/"},)"
      R"({"mount_point":"/databricks-datasets/","source":"x"}])");
  ASSERT_TRUE(mounts) << describe(mounts.error());
  ASSERT_EQ(mounts->size(), 1U);
  EXPECT_EQ(text_at(mounts->front(), "/mount_point"), "/databricks-datasets-of-ours");
}

TEST(ParseMounts, ThatAreNotWholeAreAnErrorAndNeverNone) {
  for (const char* output :
       {"", "twinlake:", "[]", "twinlake:[", "twinlake:{}", "twinlake:[1]", "twinlake:[null]",
        R"(twinlake:[{"mount_point":"/mnt/a"}])", R"(twinlake:[{"source":"abfss://a@b/"}])",
        R"(twinlake:[{"mount_point":"mnt","source":"s"}])",
        R"(twinlake:[{"mount_point":7,"source":"s"}])"}) {
    const auto mounts = parse_mounts(output);
    ASSERT_FALSE(mounts) << output;
    EXPECT_FALSE(mounts.error().hint.empty());
  }
  EXPECT_EQ(parse_mounts("twinlake:[]")->size(), 0U);
}

}  // namespace
}  // namespace twinlake::workspace
