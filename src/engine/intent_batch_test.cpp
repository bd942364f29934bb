#include "engine/intent_batch.h"

#include <gtest/gtest.h>

#include <set>

namespace twinlake::engine {
namespace {

state::Intent create_of(const std::string& uuid, std::int64_t run = 0) {
  state::Intent intent;
  intent.run = run;
  intent.uuid = uuid;
  intent.kind = "thing";
  intent.key = uuid;
  intent.action = "create";
  return intent;
}

class IntentBatchTest : public testing::Test {
 protected:
  Task<void> intend(std::string uuid, Micros after, std::int64_t run) {
    co_await loop_.sleep(after);
    try {
      ids_.insert(co_await batch_.intend(create_of(uuid, run)));
      // It must be in the journal before anybody acts on it.
      seen_.push_back(store_->in_doubt().size());
    } catch (const state::StateFailure&) {
      ++failures_;
    }
  }

  Task<void> intend_many(int count, Micros apart, std::int64_t run = 0) {
    TaskGroup group(loop_);
    for (int i = 0; i < count; ++i) group.start(intend("u" + std::to_string(i), i * apart, run));
    co_await group.join();
  }

  Loop loop_{Loop::Clock::virtual_time};
  std::unique_ptr<state::Store> store_ = std::move(*state::Store::open("memory", "prod"));
  IntentBatch batch_{loop_, *store_};
  std::set<std::int64_t> ids_;
  std::vector<std::size_t> seen_;
  int failures_ = 0;
};

TEST_F(IntentBatchTest, WhatComesTogetherIsCommittedTogether) {
  loop_.run(intend_many(20, Micros(100)));
  EXPECT_EQ(ids_.size(), 20U);
  EXPECT_EQ(seen_, std::vector<std::size_t>(20, 20)) << "each saw the whole batch in the journal";
}

TEST_F(IntentBatchTest, NobodyWaitsForWhatComesLater) {
  loop_.run(intend_many(3, std::chrono::seconds(1)));
  EXPECT_EQ(seen_, (std::vector<std::size_t>{1, 2, 3}));
}

TEST_F(IntentBatchTest, AFailureOfTheStateReachesEachOfTheBatch) {
  loop_.run(intend_many(5, Micros(100), 99));  // there is no run 99
  EXPECT_EQ(failures_, 5);
  EXPECT_TRUE(store_->in_doubt().empty());
}

}  // namespace
}  // namespace twinlake::engine
