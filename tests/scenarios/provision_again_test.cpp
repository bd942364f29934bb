// A second run of provisioning finds what an earlier one began, what failed, and what others changed.
#include <gtest/gtest.h>

#include "support/azure.h"

namespace twinlake::test {
namespace {

/// Kills a run after `kill` exchanges; true: it did not come to its end.
bool is_killed_after(AzureLab& lab, int kill) {
  lab.kill_after = kill;
  bool killed = false;
  try {
    static_cast<void>(lab.apply());
  } catch (const AzureKilled&) {
    killed = true;
  }
  lab.kill_after = 0;
  return killed;
}

std::string sku_of_twin(const azure::ProvisionOutcome& outcome) {
  return outcome.workspace["properties"]["parameters"]["storageAccountSkuName"]["value"];
}

TEST(ProvisionAgain, AChangeThatWasBegunWithOtherSettingsDoesNotStandForThisOne) {
  for (int kill = 1;; ++kill) {
    ASSERT_LT(kill, 200) << "it never came to its end";
    AzureLab lab;
    ASSERT_TRUE(lab.apply());
    lab.settings.storage_sku = "Standard_LRS";
    const bool killed = is_killed_after(lab, kill);
    lab.settings.storage_sku = "Standard_RAGRS";
    const auto done = lab.apply();
    ASSERT_TRUE(done) << "killed after " << kill << ": " << describe(done.error());
    EXPECT_EQ(sku_of_twin(*done), "Standard_RAGRS") << kill;
    if (!killed) break;
  }
}

TEST(ProvisionAgain, AFailureThatNobodySawDoesNotEndTheNextCreation) {
  int replaced = 0;
  for (int kill = 1;; ++kill) {
    ASSERT_LT(kill, 200) << "it never came to its end";
    AzureLab lab;
    lab.cloud().next_workspace({.code = "QuotaExceeded", .message = "no cores left"});
    if (!is_killed_after(lab, kill)) break;
    if (!lab.cloud().workspace_ends().empty()) continue;  // it was not asked for yet
    lab.loop().run(azure::pause_until(lab.loop(), lab.loop().now() + std::chrono::minutes(5), {}));
    lab.options.replace_failed = true;
    const auto done = lab.apply();
    ASSERT_TRUE(done) << "killed after " << kill << ": " << describe(done.error());
    EXPECT_EQ(done->workspace["properties"]["provisioningState"], "Succeeded") << kill;
    ++replaced;
  }
  EXPECT_GT(replaced, 0);
}

TEST(ProvisionAgain, TagsOfOthersStay) {
  AzureLab lab;
  const auto made = lab.apply();
  ASSERT_TRUE(made) << describe(made.error());
  (*lab.cloud().resources().find(made->workspace["id"].get<std::string>()))["tags"]["owner"] = "ops";
  lab.settings.tags["costs"] = "dr";
  lab.begun.clear();
  const auto done = lab.apply();
  ASSERT_TRUE(done) << describe(done.error());
  EXPECT_EQ(lab.begun, std::vector<std::string>{"tags"});
  EXPECT_EQ(done->workspace["tags"]["owner"], "ops");
  EXPECT_EQ(done->workspace["tags"]["costs"], "dr");
}

TEST(ProvisionAgain, AWorkspaceThatIsBeingRemovedIsMadeAnewWhenItIsGone) {
  AzureLab lab;
  const auto made = lab.apply();
  ASSERT_TRUE(made) << describe(made.error());
  http::Request removal(http::Method::del, made->workspace["id"]);
  removal.with_query("api-version", "2026-01-01");
  ASSERT_EQ(lab.cloud().act_for("app", removal).status, 202);
  lab.begun.clear();
  const auto done = lab.apply();
  ASSERT_TRUE(done) << describe(done.error());
  EXPECT_EQ(lab.begun, (std::vector<std::string>{"remove", "workspace"}));
  EXPECT_EQ(done->workspace["properties"]["provisioningState"], "Succeeded");
}

}  // namespace
}  // namespace twinlake::test
