// The run lock and the mirror, against a simulated secondary.
#include "engine/run_lock.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "engine/mirror.h"
#include "simulator/faults.h"
#include "simulator/region.h"
#include "simulator/transport.h"
#include "workspace/connection.h"
#include "workspace/remote_files.h"

namespace twinlake::test {
namespace {

using engine::LockOptions;
using engine::RunLock;
using nlohmann::json;

class RunLockTest : public testing::Test {
 protected:
  RunLockTest() : region(region_options()) {
    workspace::Profile profile;
    profile.host = "http://127.0.0.1";
    profile.secret = Secret(std::string(region.options().token));
    workspace::ConnectOptions options;
    options.allowed = http::Effect::writes;
    const workspace::OpenTransport none = [](const std::string&,
                                             bool) -> Result<std::unique_ptr<http::Transport>> {
      return fail(Fault::bug, "no login host here");
    };
    auto wire = std::make_unique<simulator::InProcessTransport>(loop, region, Millis(5));
    auto made = workspace::connect_over(loop, std::move(wire), none, profile, options);
    connection = std::make_unique<workspace::Connection>(std::move(*made));
    side = std::make_unique<workspace::Workspace>(loop, model::Side::away, connection->transport(),
                                                  workspace::Self(), "/tmp");
  }

  static simulator::RegionOptions region_options() {
    simulator::RegionOptions options;
    options.name = "secondary";
    return options;
  }

  static LockOptions options_of(const std::string& machine) {
    LockOptions options;
    options.group = "main";
    options.owner.host = machine;
    options.owner.pid = 7;
    options.owner.user = "ops";
    options.owner.state = "state of " + machine;
    return options;
  }

  std::optional<json> lock_file() {
    const auto text = loop.run(workspace::get_file(*side, "/Twinlake/main/lock.json"));
    EXPECT_TRUE(text) << describe(text.error());
    return text && *text ? std::optional(json::parse(**text)) : std::nullopt;
  }

  static Task<void> pass(Loop* loop, Micros time) { co_await loop->sleep(time); }

