#include <sys/resource.h>

#include "state/store.h"
#include "state/testing.h"

namespace twinlake::state {
namespace {

class JournalTest : public testing::Test {
 protected:
  TemporaryFolder folder;
};

TEST_F(JournalTest, AnIntentIsInDoubtUntilItIsSettled) {
  const auto store = opened(folder.path());
  const auto run = store->begin_run("sync", at(0));
  Intent wanted = intent("u1", run);
  wanted.action = "update";
  wanted.target_id = "22";
  const auto id = store->intend(wanted);
  const auto doubts = store->in_doubt();
  ASSERT_EQ(doubts.size(), 1U);
  EXPECT_EQ(doubts[0].id, id);
  EXPECT_EQ(doubts[0].run, run);
  EXPECT_EQ(doubts[0].uuid, "u1");
  EXPECT_EQ(doubts[0].kind, "thing");
  EXPECT_EQ(doubts[0].key, "nightly load");
  EXPECT_EQ(doubts[0].side, model::Side::away);
  EXPECT_EQ(doubts[0].action, "update");
  EXPECT_EQ(doubts[0].target_id, "22");
  EXPECT_EQ(doubts[0].started, at(0));
  store->settle(id, "done", binding("u1"));
  EXPECT_TRUE(store->in_doubt().empty());
  EXPECT_EQ(store->bindings().size(), 1U);
}

TEST_F(JournalTest, AKilledRunLeavesItsIntentInDoubtAndItsSettledWork) {
  ASSERT_TRUE(in_child([&] {
    const auto store = opened(folder.path());
    const auto run = store->begin_run("sync", at(0));
    store->settle(store->intend(intent("u1", run)), "done", binding("u1"));
    store->intend(intent("u2", run));
    return true;  // and killed: no destructor runs
  }));
  const auto store = opened(folder.path());
  const auto doubts = store->in_doubt();
  ASSERT_EQ(doubts.size(), 1U);
  EXPECT_EQ(doubts[0].uuid, "u2");
  ASSERT_EQ(store->bindings().size(), 1U);
  EXPECT_EQ(store->bindings()[0].uuid, "u1");
  EXPECT_EQ(store->last_runs(1).at(0).outcome, "");
}

TEST_F(JournalTest, AnIntentIsOnTheDiskWhenItReturns) {
  const auto store = opened(folder.path());
  store->intend(intent("u1"));
  // What the disk has, without this process: a copy of the two files, as a power cut would leave
  // them.
  const TemporaryFolder copy;
  for (const char* name : {"prod.sqlite", "prod.sqlite-wal", "prod.key"}) {
    std::filesystem::copy(folder.file(name), copy.file(name));
  }
  EXPECT_EQ(opened(copy.path())->in_doubt().size(), 1U);
}

TEST_F(JournalTest, AFailureIsSettledWithItsReasonAndBindsNothing) {
  const auto store = opened(folder.path());
  const auto id = store->intend(intent("u1"));
  store->settle(id, "failed", std::nullopt, Error(Fault::invalid, "the service refused it"));
  EXPECT_TRUE(store->in_doubt().empty());
  EXPECT_TRUE(store->bindings().empty());
}

TEST_F(JournalTest, SettlingTwiceIsABugAndChangesNothing) {
  const auto store = opened(folder.path());
  const auto id = store->intend(intent("u1"));
  store->settle(id, "done", binding("u1"));
  EXPECT_THROW(store->settle(id, "done", binding("u2")), std::logic_error);
  EXPECT_THROW(store->settle(id + 1, "done", binding("u3")), std::logic_error);
  EXPECT_THROW(store->settle_removal(id, "u1", model::Side::away), std::logic_error);
  ASSERT_EQ(store->bindings().size(), 1U);
  EXPECT_EQ(store->bindings()[0].away_id, "22");
}

TEST_F(JournalTest, ARemovalTakesTheNameOfOneSideAndTheLastTakesTheObject) {
  const auto store = opened(folder.path());
  store->put_binding(binding("u1"));
  store->put_known("u1", {"h", "a", "f"});
  store->settle_removal(store->intend(intent("u1")), "u1", model::Side::away);
  ASSERT_EQ(store->bindings().size(), 1U);
  EXPECT_EQ(store->bindings()[0].home_id, "11");
  EXPECT_FALSE(store->bindings()[0].away_id);
  EXPECT_TRUE(store->known().empty());
  store->settle_removal(store->intend(intent("u1")), "u1", model::Side::home);
  EXPECT_TRUE(store->bindings().empty());
  EXPECT_TRUE(store->in_doubt().empty());
}

TEST_F(JournalTest, AnIntentOfAnUnknownRunIsRefused) {
  const auto store = opened(folder.path());
  EXPECT_THROW(store->intend(intent("u1", 99)), StateFailure);
  EXPECT_THROW(store->put_known("nobody", {}), StateFailure);
}

TEST_F(JournalTest, TwentyThousandObjectsCostLittleProcessorTime) {
  // Processor time and a disk in memory, because waiting for the disk (about one flush for each
  // object) is the machine's business and may take minutes where others use it, too.
  const bool has_memory_disk = access("/dev/shm", W_OK) == 0;
  const TemporaryFolder fast(has_memory_disk ? "/dev/shm" : std::filesystem::temp_directory_path());
  const auto cpu_seconds = [] {
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    return static_cast<double>(used.ru_utime.tv_sec) +
           static_cast<double>(used.ru_utime.tv_usec) / 1e6;
  };
  const auto store = opened(fast.path());
  const auto run = store->begin_run("sync", at(0));
  const double before = cpu_seconds();
  for (int i = 0; i < 20'000; ++i) {
    const std::string uuid = "u" + std::to_string(i);
    store->settle(store->intend(intent(uuid, run)), "done", binding(uuid));
    store->put_known(uuid, {"1", "2", "3"});
  }
  EXPECT_EQ(store->bindings().size(), 20'000U);
  EXPECT_EQ(store->known().size(), 20'000U);
  const double seconds = cpu_seconds() - before;
  RecordProperty("cpu_milliseconds", static_cast<int>(seconds * 1000));
  EXPECT_LT(seconds, 30) << "a sanitizer build takes about a tenth of this";
}

}  // namespace
}  // namespace twinlake::state
