// Drills: all that was made for them, until nothing of it is left.
#include "state/store_impl.h"

namespace twinlake::state {

namespace {

std::optional<std::int64_t> number_of(const std::optional<bool>& truth) {
  return truth ? std::optional<std::int64_t>(*truth ? 1 : 0) : std::nullopt;
}
std::optional<bool> truth_of(const std::optional<std::int64_t>& number) {
  return number ? std::optional(*number == 1) : std::nullopt;
}

}  // namespace

std::optional<Drill> Store::last_drill() const {
  return impl_->guarded([&]() -> std::optional<Drill> {
    Use row(impl_->sql.last_drill);
    if (!row.next()) return std::nullopt;
    return Drill{.id = row.number(0),
                 .label = row.text(1),
                 .side = side_named(row.text(2)),
                 .folder = row.text(3),
                 .phase = row.text(4),
                 .started = to_time(row.number(5)),
                 .ended = time_of(row.optional_number(6)),
                 .cleaned = time_of(row.optional_number(7)),
                 .is_passed = truth_of(row.optional_number(8)),
                 .replication_point = time_of(row.optional_number(9))};
  });
}

std::int64_t Store::put_drill(const Drill& drill) {
  std::int64_t id = drill.id;
  impl_->in_transaction([&] {
    const auto known = drill.id == 0 ? std::nullopt : std::optional(drill.id);
    Use(impl_->sql.put_drill, known, drill.label, model::name_of(drill.side), drill.folder,
        drill.phase, to_number(drill.started), to_number(drill.ended), to_number(drill.cleaned),
        number_of(drill.is_passed), to_number(drill.replication_point))
        .run();
    if (id == 0) id = impl_->database->getLastInsertRowid();
  });
  return id;
}

std::vector<DrillCopy> Store::drill_copies(std::int64_t drill) const {
  return impl_->guarded([&] {
    std::vector<DrillCopy> all;
    for (Use row(impl_->sql.drill_copies, drill); row.next();)
      all.push_back(
          {row.text(0), row.text(1), row.text(2), row.text(3), time_of(row.optional_number(4))});
    return all;
  });
}

void Store::put_drill_copies(std::int64_t drill, std::span<const DrillCopy> copies) {
  impl_->in_transaction([&] {
    for (const DrillCopy& copy : copies)
      Use(impl_->sql.put_drill_copy, drill, copy.kind, copy.source, copy.name, copy.id,
          to_number(copy.gone))
          .run();
  });
}

std::vector<DrillRun> Store::drill_runs(std::int64_t drill) const {
  return impl_->guarded([&] {
    std::vector<DrillRun> all;
    for (Use row(impl_->sql.drill_runs, drill); row.next();)
      all.push_back({.name = row.text(0),
                     .source = row.text(1),
                     .run_id = row.text(2),
                     .expectation = row.text(3),
                     .result = row.text(4),
                     .output = row.text(5),
                     .started = time_of(row.optional_number(6)),
                     .ended = time_of(row.optional_number(7)),
                     .is_passed = truth_of(row.optional_number(8)),
                     .because = row.text(9)});
    return all;
  });
}

void Store::put_drill_run(std::int64_t drill, const DrillRun& run) {
  impl_->in_transaction([&] {
    Use(impl_->sql.put_drill_run, drill, run.name, run.source, run.run_id, run.expectation,
        run.result, run.output, to_number(run.started), to_number(run.ended),
        number_of(run.is_passed), run.because)
        .run();
  });
}

}  // namespace twinlake::state
