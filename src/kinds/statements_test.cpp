// SQL on a warehouse: what a statement comes to, and what becomes of the warehouse.
#include "workspace/statements.h"

#include <gtest/gtest.h>

#include <deque>

#include "kinds/test_side.h"
#include "workspace/sql_runner.h"

namespace twinlake::kinds {
namespace {

using http::Method;
using nlohmann::json;
using workspace::Statement;
using workspace::WarehouseOptions;
using Afterwards = WarehouseOptions::Afterwards;

/// Lets everything through and counts how many are under way.
class Counting : public http::Transport {
 public:
  explicit Counting(http::Transport& inner) : inner_(inner) {}
  Task<Result<http::Response>> send(http::Request request) override {
    const bool counts = request.method == Method::post;
    most = std::max(most, now_ += counts ? 1 : 0);
    auto answer = co_await inner_.send(std::move(request));
    now_ -= counts ? 1 : 0;
    co_return answer;
  }
  int most = 0;

 private:
  http::Transport& inner_;
  int now_ = 0;
};

/// Answers as told, and counts how often a statement is begun.
class Told : public http::Transport {
 public:
  Task<Result<http::Response>> send(http::Request request) override {
    if (request.method == Method::post) ++posts;
    std::string body = answers.front();
    if (answers.size() > 1) answers.pop_front();
    co_return http::Response(200, std::move(body));
  }
  std::deque<std::string> answers;
  int posts = 0;
};

class StatementsOnAWarehouse : public ::testing::Test {
 protected:
  StatementsOnAWarehouse() {
    const json listed = side.send(Method::get, "/api/2.0/sql/warehouses");
    warehouse = text_at(listed, "/warehouses/0/id");
    name = text_at(listed, "/warehouses/0/name");
  }
  Result<workspace::SqlRows> run(const std::string& text,
                                 Micros deadline = std::chrono::minutes(15)) {
    Statement statement;
    statement.text = text;
    statement.deadline = deadline;
    return loop.run(workspace::run_statement(side.workspace, warehouse, statement));
  }
  std::string state() {
    return text_at(side.send(Method::get, "/api/2.0/sql/warehouses/" + warehouse), "/state");
  }
  std::string last_statement_state() {
    const json world = side.region.world();
    return text_at(world.at("sql_statements").back(), "/state");
  }

  Loop loop{Loop::Clock::virtual_time};
  TestSide side{loop, model::Side::home, simulator::RegionOptions{}};
  std::string warehouse;
  std::string name;
};

TEST_F(StatementsOnAWarehouse, ValuesAreTextsByPosition) {
  const auto rows = run("SELECT 1 AS one, 'two' AS second, NULL");
  ASSERT_TRUE(rows) << describe(rows.error());
  EXPECT_EQ(rows->rows, (std::vector<std::vector<std::string>>{{"1", "two", ""}}));
  EXPECT_EQ(rows->columns.front(), "one");
  EXPECT_EQ(workspace::SqlRows::value(rows->rows[0], 7), "") << "fewer columns are no accident";
}

TEST_F(StatementsOnAWarehouse, LongResultsComeInChunks) {
  side.send(Method::post, "/sim/statements", {{"rows_per_chunk", 2}});
  for (int i = 0; i < 5; ++i)
    ASSERT_TRUE(run("CREATE TABLE t" + std::to_string(i) + " (a INT) USING csv"));
  const auto rows = run("SHOW TABLES");
  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->rows.size(), 5U);
  EXPECT_EQ(rows->rows[4][1], "t4");
}

TEST_F(StatementsOnAWarehouse, AFailureInsideASuccessIsAnError) {
  const auto rows = run("DESCRIBE TABLE nothing");
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().fault, Fault::not_found);
  EXPECT_EQ(rows.error().service_code, "TABLE_OR_VIEW_NOT_FOUND");
  const auto wrong = run("MAKE SENSE");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().fault, Fault::invalid);
  EXPECT_EQ(wrong.error().service_code, "PARSE_SYNTAX_ERROR");
}

