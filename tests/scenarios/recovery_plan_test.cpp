// The recovery plan: groups one after the other, what is in a group side by side, nothing done twice that may not be.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "app/config.h"
#include "base/json_path.h"
#include "http/scripted_transport.h"
#include "support/estate.h"
#include "support/lab.h"
#include "support/state_folder.h"

namespace twinlake::test {
namespace {

using nlohmann::json;
using failover::PlanAction;
using Move = state::Failover::Type;

/// As an operator writes it, below the group.
failover::RecoveryPlan plan_from(const std::string& yaml) {
  const auto config = app::parse_config("groups:\n  g:\n    primary: a\n    secondary: b\n    recovery_plan:\n" + yaml, "twinlake.yml", {});
  if (!config) throw std::runtime_error(config.error().message + " | " + config.error().hint);
  return config->groups.front().recovery_plan;
}

/// The small estate, a file that commands write to, and somebody who takes calls.
class RecoveryPlan : public testing::Test {
 protected:
  RecoveryPlan() {
    std::filesystem::create_directories(folder_);
    restart_with({});
  }
  ~RecoveryPlan() override { std::filesystem::remove_all(folder_); }

  void restart_with(const Lab::Options& options) {
    std::filesystem::remove(notes());
    calls_.reset();
    lab_.emplace(options);
    fill_small_estate(*lab_);
    lab_->turnover.runs = failover::Runs::cancel;
    calls_.emplace(lab_->loop());
    lab_->turnover.recovery.open_webhook = [this](const std::string&, Millis limit) -> Result<std::unique_ptr<http::Transport>> {
      limit_ = limit;
      return std::make_unique<Passing>(*calls_);
    };
    lab_->turnover.recovery.environment = [this](std::string_view name) -> std::optional<std::string> {
      return name == "HOOK" ? std::optional<std::string>("https://hooks.example/T0/s3cret?key=k3y&sig=a+b%2fc%3D") : name == "TOKEN" ? token_ : std::nullopt;
    };
    ASSERT_TRUE(lab_->sync());
  }
  void plan(const std::string& yaml) { lab_->turnover.recovery.plan = plan_from(yaml); }
  /// A command that adds a line to the file, with `%` replaced by its path.
  std::string note(const std::string& shell) const {
    std::string text = shell;
    for (std::size_t at = text.find('%'); at != std::string::npos; at = text.find('%')) text.replace(at, 1, notes());
    return "command: [sh, -c, '" + text + "']";
  }
  std::string notes() const { return (folder_ / "notes").string(); }
  std::vector<std::string> noted() const {
    std::ifstream file(notes());
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
  }
  std::vector<state::ActionRecord> records(const std::string& name) {
    auto all = lab_->store().actions(state::ActionRecord::Subject::failover, lab_->store().last_failover()->id);
    std::erase_if(all, [&](const state::ActionRecord& action) { return action.name != name; });
    return all;
  }
  std::string outcome_of(const std::string& name) {
    const auto all = records(name);
    return all.empty() ? "never begun" : all.back().outcome;
  }
  Result<void> say(const std::string& name, const std::string& outcome) {
    return failover::settle_action(lab_->store(), name, outcome, "the one who watches", lab_->loop().now());
  }
  bool is_all_live() { return live_triggers(lab_->away()).size() == 2; }

  class Passing final : public http::Transport {
   public:
    explicit Passing(http::Transport& to) : to_(to) {}
    Task<Result<http::Response>> send(http::Request request) override { co_return co_await to_.send(std::move(request)); }

   private:
    http::Transport& to_;
  };

  std::filesystem::path folder_ = std::filesystem::temp_directory_path() / ("twinlake-plan-" + std::to_string(getpid()));
  std::optional<Lab> lab_;
  std::optional<http::ScriptedTransport> calls_;
  std::optional<std::string> token_ = "b34rer";
  Millis limit_{0};
};

TEST_F(RecoveryPlan, GroupsFollowEachOtherAndGetTheirContext) {
  plan("      - group: first\n        actions:\n"
       "          - {name: gate, " + note("echo $TWINLAKE_GROUP $TWINLAKE_ACTION $TWINLAKE_FAILOVER $TWINLAKE_DIRECTION >> %") + "}\n"
       "          - {name: input, " + note("cat >> %; echo >> %") + ", after: gate}\n"
       "      - group: second\n        actions:\n"
       "          - {name: load first, release: load}\n"
       "          - {name: only home, " + note("echo never >> %") + ", when: failback}\n"
       "      - group: third\n        actions:\n"
       "          - {name: last, " + note("echo last >> %") + ", after: load first}\n");
  const auto report = lab_->fail_over(Move::planned);
  ASSERT_TRUE(report) << told(report);
  EXPECT_EQ(report->outcome, "complete") << told(report);
  const auto lines = noted();
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0], "first gate planned home->away");
  const json context = json::parse(lines[1], nullptr, false);
  EXPECT_EQ(context["action"], "input");
  EXPECT_EQ(context["plan"], "g");
  EXPECT_EQ(lines[2], "last");
  EXPECT_LE(*records("input")[0].ended, records("load first")[0].started);
  EXPECT_LE(*records("load first")[0].ended, records("last")[0].started);
  EXPECT_TRUE(is_all_live());
}