  Loop loop{Loop::Clock::virtual_time, 3};
  simulator::Region region;
  std::unique_ptr<workspace::Connection> connection;
  std::unique_ptr<workspace::Workspace> side;
};

TEST_F(RunLockTest, IsAFileWithItsOwnerAndGoesWithTheRun) {
  RunLock lock(loop, *side, options_of("one"));
  const auto taken = loop.run(lock.take());
  ASSERT_TRUE(taken) << describe(taken.error());
  const auto file = lock_file();
  ASSERT_TRUE(file);
  EXPECT_EQ(file->at("host"), "one");
  EXPECT_EQ(file->at("fencing"), 1);
  EXPECT_GT(time_from_rfc3339(file->at("expires").get<std::string>()), loop.now());
  ASSERT_TRUE(loop.run(lock.release()));
  EXPECT_FALSE(lock_file());
}

TEST_F(RunLockTest, ExcludesAnotherMachineAndNamesTheOwner) {
  RunLock first(loop, *side, options_of("one"));
  RunLock second(loop, *side, options_of("two"));
  ASSERT_TRUE(loop.run(first.take()));
  const auto refused = loop.run(second.take());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().fault, Fault::refused);
  EXPECT_NE(refused.error().message.find("ops on one, process 7"), std::string::npos)
      << refused.error().message;
  ASSERT_TRUE(loop.run(second.release()));
  EXPECT_TRUE(lock_file()) << "who did not get it must not remove it";
}

TEST_F(RunLockTest, IsTakenOverWhenItHasExpiredAndCountsOn) {
  RunLock first(loop, *side, options_of("one"));
  RunLock second(loop, *side, options_of("two"));
  ASSERT_TRUE(loop.run(first.take()));
  loop.run(pass(&loop, std::chrono::minutes(11)));
  ASSERT_TRUE(loop.run(second.take()));
  EXPECT_EQ(second.fencing(), 2);
  EXPECT_EQ(lock_file()->at("host"), "two");
}

TEST_F(RunLockTest, IsTakenFromALostMachineWhenTheOperatorSaysSo) {
  RunLock first(loop, *side, options_of("one"));
  ASSERT_TRUE(loop.run(first.take()));
  LockOptions options = options_of("two");
  options.take_over = true;
  RunLock second(loop, *side, options);
  ASSERT_TRUE(loop.run(second.take()));
  EXPECT_EQ(lock_file()->at("host"), "two");
  EXPECT_EQ(second.fencing(), 2);
}

TEST_F(RunLockTest, ALeftoverOfTheSameStateDoesNotLockUsOut) {
  RunLock killed(loop, *side, options_of("one"));
  RunLock again(loop, *side, options_of("one"));
  ASSERT_TRUE(loop.run(killed.take()));
  const Time before = loop.now();
  ASSERT_TRUE(loop.run(again.take()));
  EXPECT_LT(loop.now() - before, std::chrono::seconds(1));
  EXPECT_EQ(again.fencing(), 2);
}

TEST_F(RunLockTest, ALongRunKeepsIt) {
  std::atomic<bool> stop{false};
  RunLock first(loop, *side, options_of("one"));
  RunLock second(loop, *side, options_of("two"));
  ASSERT_TRUE(loop.run(first.take()));
  first.keep_alive(&stop);
  loop.run(pass(&loop, std::chrono::hours(2)));
  EXPECT_FALSE(loop.run(second.take()));
  EXPECT_FALSE(stop);
  ASSERT_TRUE(loop.run(first.release()));
  loop.run(pass(&loop, std::chrono::hours(1)));
  EXPECT_FALSE(lock_file()) << "a refresh must not write it again";
}

TEST_F(RunLockTest, ARunThatLostItStops) {
  std::atomic<bool> stop{false};
  RunLock first(loop, *side, options_of("one"));
  ASSERT_TRUE(loop.run(first.take()));
  first.keep_alive(&stop);
  ASSERT_TRUE(loop.run(workspace::put_file(*side, "/Twinlake/main/lock.json",
                                           R"({"token":"another"})", workspace::Overwrite::yes)));
  loop.run(pass(&loop, std::chrono::minutes(5)));
  EXPECT_TRUE(first.lost());
  EXPECT_TRUE(stop);
  ASSERT_TRUE(loop.run(first.release()));
  EXPECT_TRUE(lock_file()) << "it is somebody else's";
}

/// A machine that slept through its lease comes to its end while another one is at work: a third one must not begin beside that.
TEST_F(RunLockTest, WhoOversleptTheLeaseLeavesTheLockOfTheNextOne) {
  RunLock asleep(loop, *side, options_of("one"));
  RunLock next(loop, *side, options_of("two"));
  RunLock third(loop, *side, options_of("three"));
  ASSERT_TRUE(loop.run(asleep.take()));
  loop.run(pass(&loop, std::chrono::minutes(11)));
  ASSERT_TRUE(loop.run(next.take()));
  ASSERT_TRUE(loop.run(asleep.release()));
  EXPECT_TRUE(asleep.lost());
  const auto begun = loop.run(third.take());
  ASSERT_FALSE(begun) << "two runs of one group at once";
  EXPECT_EQ(begun.error().fault, Fault::refused);
  ASSERT_TRUE(loop.run(next.release()));
  EXPECT_FALSE(lock_file());
}

/// A mirror is written by who has the lock: it learns in time that it has it no more.
TEST_F(RunLockTest, WhoOversleptTheLeaseLearnsOfItBeforeItWritesTheMirror) {
  RunLock asleep(loop, *side, options_of("one"));
  RunLock next(loop, *side, options_of("two"));
  ASSERT_TRUE(loop.run(asleep.take()));
  EXPECT_TRUE(*loop.run(asleep.is_still_ours()));
  loop.run(pass(&loop, std::chrono::minutes(11)));
  ASSERT_TRUE(loop.run(next.take()));
  EXPECT_FALSE(*loop.run(asleep.is_still_ours()));
  EXPECT_TRUE(*loop.run(next.is_still_ours()));
}

TEST_F(RunLockTest, ALockThatIsNotShownAtFirstIsNotTakenForLost) {
  region.set_eventual_consistency(true);
  RunLock lock(loop, *side, options_of("one"));
  ASSERT_TRUE(loop.run(lock.take()));
  EXPECT_TRUE(*loop.run(lock.is_still_ours()));
  ASSERT_TRUE(loop.run(lock.release()));
  EXPECT_FALSE(lock_file());
}

TEST_F(RunLockTest, ALockThatCannotBeReadIsNotRemoved) {
  RunLock lock(loop, *side, options_of("one"));
  ASSERT_TRUE(loop.run(lock.take()));
  simulator::FaultRule broken;
  broken.path = "/api/2.0/workspace/export";
  broken.status = 403;
  broken.times = 0;
  region.faults().add(broken);
  EXPECT_FALSE(loop.run(lock.release()));
  region.faults().clear();
  EXPECT_TRUE(lock_file());
}

TEST_F(RunLockTest, ADamagedLockIsNoLock) {
  ASSERT_TRUE(loop.run(
      workspace::put_file(*side, "/Twinlake/main/lock.json", "{cut", workspace::Overwrite::yes)));
  RunLock lock(loop, *side, options_of("one"));
  EXPECT_TRUE(loop.run(lock.take()));
}

TEST_F(RunLockTest, OwnFilesComeAndGo) {
  const std::string path = "/Twinlake/deep/er/file.json";
  EXPECT_EQ(*loop.run(workspace::get_file(*side, path)), std::nullopt);
  ASSERT_TRUE(loop.run(workspace::put_file(*side, path, "one", workspace::Overwrite::no)));
  const auto twice = loop.run(workspace::put_file(*side, path, "two", workspace::Overwrite::no));
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().fault, Fault::already_exists);
  ASSERT_TRUE(loop.run(workspace::put_file(*side, path, "two", workspace::Overwrite::yes)));
  EXPECT_EQ(*loop.run(workspace::get_file(*side, path)), "two");
  ASSERT_TRUE(loop.run(workspace::delete_file(*side, path)));
  ASSERT_TRUE(loop.run(workspace::delete_file(*side, path)));
  EXPECT_EQ(*loop.run(workspace::get_file(*side, path)), std::nullopt);
}

