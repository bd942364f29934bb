#pragma once
// SQL statement execution: /api/2.0/sql/statements. A statement waits for its warehouse, which it
// starts, runs for a while and keeps its result for an hour.
//
// POST /sim/statements changes how long things take (StatementSettings).
#include <cstdint>
#include <string>

#include "simulator/body.h"
#include "simulator/metastore/metastore.h"
#include "simulator/service.h"
#include "simulator/shelf.h"
#include "simulator/warehouse/statement_results.h"

namespace twinlake::simulator {

struct StatementSettings {
  std::int64_t start_millis = 5000;     ///< of a warehouse that a statement starts
  std::int64_t execution_millis = 400;  ///< of each statement
  std::int64_t inline_bytes = 26'214'400;
  std::int64_t rows_per_chunk = 5000;
  bool cancel_works = true;                ///< false: answered with 200, and nothing happens
  std::string catalog = "hive_metastore";  ///< where a request names none
};

class Statements : public Service {
 public:
  explicit Statements(Region& region);
  [[nodiscard]] json world() const override;
  /// Runs what is due by now, in its order.
  void settle() { settle(region_.now_millis()); }

 private:
  struct Statement {
    enum class State { waiting, succeeded, failed, canceled };
    std::string id, warehouse, text;
    SqlSession session;
    SqlParameters parameters;
    ResultLimits limits;
    std::string format = "JSON_ARRAY";
    bool external = false;
    bool cancel_when_late = false;
    std::int64_t wait_millis = 10'000;
    std::int64_t created = 0;  ///< milliseconds, like all of these
    std::int64_t begins = 0;
    std::int64_t due = 0;
    std::int64_t last_poll = 0;
    std::int64_t ended = 0;
    State state = State::waiting;
    StatementResult result;
    SqlFailure failure;
  };

  http::Response execute(Call& call);
  http::Response get(Call& call);
  http::Response chunk(Call& call);
  http::Response cancel(Call& call);
  http::Response history(Call& call);
  http::Response linked_rows(Call& call);
  http::Response change_settings(const json& body);
  [[nodiscard]] Refusal read_request(const json& body, Statement& statement) const;
  [[nodiscard]] Refusal check_warehouse(const Statement& statement) const;
  void queue(Statement& statement);
  void settle(std::int64_t until);
  void run(Statement& statement);
  static void stop(Statement& statement, std::int64_t when);
  void stop_all_of(const std::string& warehouse);
  [[nodiscard]] Statement* find(const Call& call);
  [[nodiscard]] static std::string state_of(const Statement& statement, std::int64_t at);
  [[nodiscard]] static json shown(const Statement& statement, std::int64_t at);
  [[nodiscard]] static json result_of(const Statement& statement, std::size_t index,
                                      std::int64_t at);

  Region& region_;
  StatementSettings settings_;
  Shelf<Statement> statements_;
  bool settling_ = false;
};

}  // namespace twinlake::simulator