TEST_F(RecoveryPlan, WhatFailsStopsItAndIsDoneAgainWhenMended) {
  plan("      - group: only\n        actions:\n"
       "          - {name: gate, " + note("echo tried >> %; test -e %.open || { echo it is shut >&2; exit 3; }") + "}\n"
       "      - group: behind\n        actions: [{name: never, " + note("echo behind >> %") + "}]\n");
  const auto shut = lab_->fail_over(Move::forced);
  ASSERT_TRUE(shut) << told(shut);
  EXPECT_EQ(shut->outcome, "partial");
  ASSERT_EQ(shut->halts.size(), 1U);
  EXPECT_EQ(shut->halts[0].because, "failed: exit code 3: it is shut");
  EXPECT_EQ(records("gate").back().detail, "exit code 3");
  EXPECT_EQ(lab_->store().to_mirror().dump().find("it is shut"), std::string::npos) << "what a program says may be a secret";
  EXPECT_NE(shut->halts[0].what_to_do.find("--skip \"gate\""), std::string::npos);
  EXPECT_TRUE(live_triggers(lab_->away()).empty()) << "nothing is released behind it";
  std::ofstream(notes() + ".open") << "yes";
  const auto open = lab_->fail_over(Move::forced);
  ASSERT_TRUE(open) << told(open);
  EXPECT_EQ(open->outcome, "complete") << told(open);
  EXPECT_EQ(noted(), (std::vector<std::string>{"tried", "tried", "behind"}));
  EXPECT_TRUE(is_all_live());
}

TEST_F(RecoveryPlan, HalfASecretIsHiddenToo) {
  // Its beginning, by which it is known, lies before what is shown.
  const std::string secret = "dapi" + std::string(32, '7');
  plan("      - group: only\n        actions: [{name: gate, command: [sh, -c, replaced]}]\n");
  lab_->turnover.recovery.plan.groups[0].actions[0].command[2] = "echo " + secret + " >&2; printf %0290d 1 >&2; exit 3";
  const auto report = lab_->fail_over(Move::forced);
  ASSERT_TRUE(report) << told(report);
  ASSERT_EQ(report->halts.size(), 1U);
  EXPECT_EQ(report->halts[0].because.find("7777"), std::string::npos) << report->halts[0].because;
}

TEST_F(RecoveryPlan, WhatMayFailOrIsSkippedIsPassed) {
  plan("      - group: only\n        actions:\n"
       "          - {name: nice to have, command: [\"false\"], on_failure: continue}\n"
       "          - {name: not there, command: [twinlake-no-such-program]}\n");
  const auto halted = lab_->fail_over(Move::forced);
  ASSERT_TRUE(halted) << told(halted);
  ASSERT_EQ(halted->halts.size(), 1U);
  EXPECT_EQ(halted->halts[0].action, "not there");
  EXPECT_FALSE(say("nobody", "skipped"));
  ASSERT_TRUE(say("not there", "skipped"));
  EXPECT_FALSE(say("not there", "skipped")) << "it no longer waits";
  const auto on = lab_->fail_over(Move::forced);
  ASSERT_TRUE(on) << told(on);
  EXPECT_EQ(on->outcome, "complete") << told(on);
  EXPECT_EQ(outcome_of("nice to have"), "failed");
  EXPECT_EQ(records("nice to have").size(), 1U);
  EXPECT_TRUE(is_all_live());
}

TEST_F(RecoveryPlan, WhatHangsIsEndedInTime) {
  plan("      - group: only\n        actions: [{name: slow, command: [sleep, \"600\"]}]\n");
  lab_->turnover.recovery.plan.groups[0].actions[0].timeout = std::chrono::milliseconds(50);
  const auto report = lab_->fail_over(Move::forced);
  ASSERT_TRUE(report) << told(report);
  EXPECT_EQ(outcome_of("slow"), "timed out");
  EXPECT_TRUE(live_triggers(lab_->away()).empty());
}

