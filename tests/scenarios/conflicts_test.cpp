// What was changed on both sides: who changed what is told, and the policy of the kind decides.
#include <gtest/gtest.h>

#include "base/json_path.h"
#include "support/estate.h"
#include "support/state_folder.h"

namespace twinlake::test {
namespace {

using engine::OnConflict;
using nlohmann::json;

json job_on(Lab& lab, bool away, const std::string& name) {
  const std::string path = "/api/2.2/jobs/list?expand_tasks=true";
  const json listed = away ? lab.secondary("GET", path) : lab.primary("GET", path);
  for (const json& job : listed.at("jobs"))
    if (text_at(job, "/settings/name") == name) return job;
  return nullptr;
}

void change_job(Lab& lab, bool away, const std::string& name, const json& settings) {
  const json body = {{"job_id", job_on(lab, away, name).at("job_id")}, {"new_settings", settings}};
  away ? lab.secondary("POST", "/api/2.2/jobs/update", body) : lab.primary("POST", "/api/2.2/jobs/update", body);
}

std::string notes_of(const Result<engine::SyncReport>& report, const std::string& address) {
  std::string text;
  if (!report) return describe(report.error());
  for (const model::Finding& finding : report->findings)
    if (finding.address == address) text += finding.message + "\n";
  for (const engine::ObjectReport& object : report->objects)
    if (object.address == address && !object.error.empty()) text += object.error + "\n";
  return text;
}

void sync_completely(Lab& lab) {
  const auto report = lab.sync();
  ASSERT_TRUE(report && report->outcome == "complete") << told(report);
}

class Conflicts : public testing::Test {
 protected:
  Conflicts() {
    import_notebook(lab, "/Shared/load", "# Databricks notebook source\nprint(1)\n");
    lab.primary("POST", "/api/2.2/jobs/create", job_body("nightly", "/Shared/load"));
    lab.rules.on_conflict = [this](const model::Kind&, const std::string&) { return policy; };
    sync_completely(lab);
  }
  /// Both sides change the same job, in different members.
  void change_both() {
    change_job(lab, false, "nightly", {{"max_concurrent_runs", 7}});
    change_job(lab, true, "nightly", {{"timeout_seconds", 77}});
  }
  [[nodiscard]] std::string why(const std::string& address) {
    for (const engine::Verdict& verdict : lab.reconcile())
      if (verdict.address() == address) return std::string(engine::name_of(verdict.standing)) + ": " + verdict.because;
    return "no verdict";
  }

