#pragma once
// The state of a machine as another program would read it: straight from its file, by nothing of ours.
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/side.h"

namespace SQLite {
class Database;
class Statement;
}

namespace twinlake::simulation {

class Journal {
 public:
  /// Of the state in that folder; nothing is opened before it is there.
  explicit Journal(std::string folder);
  ~Journal();

  struct Intent {
    std::string uuid;
    std::string kind;
    std::string key;
    std::string action;
    std::string target_id;
    std::int64_t started = 0;  ///< microseconds
  };
  /// Writes to a side that were begun and whose end is not written down.
  [[nodiscard]] std::vector<Intent> open_intents(model::Side side);
  [[nodiscard]] int intents_in_doubt();
  /// What the other side calls the object with this id on `side`; nothing when the id is not known there.
  struct Bound {
    std::optional<std::string> other_id;
    std::string key;  ///< as the journal calls it
    bool made_by_us = false;  ///< and on this side
  };
  [[nodiscard]] std::optional<Bound> bound(model::Side side, const std::string& id);
  /// Keys by id, of all that the id map knows on a side.
  [[nodiscard]] std::map<std::string, std::string> keys_by_id(model::Side side);
  struct Held {
    std::string kind;
    std::string place;
  };
  /// What is on record of triggers.
  [[nodiscard]] std::vector<Held> held();
  [[nodiscard]] std::optional<model::Side> primary();
  /// Who becomes primary in a failover that was begun and is not over.
  [[nodiscard]] std::optional<model::Side> failing_over_to();
  /// The program has ended: its file may be another one now.
  void close();

 private:
  class Query;
  SQLite::Database* open();
  [[nodiscard]] std::optional<model::Side> side_in(const char* query);
  std::string folder_;
  std::unique_ptr<SQLite::Database> database_;
  std::map<std::string, std::unique_ptr<SQLite::Statement>> statements_;  ///< compiled, by their text
};

}  // namespace twinlake::simulation