/// Says it after a while, from somewhere else.
Task<void> say_later(Loop* loop, state::Store* store, std::string name, std::string outcome) {
  co_await loop->sleep(std::chrono::seconds(90));
  const auto said = failover::settle_action(*store, name, outcome, "the one who watches", loop->now());
  EXPECT_TRUE(said) << said.error().message;
}

TEST_F(RecoveryPlan, APersonIsWaitedForAndGoesOnAtOnce) {
  plan("      - group: people\n        actions: [{name: look, manual: Look at the dashboards}]\n");
  TaskGroup person(lab_->loop());
  bool is_asked = false;
  // The mirror is written before somebody is waited for: another machine must see that, too.
  lab_->secondary_wire().on_write = [&](const http::Request&) {
    if (is_asked || records("look").empty()) return;
    is_asked = true;
    person.start(say_later(&lab_->loop(), &lab_->store(), "look", "confirmed"));
  };
  const Time before = lab_->loop().now();
  const auto report = lab_->fail_over(Move::forced);
  ASSERT_TRUE(report) << told(report);
  EXPECT_TRUE(is_asked);
  EXPECT_EQ(report->outcome, "complete") << told(report);
  EXPECT_EQ(outcome_of("look"), "confirmed");
  EXPECT_NE(records("look")[0].detail.find("the one who watches"), std::string::npos);
  EXPECT_GE(lab_->loop().now() - before, std::chrono::seconds(90));
  EXPECT_LT(lab_->loop().now() - before, std::chrono::seconds(100));
}

TEST_F(RecoveryPlan, NobodyIsWaitedForForEver) {
  plan("      - group: people\n        actions: [{name: look, manual: Look, within_minutes: 5}]\n");
  const auto late = lab_->fail_over(Move::forced);
  ASSERT_TRUE(late) << told(late);
  EXPECT_EQ(late->outcome, "partial");
  EXPECT_EQ(outcome_of("look"), "timed out");
  EXPECT_TRUE(live_triggers(lab_->away()).empty());
  // Whoever confirms late is still welcome.
  ASSERT_TRUE(say("look", "confirmed"));
  const auto on = lab_->fail_over(Move::forced);
  ASSERT_TRUE(on) << told(on);
  EXPECT_EQ(on->outcome, "complete") << told(on);
}

TEST_F(RecoveryPlan, BesideWhatFailedNobodyIsWaitedFor) {
  plan("      - group: both\n        actions:\n"
       "          - {name: look, manual: Look}\n"
       "          - {name: gate, command: [\"false\"]}\n");
  const Time before = lab_->loop().now();
  const auto report = lab_->fail_over(Move::forced);
  ASSERT_TRUE(report) << told(report);
  EXPECT_EQ(report->halts.size(), 2U) << told(report);
  EXPECT_LT(lab_->loop().now() - before, std::chrono::minutes(1));
  EXPECT_EQ(outcome_of("look"), "") << "it still waits";
}

constexpr const char* hooked =
    "      - group: calls\n        actions:\n"
    "          - {name: tell, webhook: {url_from: HOOK, header: Authorization, value_from: TOKEN}}\n";

TEST_F(RecoveryPlan, AWebhookIsToldOnceAndItsSecretsStayInside) {
  plan(hooked);
  calls_->then(200);
  const auto report = lab_->fail_over(Move::forced);
  ASSERT_TRUE(report) << told(report);
  EXPECT_EQ(report->outcome, "complete") << told(report);
  ASSERT_EQ(calls_->seen.size(), 1U);
  EXPECT_EQ(calls_->seen[0].path, "/T0/s3cret");
  EXPECT_EQ(calls_->seen[0].raw_query, "key=k3y&sig=a+b%2fc%3D") << "a signature is sent as it was given";
  EXPECT_EQ(*http::find_header(calls_->seen[0].headers, "Authorization"), "b34rer");
  EXPECT_EQ(json::parse(calls_->seen[0].body, nullptr, false)["failover"], "forced");
  const std::string mirror = lab_->store().to_mirror().dump();
  for (const char* secret : {"s3cret", "k3y", "b34rer"}) EXPECT_EQ(mirror.find(secret), std::string::npos) << secret;
}

