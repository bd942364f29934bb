// When what no listing tells the changes of was read.
#include "state/store_impl.h"

namespace twinlake::state {

std::map<std::string, Time> Store::swept(const std::string& rules) const {
  return impl_->guarded([&] {
    std::map<std::string, Time> all;
    for (Use row(impl_->sql.swept, rules); row.next();)
      all.emplace_hint(all.end(), row.text(0), to_time(row.number(1)));
    return all;
  });
}

void Store::put_swept(const std::string& rules, std::span<const Swept> swept) {
  impl_->in_transaction([&] {
    Statements& sql = impl_->sql;
    if (Use(sql.set_swept_rules, rules).run() > 0) Use(sql.clear_swept).run();
    for (const Swept& one : swept)
      Use(sql.put_swept, one.uuid, one.kind, to_number(one.read)).run();
  });
}

void Store::forget_swept(std::span<const std::string> uuids) {
  impl_->in_transaction([&] {
    for (const std::string& uuid : uuids) Use(impl_->sql.forget_swept, uuid).run();
  });
}

void Store::forget_swept_before(const std::string& kind, Time moment) {
  impl_->guarded([&] { Use(impl_->sql.forget_swept_before, kind, to_number(moment)).run(); });
}

std::vector<SweptKind> Store::swept_kinds() const {
  return impl_->guarded([&] {
    std::vector<SweptKind> all;
    for (Use row(impl_->sql.swept_kinds); row.next();)
      all.push_back({row.text(0), row.number(1), to_time(row.number(2))});
    return all;
  });
}

std::vector<AuditReading> Store::audit_readings() const {
  return impl_->guarded([&] {
    std::vector<AuditReading> all;
    for (Use row(impl_->sql.audit_readings); row.next();)
      all.push_back({.side = side_named(row.text(0)),
                     .asked = time_of(row.optional_number(1)),
                     .read = time_of(row.optional_number(2)),
                     .events = row.number(3),
                     .changed = row.number(4),
                     .unknown = row.number(5),
                     .unnamed = row.number(6),
                     .why_not = row.text(7),
                     .what_to_do = row.text(8)});
    return all;
  });
}

void Store::put_audit_reading(const AuditReading& reading, std::span<const std::string> changed) {
  impl_->in_transaction([&] {
    for (const std::string& uuid : changed) Use(impl_->sql.forget_swept, uuid).run();
    Use(impl_->sql.put_audit_reading, model::name_of(reading.side), to_number(reading.asked),
        to_number(reading.read), reading.events, reading.changed, reading.unknown, reading.unnamed,
        reading.why_not, reading.what_to_do)
        .run();
  });
}

}  // namespace twinlake::state
