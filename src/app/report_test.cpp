#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "app/output.h"
#include "app/plan_file.h"
#include "app/report_json.h"
#include "app/report_text.h"

namespace twinlake::app {
namespace {

using engine::Action;
using nlohmann::json;

const model::Kind& thing() {
  static const model::Kind kind = [] {
    model::Kind made;
    made.name = "thing";
    made.plural = "things";
    return made;
  }();
  return kind;
}

engine::Plan small_plan() {
  engine::Plan plan;
  engine::Step create;
  create.kind = &thing();
  create.key = "new \x1b[31mred";
  create.uuid = "u1";
  create.reason = "is not on the secondary yet";
  engine::Step update;
  update.action = Action::update;
  update.kind = &thing();
  update.key = std::string(150, 'k');
  update.uuid = "u2";
  update.reason = "changed on the primary";
  update.desired = model::PackedForm(json::parse(R"({"body": "secret stuff"})"));
  update.changes = {{"/name", "\"" + std::string(90, 'a') + "\"", "\"b\""}, {"/gone", "1", ""}};
  update.rewritten = {{"/lake", "\"stweu\"", "\"" + std::string(90, 'n') + "\""}};
  plan.steps = {create, update};
  engine::Verdict stopped;
  stopped.kind = &thing();
  stopped.key = "theirs";
  stopped.stop = engine::Stop::conflict;
  stopped.standing = engine::Standing::drifted;
  stopped.because = "the secondary has another object of that name";
  stopped.what_to_do = "Rename one of them";
  stopped.spoils = true;
  engine::Verdict good;
  good.kind = &thing();
  good.key = "fine";
  plan.verdicts = {stopped, good};
  plan.fingerprint = "f00d";
  return plan;
}

void expect_page(const std::string& text) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(width_of(line), page_width) << line;
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
}

TEST(PlanText, SaysWhatWhyAndWhatCannotBeDone) {
  const std::string text = plan_text(small_plan(), "g", Style(false));
  expect_page(text);
  for (const char* part :
       {"+ thing:", "is not on the secondary yet", "~ thing:", "/name: ", " → ",
        "/gone: 1 → (none)", "rewritten /lake: \"stweu\" → ", "! thing:\"theirs\"",
        "What to do: Rename one of them", "1 to create, 1 to update, 1 cannot be done; 1 in sync."})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
}

TEST(PlanText, AnEmptyPlanIsOneSentence) {
  EXPECT_NE(plan_text(engine::Plan{}, "g", Style(false)).find("Nothing to do; 0 in sync."),
            std::string::npos);
}

TEST(PlanJson, HasStepsWithTheirFields) {
  const json document = plan_json(small_plan(), "g", 4, Time{});
  EXPECT_EQ(document.at("counts").at("create"), 1);
  EXPECT_EQ(document.at("counts").at("delete"), 0);
  EXPECT_EQ(document.at("steps").at(1).at("changes").at(1).at("after"), json());
  EXPECT_EQ(document.at("stopped").at(0).at("what_to_do"), "Rename one of them");
}

TEST(PlanFile, ComesBackAndCarriesNoBodies) {
  const json document = plan_document(small_plan(), "g", 4, 7, {"job:*"}, Time{});
  EXPECT_EQ(document.dump(-1, ' ', false, json::error_handler_t::replace).find("secret stuff"),
            std::string::npos);
  const auto plan = parse_plan(document.dump(-1, ' ', false, json::error_handler_t::replace), "p");
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(plan->group, "g");
  EXPECT_EQ(plan->generation, 4);
  EXPECT_EQ(plan->fingerprint, "f00d");
  EXPECT_EQ(plan->allow_deletes, 7);
  EXPECT_EQ(plan->take, std::vector<std::string>{"job:*"});
  EXPECT_TRUE(check_plan(*plan, "g", 4));
  EXPECT_EQ(check_plan(*plan, "g", 5).error().fault, Fault::refused);
  EXPECT_EQ(check_plan(*plan, "other", 4).error().fault, Fault::refused);
}

TEST(PlanFile, WhatIsNoPlanIsSaidSo) {
  for (const char* text :
       {"", "{", "[]", "{}", R"({"format":"twinlake-plan"})",
        R"({"format":"twinlake-plan","version":1,"group":"g","generation":"4","fingerprint":"f"})",
        R"({"format":"twinlake-plan","version":1,"group":"g","generation":4,"fingerprint":""})"}) {
    const auto plan = parse_plan(text, "p");
    ASSERT_FALSE(plan) << text;
    EXPECT_EQ(plan.error().fault, Fault::config);
  }
  EXPECT_EQ(parse_plan(R"({"format":"twinlake-plan","version":2})", "p").error().fault,
            Fault::refused);
}

engine::SyncReport small_report() {
  engine::SyncReport report;
  report.outcome = "partial";
  report.kinds["thing"].created = 3;
  report.kinds["thing"].failed = 1;
  report.kinds["part"].unchanged = 7;
  report.objects = {
      {"thing:\"a\"", "thing", "create", "done", "", ""},
      {"thing:\"b\"", "thing", "create", "failed", "refused by the service", "Look at it"}};
  report.seconds = 1.5;
  return report;
}

TEST(SyncJson, IsAsPromised) {
  const json document = sync_json(small_report());
  EXPECT_EQ(document.at("outcome"), "partial");
  EXPECT_TRUE(document.at("replication_point").is_null());
  for (const char* field :
       {"created", "updated", "deleted", "adopted", "unchanged", "failed", "blocked", "skipped"}) {
    EXPECT_TRUE(document.at("counts").at(field).is_number_integer()) << field;
    EXPECT_TRUE(document.at("kinds").at("thing").at(field).is_number_integer()) << field;
  }
  EXPECT_EQ(document.at("counts").at("unchanged"), 7);
  const engine::SyncReport report = small_report();
  EXPECT_EQ(object_json(report.objects.at(1)).at("error"), "refused by the service");
  EXPECT_TRUE(object_json(report.objects.at(0)).at("error").is_null());
}

TEST(SyncText, NamesWhatWasNotDone) {
  const std::string text = sync_text(small_report(), "g", Time{}, Style(false));
  expect_page(text);
  EXPECT_NE(text.find("failed (create)  thing:\"b\""), std::string::npos) << text;
  EXPECT_NE(text.find("What to do: Look at it"), std::string::npos);
  EXPECT_EQ(text.find("thing:\"a\""), std::string::npos) << "what was done is only counted";
}

TEST(SyncReports, SayWhatToDoAboutEverythingThatWasNotDone) {
  engine::SyncReport report = small_report();
  report.objects.clear();
  for (const char* outcome : {"failed", "blocked", "in_doubt", "skipped", "conflict"})
    report.objects.push_back({"thing:\"a\"", "thing", "create", outcome, "because", ""});
  const std::string text = sync_text(report, "g", Time{}, Style(false));
  std::size_t remedies = 0;
  for (std::size_t at = 0; (at = text.find("What to do: ", at)) != std::string::npos; ++at)
    ++remedies;
  EXPECT_EQ(remedies, 5U) << text;
  for (const engine::ObjectReport& object : report.objects)
    EXPECT_TRUE(object_json(object).at("what_to_do").is_string());
}

TEST(VerdictsText, ShowsOnlyWhatIsNotInSyncUnlessAsked) {
  const auto verdicts = small_plan().verdicts;
  const std::string some = verdicts_text(verdicts, "g", false, Style(false));
  expect_page(some);
  EXPECT_NE(some.find("Not everything is in sync: 1 drifted, 1 in_sync"), std::string::npos)
      << some;
  EXPECT_EQ(some.find("fine"), std::string::npos);
  EXPECT_NE(verdicts_text(verdicts, "g", true, Style(false)).find("fine"), std::string::npos);
}

TEST(PrintJson, AListThatIsPrintedPieceByPieceReadsAsOneDocument) {
  const auto printed = [](std::size_t size) {
    testing::internal::CaptureStdout();
    print_json({{"a", 1}}, "list", size,
               [](std::size_t i) { return json{{"n", i}, {"text", "two\nlines"}}; });
    return json::parse(testing::internal::GetCapturedStdout());
  };
  EXPECT_EQ(printed(0), (json{{"a", 1}, {"list", json::array()}}));
  EXPECT_EQ(printed(3).at("list").size(), 3U);
  EXPECT_EQ(printed(3).at("list").at(2).at("n"), 2);
  EXPECT_EQ(printed(1).at("a"), 1);
}

TEST(VerdictsJson, HasCountsAndObjects) {
  const json document = verdicts_json(small_plan().verdicts, {});
  EXPECT_EQ(document.at("in_sync"), false);
  EXPECT_EQ(document.at("counts").at("drifted"), 1);
  const json first = verdict_json(small_plan().verdicts.at(0));
  EXPECT_EQ(first.at("state"), "drifted");
  EXPECT_EQ(first.at("because"), "the secondary has another object of that name");
}

}  // namespace
}  // namespace twinlake::app