TEST_F(StatementsOnAWarehouse, ALongOneIsWaitedFor) {
  side.send(Method::post, "/sim/statements", {{"execution_millis", 600'000}});
  EXPECT_TRUE(run("SELECT 1"));
}

TEST_F(StatementsOnAWarehouse, AtTheDeadlineItIsCancelled) {
  side.send(Method::post, "/sim/statements", {{"execution_millis", 6'000'000}});
  const auto rows = run("SELECT 1", std::chrono::minutes(2));
  ASSERT_FALSE(rows);
  EXPECT_NE(rows.error().message.find("did not end in time"), std::string::npos);
  EXPECT_EQ(last_statement_state(), "CANCELED");
  side.send(Method::post, "/sim/statements", {{"cancel_works", false}});
  const auto deaf = run("SELECT 2", std::chrono::minutes(2));
  ASSERT_FALSE(deaf);
  EXPECT_EQ(deaf.error().fault, Fault::in_doubt) << "it may still be done";
}

TEST_F(StatementsOnAWarehouse, WhatCannotBeServedNowIsTriedAgainOnlyWhereThatIsSafe) {
  const std::string busy =
      R"({"statement_id":"1","status":{"state":"FAILED","error":{"error_code":"TEMPORARILY_UNAVAILABLE","message":"busy"}}})";
  const std::string good = R"({"statement_id":"2","status":{"state":"SUCCEEDED"}})";
  for (const http::Repeat repeat : {http::Repeat::safe, http::Repeat::unsafe}) {
    Told told;
    told.answers = {busy, busy, good};
    workspace::Workspace at(loop, model::Side::home, told, workspace::Self{}, "/tmp");
    Statement statement;
    statement.text = "SELECT 1";
    statement.repeat = repeat;
    const auto rows = loop.run(workspace::run_statement(at, "w", statement));
    EXPECT_EQ(rows.has_value(), repeat == http::Repeat::safe);
    EXPECT_EQ(told.posts, repeat == http::Repeat::safe ? 3 : 1);
  }
}

/// It was begun, and nobody hears how it ends.
TEST_F(StatementsOnAWarehouse, OneThatNobodyCanAskForIsInDoubt) {
  const std::string begun = R"({"statement_id":"1","status":{"state":"RUNNING"}})";
  for (const http::Repeat repeat : {http::Repeat::safe, http::Repeat::unsafe}) {
    Told told;
    told.answers = {begun, "no JSON"};
    workspace::Workspace at(loop, model::Side::home, told, workspace::Self{}, "/tmp");
    Statement statement;
    statement.text = "DROP VIEW v";
    statement.repeat = repeat;
    const auto rows = loop.run(workspace::run_statement(at, "w", statement));
    ASSERT_FALSE(rows);
    EXPECT_EQ(rows.error().fault == Fault::in_doubt, repeat == http::Repeat::unsafe);
  }
}

TEST_F(StatementsOnAWarehouse, ErrorClassesAreFoundInMessages) {
  EXPECT_EQ(workspace::error_class_of("[TABLE_OR_VIEW_NOT_FOUND] The table"),
            "TABLE_OR_VIEW_NOT_FOUND");
  EXPECT_EQ(workspace::error_class_of("org.x: [A.B_1] y"), "A.B_1");
  for (const char* none : {"", "no class", "[not a class] x", "[", "]["})
    EXPECT_EQ(workspace::error_class_of(none), "");
}

Task<void> run_one(workspace::SqlRunner* runner, int* failures) {
  Statement statement;
  statement.text = "SELECT 1";
  auto rows = co_await runner->run(statement);
  if (!rows) ++*failures;
}

Task<void> run_many(Loop* loop, workspace::SqlRunner* runner, int count, int* failures) {
  TaskGroup all(*loop);
  for (int i = 0; i < count; ++i) all.start(run_one(runner, failures));
  co_await all.join();
}

workspace::WarehouseJournal counted(int* starts, int* stops) {
  workspace::WarehouseJournal journal;
  journal.starting = [starts](const std::string&) { ++*starts; };
  journal.stopped = [stops] { ++*stops; };
  return journal;
}

TEST_F(StatementsOnAWarehouse, AFewRunAtATimeAndItIsStoppedAgain) {
  Counting counting(side.transport);
  workspace::Workspace at(loop, model::Side::home, counting, side.workspace.self(), "/tmp");
  int starts = 0, stops = 0, failures = 0;
  workspace::SqlRunner runner(at, WarehouseOptions{name, Afterwards::stop},
                              counted(&starts, &stops));
  loop.run(run_many(&loop, &runner, 40, &failures));
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(counting.most, 8);
  EXPECT_EQ(state(), "RUNNING");
  ASSERT_TRUE(loop.run(runner.close()));
  EXPECT_NE(state(), "RUNNING");
  EXPECT_EQ(starts, 1);
  EXPECT_EQ(stops, 1);
}

TEST_F(StatementsOnAWarehouse, OneThatRanBeforeIsLeftRunning) {
  ASSERT_TRUE(run("SELECT 1"));
  int starts = 0, stops = 0, failures = 0;
  workspace::SqlRunner runner(side.workspace, WarehouseOptions{warehouse, Afterwards::stop},
                              counted(&starts, &stops));
  loop.run(run_many(&loop, &runner, 1, &failures));
  ASSERT_TRUE(loop.run(runner.close()));
  EXPECT_EQ(state(), "RUNNING");
  EXPECT_EQ(starts + stops + failures, 0);
}

TEST_F(StatementsOnAWarehouse, OneThatWouldNeverStopIsNotStartedWherePeopleWork) {
  side.send(Method::post, "/api/2.0/sql/warehouses/" + warehouse + "/edit",
            {{"auto_stop_mins", 0}});
  side.send(Method::post, "/api/2.0/sql/warehouses/" + warehouse + "/stop", json::object());
  side.region.advance(std::chrono::minutes(5));
  int starts = 0, stops = 0;
  workspace::SqlRunner runner(side.workspace, WarehouseOptions{warehouse, Afterwards::leave},
                              counted(&starts, &stops));
  Statement statement;
  statement.text = "SELECT 1";
  const auto rows = loop.run(runner.run(statement));
  ASSERT_FALSE(rows);
  EXPECT_NE(rows.error().message.find("never stop by itself"), std::string::npos)
      << rows.error().message;
  EXPECT_EQ(state(), "STOPPED");
}

TEST_F(StatementsOnAWarehouse, AMisspeltOneIsToldWithThoseThatThereAre) {
  int starts = 0, stops = 0;
  workspace::SqlRunner runner(side.workspace, WarehouseOptions{"misspelt", Afterwards::stop},
                              counted(&starts, &stops));
  Statement statement;
  statement.text = "SELECT 1";
  const auto rows = loop.run(runner.run(statement));
  ASSERT_FALSE(rows);
  EXPECT_NE(rows.error().hint.find(name), std::string::npos);
}

}  // namespace
}  // namespace twinlake::kinds