std::unique_ptr<state::Store> store_with(int bindings) {
  auto store = state::Store::open("memory", "main");
  (*store)->set_identity({"main", "1", "2", model::Side::home, "https://h", "https://a"});
  for (int i = 0; i < bindings; ++i) {
    state::Binding binding;
    binding.uuid = "u" + std::to_string(i);
    binding.kind = "thing";
    binding.key = "k" + std::to_string(i);
    (*store)->put_binding(binding);
  }
  return std::move(*store);
}

TEST_F(RunLockTest, AMirrorIsWrittenOnceAndTakenOverByANewMachine) {
  const auto store = store_with(3);
  EXPECT_TRUE(*loop.run(engine::write_mirror(*side, "main", *store, std::nullopt)));
  const auto mirror = loop.run(engine::read_mirror(*side, "main"));
  ASSERT_TRUE(mirror && *mirror);
  EXPECT_FALSE(
      *loop.run(engine::write_mirror(*side, "main", *store, engine::generation_of(**mirror))));
  EXPECT_TRUE(engine::compare_mirror(store->to_mirror(), **mirror).empty());

  const auto fresh = state::Store::open("memory", "main");
  EXPECT_TRUE(*engine::catch_up(**fresh, *mirror));
  EXPECT_EQ((*fresh)->bindings().size(), 3U);
  EXPECT_EQ((*fresh)->generation(), store->generation());
  EXPECT_FALSE(*engine::catch_up(**fresh, *mirror)) << "up to date";
}

TEST_F(RunLockTest, DifferencesFromTheMirrorAreNamed) {
  const auto here = store_with(2);
  const auto there = store_with(3);
  const auto lines = engine::compare_mirror(here->to_mirror(), there->to_mirror());
  ASSERT_FALSE(lines.empty());
  EXPECT_EQ(lines.front(), "binding thing:\"k2\" is only in the mirror");
}

TEST_F(RunLockTest, ABrokenMirrorIsAnErrorWithARemedy) {
  ASSERT_TRUE(loop.run(workspace::put_file(*side, "/Twinlake/main/state.json", "<html>",
                                           workspace::Overwrite::yes)));
  const auto mirror = loop.run(engine::read_mirror(*side, "main"));
  ASSERT_FALSE(mirror);
  EXPECT_EQ(mirror.error().fault, Fault::bad_answer);
  EXPECT_FALSE(mirror.error().hint.empty());
}

}  // namespace
}  // namespace twinlake::test
