// What the state keeps of a run.
#include "engine/report.h"

#include <gtest/gtest.h>

namespace twinlake::engine {
namespace {

const model::Kind& reported_kind() {
  static const model::Kind kind = [] {
    model::Kind made;
    made.name = "thing";
    made.plural = "things";
    return made;
  }();
  return kind;
}

Verdict verdict(const std::string& key, Standing standing, bool spoils) {
  Verdict made;
  made.uuid = key;
  made.kind = &reported_kind();
  made.key = key;
  made.standing = standing;
  made.because = "because of " + key;
  made.spoils = spoils;
  return made;
}

const Time begun = Time(std::chrono::seconds(1'750'000'000));
const Time over = begun + std::chrono::seconds(5);

TEST(Reconciliation, OfAPlanTellsWhatSpoilsItFirst) {
  Plan plan;
  plan.verdicts = {verdict("fine", Standing::in_sync, false), verdict("left", Standing::unsupported, false),
                   verdict("gone", Standing::missing, true)};
  plan.findings = {{"thing:\"fine\"", "a machine type is other", "Look"}, {"thing:\"gone\"", "told already", ""}};
  const state::Reconciliation kept = reconciliation_of(plan, begun, over);
  EXPECT_EQ(kept.source, "reconcile");
  EXPECT_EQ(kept.moment, begun);
  EXPECT_EQ(kept.ended, over);
  EXPECT_FALSE(kept.is_good);
  const std::map<std::string, std::int64_t> counts = {{"in_sync", 1}, {"missing", 1}, {"unsupported", 1}};
  EXPECT_EQ(kept.counts.at("thing"), counts);
  const std::vector<state::Unequal> unequal = {{"thing:\"gone\"", "missing", "because of gone", ""},
                                               {"thing:\"left\"", "unsupported", "because of left", ""},
                                               {"thing:\"fine\"", "note", "a machine type is other", "Look"}};
  EXPECT_EQ(kept.unequal, unequal);
}

TEST(Reconciliation, OfASyncCountsWhatIsEqualNow) {
  Reading reading;
  reading.plan.verdicts = {verdict("fine", Standing::in_sync, false), verdict("made", Standing::missing, true),
                           verdict("refused", Standing::missing, true), verdict("left", Standing::unsupported, false)};
  reading.plan.verdicts.back().stop = Stop::left_out;
  for (const char* key : {"made", "refused"}) {
    Step step;
    step.kind = &reported_kind();
    step.uuid = step.key = key;
    reading.plan.steps.push_back(step);
  }
  std::vector<StepResult> results(2);
  results[0].outcome = events::Outcome::done;
  results[1].outcome = events::Outcome::failed;
  results[1].error = std::make_unique<Error>(Fault::refused, "no right", "Grant it");
  const state::Reconciliation kept = reconciliation_of(make_report(reading, results), begun, over);
  EXPECT_EQ(kept.source, "sync");
  EXPECT_FALSE(kept.is_good);
  const std::map<std::string, std::int64_t> counts = {{"in_sync", 2}, {"failed", 1}, {"unsupported", 1}};
  EXPECT_EQ(kept.counts.at("thing"), counts);
  ASSERT_EQ(kept.unequal.size(), 2U) << "what is left out is a finding too, and told once";
  EXPECT_EQ(kept.unequal[0].address, "thing:\"refused\"");
  EXPECT_EQ(kept.unequal[0].state, "failed");
  EXPECT_EQ(kept.unequal[0].because, "no right");
  EXPECT_EQ(kept.unequal[0].what_to_do, "Grant it");
  EXPECT_EQ(kept.unequal[1].state, "unsupported");
}

TEST(SyncReport, WhatOthersKeepIsSkippedAndNothingIsWrongWithIt) {
  Reading reading;
  reading.plan.verdicts = {verdict("fine", Standing::in_sync, false), verdict("theirs", Standing::missing, true)};
  reading.plan.verdicts.back().stop = Stop::others;
  const SyncReport report = make_report(reading, {});
  EXPECT_EQ(report.outcome, "complete");
  EXPECT_EQ(report.kinds.at("thing").skipped, 1);
  EXPECT_TRUE(report.objects.empty());
  EXPECT_FALSE(all_in_sync(reading.plan.verdicts)) << "but it is told as what it is";
}

}  // namespace
}  // namespace twinlake::engine
