#include <gtest/gtest.h>

#include <set>

#include "simulator/estate/estate.h"
#include "simulator/region.h"

namespace twinlake::simulator {
namespace {

RegionOptions options(const char* name, std::uint64_t seed) {
  RegionOptions made;
  made.name = name;
  made.seed = seed;
  made.workspace_id += static_cast<std::int64_t>(seed);
  return made;
}

class EstatePlatformTest : public testing::Test {
 protected:
  void fill(bool platform) {
    EstateSize size = small_estate();
    size.platform = platform;
    size.needs_people = true;
    fill_estate(primary, secondary, size);
  }
  Region primary{options("primary", 11)};
  Region secondary{options("secondary", 22)};
};

TEST_F(EstatePlatformTest, HasWhatBelongsToTheWorkspace) {
  fill(true);
  const json world = primary.world();
  const json away = secondary.world();
  EXPECT_EQ(world.at("secret_scopes").size(), away.at("secret_scopes").size() + 4);
  std::set<std::string> scopes;
  for (const json& secret : world.at("secrets")) scopes.insert(secret.at("scope"));
  EXPECT_EQ(scopes, (std::set<std::string>{"ingest-keys", "kv-lakeside", "ml-models", "payments"}));
  EXPECT_GE(world.at("secret_acls").size(), 10U);
  EXPECT_EQ(world.at("global_init_scripts").size(), 3U);
  EXPECT_EQ(world.at("ip_access_lists").size(), 2U);
  EXPECT_EQ(world.at("notification_destinations").size(),
            away.at("notification_destinations").size() + 3);
  EXPECT_EQ(world.at("git_folders").size(), 2U);
  EXPECT_EQ(world.at("tokens").size(), 2U);
  EXPECT_TRUE(world.at("permissions").contains("authorization/tokens"));
  EXPECT_EQ(away.at("global_init_scripts").size(), 0U) << "nobody prepared the standby";
}

TEST_F(EstatePlatformTest, DoesNotShutTheAdminOut) {
  fill(true);
  http::Request request = http::Request::get("/api/2.0/preview/scim/v2/Me");
  request.headers.emplace_back("Authorization", "Bearer " + primary.options().token);
  EXPECT_EQ(primary.handle(request, estate_finished_micros).status, 200);
  EXPECT_EQ(primary.world().at("workspace_conf").at("enableIpAccessLists"), "true");
}

TEST_F(EstatePlatformTest, IsLeftOutUnlessAskedFor) {
  fill(false);
  EXPECT_EQ(primary.world().at("secrets").size(), 0U);
  EXPECT_EQ(primary.world().at("git_folders").size(), 0U);
}

}  // namespace
}  // namespace twinlake::simulator
