#include "app/command_line.h"

#include <gtest/gtest.h>

#include <sstream>

#include "app/suggest.h"
#include "app/terminal.h"

namespace twinlake::app {
namespace {

class CommandLine : public testing::Test {
 protected:
  CommandLine() {
    root.name = "twinlake";
    root.about = "about";
    root.options = {{"--primary", "PROFILE", "Which", &primary},
                    {"-o,--output", "FORMAT", "How", &output, {"text", "json"}}};
    Command plan;
    plan.name = "plan";
    plan.about = "Show it";
    plan.options = {{"--out", "FILE", "Where", &out}, {"--all", "", "All", &all}};
    plan.examples = {"twinlake plan"};
    plan.run = [](const Globals&) -> Result<ExitCode> { return ExitCode::good; };
    Command simulate = plan;
    simulate.name = "simulate";
    simulate.options = {{"--primary", "ADDR:PORT", "Where", &address},
                        {"--seed", "N", "From", &seed}};
    Command state;
    state.name = "state";
    state.about = "State";
    Command check = plan;
    check.name = "check";
    check.options.clear();
    state.subcommands = {check};
    root.subcommands = {plan, simulate, state};
  }

  Command root;
  std::string primary, output = "text", out, address;
  std::int64_t seed = 0;
  bool all = false;
};

TEST_F(CommandLine, GlobalOptionsStandBeforeOrBehindTheCommand) {
  auto parsed =
      parse_command_line(root, {"--primary", "a", "plan", "--all", "-o", "json", "--out=f"});
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(parsed->command->name, "plan");
  EXPECT_EQ(primary, "a");
  EXPECT_EQ(output, "json");
  EXPECT_EQ(out, "f");
  EXPECT_TRUE(all);
}

TEST_F(CommandLine, ACommandMayUseTheNameOfAGlobalOption) {
  ASSERT_TRUE(parse_command_line(root, {"simulate", "--primary", "127.0.0.1:1", "--seed", "7"}));
  EXPECT_EQ(address, "127.0.0.1:1");
  EXPECT_EQ(seed, 7);
  EXPECT_EQ(primary, "");
}

TEST_F(CommandLine, AListIsGivenAgainForMoreAndAPairAtOnce) {
  std::vector<std::string> jobs;
  std::vector<std::string> pair;
  root.subcommands[0].options.push_back({"--run", "JOB", "Which", &jobs});
  root.subcommands[0].options.push_back({"--tls", "CERT KEY", "Both", &pair});
  const auto parsed =
      parse_command_line(root, {"plan", "--run", "a b", "--tls", "c", "k", "--run=c"});
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(jobs, (std::vector<std::string>{"a b", "c"}));
  EXPECT_EQ(pair, (std::vector<std::string>{"c", "k"}));
  EXPECT_FALSE(parse_command_line(root, {"plan", "--tls", "c"}));
}

struct Wrong {
  std::vector<std::string> words;
  const char* message;
  const char* hint;
};

TEST_F(CommandLine, WhatIsWrongIsSaidWithASuggestion) {
  const std::vector<Wrong> rows = {
      {{"plna"}, "`twinlake` has no command `plna`", "Did you mean `plan`?"},
      {{"plan", "--al"}, "`twinlake plan` has no option `--al`", "Did you mean `--all`?"},
      {{"--primry", "x", "plan"}, "no option `--primry`", "Did you mean `--primary`?"},
      {{"zzzzzzzz"}, "no command `zzzzzzzz`", "`twinlake --help`"},
      {{"plan", "extra"}, "nothing to do with `extra`", "`twinlake plan --help`"},
      {{"-o", "xml", "plan"}, "xml", "--help"},
      {{"simulate", "--seed", "many"}, "many", "--help"},
      {{"simulate", "--seed", "-1"}, "below 0", "--help"},
      {{"simulate", "--seed=-1"}, "below 0", "--help"},
      {{"state"}, "needs to know what to do", "check"},
      {{"plan", "--out"}, "--out", "--help"},
  };
  for (const Wrong& row : rows) {
    const auto parsed = parse_command_line(root, row.words);
    ASSERT_FALSE(parsed) << row.message;
    EXPECT_EQ(parsed.error().fault, Fault::config);
    EXPECT_NE(parsed.error().message.find(row.message), std::string::npos)
        << parsed.error().message;
    EXPECT_NE(parsed.error().hint.find(row.hint), std::string::npos) << parsed.error().hint;
  }
}

TEST_F(CommandLine, EveryHelpHasExitCodesAndFitsThePage) {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{}, {"--help"}, {"plan", "-h"}, {"state", "check", "--help"}}) {
    const auto parsed = parse_command_line(root, words);
    ASSERT_TRUE(parsed) << parsed.error().message;
    EXPECT_EQ(parsed->command, nullptr);
    EXPECT_NE(parsed->text.find("10  not ready for failover"), std::string::npos);
    std::istringstream lines(parsed->text);
    for (std::string line; std::getline(lines, line);)
      EXPECT_LE(width_of(line), page_width) << line;
  }
  EXPECT_NE(parse_command_line(root, {"plan", "--help"})->text.find("--out FILE"),
            std::string::npos);
}

TEST_F(CommandLine, CompletionKnowsCommandsOptionsAndChoices) {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const std::string script = completion_script(root, shell);
    for (const char* word : {"plan", "simulate", "seed", "check", "text json"})
      EXPECT_NE(script.find(word), std::string::npos) << shell << " " << word;
  }
}

TEST(Suggest, FindsNearWordsOnly) {
  EXPECT_EQ(nearest("recncile", {"plan", "reconcile"}), "reconcile");
  EXPECT_EQ(nearest("palns", {"plan"}), "plan");
  EXPECT_EQ(nearest("rec", {"plan", "reconcile"}), "reconcile");
  EXPECT_EQ(nearest("xyz", {"plan", "reconcile"}), "");
}

}  // namespace
}  // namespace twinlake::app
