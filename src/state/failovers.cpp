// The role of the sides while it moves.
#include "state/store_impl.h"

namespace twinlake::state {

std::string_view name_of(Failover::Type type) {
  return type == Failover::Type::planned ? "planned" : "forced";
}

std::string_view name_of(Failover::Fence fence) {
  return fence == Failover::Fence::open ? "open" : "done";
}

std::string_view name_of(ActionRecord::Subject subject) {
  return subject == ActionRecord::Subject::failover ? "failover" : "drill";
}

std::optional<Failover> Store::Impl::read_failover(Use& row) {
  if (!row.next()) return std::nullopt;
  return Failover{
      .id = row.number(0),
      .type = row.text(1) == "forced" ? Failover::Type::forced : Failover::Type::planned,
      .to = side_named(row.text(2)),
      .phase = row.text(3),
      .fence = row.text(4) == "done" ? Failover::Fence::done : Failover::Fence::open,
      .started = to_time(row.number(5)),
      .turned = time_of(row.optional_number(6)),
      .finished = time_of(row.optional_number(7)),
      .committed = time_of(row.optional_number(8)),
      .replication_point = time_of(row.optional_number(9)),
      .program = row.text(10),
      .operator_name = row.text(11)};
}

std::optional<Failover> Store::Impl::read_last_failover() {
  Use row(sql.last_failover);
  return read_failover(row);
}

std::optional<Failover> Store::last_failover() const {
  return impl_->guarded([&] { return impl_->read_last_failover(); });
}

std::optional<Failover> Store::failover(std::int64_t id) const {
  return impl_->guarded([&] {
    Use row(impl_->sql.failover, id);
    return Impl::read_failover(row);
  });
}

std::int64_t Store::Impl::write(const Failover& failover) {
  const auto id = failover.id == 0 ? std::nullopt : std::optional(failover.id);
  Use(sql.put_failover, id, name_of(failover.type), model::name_of(failover.to), failover.phase,
      name_of(failover.fence), state::to_number(failover.started), to_number(failover.turned),
      to_number(failover.finished), to_number(failover.committed),
      to_number(failover.replication_point), failover.program, failover.operator_name)
      .run();
  return failover.id == 0 ? database->getLastInsertRowid() : failover.id;
}

std::int64_t Store::put_failover(const Failover& failover, std::span<const ActionRecord> begun) {
  std::int64_t id = 0;
  impl_->in_transaction([&] {
    id = impl_->write(failover);
    for (ActionRecord action : begun) {
      action.subject_id = id;
      impl_->write(action);
    }
  });
  return id;
}

void Store::turn_role(const Failover& failover) {
  impl_->in_transaction([&] {
    impl_->write(failover);
    auto who = identity();
    if (!who) throw std::logic_error("a role moves in a group that nobody knows [bug]");
    who->primary = failover.to;
    impl_->write(*who);
    // From now on the other side is the one to be equal to: everything is looked at anew.
    Use(impl_->sql.clear_swept).run();
  });
}

void Store::put_turned(std::int64_t failover, std::string_view action,
                       std::span<const std::string> uuids) {
  impl_->in_transaction([&] {
    for (const std::string& uuid : uuids) Use(impl_->sql.put_turned, failover, action, uuid).run();
  });
}

std::set<std::string> Store::turned(std::int64_t failover, std::string_view action) const {
  return impl_->guarded([&] {
    std::set<std::string> all;
    for (Use row(impl_->sql.turned, failover, action); row.next();) all.insert(row.text(0));
    return all;
  });
}

std::int64_t Store::Impl::write(const ActionRecord& action) {
  const auto outcome = action.outcome.empty() ? std::nullopt : std::optional(action.outcome);
  Use(sql.begin_action, name_of(action.subject), action.subject_id, action.type, action.name,
      action.place, state::to_number(action.started), to_number(action.ended), outcome,
      action.detail)
      .run();
  return database->getLastInsertRowid();
}

std::vector<ActionRecord> Store::Impl::read_actions(ActionRecord::Subject subject,
                                                    std::int64_t id) {
  std::vector<ActionRecord> all;
  for (Use row(sql.actions, name_of(subject), id); row.next();)
    all.push_back({.id = row.number(0),
                   .subject = subject,
                   .subject_id = id,
                   .type = row.text(1),
                   .name = row.text(2),
                   .place = row.text(3),
                   .started = to_time(row.number(4)),
                   .ended = time_of(row.optional_number(5)),
                   .outcome = row.optional_text(6).value_or(""),
                   .detail = row.text(7)});
  return all;
}

std::vector<std::int64_t> Store::begin_actions(std::span<const ActionRecord> actions) {
  std::vector<std::int64_t> ids;
  impl_->in_transaction([&] {
    for (const ActionRecord& action : actions) ids.push_back(impl_->write(action));
  });
  return ids;
}

void Store::finish_actions(std::span<const ActionRecord> actions) {
  impl_->in_transaction([&] {
    for (const ActionRecord& action : actions)
      Use(impl_->sql.finish_action, to_number(action.ended),
          action.outcome.empty() ? std::nullopt : std::optional(action.outcome), action.detail,
          action.id)
          .run();
  });
}

std::vector<ActionRecord> Store::actions(ActionRecord::Subject subject, std::int64_t id) const {
  return impl_->guarded([&] { return impl_->read_actions(subject, id); });
}

}  // namespace twinlake::state
