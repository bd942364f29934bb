#include <set>

#include "history/impl.h"

namespace twinlake::history {

using state::Use;

std::int64_t History::Impl::sweep() {
  static constexpr const char* needed =
      "(SELECT form FROM entry WHERE form IS NOT NULL UNION ALL "
      "SELECT content FROM entry WHERE content IS NOT NULL UNION ALL "
      "SELECT form FROM staged WHERE form IS NOT NULL UNION ALL "
      "SELECT content FROM staged WHERE content IS NOT NULL";
  database->exec(std::string("DELETE FROM piece WHERE whole NOT IN ") + needed + ")");
  return database->exec(std::string("DELETE FROM blob WHERE id NOT IN ") + needed +
                        " UNION ALL SELECT part FROM piece)");
}

namespace {

/// How many versions of objects go with them.
int remove_points(Statements& sql, const std::vector<std::int64_t>& ids, Digest& ledger) {
  for (const std::int64_t id : ids) {
    Use row(sql.remove_point, id);
    if (row.next()) ledger.remove(row.bytes(0));
  }
  // What only points had that are gone.
  return sql.database.exec(
      "DELETE FROM entry WHERE last_point IS NOT NULL AND NOT EXISTS "
      "(SELECT 1 FROM point WHERE point.id BETWEEN first_point AND last_point)");
}

}  // namespace

Pruned History::prune(const Retention& keep, Prune how) {
  Pruned pruned;
  const std::vector<Point> all = points();
  const std::vector<std::int64_t> gone = outdated(all, keep);
  const std::set<std::int64_t> ids(gone.begin(), gone.end());
  for (const Point& point : all)
    if (ids.contains(point.id)) pruned.points.push_back(point);
  pruned.bytes_before = pruned.bytes_after = bytes_on_disk();
  if (how == Prune::dry_run || gone.empty()) return pruned;
  flush();
  int versions = 0;
  impl_->in_writing(0, [&] {
    Digest ledger = impl_->fact_sum(ledger_fact);
    versions = remove_points(impl_->sql, gone, ledger);
    impl_->put_fact(ledger_fact, ledger.bytes());
    // A point that said what the one before it says takes nothing with it.
    if (versions > 0) pruned.blobs = impl_->sweep();
  });
  flush();
  if (versions > 0) impl_->guarded([&] { impl_->give_space_back(); });
  pruned.bytes_after = bytes_on_disk();
  return pruned;
}

}  // namespace twinlake::history
