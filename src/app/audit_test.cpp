// What an auditor is told: from records to the account, and from the account to the page.
#include "app/audit.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "app/audit_html.h"
#include "state/store.h"

namespace twinlake::app {
namespace {

using nlohmann::json;
using state::ActionRecord;
using state::Failover;
using state::Store;

Time audit_time(std::int64_t seconds) {
  return Time(std::chrono::seconds(1'750'000'000 + seconds));
}

/// A group whose role moved: planned at 100, turned at 130, finished at 160; equal as of 120.
class Audit : public testing::Test {
 protected:
  std::unique_ptr<Store> store = std::move(*Store::open("memory", "prod"));
  Failover failover;
  AuditRequest request;

  Audit() {
    store->set_identity({"prod", "111", "222", model::Side::home, "https://home", "https://away"});
    failover.phase = "complete";
    failover.started = audit_time(100);
    failover.turned = audit_time(130);
    failover.finished = audit_time(160);
    failover.replication_point = audit_time(120);
    request.group = "prod";
    request.now = audit_time(1000);
  }
  void keep() { failover.id = store->put_failover(failover); }
  void add(const std::string& type, const std::string& name, const std::string& place,
           std::int64_t started, const std::string& outcome, const std::string& detail = "") {
    ActionRecord record{.subject_id = failover.id,
                        .type = type,
                        .name = name,
                        .place = place,
                        .started = audit_time(started),
                        .outcome = outcome,
                        .detail = detail};
    if (!outcome.empty()) record.ended = audit_time(started + 1);
    store->begin_action(record);
  }
  json account() {
    auto made = audit_json(*store, request);
    EXPECT_TRUE(made) << describe(made.error());
    return made ? std::move(*made) : json::object();
  }
  std::string page() {
    auto made = audit_html(account());
    EXPECT_TRUE(made) << describe(made.error());
    return made ? std::move(*made) : std::string();
  }
};

bool audit_says(const std::string& page, const std::string& part) {
  return page.find(part) != std::string::npos;
}

TEST_F(Audit, RpoAndRtoOfAPlannedFailoverAreMeasured) {
  request.rpo = std::chrono::seconds(10);
  request.rto = std::chrono::seconds(59);
  keep();
  const json told = account();
  EXPECT_EQ(told["rpo"]["seconds"], 10.0);
  EXPECT_EQ(told["rpo"]["met"], true);
  EXPECT_EQ(told["rto"]["seconds"], 60.0);
  EXPECT_EQ(told["rto"]["met"], false);
  EXPECT_EQ(told["from"]["host"], "https://home");
  EXPECT_EQ(told["to"]["workspace_id"], "222");
  const std::string html = page();
  EXPECT_TRUE(audit_says(html, "✓ Met")) << html;
  EXPECT_TRUE(audit_says(html, "✗ Missed")) << "signs, because paper may have no colours";
}

TEST_F(Audit, AForcedOneCountsFromItsBegin) {
  failover.type = Failover::Type::forced;
  failover.replication_point = audit_time(40);
  keep();
  const json told = account();
  EXPECT_EQ(told["rpo"]["seconds"], 60.0);
  EXPECT_TRUE(told["rpo"]["met"].is_null()) << "nothing was aimed at";
  EXPECT_TRUE(audit_says(told["debts"][0]["what"], "may still start"));
}

TEST_F(Audit, WhatNobodyRecordedIsNotGuessed) {
  failover.replication_point.reset();
  failover.finished.reset();
  failover.phase = "releasing";
  keep();
  store->set_replication_point(audit_time(900));
  add("phase", "releasing", "", 130, "");
  add("object", "release", "job:\"open\"", 131, "");
  const json told = account();
  EXPECT_TRUE(told["rpo"]["seconds"].is_null()) << "that of the group has moved on";
  EXPECT_TRUE(told["rto"]["seconds"].is_null());
  EXPECT_TRUE(told["phases"][0]["seconds"].is_null());
  EXPECT_TRUE(told["actions"][0]["outcome"].is_null());
  EXPECT_TRUE(told["before"].is_null());
  EXPECT_TRUE(told["after"].is_null());
  EXPECT_EQ(told["verdict"]["word"], "unfinished");
  EXPECT_FALSE(told["verdict"]["good"].get<bool>());
  EXPECT_TRUE(audit_says(told["debts"][0]["what"], "stands at releasing"));
  const std::string html = page();
  EXPECT_TRUE(audit_says(html, "? end not known"));
  EXPECT_TRUE(audit_says(html, "<strong>Before:</strong> not known"));
  EXPECT_FALSE(audit_says(html, "1970"));
}

TEST_F(Audit, ClocksThatContradictGiveNoFigure) {
  failover.replication_point = audit_time(131);
  request.rpo = std::chrono::hours(1);
  keep();
  const json rpo = account()["rpo"];
  EXPECT_TRUE(rpo["seconds"].is_null());
  EXPECT_TRUE(rpo["met"].is_null());
  EXPECT_TRUE(audit_says(rpo["because"], "clocks"));
}

TEST_F(Audit, AFailoverThatWasGivenUpLostNothing) {
  failover.phase = "aborted";
  failover.turned.reset();
  keep();
  const json told = account();
  EXPECT_EQ(told["verdict"]["word"], "given up");
  EXPECT_TRUE(told["rpo"]["seconds"].is_null());
  EXPECT_TRUE(told["debts"].empty());
}

TEST_F(Audit, WhatAPersonConfirmedIsDoneAndWhatIsSkippedIsNot) {
  keep();
  add("plan", "g", "", 100, "kept", "people: look waits for a person: Look");
  add("manual", "look", "people", 101, "confirmed");
  add("command", "gate", "people", 102, "skipped");
  const json told = account();
  EXPECT_EQ(told["recovery_plan"], "people: look waits for a person: Look");
  ASSERT_EQ(told["actions"].size(), 2U);
  EXPECT_EQ(told["actions"][0]["action"], "gate");
  EXPECT_FALSE(told["actions"][0]["done"].get<bool>());
  EXPECT_TRUE(told["actions"][1]["done"].get<bool>());
  EXPECT_TRUE(audit_says(told["verdict"]["sentence"], "1 action was not done"));
}

TEST_F(Audit, WhatFailedStandsFirst) {
  keep();
  add("object", "hold", "job:\"good\"", 101, "done");
  add("object", "hold", "job:\"twice\"", 102, "failed", "409");
  add("object", "hold", "job:\"bad\"", 103, "failed", "403: no <b>right</b>");
  add("object", "hold", "job:\"twice\"", 104, "done");
  const json told = account();
  std::vector<std::string> order;
  for (const json& action : told["actions"]) order.push_back(action["address"]);
  EXPECT_EQ(order, (std::vector<std::string>{"job:\"bad\"", "job:\"twice\"", "job:\"good\"",
                                             "job:\"twice\""}));
  EXPECT_FALSE(told["actions"][0]["made_good"].get<bool>());
  EXPECT_TRUE(told["actions"][1]["made_good"].get<bool>());
  EXPECT_EQ(told["verdict"]["word"], "complete, with failures");
  EXPECT_TRUE(audit_says(told["verdict"]["sentence"], "1 action was not done"));
  const std::string html = page();
  EXPECT_LT(html.find("job:&quot;bad&quot;"), html.find("job:&quot;good&quot;"));
  EXPECT_TRUE(audit_says(html, "403: no &lt;b&gt;right&lt;/b&gt;"));
}

TEST_F(Audit, NamesFromOutsideAreTextWhereverTheyStand) {
  const std::string name = "<script>alert('x')</script>{{group}}\x1b[31m";
  keep();
  add("phase", name, "", 100, "done", name);
  add("object", "hold", name, 101, "failed", name);
  add("window", name, "", 102, "done");
  add("due", name, name, 103, "done", "3");
  store->put_reconciliation({.source = name,
                             .moment = audit_time(1),
                             .ended = audit_time(2),
                             .counts = {{name, {{"in_sync", 1}, {name, 1}}}},
                             .unequal = {{name, name, name, name}, {name, "note", name, name}}});
  request.include = request.exclude = {name};
  request.group = "prod";
  const std::string html = page();
  EXPECT_FALSE(audit_says(html, "<script"));
  EXPECT_FALSE(audit_says(html, "{{group}}\x1b"));
  EXPECT_FALSE(audit_says(html, "\x1b"));
  std::size_t shown = 0;
  const std::string as_text = "&lt;script&gt;alert(&apos;x&apos;)&lt;/script&gt;{{group}}";
  for (std::size_t at = html.find(as_text); at != std::string::npos;
       at = html.find(as_text, at + 1))
    ++shown;
  EXPECT_GE(shown, 15U) << "it is shown everywhere, and nowhere taken for a part of the page";
}

TEST_F(Audit, WhatCameDueIsToldWithItsWindow) {
  keep();
  add("window", "silent", "", 110, "done");
  add("due", "silent", "job:\"nightly\"", 115, "done", "4");
  add("due", "silent", "job:\"odd\"", 116, "done", "many");
  const json told = account()["windows"];
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0]["due"][0]["starts"], 4);
  EXPECT_TRUE(told[0]["due"][1]["starts"].is_null());
  EXPECT_EQ(told[0]["due"].size(), 2U);
}

TEST_F(Audit, BeforeAndAfterStandSideBySideAndNothingIsToldTwice) {
  store->put_reconciliation({.source = "sync",
                             .moment = audit_time(120),
                             .ended = audit_time(129),
                             .is_good = true,
                             .counts = {{"job", {{"in_sync", 7}, {"unsupported", 1}}}},
                             .unequal = {{"job:\"old\"", "unsupported", "no API", "By hand"}}});
  keep();
  store->put_reconciliation(
      {.source = "reconcile",
       .moment = audit_time(170),
       .ended = audit_time(180),
       .counts = {{"job", {{"in_sync", 6}, {"drifted", 1}, {"unsupported", 1}}}},
       .unequal = {{"job:\"new\"", "drifted", "was edited", "Sync"},
                   {"job:\"old\"", "unsupported", "no API", "By hand"}}});
  const json told = account();
  EXPECT_EQ(told["before"]["totals"]["in_sync"], 7);
  EXPECT_EQ(told["after"]["totals"]["drifted"], 1);
  EXPECT_FALSE(told["after"]["in_sync"].get<bool>());
  const std::string html = page();
  EXPECT_TRUE(audit_says(html, "1 drifted, 1 unsupported"));
  EXPECT_TRUE(audit_says(html, "As before: 1 object,"));
  EXPECT_EQ(html.find("job:&quot;old&quot;"), html.rfind("job:&quot;old&quot;"));
}

/// Texts that the page has to show; moments and figures have forms of their own there.
void expect_shown(const json& value, const std::string& html, const std::string& member) {
  static const std::set<std::string> spoken = {
      "side", "fence", "phase", "new_primary", "word", "generated", "subject", "type", "name"};
  if (value.is_structured()) {
    for (const auto& [name, part] : value.items())
      expect_shown(part, html, value.is_object() ? name : member);
    return;
  }
  if (!value.is_string() || spoken.contains(member)) return;
  const std::string text = value.get<std::string>();
  const bool is_moment = text.size() == 24 && text.ends_with("Z");
  const std::string shown =
      is_moment ? text.substr(0, 10) + " " + text.substr(11, 8) + " UTC" : text;
  EXPECT_TRUE(audit_says(html, shown)) << member << ": " << shown;
}

TEST_F(Audit, ThePageShowsWhatTheAccountHas) {
  failover.program = "Twinlake 9";
  failover.operator_name = "ops@lakeside.example";
  failover.committed = audit_time(500);
  keep();
  add("phase", "fencing", "", 100, "done", "slow");
  add("object", "hold", "job:a", 101, "failed", "no right");
  add("command", "open the gate", "first group", 102, "done");
  add("window", "silent", "", 103, "done");
  add("due", "silent", "job:b", 104, "done", "2");
  store->put_reconciliation({.source = "sync",
                             .moment = audit_time(1),
                             .ended = audit_time(2),
                             .counts = {{"thing", {{"missing", 3}}}},
                             .unequal = {{"thing:c", "missing", "is not there", "Sync it"}}});
  state::Drill drill;
  drill.label = "drill-1";
  drill.folder = "/Twinlake/prod/drill-1";
  drill.phase = "clean";
  drill.started = audit_time(10);
  drill.cleaned = audit_time(20);
  drill.is_passed = true;
  drill.id = store->put_drill(drill);
  store->put_drill_run(drill.id, {.name = "smoke",
                                  .source = "77",
                                  .run_id = "78",
                                  .expectation = R"({"result":"SUCCESS"})",
                                  .result = "SUCCESS",
                                  .output = "rows: 3",
                                  .started = audit_time(11),
                                  .ended = audit_time(12),
                                  .is_passed = true,
                                  .because = {}});
  json told = account();
  auto html = audit_html(told);
  ASSERT_TRUE(html);
  for (const char* part : {"subject", "drill"}) EXPECT_TRUE(told.contains(part));
  // Numbers that only the service uses.
  for (json& run : told["drill"]["runs"]) run.erase("run_id");
  told["drill"].erase("folder");
  told["drill"].erase("outcome");
  expect_shown(told, *html, "");
}

TEST_F(Audit, WithoutAFailoverTheDrillIsTold) {
  const auto nothing = audit_json(*store, request);
  ASSERT_FALSE(nothing);
  EXPECT_EQ(nothing.error().fault, Fault::refused);
  state::Drill drill;
  drill.label = "drill-1";
  drill.phase = "judged";
  drill.started = audit_time(10);
  drill.ended = audit_time(15);
  drill.is_passed = true;
  (void)store->put_drill(drill);
  const json told = account();
  EXPECT_EQ(told["subject"], "drill");
  EXPECT_FALSE(told["verdict"]["good"].get<bool>()) << "only the clean-up completes it";
  EXPECT_TRUE(told["rpo"]["seconds"].is_null());
  EXPECT_TRUE(audit_says(told["debts"][0]["what"], "not removed"));
  EXPECT_TRUE(audit_says(page(), "waits for clean-up"));
}

TEST_F(Audit, AnOlderFailoverIsFoundByItsNumber) {
  keep();
  const std::int64_t first = failover.id;
  failover.id = 0;
  failover.started = audit_time(300);
  keep();
  request.failover = first;
  EXPECT_EQ(account()["failover"]["started"], to_rfc3339(audit_time(100)));
  request.failover = 99;
  const auto none = audit_json(*store, request);
  ASSERT_FALSE(none);
  EXPECT_TRUE(audit_says(describe(none.error()), std::to_string(failover.id)));
}

TEST_F(Audit, TheTextForTheTerminalSaysTheSame) {
  request.rpo = std::chrono::minutes(1);
  keep();
  const std::string text = audit_text(account(), Style(false));
  for (const char* part : {"is complete", "achieved RPO  10 s (aimed at 1 min 0 s: met)",
                           "achieved RTO  1 min 0 s", "nothing on record", "Owed: "})
    EXPECT_TRUE(audit_says(text, part)) << part << "\n" << text;
}

}  // namespace
}  // namespace twinlake::app