TEST_F(RecoveryPlan, AWebhookThatHangsIsInDoubtUntilSomebodyLooks) {
  plan(hooked);
  calls_->then_fail(Fault::in_doubt).then(200);
  const auto hung = lab_->fail_over(Move::forced);
  ASSERT_TRUE(hung) << told(hung);
  EXPECT_GT(limit_.count(), 0) << "its time is bounded";
  EXPECT_EQ(outcome_of("tell"), "in doubt");
  const auto again = lab_->fail_over(Move::forced);
  ASSERT_TRUE(again) << told(again);
  EXPECT_EQ(calls_->seen.size(), 1U) << "it may have been done";
  ASSERT_EQ(again->halts.size(), 1U);
  EXPECT_NE(again->halts[0].what_to_do.find("--repeat"), std::string::npos);
  ASSERT_TRUE(say("tell", "interrupted"));
  const auto repeated = lab_->fail_over(Move::forced);
  ASSERT_TRUE(repeated) << told(repeated);
  EXPECT_EQ(repeated->outcome, "complete") << told(repeated);
  EXPECT_EQ(calls_->seen.size(), 2U);
}

TEST_F(RecoveryPlan, WhatCannotBeCalledIsRefusedBeforeAnythingIsTurned) {
  plan(hooked);
  token_.reset();
  for (const auto type : {Move::planned, Move::forced}) {
    const auto report = lab_->fail_over(type);
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().fault, Fault::config);
    EXPECT_NE(report.error().message.find("TOKEN"), std::string::npos);
    EXPECT_EQ(lab_->primary_side(), model::Side::home);
    EXPECT_FALSE(failover::is_unfinished(lab_->store().last_failover()));
  }
}

TEST_F(RecoveryPlan, AnotherPlanThanItWasBegunWithIsRefused) {
  plan("      - group: people\n        actions: [{name: look, manual: Look, within_minutes: 1}]\n");
  ASSERT_TRUE(lab_->fail_over(Move::forced));
  lab_->turnover.recovery.plan = {};
  const auto without = lab_->fail_over(Move::forced);
  ASSERT_FALSE(without);
  EXPECT_EQ(without.error().fault, Fault::refused);
  EXPECT_TRUE(live_triggers(lab_->away()).empty());
  lab_->turnover.recovery.go_on = true;
  const auto on = lab_->fail_over(Move::forced);
  ASSERT_TRUE(on) << told(on);
  EXPECT_EQ(on->outcome, "complete") << told(on);
}

TEST_F(RecoveryPlan, AKillAfterAnyExchangeDoesNothingTwiceThatMayNotBe) {
  int survived = 0;
  int doubtful = 0;
  for (int exchanges = 1; survived == 0; exchanges += sweep_step(2, 13)) {
    const StateFolder state;
    restart_with(state.options());
    plan("      - group: first\n        actions:\n"
         "          - {name: gate, " + note("echo gate >> %") + "}\n"
         "          - {name: smoke, canary: load}\n"
         "      - group: second\n        actions: [{name: loads, release: [load]}, {name: bell, " + note("echo bell >> %") + ", repeat: true}]\n");
    survived += lab_->killed_after(exchanges, [&] { (void)lab_->fail_over(Move::forced); }) ? 1 : 0;
    for (int attempt = 0; attempt < 3 && (lab_->primary_side() == model::Side::home || failover::is_unfinished(lab_->store().last_failover())); ++attempt) {
      const auto again = lab_->fail_over(Move::forced);
      ASSERT_TRUE(again) << told(again) << exchanges;
      for (const failover::Halt& halt : again->halts) {
        // A person looks: the file tells whether it was done.
        ++doubtful;
        const auto lines = noted();
        const bool was_done = std::ranges::find(lines, halt.action) != lines.end();
        ASSERT_TRUE(say(halt.action, was_done ? "confirmed" : "interrupted")) << exchanges;
      }
    }
    const auto lines = noted();
    EXPECT_EQ(std::ranges::count(lines, "gate"), 1) << exchanges;
    EXPECT_GE(std::ranges::count(lines, "bell"), 1) << exchanges;
    EXPECT_TRUE(is_all_live()) << exchanges;
    EXPECT_FALSE(failover::is_unfinished(lab_->store().last_failover())) << exchanges;
    if (testing::Test::HasFailure()) return;
  }
  if (sweeps_see_every_phase) {
    EXPECT_GT(doubtful, 0) << "some kill falls between the begin of a command and its end";
  }
}

}  // namespace
}  // namespace twinlake::test
