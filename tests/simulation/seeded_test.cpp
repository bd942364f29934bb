// Histories made from a seed: people edit the primary, answers are lost after the work was done, pages
// are empty or broken off, the service throttles and fails, the process is killed. Once the faults
// stop, one more sync makes everything equal, with nothing twice and nothing live on the standby.
//
// TWINLAKE_SEEDS: how many histories (25; 10 with sanitizers); TWINLAKE_SEED: only this one.
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <random>

#include "base/json_path.h"
#include "simulator/faults.h"
#include "support/state_folder.h"

namespace twinlake::test {
namespace {

using nlohmann::json;

class History {
 public:
  explicit History(std::uint64_t seed) : random_(seed), lab_(std::make_unique<Lab>(folder_.options(seed))) {
    lab_->away().set_eventual_consistency(chance(3));
    fill_small_estate(*lab_);
  }
  void run() {
    for (int round = 0; round < 4; ++round) {
      // People edit through calls that work; what breaks is ours.
      stop_faults();
      if (round > 0) edit();
      break_things();
      if (chance(2)) {
        (void)lab_->sync_killed_after(1 + pick(150));
      } else {
        sync_whatever_happens();
      }
      expect_quiet("round " + std::to_string(round));
    }
    stop_faults();
    const auto report = lab_->sync();
    ASSERT_TRUE(report) << describe(report.error());
    EXPECT_EQ(lab_->not_in_sync(), "");
    EXPECT_EQ(names(lab_->home()), names(lab_->away()));
    EXPECT_TRUE(lab_->store().in_doubt().empty());
    expect_quiet("at the end");
  }

 private:
  int pick(int below) { return static_cast<int>(random_() % static_cast<std::uint64_t>(below)); }
  bool chance(int one_in) { return pick(one_in) == 0; }

  void sync_whatever_happens() {
    try {
      (void)lab_->sync();
    } catch (const std::runtime_error&) {
      // The first question of a run was answered badly: the run ends there, as the program would.
      lab_->restart();
    }
  }

  void stop_faults() {
    lab_->home().faults().clear();
    lab_->away().faults().clear();
  }

  void break_things() {
    for (simulator::Region* region : {&lab_->home(), &lab_->away()})
      for (int i = pick(6); i > 0; --i) region->faults().add(fault());
  }

  simulator::FaultRule fault() {
    using simulator::FaultAction;
    simulator::FaultRule rule;
    rule.nth = 1 + pick(120);
    rule.times = 1 + pick(3);
    static constexpr FaultAction actions[] = {FaultAction::status, FaultAction::drop, FaultAction::html,
                                              FaultAction::truncate, FaultAction::delay, FaultAction::empty_page};
    rule.action = actions[pick(6)];
    static constexpr int statuses[] = {429, 500, 503, 504};
    rule.status = statuses[pick(4)];
    if (rule.status == 429) rule.retry_after = pick(20);
    rule.delay_ms = pick(30'000);
    // "Too many requests" is the service's word that it did nothing; everything else promises nothing.
    rule.after = rule.status != 429 && chance(2);
    if (chance(3)) rule.path = "/api/2.2/jobs/*";
    if (chance(3)) rule.path = "/api/2.1/clusters/*";
    if (rule.action == FaultAction::empty_page) rule.path = "*/list";
    return rule;
  }

  void edit() {
    Lab& lab = *lab_;
    const std::string number = std::to_string(++edits_);
    switch (pick(6)) {
      case 0: import_notebook(lab, "/Shared/etl/load", "# Databricks notebook source\nprint(" + number + ")\n"); break;
      case 1: lab.primary("POST", "/api/2.2/jobs/create", job_body("new " + number, "/Shared/etl/load")); break;
      case 2: change_a_job({{"name", "renamed " + number}}); break;
      case 3: change_a_job({{"max_concurrent_runs", 2 + edits_}}); break;
      case 4: lab.primary("POST", "/api/2.0/workspace/mkdirs", {{"path", "/Shared/etl/deep/" + number}}); break;
      case 5: lab.primary("POST", "/api/2.0/preview/scim/v2/Users", {{"userName", "u" + number + "@contoso.example"}}); break;
      default: break;
    }
  }

  void change_a_job(const json& settings) {
    const json jobs = lab_->primary("GET", "/api/2.2/jobs/list");
    const json& all = jobs.at("jobs");
    const json& job = all.at(static_cast<std::size_t>(pick(static_cast<int>(all.size()))));
    lab_->primary("POST", "/api/2.2/jobs/update", {{"job_id", job["job_id"]}, {"new_settings", settings}});
  }

  /// At no moment is a trigger live on the standby, and no cluster starts to stay.
  void expect_quiet(const std::string& when) {
    EXPECT_TRUE(live_triggers(lab_->away()).empty()) << when;
  }

  static std::map<std::string, int> names(simulator::Region& region) {
    const json world = region.world();
    std::map<std::string, int> counts;
    for (const json& job : world.at("jobs")) ++counts["job " + text_at(job, "/settings/name")];
    for (const json& cluster : world.at("clusters")) ++counts["cluster " + text_at(cluster, "/cluster_name")];
    for (const json& pool : world.at("instance_pools")) ++counts["pool " + text_at(pool, "/instance_pool_name")];
    for (const json& user : world.at("users")) ++counts["user " + text_at(user, "/userName")];
    return counts;
  }

  std::mt19937_64 random_;
  StateFolder folder_;
  std::unique_ptr<Lab> lab_;
  int edits_ = 0;
};

std::uint64_t number_from(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr std::uint64_t usual_count = 10;
#else
constexpr std::uint64_t usual_count = 25;
#endif

TEST(Seeded, OnceTheFaultsStopOneSyncMakesEverythingEqual) {
  const std::uint64_t only = number_from("TWINLAKE_SEED", 0);
  const std::uint64_t count = only != 0 ? 1 : number_from("TWINLAKE_SEEDS", usual_count);
  for (std::uint64_t i = 1; i <= count; ++i) {
    const std::uint64_t seed = only != 0 ? only : i;
    History history(seed);
    history.run();
    if (testing::Test::HasFailure()) FAIL() << "replay: TWINLAKE_SEED=" << seed << " test_simulation --gtest_filter='Seeded.*'";
  }
}

}  // namespace
}  // namespace twinlake::test
