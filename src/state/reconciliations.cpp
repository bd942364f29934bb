// What was found equal before and after the role moved.
#include <algorithm>

#include "state/store_impl.h"

namespace twinlake::state {

namespace {

/// The rest of one whose own row was just read.
void read_parts(Statements& sql, Reconciliation& found) {
  for (Use row(sql.reconciliation_counts, found.id); row.next();)
    found.counts[row.text(0)][row.text(1)] = row.number(2);
  for (Use row(sql.reconciliation_objects, found.id); row.next();)
    found.unequal.push_back({row.text(0), row.text(1), row.text(2), row.text(3)});
}

std::optional<Reconciliation> read_one(Statements& sql, Statement& which, Time moment) {
  std::optional<Reconciliation> found;
  if (Use row(which, to_number(moment)); row.next()) {
    found.emplace();
    found->id = row.number(0);
    found->source = row.text(1);
    found->moment = to_time(row.number(2));
    found->ended = to_time(row.number(3));
    found->is_good = row.number(4) == 1;
    found->all_unequal = row.number(5);
  }
  if (found) read_parts(sql, *found);
  return found;
}

}  // namespace

void Store::put_reconciliation(const Reconciliation& done) {
  impl_->in_transaction([&] {
    Statements& sql = impl_->sql;
    Use(sql.put_reconciliation, done.source, to_number(done.moment), to_number(done.ended),
        std::int64_t{done.is_good ? 1 : 0}, static_cast<std::int64_t>(done.unequal.size()))
        .run();
    const std::int64_t id = impl_->database->getLastInsertRowid();
    for (const auto& [kind, states] : done.counts)
      for (const auto& [state, count] : states)
        Use(sql.put_reconciliation_count, id, kind, state, count).run();
    const std::size_t kept = std::min(done.unequal.size(), Reconciliation::most_objects);
    for (std::size_t i = 0; i < kept; ++i) {
      const Unequal& object = done.unequal[i];
      Use(sql.put_reconciliation_object, id, static_cast<std::int64_t>(i), object.address,
          object.state, object.because, object.what_to_do)
          .run();
    }
    Use(sql.forget_reconciliations).run();
  });
}

std::optional<Reconciliation> Store::reconciliation_before(Time moment) const {
  return impl_->guarded(
      [&] { return read_one(impl_->sql, impl_->sql.reconciliation_before, moment); });
}

std::optional<Reconciliation> Store::reconciliation_after(Time moment) const {
  return impl_->guarded(
      [&] { return read_one(impl_->sql, impl_->sql.reconciliation_after, moment); });
}

}  // namespace twinlake::state
