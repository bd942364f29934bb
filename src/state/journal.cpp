// The journal: what was begun, and how it ended.
#include "state/store_impl.h"

namespace twinlake::state {

namespace {

/// While it lives, a commit returns only when the disk has it. One such commit also carries to the
/// disk all that was committed before it.
class Durable {
 public:
  explicit Durable(SQLite::Database& database) : database_(database) {
    database_.exec("PRAGMA synchronous = FULL");
  }
  ~Durable() { database_.tryExec("PRAGMA synchronous = NORMAL"); }
  Durable(const Durable&) = delete;
  Durable& operator=(const Durable&) = delete;

 private:
  SQLite::Database& database_;
};

void settle_once(Statements& sql, std::int64_t intent, std::string_view outcome,
                 const std::optional<Error>& error) {
  std::optional<std::string> fault;
  std::optional<std::string> sentence;
  if (error) {
    fault = name_of(error->fault);
    sentence = describe(*error);
  }
  if (Use(sql.settle_intent, outcome, fault, sentence, intent).run() == 1) return;
  throw std::logic_error("intent " + std::to_string(intent) +
                         " is unknown or was settled before [bug]");
}

}  // namespace

std::vector<std::int64_t> Store::intend(std::span<const Intent> intents) {
  std::vector<std::int64_t> ids;
  ids.reserve(intents.size());
  impl_->guarded([&] {
    const Durable durable(*impl_->database);
    SQLite::Transaction transaction(*impl_->database, SQLite::TransactionBehavior::IMMEDIATE);
    for (const Intent& intent : intents) {
      const auto run = intent.run == 0 ? std::nullopt : std::optional(intent.run);
      Use(impl_->sql.add_intent, run, intent.uuid, intent.kind, intent.key,
          model::name_of(intent.side), intent.action, intent.target_id, to_number(intent.started))
          .run();
      ids.push_back(impl_->database->getLastInsertRowid());
    }
    transaction.commit();
  });
  return ids;
}

void Store::settle(std::int64_t intent, const std::string& outcome,
                   const std::optional<Binding>& binding, const std::optional<Error>& error,
                   const Binding* leaves) {
  impl_->in_transaction([&] {
    settle_once(impl_->sql, intent, outcome, error);
    if (binding) impl_->write(*binding);
    if (leaves != nullptr) impl_->write(*leaves);
  });
}

void Store::settle_removal(std::int64_t intent, const std::string& uuid, model::Side side) {
  impl_->in_transaction([&] {
    Statements& sql = impl_->sql;
    settle_once(sql, intent, "done", std::nullopt);
    Use(side == model::Side::home ? sql.clear_home_id : sql.clear_away_id, uuid).run();
    Use(sql.forget_known, uuid).run();
    Use(sql.remove_nameless, uuid).run();
  });
}

std::vector<Intent> Store::in_doubt() const {
  return impl_->guarded([&] {
    std::vector<Intent> all;
    Use row(impl_->sql.in_doubt);
    while (row.next()) {
      all.push_back({.id = row.number(0),
                     .run = row.optional_number(1).value_or(0),
                     .uuid = row.text(2),
                     .kind = row.text(3),
                     .key = row.text(4),
                     .side = side_named(row.text(5)),
                     .action = row.text(6),
                     .target_id = row.text(7),
                     .started = to_time(row.number(8))});
    }
    return all;
  });
}

std::int64_t Store::begin_run(const std::string& command, Time now) {
  std::int64_t run = 0;
  impl_->in_transaction([&] {
    Use(impl_->sql.next_fencing).run();
    Use(impl_->sql.begin_run, command, to_number(now)).run();
    run = impl_->database->getLastInsertRowid();
  });
  return run;
}

void Store::finish_run(std::int64_t run, Time now, const std::string& outcome,
                       const std::string& summary) {
  impl_->guarded([&] { Use(impl_->sql.finish_run, to_number(now), outcome, summary, run).run(); });
}

std::vector<RunRecord> Store::last_runs(int count) const {
  return impl_->guarded([&] {
    std::vector<RunRecord> all;
    Use row(impl_->sql.last_runs, std::int64_t{count});
    while (row.next()) {
      const auto finished = row.optional_number(3);
      all.push_back({.id = row.number(0),
                     .command = row.text(1),
                     .started = to_time(row.number(2)),
                     .finished = finished ? std::optional(to_time(*finished)) : std::nullopt,
                     .outcome = row.text(4),
                     .summary = row.text(5)});
    }
    return all;
  });
}

}  // namespace twinlake::state
