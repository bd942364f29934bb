#include <unistd.h>

#include <array>

#include "state/store.h"
#include "state/testing.h"

namespace twinlake::state {
namespace {

class LocalLockTest : public testing::Test {
 protected:
  TemporaryFolder folder;
};

TEST_F(LocalLockTest, ExcludesAnotherProcessAndNamesTheOwner) {
  const auto mine = LocalLock::take(folder.path(), "prod");
  ASSERT_TRUE(mine);
  const std::string owner = "process " + std::to_string(getpid()) + ", since 20";
  EXPECT_TRUE(in_child([&] {
    const auto theirs = LocalLock::take(folder.path(), "prod");
    if (theirs || theirs.error().fault != Fault::refused) return false;
    return theirs.error().message.find(owner) != std::string::npos;
  }));
  EXPECT_TRUE(in_child([&] { return LocalLock::take(folder.path(), "dev").has_value(); }))
      << "another group is nobody's business";
}

TEST_F(LocalLockTest, IsFreeAgainAfterItsOwner) {
  {
    ASSERT_TRUE(LocalLock::take(folder.path(), "prod"));
  }
  EXPECT_TRUE(LocalLock::take(folder.path(), "prod"));
}

TEST_F(LocalLockTest, IsFreeAgainWhenTheOwnerWasKilled) {
  std::array<int, 2> ready{};
  ASSERT_EQ(pipe(ready.data()), 0);
  const pid_t owner = fork();
  if (owner == 0) {
    const auto lock = LocalLock::take(folder.path(), "prod");
    const char taken = lock ? 'y' : 'n';
    if (write(ready[1], &taken, 1) == 1) pause();
    _exit(0);
  }
  char taken = 'n';
  ASSERT_EQ(read(ready[0], &taken, 1), 1);
  ASSERT_EQ(taken, 'y');
  EXPECT_FALSE(LocalLock::take(folder.path(), "prod"));
  kill(owner, SIGKILL);
  waitpid(owner, nullptr, 0);
  EXPECT_TRUE(LocalLock::take(folder.path(), "prod"));
  close(ready[0]);
  close(ready[1]);
}

TEST_F(LocalLockTest, MovesWithItsOwner) {
  auto first = LocalLock::take(folder.path(), "prod");
  ASSERT_TRUE(first);
  const LocalLock second(std::move(*first));
  EXPECT_FALSE(LocalLock::take(folder.path(), "prod"));
}

TEST_F(LocalLockTest, InMemoryThereIsNothingToLock) {
  const auto one = LocalLock::take("memory", "prod");
  EXPECT_TRUE(one);
  EXPECT_TRUE(LocalLock::take("memory", "prod"));
}

TEST_F(LocalLockTest, AFolderThatCannotBeWrittenIsSaidSo) {
  std::filesystem::permissions(folder.path(), std::filesystem::perms(0555));
  EXPECT_TRUE(in_child([&] {
    become_ordinary_user();
    const auto lock = LocalLock::take(folder.path(), "prod");
    return !lock && lock.error().fault == Fault::io &&
           lock.error().hint.find("--state") != std::string::npos;
  }));
}

}  // namespace
}  // namespace twinlake::state
