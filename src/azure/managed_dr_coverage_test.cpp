#include "azure/managed_dr_coverage.h"

#include <gtest/gtest.h>

namespace twinlake::azure {
namespace {

using engine::Standing;
using engine::Verdict;
using Kinds = std::set<std::string, std::less<>>;

const model::Kind& kind_called(std::string_view name) {
  static std::map<std::string, model::Kind, std::less<>> made;
  auto& kind = made[std::string(name)];
  kind.name = name;
  return kind;
}

Verdict verdict(std::string_view kind, Standing standing) {
  Verdict made;
  made.kind = &kind_called(kind);
  made.standing = standing;
  return made;
}

ManagedGroup active() {
  return {.name = "accounts/a/failover-groups/sales",
          .state = "ACTIVE",
          .primary_region = "westeurope",
          .replication_point = {},
          .sets = {{.name = "w", .workspace_ids = {"11", "22"}, .replicates_assets = true}},
          .catalogs = {}};
}

CoverSight agreed() {
  return {.home_workspace_id = "11",
          .away_workspace_id = "22",
          .home_is_primary = true,
          .home_region = "westeurope"};
}

TEST(ManagedCoverage, EachKindThatIsNotReplicatedIsToldWithItsNumbers) {
  const std::vector<Verdict> verdicts = {
      verdict("secret", Standing::missing), verdict("secret", Standing::in_sync),
      verdict("notebook", Standing::missing), verdict("pipeline", Standing::in_sync),
      verdict("cluster_policy", Standing::drifted)};
  const auto findings = judge_left_out(verdicts, {});
  ASSERT_EQ(findings.size(), 3U) << "what is replicated is no gap";
  EXPECT_EQ(findings[0].address, "cluster_policy");
  EXPECT_NE(findings[0].message.find("not said to be replicated"), std::string::npos);
  EXPECT_EQ(findings[1].address, "pipeline");
  EXPECT_TRUE(findings[1].what_to_do.empty());
  EXPECT_EQ(findings[2].address, "secret");
  EXPECT_NE(findings[2].message.find("1 of 2 objects are not equal"), std::string::npos);
  EXPECT_NE(findings[2].what_to_do.find("cover"), std::string::npos);
  EXPECT_EQ(judge_left_out(verdicts, {"secret"}).back().what_to_do, "Run `twinlake sync`");
}

TEST(ManagedCoverage, OnlyWhatIsCoveredMayBeWritten) {
  for (const char* kind : {"notebook", "job", "secret", "cluster_policy", "anything newer"})
    EXPECT_TRUE(kept_by_managed_dr(active(), kind, {})) << kind;
  const Kinds covered = {"secret"};
  EXPECT_FALSE(kept_by_managed_dr(active(), "secret", covered));
  EXPECT_TRUE(kept_by_managed_dr(active(), "secret_scope", covered));
}

TEST(ManagedCoverage, FilesInItsCatalogsAreItsOwn) {
  ManagedGroup group = active();
  group.catalogs = {"main"};
  EXPECT_TRUE(kept_in_catalog(group, "/Volumes/main/raw/v/a.jar"));
  EXPECT_FALSE(kept_in_catalog(group, "/Volumes/mainland/raw/v/a.jar"));
  EXPECT_FALSE(kept_in_catalog(group, "/Volumes/other/raw/v/a.jar"));
}

TEST(ManagedCoverage, NothingIsCoverableThatTheServiceMayReplicate) {
  for (const std::string& kind : coverable_kinds())
    EXPECT_EQ(share_of(kind), ManagedShare::left_out) << kind;
}

TEST(ManagedCoverage, NothingIsWrittenWhileTheServiceIsAtWork) {
  EXPECT_FALSE(refuse_cover(active(), agreed()));
  for (const char* state :
       {"", "INITIAL_REPLICATION", "FAILING_OVER", "FAILOVER_FAILED", "DELETING"}) {
    ManagedGroup group = active();
    group.state = state;
    const auto refusal = refuse_cover(group, agreed());
    ASSERT_TRUE(refusal) << state;
    EXPECT_EQ(refusal->fault, Fault::refused);
    EXPECT_NE(refusal->message.find(state), std::string::npos);
  }
}

TEST(ManagedCoverage, NothingIsWrittenAgainstItsDirection) {
  ManagedGroup group = active();
  group.primary_region = "northeurope";
  EXPECT_TRUE(refuse_cover(group, agreed()));
  CoverSight sight = agreed();
  sight.home_is_primary = false;
  EXPECT_TRUE(refuse_cover(active(), sight));
  EXPECT_FALSE(refuse_cover(group, sight)) << "both have turned";
  group.primary_region.clear();
  EXPECT_TRUE(refuse_cover(group, agreed()));
}

TEST(ManagedCoverage, NothingIsWrittenToAPairThatItDoesNotKeep) {
  CoverSight sight = agreed();
  sight.home_workspace_id = "33";
  EXPECT_TRUE(refuse_cover(active(), sight));
}

}  // namespace
}  // namespace twinlake::azure
