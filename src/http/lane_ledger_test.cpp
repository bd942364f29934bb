#include "http/lane_ledger.h"

#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fcntl.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace twinlake::http {
namespace {

constexpr Lane shared_table[] = {
    {"slow", Method::post, false, "/slow", 10, 4, "test"},
    {"free", Method::get, true, "/", 0, 3, "test"},
};

class LedgerTest : public ::testing::Test {
 protected:
  LedgerTest() {
    std::string name = ::testing::TempDir() + "ledger-XXXXXX";
    folder = mkdtemp(name.data());
    file = folder + "/1.lanes";
  }
  ~LedgerTest() override { std::filesystem::remove_all(folder); }

  std::unique_ptr<LaneLedger> open() {
    return make_shared_ledger(
        loop, shared_table, {file, [this](const std::string& why) { troubles.push_back(why); }});
  }
  static double rate_in(LaneLedger& ledger, std::size_t lane = 0) {
    double rate = -1;
    ledger.visit(lane, [&](LaneRecord& record) { rate = record.rate; });
    return rate;
  }
  static void set(LaneLedger& ledger, double rate, std::size_t lane = 0) {
    ledger.visit(lane, [&](LaneRecord& record) { record.rate = rate; });
  }

  Loop loop{Loop::Clock::virtual_time};
  std::string folder, file;
  std::vector<std::string> troubles;
};

TEST_F(LedgerTest, WhatOneLearnsTheOtherKnows) {
  const auto one = open();
  const auto other = open();
  set(*one, 7);
  EXPECT_EQ(rate_in(*other), 7);
  EXPECT_EQ(rate_in(*other, 1), 0) << "of another lane nothing is known";
  set(*other, 3, 1);
  EXPECT_EQ(rate_in(*one, 1), 3);
  EXPECT_EQ(rate_in(*open()), 7) << "who comes later knows it too";
  struct stat facts{};
  ASSERT_EQ(stat(file.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600U);
  EXPECT_TRUE(troubles.empty());
}

TEST_F(LedgerTest, ARemovedFileIsMadeAnewAndSharedAgain) {
  const auto one = open();
  set(*one, 7);
  std::filesystem::remove(file);
  const auto other = open();
  set(*other, 5);
  EXPECT_EQ(rate_in(*one), 5);
  EXPECT_TRUE(troubles.empty());
}

TEST_F(LedgerTest, ADamagedFileBeginsAnew) {
  std::ofstream(file) << std::string(5000, 'x');
  const auto one = open();
  EXPECT_EQ(rate_in(*one), 0);
  set(*one, 4);
  EXPECT_EQ(rate_in(*open()), 4);
  std::filesystem::resize_file(file, 200);
  EXPECT_EQ(rate_in(*one), 0) << "a record that was cut off is a new one";
  set(*one, 6);
  EXPECT_EQ(rate_in(*one), 6);
  EXPECT_TRUE(troubles.empty());
}

TEST_F(LedgerTest, WithoutAFileItWorksAloneAndSaysSoOnce) {
  std::filesystem::create_directory(file);  // a folder cannot be opened, whoever one is
  const auto one = open();
  const auto other = open();
  set(*one, 7);
  set(*one, 8, 1);
  EXPECT_EQ(rate_in(*one), 7);
  EXPECT_EQ(rate_in(*other), 0);
  ASSERT_EQ(troubles.size(), 2U) << "one each";
  EXPECT_NE(troubles[0].find(file + " cannot be opened: Is a directory"), std::string::npos);
}

TEST_F(LedgerTest, ALinkIsNotFollowed) {
  const std::string victim = folder + "/victim";
  std::ofstream(victim) << "precious";
  std::filesystem::create_symlink(victim, file);
  const auto one = open();
  set(*one, 7);
  EXPECT_EQ(rate_in(*one), 7);
  EXPECT_EQ(std::filesystem::file_size(victim), 8U);
  EXPECT_EQ(troubles.size(), 1U);
}

TEST_F(LedgerTest, WhoHoldsItForTooLongIsNotWaitedFor) {
  const auto one = open();
  set(*one, 7);
  const int stopped = ::open(file.c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_EQ(flock(stopped, LOCK_EX), 0);
  EXPECT_EQ(rate_in(*one), 0) << "this time alone";
  close(stopped);
  EXPECT_EQ(rate_in(*one), 7) << "and then together again";
  EXPECT_TRUE(troubles.empty());
}

TEST_F(LedgerTest, AProcessOfAnotherStartHasTheSameClock) {
  Loop one(Loop::Clock::real);
  Loop other(Loop::Clock::real);
  const auto first = make_shared_ledger(one, shared_table, {file, {}});
  const auto second = make_shared_ledger(other, shared_table, {file, {}});
  const auto apart = second->shared(other.now()) - first->shared(one.now());
  EXPECT_LT(std::chrono::abs(apart), std::chrono::seconds(1));
  // Not the wall clock, which may be set while they run.
  const auto steady = std::chrono::steady_clock::now().time_since_epoch();
  EXPECT_LT(std::chrono::abs(first->shared(one.now()).time_since_epoch() - steady),
            std::chrono::seconds(1));
}

TEST(LedgerName, IsOfAWorkspaceAndATable) {
  const std::string name = shared_ledger_name("1234567890", shared_table);
  EXPECT_TRUE(name.starts_with("1234567890-") && name.ends_with(".lanes")) << name;
  EXPECT_NE(name, shared_ledger_name("1234567891", shared_table));
  EXPECT_NE(name, shared_ledger_name("1234567890", lanes()));
  EXPECT_NE(shared_ledger_name("1234567890", lanes()),
            shared_ledger_name("1234567890", lanes_without_rates()));
  EXPECT_EQ(shared_ledger_name("https://../../x", shared_table).find('/'), std::string::npos);
}

}  // namespace
}  // namespace twinlake::http
