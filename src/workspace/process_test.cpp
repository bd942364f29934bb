#include "workspace/process.h"

#include <gtest/gtest.h>

namespace twinlake::workspace {
namespace {

using namespace std::chrono_literals;

Result<ProcessOutput> run(std::vector<std::string> arguments, Millis limit = 30s) {
  Loop loop;
  return loop.run(run_process(loop, std::move(arguments), limit));
}

TEST(Process, CollectsBothStreamsAndTheExitCode) {
  const auto output = run({"sh", "-c", "echo out; echo err >&2; exit 3"});
  ASSERT_TRUE(output);
  EXPECT_EQ(output->exit_code, 3);
  EXPECT_EQ(output->out, "out\n");
  EXPECT_EQ(output->err, "err\n");
}

TEST(Process, ArgumentsAreNotSeenByAShell) {
  EXPECT_EQ(run({"printf", "%s", "$HOME; `id` \"x\""})->out, "$HOME; `id` \"x\"");
}

TEST(Process, MuchOutputDoesNotBlock) {
  const auto output = run({"sh", "-c", "head -c 3000000 /dev/zero; head -c 3000000 /dev/zero >&2"});
  ASSERT_TRUE(output);
  EXPECT_GE(output->out.size(), std::size_t{1} << 20U);
  EXPECT_LT(output->out.size(), 1'100'000U) << "memory is bounded";
}

TEST(Process, HasNoInputAndNoneOfOurDescriptors) {
  EXPECT_EQ(run({"cat"})->out, "");
  EXPECT_EQ(run({"sh", "-c", "ls /proc/self/fd | wc -l"})->out, "4\n") << "0, 1, 2 and that of ls";
}

TEST(Process, IsGivenATextAndVariables) {
  Loop loop;
  ProcessInput input;
  input.text = "{\"group\": \"first\"}";
  input.environment = {{"TWINLAKE_GROUP", "first"}, {"HOME", "/elsewhere"}};
  const auto output =
      loop.run(run_process(loop, {"sh", "-c", "cat; echo \" $TWINLAKE_GROUP $HOME\""}, 30s, input));
  ASSERT_TRUE(output);
  EXPECT_EQ(output->out, "{\"group\": \"first\"} first /elsewhere\n");
}

TEST(Process, WhatItStartedIsEndedWithIt) {
  Loop loop;
  ProcessInput input;
  input.own_group = true;
  // The child keeps the pipe open: were it left alive, the read below would find nobody gone.
  const auto output =
      loop.run(run_process(loop, {"sh", "-c", "sleep 600 & echo $! >&2; wait"}, 300ms, input));
  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().fault, Fault::unavailable);
}

TEST(Process, AMissingProgramIsToldAsSuch) {
  const auto output = run({"twinlake-no-such-program"});
  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().fault, Fault::config);
}

TEST(Process, ASignalIsAnExitCode) {
  EXPECT_EQ(run({"sh", "-c", "kill -TERM $$"})->exit_code, 128 + 15);
}

TEST(Process, ALimitEndsIt) {
  const auto output = run({"sleep", "600"}, 50ms);
  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().fault, Fault::unavailable);
}

TEST(Process, ADestroyedWaiterEndsIt) {
  Loop loop;
  Task<Result<ProcessOutput>> task = run_process(loop, {"sleep", "600"}, 600s);
  task.resume();
  EXPECT_FALSE(task.done());
}

}  // namespace
}  // namespace twinlake::workspace
