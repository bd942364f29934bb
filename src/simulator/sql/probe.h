#pragma once
// For tests: SQL in one line.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "simulator/body.h"
#include "simulator/identity/identity.h"
#include "simulator/metastore/metastore.h"
#include "simulator/probe.h"

namespace twinlake::simulator {

class SqlTest : public testing::Test {
 protected:
  using Rows = std::vector<std::vector<std::string>>;

  SqlTest() { session.caller = "replicator@twinlake.example"; }

  /// Rows of an answer, null as "NULL"; a failure is one row that tells it.
  static Rows rows_of(const SqlAnswer& answered) {
    if (!answered) return {{answered.error().message}};
    Rows rows;
    for (const SqlRow& row : answered->rows) {
      rows.emplace_back();
      for (const auto& value : row) rows.back().push_back(value.value_or("NULL"));
    }
    return rows;
  }
  SqlAnswer answer_of(const std::string& statement) {
    return probe.region().get<Metastore>().run(statement, session);
  }
  Rows rows(const std::string& statement) { return rows_of(answer_of(statement)); }
  /// The first value of the answer.
  std::string value(const std::string& statement) {
    const Rows found = rows(statement);
    return found.empty() || found[0].empty() ? "" : found[0][0];
  }
  void run(const std::string& statement) {
    const SqlAnswer answered = answer_of(statement);
    EXPECT_TRUE(answered) << statement << ": " << answered.error().message;
  }
  /// The error class of a statement, or its message when it has none; "" when it succeeds.
  std::string failure(const std::string& statement) {
    const SqlAnswer answered = answer_of(statement);
    if (answered) return "";
    const SqlFailure& failure = answered.error();
    return failure.error_class.empty() ? failure.message : failure.error_class;
  }
  std::string names(const std::string& statement) {
    std::string out;
    const SqlAnswer answered = answer_of(statement);
    if (!answered) return answered.error().message;
    for (const SqlColumn& column : answered->columns) out += (out.empty() ? "" : ",") + column.name;
    return out;
  }
  /// Value of the row that begins with this word.
  std::string detail(const std::string& statement, const std::string& key) {
    for (const auto& row : rows(statement))
      if (row.size() > 1 && row[0] == key) return row[1];
    return "(none)";
  }
  void make_user(const std::string& name) {
    probe.region().get<Identity>().ensure_user(name, false);
  }
  void make_group(const std::string& name, const std::string& member) {
    json body = json::object({{"displayName", name}});
    if (const Principal* found = probe.region().get<Identity>().find_any(member))
      body["members"] = json::array({json::object({{"value", found->id}})});
    EXPECT_EQ(probe.post("/api/2.0/preview/scim/v2/Groups", body).status, 201) << name;
  }
  void as(const std::string& caller) { session.caller = caller; }
  void set(const char* key, const json& value) {
    json body = json::object();
    body[key] = value;
    EXPECT_EQ(probe.post("/sim/metastore", body).status, 200) << key;
  }

  Probe probe;
  SqlSession session;
};

}  // namespace twinlake::simulator