  StateFolder folder;
  Lab lab{folder.options()};
  OnConflict policy = OnConflict::primary;
  const std::string job = "job:\"nightly\"";
};

TEST_F(Conflicts, WhoChangedItIsToldWithoutAConflict) {
  change_job(lab, false, "nightly", {{"max_concurrent_runs", 7}});
  EXPECT_EQ(why(job), "lagging: changed on the primary");
  sync_completely(lab);
  change_job(lab, true, "nightly", {{"timeout_seconds", 77}});
  EXPECT_EQ(why(job), "drifted: was changed on the secondary");
  policy = OnConflict::ask;
  sync_completely(lab);
  EXPECT_EQ(lab.not_in_sync(), "") << "one side alone is no conflict, whatever the policy";
}

TEST_F(Conflicts, ThePrimaryWinsAndThatIsTold) {
  change_both();
  EXPECT_EQ(why(job), "lagging: was changed on both sides (/max_concurrent_runs on the primary, /timeout_seconds on the secondary)");
  const auto report = lab.sync();
  ASSERT_TRUE(report && report->outcome == "complete") << told(report);
  EXPECT_NE(notes_of(report, job).find("what the primary has is written over it"), std::string::npos) << notes_of(report, job);
  EXPECT_EQ(lab.not_in_sync(), "");
  EXPECT_EQ(notes_of(lab.sync(), job), "") << "told once";
}

TEST_F(Conflicts, KeptUntilThePrimaryHasIt) {
  policy = OnConflict::keep;
  change_both();
  for (int run = 0; run < 2; ++run) {
    const auto report = lab.sync();
    ASSERT_TRUE(report && report->outcome == "complete") << told(report);
    EXPECT_NE(notes_of(report, job).find("the secondary's is kept"), std::string::npos) << notes_of(report, job);
    EXPECT_EQ(job_on(lab, true, "nightly").at("settings").value("timeout_seconds", 0), 77);
    EXPECT_EQ(why(job).substr(0, 8), "drifted:");
    lab.restart();
  }
  change_job(lab, false, "nightly", {{"timeout_seconds", 77}});
  change_job(lab, true, "nightly", {{"max_concurrent_runs", 7}});
  sync_completely(lab);
  EXPECT_EQ(lab.not_in_sync(), "") << "both have the same now";
  change_job(lab, false, "nightly", {{"timeout_seconds", 78}});
  sync_completely(lab);
  EXPECT_EQ(job_on(lab, true, "nightly").at("settings").value("timeout_seconds", 0), 78) << "and it is replicated again";
}

TEST_F(Conflicts, AskedUntilSomebodySays) {
  policy = OnConflict::ask;
  change_both();
  const auto report = lab.sync();
  ASSERT_TRUE(report);
  EXPECT_EQ(report->outcome, "partial");
  EXPECT_NE(notes_of(report, job).find("was changed on both sides"), std::string::npos);
  EXPECT_EQ(job_on(lab, true, "nightly").at("settings").value("timeout_seconds", 0), 77) << "nothing was written";
  policy = OnConflict::primary;
  sync_completely(lab);
  EXPECT_EQ(lab.not_in_sync(), "");
}

TEST_F(Conflicts, WhatIsKeptIsHeldAllTheSame) {
  policy = OnConflict::keep;
  change_both();
  json schedule = job_on(lab, true, "nightly").at("settings").at("schedule");
  schedule["pause_status"] = "UNPAUSED";
  change_job(lab, true, "nightly", {{"schedule", schedule}});
  ASSERT_FALSE(live_triggers(lab.away()).empty());
  const auto report = lab.sync();
  ASSERT_TRUE(report && report->outcome == "complete") << told(report);
  EXPECT_TRUE(live_triggers(lab.away()).empty());
  EXPECT_EQ(job_on(lab, true, "nightly").at("settings").value("timeout_seconds", 0), 77) << "only held";
  EXPECT_EQ(why(job).substr(0, 8), "drifted:") << "holding it does not make it equal";
}

TEST_F(Conflicts, WhatIsAskedIsHeldAndAskedAllTheSame) {
  policy = OnConflict::ask;
  change_both();
  json schedule = job_on(lab, true, "nightly").at("settings").at("schedule");
  schedule["pause_status"] = "UNPAUSED";
  change_job(lab, true, "nightly", {{"schedule", schedule}});
  const auto report = lab.sync();
  ASSERT_TRUE(report);
  EXPECT_TRUE(live_triggers(lab.away()).empty());
  EXPECT_EQ(report->outcome, "partial") << told(report);
  EXPECT_NE(notes_of(report, job).find("was changed on both sides"), std::string::npos) << told(report);
}

TEST_F(Conflicts, WhatIsKeptAlthoughThePrimaryHasItNoMoreIsTold) {
  policy = OnConflict::keep;
  lab.primary("POST", "/api/2.0/workspace/delete", {{"path", "/Shared/load"}});
  lab.secondary("POST", "/api/2.0/workspace/import", {{"path", "/Shared/load"}, {"format", "SOURCE"}, {"language", "PYTHON"}, {"overwrite", true},
                                                      {"content", "IyBEYXRhYnJpY2tzIG5vdGVib29rIHNvdXJjZQpwcmludCgzKQo="}});
  const auto report = lab.sync();
  ASSERT_TRUE(report);
  EXPECT_NE(notes_of(report, "notebook:\"/Shared/load\"").find("was changed on the secondary since"), std::string::npos) << told(report);
}

TEST_F(Conflicts, ContentToo) {
  const auto change = [&](bool away, const std::string& text) {
    const json body = {{"path", "/Shared/load"}, {"format", "SOURCE"}, {"language", "PYTHON"}, {"overwrite", true}, {"content", text}};
    away ? lab.secondary("POST", "/api/2.0/workspace/import", body) : lab.primary("POST", "/api/2.0/workspace/import", body);
  };
  policy = OnConflict::ask;
  // "# Databricks notebook source\nprint(2)\n", and with 3 and 4.
  change(false, "IyBEYXRhYnJpY2tzIG5vdGVib29rIHNvdXJjZQpwcmludCgyKQo=");
  sync_completely(lab);
  change(true, "IyBEYXRhYnJpY2tzIG5vdGVib29rIHNvdXJjZQpwcmludCgzKQo=");
  sync_completely(lab);
  EXPECT_EQ(lab.not_in_sync(), "");
  change(true, "IyBEYXRhYnJpY2tzIG5vdGVib29rIHNvdXJjZQpwcmludCgzKQo=");
  change(false, "IyBEYXRhYnJpY2tzIG5vdGVib29rIHNvdXJjZQpwcmludCg0KQo=");
  const auto report = lab.sync();
  ASSERT_TRUE(report);
  EXPECT_EQ(report->outcome, "partial") << told(report);
  EXPECT_NE(notes_of(report, "notebook:\"/Shared/load\"").find("both sides"), std::string::npos) << told(report);
}

TEST_F(Conflicts, WhatSomebodyChangedThereIsNotRemovedUnasked) {
  const auto path = [](const char* text) { return json({{"path", "/Shared/load"}, {"format", "SOURCE"}, {"language", "PYTHON"}, {"overwrite", true}, {"content", text}}); };
  lab.primary("POST", "/api/2.2/jobs/delete", {{"job_id", job_on(lab, false, "nightly").at("job_id")}});
  lab.primary("POST", "/api/2.0/workspace/delete", {{"path", "/Shared/load"}});
  lab.secondary("POST", "/api/2.0/workspace/import", path("IyBEYXRhYnJpY2tzIG5vdGVib29rIHNvdXJjZQpwcmludCgzKQo="));
  policy = OnConflict::ask;
  const auto asked = lab.sync();
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->outcome, "partial");
  EXPECT_NE(notes_of(asked, "notebook:\"/Shared/load\"").find("was changed on the secondary since"), std::string::npos) << told(asked);
  EXPECT_NE(why("notebook:\"/Shared/load\""), "no verdict");
  policy = OnConflict::primary;
  sync_completely(lab);
  EXPECT_EQ(why("notebook:\"/Shared/load\""), "no verdict");
}

TEST_F(Conflicts, TheWayBackKnowsWhatBothHad) {
  const auto turned = lab.fail_over(state::Failover::Type::planned);
  ASSERT_TRUE(turned) << told(turned);
  lab.commit();
  sync_completely(lab);
  change_job(lab, true, "nightly", {{"max_concurrent_runs", 7}});
  change_job(lab, false, "nightly", {{"timeout_seconds", 77}});
  EXPECT_EQ(why(job), "lagging: was changed on both sides (/max_concurrent_runs on the primary, /timeout_seconds on the secondary)");
}

TEST_F(Conflicts, WhatRulesRewroteIsNotTakenForAChange) {
  lab.primary("POST", "/api/2.2/jobs/update",
              {{"job_id", job_on(lab, false, "nightly").at("job_id")}, {"new_settings", {{"description", "reads stweu"}}}});
  lab.rules.rewrite = [](const model::Kind&, json& definition, model::Way way, const model::Recall&) {
    if (auto text = definition.find("description"); text != definition.end())
      *text = way == model::Way::there ? "reads stneu" : "reads stweu";
    return model::Rewritten();
  };
  lab.rules.digest = "with a rewrite";
  sync_completely(lab);
  EXPECT_EQ(text_at(job_on(lab, true, "nightly"), "/settings/description"), "reads stneu");
  policy = OnConflict::ask;
  change_job(lab, false, "nightly", {{"max_concurrent_runs", 7}});
  sync_completely(lab);
  const auto turned = lab.fail_over(state::Failover::Type::planned);
  ASSERT_TRUE(turned) << told(turned);
  lab.commit();
  sync_completely(lab);
  change_job(lab, true, "nightly", {{"max_concurrent_runs", 8}});
  EXPECT_EQ(why(job), "lagging: changed on the primary");
  sync_completely(lab);
  EXPECT_EQ(lab.not_in_sync(), "");
}

}  // namespace
}  // namespace twinlake::test
