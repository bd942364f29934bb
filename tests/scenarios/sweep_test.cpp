// Grants are read in turns: which of them now, what is said of the others, and what is never believed (ADR 0034).
#include <gtest/gtest.h>

#include <algorithm>

#include "simulator/faults.h"
#include "support/estate.h"
#include "support/grants.h"
#include "support/state_folder.h"

namespace twinlake::test {
namespace {

using namespace grants;
using std::chrono::hours;
using std::chrono::minutes;

void take_readers_away(Lab& lab) {
  const json listed = lab.secondary("GET", "/api/2.0/preview/scim/v2/Groups");
  for (const json& group : listed["Resources"])
    if (group["displayName"] == "readers") lab.secondary("DELETE", "/api/2.0/preview/scim/v2/Groups/" + group["id"].get<std::string>());
}

TEST(Sweep, ReadsEverythingWithinItsMaximumAgeAndNeverMuchAtOnce) {
  Lab lab;
  fill(lab);
  ASSERT_TRUE(lab.sync());
  const std::int64_t all = grants_read(lab.primary_wire());
  ASSERT_GE(all, folders);
  std::int64_t read = 0;
  for (int run = 0; run < 24 * 4; ++run) {
    const engine::SyncReport report = sync_after(lab, minutes(15));
    EXPECT_EQ(report.outcome, "complete");
    const engine::SweepAge& age = report.ages.at("permissions");
    EXPECT_EQ(age.read, grants_read(lab.primary_wire()));
    EXPECT_EQ(age.read, grants_read(lab.secondary_wire()));
    EXPECT_GE(age.read, 1);
    EXPECT_LE(age.read, 3) << "its part of a day is " << all << " / 96";
    EXPECT_EQ(age.read + age.trusted, all);
    EXPECT_LE(lab.loop().now() - *age.oldest, hours(24) + minutes(16));
    read += age.read;
  }
  EXPECT_GE(read, all) << "a day has passed";
  EXPECT_LE(read, 2 * all);
}

TEST(Sweep, FindsAChangedGrantWithinTheMaximumAgeOfItsKind) {
  Lab lab;
  fill(lab);
  lab.rules.sweep.max_age_of["permissions"] = hours(6);
  ASSERT_TRUE(lab.sync());
  grant(lab, path_of(77), "readers", "CAN_EDIT");
  std::int64_t updated = 0;
  for (int run = 0; run < 7; ++run) updated += sync_after(lab, hours(1)).kinds["permissions"].updated;
  EXPECT_EQ(updated, 1);
  EXPECT_EQ(lab.not_in_sync(), "");
}

TEST(Sweep, AfterALongPauseEverythingIsDue) {
  Lab lab;
  fill(lab);
  ASSERT_TRUE(lab.sync());
  grant(lab, path_of(3), "readers", "CAN_EDIT", false);
  EXPECT_EQ(sync_after(lab, hours(25)).kinds.at("permissions").updated, 1);
  EXPECT_EQ(lab.not_in_sync(), "");
}

TEST(Sweep, SaysOfWhatItDidNotReadHowOldThatIs) {
  Lab lab;
  fill(lab);
  const auto first = lab.sync();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->ages.at("permissions").trusted, 0);
  const Time then = *first->ages.at("permissions").oldest;
  const engine::SyncReport report = sync_after(lab, minutes(5));
  EXPECT_EQ(report.ages.at("permissions").oldest, then);
  EXPECT_EQ(report.ages.at("permissions").max_age, hours(24));
  EXPECT_GT(report.ages.at("permissions").trusted, 100);
  EXPECT_EQ(report.kinds.at("permissions").unchanged, report.ages.at("permissions").trusted + report.ages.at("permissions").read);
  for (const engine::Verdict& verdict : lab.read(false).plan.verdicts) EXPECT_EQ(verdict.read.has_value(), engine::is_read_in_turn(*verdict.kind)) << verdict.address();
  const engine::Reading again = lab.read(true);
  EXPECT_EQ(again.ages.at("permissions").trusted, 0) << "who reads everything believes nothing";
  EXPECT_EQ(again.ages.at("permissions").oldest, again.moment);
}

TEST(Sweep, ReadsTheGrantsOfWhatIsNewOrChanged) {
  Lab lab;
  fill(lab);
  import_notebook(lab, "/Shared/old", "# Databricks notebook source\nprint(1)\n");
  ASSERT_TRUE(lab.sync());
  lab.primary("POST", "/api/2.0/workspace/mkdirs", {{"path", "/Shared/new"}});
  grant(lab, "/Shared/new", "readers", "CAN_RUN");
  import_notebook(lab, "/Shared/old", "# Databricks notebook source\nprint(2)\n");
  lab.primary("PUT", "/api/2.0/permissions/notebooks/" + id_of(lab, "/Shared/old"), grants_of("readers", "CAN_READ"));
  const engine::SyncReport report = sync_after(lab, minutes(1));
  EXPECT_LE(report.ages.at("permissions").read, 3) << "the new one, the changed one, and one in its turn";
  EXPECT_EQ(lab.not_in_sync(), "");
}

TEST(Sweep, ASavedPlanReadsWhatHadItsTurnWhenItWasMade) {
  Lab lab;
  fill(lab);
  ASSERT_TRUE(lab.sync());
  // The first ones are read first, where all readings are of one moment.
  for (int i = 0; i < folders; ++i) grant(lab, path_of(i), "readers", "CAN_EDIT");
  pause(lab, hours(2));
  const engine::Reading planned = lab.read(false);
  const std::size_t steps = planned.plan.steps.size();
  ASSERT_GE(steps, 5U);
  ASSERT_LE(steps, 20U);
  pause(lab, hours(2));
  engine::Session::SyncOptions options;
  options.expected_fingerprint = planned.plan.fingerprint;
  options.planned = planned.moment;
  const auto report = lab.sync(std::move(options));
  ASSERT_TRUE(report) << "it finds more, and would not be what somebody looked at: " << told(report);
  EXPECT_EQ(report->kinds.at("permissions").updated, static_cast<std::int64_t>(steps));
}

TEST(Sweep, ReadsWhoAJobRunsAsInTurnsAndItsChangesAtOnce) {
  Lab lab;
  fill_small_estate(lab);
  const json made = lab.primary("POST", "/api/2.2/jobs/create",
                                {{"name", "far"}, {"tasks", json::array({{{"task_key", "a"}, {"notebook_task", {{"notebook_path", "/Gone/away"}}}}})}});
  ASSERT_TRUE(lab.sync());
  const auto jobs_read = [&] { return lab.primary_wire().log.by_route["GET /api/2.2/jobs/get"]; };
  const auto told_of_far = [](const engine::SyncReport& report) {
    return std::ranges::any_of(report.findings, [](const model::Finding& finding) { return finding.address == "job:\"far\""; });
  };
  const engine::SyncReport quiet = sync_after(lab, minutes(1));
  EXPECT_EQ(jobs_read(), 1) << "one has its turn";
  EXPECT_TRUE(told_of_far(quiet)) << "what has to be said is said whether it was read or not";
  EXPECT_EQ(quiet.kinds.at("job").unchanged, 3);
  lab.primary("POST", "/api/2.2/jobs/update", {{"job_id", made["job_id"]}, {"new_settings", {{"max_concurrent_runs", 5}}}});
  EXPECT_EQ(sync_after(lab, minutes(1)).kinds.at("job").updated, 1);
  EXPECT_LE(jobs_read(), 2);
  lab.rules.sweep.max_age_of["job"] = hours(1);
  lab.primary("POST", "/api/2.0/preview/scim/v2/Users", {{"userName", "night@contoso.example"}});
  lab.primary("POST", "/api/2.2/jobs/update", {{"job_id", made["job_id"]}, {"new_settings", {{"run_as", {{"user_name", "night@contoso.example"}}}}}});
  EXPECT_EQ(sync_after(lab, hours(1)).kinds.at("job").updated, 1);
  EXPECT_EQ(lab.not_in_sync(), "");
}

TEST(Sweep, BelievesNothingOfWhatFailed) {
  Lab lab;
  fill(lab);
  ASSERT_TRUE(lab.sync());
  lab.rules.sweep = engine::SweepRules::always();
  grant(lab, path_of(9), "readers", "CAN_EDIT");
  simulator::FaultRule refused;
  refused.method = "PUT";
  refused.path = "/api/2.0/permissions/directories/" + id_of(lab, path_of(9), false);
  refused.status = 400;
  refused.times = 0;
  lab.away().faults().add(refused);
  EXPECT_EQ(sync_after(lab, minutes(1)).outcome, "partial");
  lab.rules.sweep = {};
  const engine::SyncReport still = sync_after(lab, minutes(1));
  EXPECT_EQ(still.outcome, "partial") << "it is not hidden by an old reading";
  EXPECT_EQ(still.kinds.at("permissions").failed, 1);
  lab.away().faults().clear();
  EXPECT_EQ(sync_after(lab, minutes(1)).kinds.at("permissions").updated, 1);
  EXPECT_EQ(lab.not_in_sync(), "");
}

TEST(Sweep, APrincipalThatWasMadeAgainGetsItsGrantsBack) {
  Lab lab;
  fill(lab);
  ASSERT_TRUE(lab.sync());
  take_readers_away(lab);
  ASSERT_NE(lab.not_in_sync().find("permissions"), std::string::npos) << "its grants went with it";
  const engine::SyncReport report = sync_after(lab, minutes(1));
  EXPECT_EQ(report.kinds.at("permissions").updated, folders);
  EXPECT_EQ(lab.not_in_sync(), "");
}

TEST(Sweep, APrincipalThatSomebodyMadeAgainGetsItsGrantsBack) {
  Lab lab;
  fill(lab);
  ASSERT_TRUE(lab.sync());
  take_readers_away(lab);
  lab.secondary("POST", "/api/2.0/preview/scim/v2/Groups", {{"displayName", "readers"}});
  EXPECT_EQ(sync_after(lab, minutes(1)).kinds.at("permissions").updated, folders);
  EXPECT_EQ(lab.not_in_sync(), "");
}

TEST(Sweep, AKillAfterAnyExchangeHidesNoChange) {
  const StateFolder folder;
  Lab lab(folder.options());
  for (int i = 0; i < 4; ++i) lab.primary("POST", "/api/2.0/workspace/mkdirs", {{"path", path_of(i)}});
  lab.primary("POST", "/api/2.0/preview/scim/v2/Groups", {{"displayName", "readers"}});
  ASSERT_TRUE(lab.sync());
  bool ended = false;
  for (int exchanges = 1; !ended; exchanges += sweep_step(2, 9)) {
    const std::string path = path_of(exchanges % 4);
    const Time changed = lab.loop().now();
    grant(lab, path, "readers", exchanges % 8 < 4 ? "CAN_EDIT" : "CAN_MANAGE");
    lab.rules.sweep = engine::SweepRules::always();
    ended = lab.sync_killed_after(exchanges);
    lab.rules.sweep = {};
    const engine::SyncReport report = sync_after(lab, minutes(1));
    ASSERT_EQ(report.outcome, "complete");
    ASSERT_TRUE(lab.store().in_doubt().empty());
    const bool is_told = *report.ages.at("permissions").oldest < changed;
    ASSERT_TRUE(lab.not_in_sync().empty() || is_told) << "killed after " << exchanges << ":\n" << lab.not_in_sync();
    lab.rules.sweep = engine::SweepRules::always();
    ASSERT_EQ(sync_after(lab, minutes(1)).outcome, "complete");
    ASSERT_EQ(lab.not_in_sync(), "");
  }
}

TEST(Sweep, APlannedFailoverLooksAtEverythingBeforeItFences) {
  Lab lab;
  fill(lab);
  ASSERT_TRUE(lab.sync());
  grant(lab, path_of(50), "readers", "CAN_EDIT");
  const auto done = lab.fail_over(state::Failover::Type::planned);
  ASSERT_TRUE(done) << told(done);
  EXPECT_EQ(done->outcome, "complete") << told(done);
  const json list = lab.secondary("GET", "/api/2.0/permissions/directories/" + id_of(lab, path_of(50), false));
  EXPECT_NE(list.dump().find("CAN_EDIT"), std::string::npos) << list.dump();
}

}  // namespace
}  // namespace twinlake::test
