// Somebody is asked whose change counts, and what was answered is what happens.
#include "app/conflict_questions.h"

#include <gtest/gtest.h>

#include <sstream>

namespace twinlake::app {
namespace {

using engine::ObjectReport;
using engine::OnConflict;

std::vector<ObjectReport> three() {
  std::vector<ObjectReport> objects;
  for (const char* address : {"job:\"a\"", "job:\"b\"", "job:\"c\""})
    objects.push_back({address, "job", "none", "conflict", "was changed on both sides", "", true});
  return objects;
}

std::string answered(const std::string& typed) {
  std::istringstream from(typed);
  std::ostringstream to;
  std::string text;
  for (const auto& [address, policy] : ask_about(three(), from, to))
    text += address + "=" + std::string(engine::name_of(policy)) + " ";
  return text;
}

TEST(ConflictQuestions, EachIsAskedAndWhatIsSkippedStaysUndecided) {
  EXPECT_EQ(answered("p\ns\nk\n"), "job:\"a\"=primary job:\"b\"=keep ");
  EXPECT_EQ(answered("primary\n skip \nsecondary\r\n"), "job:\"a\"=primary job:\"c\"=keep ");
}

TEST(ConflictQuestions, ACapitalAnswersAllThatFollow) {
  EXPECT_EQ(answered("s\nP\n"), "job:\"a\"=keep job:\"b\"=primary job:\"c\"=primary ");
  EXPECT_EQ(answered("p\nK\n"), "job:\"a\"=primary ");
}

TEST(ConflictQuestions, NobodyThereDecidesNothing) {
  EXPECT_EQ(answered(""), "");
  EXPECT_EQ(answered("p\n"), "job:\"a\"=primary ");
}

TEST(ConflictQuestions, WhatIsNoAnswerIsAskedAgain) {
  std::istringstream from("yes\n\np\nk\nk\n");
  std::ostringstream to;
  EXPECT_EQ(ask_about(three(), from, to).size(), 1U);
  const std::string told = to.str();
  EXPECT_NE(told.find("1 of 3: job:\"a\" was changed on both sides"), std::string::npos) << told;
  std::size_t questions = 0;
  for (std::size_t at = told.find("Whose counts?"); at != std::string::npos;
       at = told.find("Whose counts?", at + 1))
    ++questions;
  EXPECT_EQ(questions, 5U);
}

TEST(ConflictQuestions, OnlyWhatSomebodyHasToDecideIsAskedAbout) {
  engine::SyncReport report;
  report.objects = three();
  report.objects[1].asks = false;
  EXPECT_EQ(undecided_of(report).size(), 2U);
}

}  // namespace
}  // namespace twinlake::app
