#include "state/testing.h"

namespace twinlake::state {
namespace {

TEST(Provision, AStepSurvivesTheProcess) {
  const TemporaryFolder folder;
  ProvisionStep step{.target = "/Subscriptions/S/x", .name = "workspace", .started = at(1)};
  step.operation = R"({"url":"https://management.azure.com/op"})";
  step.salt = 3;
  {
    const auto store = opened(folder.path());
    EXPECT_FALSE(store->provision_step(step.target, step.name));
    store->put_provision_step(step);
  }
  const auto store = opened(folder.path());
  const auto kept = store->provision_step("/subscriptions/s/X", "workspace");
  ASSERT_TRUE(kept) << "ARM ids have no case";
  EXPECT_EQ(kept->operation, step.operation);
  EXPECT_EQ(kept->salt, 3);
  EXPECT_EQ(kept->outcome, "");
  EXPECT_FALSE(kept->ended);
  step.ended = at(9);
  step.outcome = "done";
  step.operation.clear();
  store->put_provision_step(step);
  const auto done = store->provision_step(step.target, "workspace");
  EXPECT_EQ(done->outcome, "done");
  EXPECT_EQ(done->ended, at(9));
  EXPECT_EQ(done->operation, "");
  EXPECT_FALSE(store->provision_step(step.target, "connector"));
}

TEST(KnownHost, IsThatOfTheResourceWhateverItsCase) {
  const TemporaryFolder folder;
  const std::string id = "/subscriptions/S/workspaces/Adb";
  {
    const auto store = opened(folder.path());
    EXPECT_FALSE(store->known_host(id));
    store->put_known_host(id, "https://adb-1.2.azuredatabricks.net");
    store->put_known_host(id, "https://adb-3.4.azuredatabricks.net");
  }
  const auto store = opened(folder.path());
  EXPECT_EQ(store->known_host("/SUBSCRIPTIONS/s/workspaces/adb"),
            "https://adb-3.4.azuredatabricks.net");
  EXPECT_FALSE(store->known_host("/subscriptions/s/workspaces/other"));
}

}  // namespace
}  // namespace twinlake::state
