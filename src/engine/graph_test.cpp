#include "engine/graph.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace twinlake::engine {
namespace {

using nlohmann::json;

constexpr std::string_view policy_kinds[] = {"policy"};
constexpr model::Reference cluster_references[] = {{"/policy_id", policy_kinds}};

model::Kind named(std::string_view name, bool is_path = false) {
  model::Kind kind;
  kind.name = name;
  kind.key_is_path = is_path;
  return kind;
}

const model::Kind job = named("job");
const model::Kind policy = named("policy");
const model::Kind folder = named("folder", true);
const model::Kind page = named("page", true);
const model::Kind cluster = [] {
  model::Kind kind = named("cluster");
  kind.references = cluster_references;
  return kind;
}();

Step step(Action action, const model::Kind& kind, const std::string& key, std::vector<SharedText> waits_for = {}) {
  Step made;
  made.action = action;
  made.kind = &kind;
  made.key = key;
  made.uuid = std::string(kind.name) + " " + key;
  made.waits_for = std::move(waits_for);
  json desired = json::object();
  for (const SharedText& uuid : made.waits_for) desired["needs"].push_back(json{{"$ref", uuid.view()}});
  made.desired = model::PackedForm(desired);
  if (action != Action::create) made.target_id = "id of " + key;
  return made;
}

std::string told(const std::deque<Step>& steps) {
  std::string text;
  for (const Step& each : steps)
    text += std::string(name_of(each.action)) + " " + std::string(each.kind->name) + " " + each.key +
            (each.shell_without.empty() ? "" : " without " + each.shell_without.front()) + "\n";
  return text;
}

TEST(InOrder, WhatIsNeededComesFirstWhateverTheKind) {
  EXPECT_EQ(told(in_order({step(Action::create, job, "a", {"policy z"}), step(Action::create, policy, "z")})),
            "create policy z\ncreate job a\n");
}

TEST(InOrder, TheReadyAreOrderedByAddressSoThatPlansRepeat) {
  EXPECT_EQ(told(in_order({step(Action::create, job, "c"), step(Action::create, job, "a"), step(Action::create, job, "b")})),
            "create job a\ncreate job b\ncreate job c\n");
}

TEST(InOrder, ACycleIsCutByAShellAndCompletedAfterwards) {
  const auto steps = in_order({step(Action::create, job, "a", {"job b"}), step(Action::create, job, "b", {"job a"})});
  EXPECT_EQ(told(steps), "create job a without needs\ncreate job b\nupdate job a\n");
  EXPECT_EQ(steps[2].after, (std::vector<std::size_t>{0, 1}));
}

TEST(InOrder, AJobThatRunsItselfIsCutToo) {
  // What waits for itself is not a dependency that anything can satisfy.
  const auto steps = in_order({step(Action::create, job, "a", {"job a"})});
  ASSERT_EQ(steps.size(), 2U);
  EXPECT_EQ(told(steps), "create job a without needs\nupdate job a\n");
}

TEST(InOrder, RemovalsComeLastAndLeavesFirst) {
  EXPECT_EQ(told(in_order({step(Action::remove, folder, "/a"), step(Action::remove, page, "/a/b"),
                           step(Action::create, job, "z")})),
            "create job z\ndelete page /a/b\ndelete folder /a\n");
}

TEST(InOrder, AUserOfAThingIsRemovedBeforeTheThing) {
  EXPECT_EQ(told(in_order({step(Action::remove, policy, "a"), step(Action::remove, cluster, "z")})),
            "delete cluster z\ndelete policy a\n");
}

TEST(InOrder, APathThatChangesItsTypeIsClearedFirst) {
  const auto steps = in_order({step(Action::create, page, "/a"), step(Action::remove, folder, "/a"),
                               step(Action::remove, page, "/a/inner")});
  EXPECT_EQ(told(steps), "delete page /a/inner\ndelete folder /a\ncreate page /a\n");
  for (const Step& each : steps) EXPECT_EQ(each.stage, 0);
}

TEST(InOrder, EveryStepKnowsWhatItWaitsFor) {
  const auto steps = in_order({step(Action::create, job, "b", {"job a"}), step(Action::create, job, "a")});
  EXPECT_TRUE(steps[0].after.empty());
  EXPECT_EQ(steps[1].after, (std::vector<std::size_t>{0}));
}

}  // namespace
}  // namespace twinlake::engine
