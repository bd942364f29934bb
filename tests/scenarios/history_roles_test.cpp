// One history through everything that happens to a group: syncs of a watch, drills, failovers there and back.
#include <gtest/gtest.h>

#include "app/glob.h"
#include "base/hash.h"
#include "base/json_path.h"
#include "support/estate.h"
#include "support/lab.h"

namespace twinlake::test {
namespace {

using engine::RestoreOptions;
using engine::RestoreTo;
using nlohmann::json;
using Type = state::Failover::Type;

std::string printing(const std::string& what) { return "# Databricks notebook source\nprint(\"" + what + "\")\n"; }

void sync_whole(Lab& lab) {
  const auto report = lab.sync();
  if (!report || report->outcome != "complete") throw std::runtime_error(told(report));
}

std::string ids_of_points(Lab& lab) {
  std::string ids;
  for (const history::Point& point : lab.history().points()) ids += std::to_string(point.id) + (point.side == model::Side::home ? "h " : "a ");
  return ids;
}

/// As the operator of that region sees it.
std::string source_at(const json& exported) { return base64_decode(text_at(exported, "/content")); }
std::string export_of(const std::string& path) { return "/api/2.0/workspace/export?format=SOURCE&path=" + path; }

void put_on_away(Lab& lab, const std::string& path, const std::string& source) {
  lab.secondary("POST", "/api/2.0/workspace/import",
                {{"path", path}, {"format", "SOURCE"}, {"language", "PYTHON"}, {"overwrite", true}, {"content", base64_encode(source)}});
}

RestoreOptions folder_of(Lab& lab, const std::string& point, RestoreTo to) {
  RestoreOptions options;
  options.point = *lab.history().find(point);
  options.to = to;
  options.selected = [](const model::Kind& kind, const std::string& key) { return kind.key_is_path && key.starts_with("/Shared"); };
  return options;
}

void restore_whole(Lab& lab, const RestoreOptions& options) {
  const auto report = lab.restore(options);
  if (!report || report->outcome != "complete") throw std::runtime_error(told(report));
}

TEST(HistoryOfAGroup, AWatchPushesNothingOutThatChangedHoweverOftenItRuns) {
  Lab lab;
  engine::RecorderOptions keeping;
  keeping.keep = {.last = 3, .daily = 0, .weekly = 0};
  import_notebook(lab, "/Shared/a", printing("1"));
  lab.keep_history(keeping);
  for (int i = 0; i < 5; ++i) sync_whole(lab);
  EXPECT_EQ(ids_of_points(lab), "5h 1h ");
  import_notebook(lab, "/Shared/a", printing("2"));
  for (int i = 0; i < 9; ++i) sync_whole(lab);
  EXPECT_EQ(ids_of_points(lab), "14h 6h 1h ");
  EXPECT_TRUE(lab.history().check().damage.empty());
  restore_whole(lab, folder_of(lab, "1", RestoreTo::primary));
  EXPECT_EQ(source_at(lab.primary("GET", export_of("/Shared/a"))), printing("1"));
}

TEST(HistoryOfAGroup, ADrillLeavesNoPointAndNothingOfItIsInALaterOne) {
  Lab lab;
  fill_small_estate(lab);
  json smoke = job_body("smoke", "/Shared/etl/load");
  smoke.erase("schedule");
  lab.primary("POST", "/api/2.2/jobs/create", smoke);
  lab.keep_history();
  sync_whole(lab);
  lab.drill_options.matches = [](std::string_view glob, std::string_view text) { return app::glob_matches(glob, text, app::GlobStyle::name); };
  lab.drill_options.run = {{.job = "smoke", .output = "", .parameters = {}}};
  const auto drilled = lab.drill([](failover::Drill& drill) { return drill.start(); });
  ASSERT_TRUE(drilled) << told(drilled);
  EXPECT_EQ(ids_of_points(lab), "1h ");
  sync_whole(lab);
  const auto first = lab.history().entries(1);
  EXPECT_EQ(lab.history().entries(2).size(), first.size());
  EXPECT_TRUE(lab.history().differences(1, 2).empty());
}

TEST(HistoryOfAGroup, GoesOnAfterAFailoverAndOlderPointsComeBackOnBothSides) {
  Lab lab;
  import_notebook(lab, "/Shared/a", printing("1"));
  lab.primary("POST", "/api/2.2/jobs/create", job_body("nightly", "/Shared/a"));
  lab.keep_history();
  sync_whole(lab);
  import_notebook(lab, "/Shared/a", printing("2"));
  sync_whole(lab);
  const auto turned = lab.fail_over(Type::planned);
  ASSERT_TRUE(turned && turned->outcome == "complete") << told(turned);
  lab.commit();
  put_on_away(lab, "/Shared/a", printing("3"));
  sync_whole(lab);
  EXPECT_EQ(ids_of_points(lab), "3a 2h 1h ");
  // It is one history: the same object, changed, and nothing that came or went.
  const auto differences = lab.history().differences(1, 3);
  ASSERT_EQ(differences.size(), 1U);
  EXPECT_EQ(differences.front().before->uuid, differences.front().after->uuid);
  EXPECT_EQ(source_at(lab.primary("GET", export_of("/Shared/a"))), printing("3")) << "home is the standby now";

  restore_whole(lab, folder_of(lab, "1", RestoreTo::secondary));
  EXPECT_EQ(source_at(lab.primary("GET", export_of("/Shared/a"))), printing("1"));
  EXPECT_EQ(source_at(lab.secondary("GET", export_of("/Shared/a"))), printing("3"));
  restore_whole(lab, folder_of(lab, "2", RestoreTo::primary));
  EXPECT_EQ(source_at(lab.secondary("GET", export_of("/Shared/a"))), printing("2"));
  sync_whole(lab);
  EXPECT_EQ(source_at(lab.primary("GET", export_of("/Shared/a"))), printing("2"));
  EXPECT_EQ(lab.not_in_sync(), "");
  EXPECT_TRUE(live_triggers(lab.home()).empty());
  EXPECT_EQ(live_triggers(lab.away()).size(), 1U);
}

TEST(HistoryOfAGroup, ARewriteIsMadeOnlyWhereThePointIsOfTheOtherSide) {
  Lab lab;
  json job = job_body("nightly", "/Shared/a");
  job["parameters"] = json::array({{{"name", "store"}, {"default", "home"}}});
  import_notebook(lab, "/Shared/a", printing("1"));
  lab.primary("POST", "/api/2.2/jobs/create", job);
  lab.rules.rewrite = [](const model::Kind&, json& definition, model::Way way, const model::Recall&) {
    if (json* store = definition.contains("parameters") ? &definition["parameters"][0]["default"] : nullptr) *store = way == model::Way::there ? "away" : "home";
    return model::Rewritten();
  };
  lab.keep_history();
  sync_whole(lab);
  const auto turned = lab.fail_over(Type::planned);
  ASSERT_TRUE(turned && turned->outcome == "complete") << told(turned);
  lab.commit();
  const auto parameter = [](simulator::Region& region) {
    const json world = region.world();
    return text_at(world["jobs"][0], "/settings/parameters/0/default");
  };
  const json made = lab.secondary("GET", "/api/2.2/jobs/list");
  lab.secondary("POST", "/api/2.2/jobs/update",
                {{"job_id", made["jobs"][0]["job_id"]}, {"new_settings", {{"max_concurrent_runs", 9}}}});
  RestoreOptions all;
  all.point = *lab.history().find("1");
  for (const RestoreTo to : {RestoreTo::primary, RestoreTo::secondary}) {
    all.to = to;
    restore_whole(lab, all);
  }
  EXPECT_EQ(parameter(lab.away()), "away");
  EXPECT_EQ(parameter(lab.home()), "home");
}

}  // namespace
}  // namespace twinlake::test
