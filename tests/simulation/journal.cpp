#include "simulation/journal.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <unistd.h>

namespace twinlake::simulation {

Journal::Journal(std::string folder) : folder_(std::move(folder)) {}
Journal::~Journal() = default;
void Journal::close() {
  statements_.clear();
  database_.reset();
}

/// One use of a statement, which reads no more once that is over: a reader at work would keep the program's disk busy.
class Journal::Query {
 public:
  Query(Journal& journal, const char* text) {
    auto& compiled = journal.statements_[text];
    if (!compiled) compiled = std::make_unique<SQLite::Statement>(*journal.database_, text);
    statement_ = compiled.get();
  }
  ~Query() { statement_->tryReset(); }
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;
  SQLite::Statement* operator->() { return statement_; }

 private:
  SQLite::Statement* statement_;
};

SQLite::Database* Journal::open() {
  const std::string path = folder_ + "/main.sqlite";
  if (!database_ && access(path.c_str(), F_OK) == 0) {
    database_ = std::make_unique<SQLite::Database>(path, SQLite::OPEN_READONLY, 1000);
    // A machine may die while it makes the file.
    if (!database_->tableExists("intent")) database_.reset();
  }
  return database_.get();
}

std::vector<Journal::Intent> Journal::open_intents(model::Side side) {
  std::vector<Intent> intents;
  if (open() == nullptr) return intents;
  Query row(*this, "SELECT uuid, kind, natural_key, action, target_id, started FROM intent WHERE outcome IS NULL AND side = ?");
  row->bind(1, std::string(model::name_of(side)));
  while (row->executeStep())
    intents.push_back({row->getColumn(0), row->getColumn(1), row->getColumn(2), row->getColumn(3), row->getColumn(4), row->getColumn(5).getInt64()});
  return intents;
}

std::vector<Journal::Held> Journal::held() {
  std::vector<Held> held;
  if (open() == nullptr) return held;
  Query row(*this, "SELECT DISTINCT kind, place FROM hold JOIN binding USING (uuid)");
  while (row->executeStep()) held.push_back({row->getColumn(0), row->getColumn(1)});
  return held;
}

int Journal::intents_in_doubt() {
  return open() == nullptr ? 0 : database_->execAndGet("SELECT count(*) FROM intent WHERE outcome IS NULL").getInt();
}

std::optional<Journal::Bound> Journal::bound(model::Side side, const std::string& id) {
  if (open() == nullptr) return std::nullopt;
  const bool is_home = side == model::Side::home;
  Query row(*this, is_home ? "SELECT away_id, ifnull(home_origin, ''), natural_key FROM binding WHERE home_id = ?"
                           : "SELECT home_id, ifnull(away_origin, ''), natural_key FROM binding WHERE away_id = ?");
  row->bind(1, id);
  if (!row->executeStep()) return std::nullopt;
  Bound bound;
  if (!row->isColumnNull(0)) bound.other_id = row->getColumn(0).getString();
  bound.made_by_us = row->getColumn(1).getString() == "created";
  bound.key = row->getColumn(2).getString();
  return bound;
}

std::map<std::string, std::string> Journal::keys_by_id(model::Side side) {
  std::map<std::string, std::string> keys;
  if (open() == nullptr) return keys;
  Query row(*this, side == model::Side::home ? "SELECT home_id, natural_key FROM binding WHERE home_id IS NOT NULL"
                                             : "SELECT away_id, natural_key FROM binding WHERE away_id IS NOT NULL");
  while (row->executeStep()) keys.emplace(row->getColumn(0).getString(), row->getColumn(1).getString());
  return keys;
}

std::optional<model::Side> Journal::side_in(const char* query) {
  if (open() == nullptr) return std::nullopt;
  Query row(*this, query);
  if (!row->executeStep()) return std::nullopt;
  return row->getColumn(0).getString() == "home" ? model::Side::home : model::Side::away;
}

std::optional<model::Side> Journal::failing_over_to() { return side_in("SELECT to_side FROM failover WHERE finished IS NULL ORDER BY id DESC"); }
std::optional<model::Side> Journal::primary() { return side_in("SELECT primary_side FROM identity"); }

}  // namespace twinlake::simulation
