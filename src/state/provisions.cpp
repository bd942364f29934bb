// What is known of workspaces as resources of Azure: steps of provisioning, and where they answer.
#include <algorithm>

#include "state/store_impl.h"

namespace twinlake::state {

namespace {
/// ARM ids are one whatever their case.
std::string without_case(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}
}  // namespace

std::optional<ProvisionStep> Store::provision_step(const std::string& target,
                                                   const std::string& name) const {
  return impl_->guarded([&]() -> std::optional<ProvisionStep> {
    Use row(impl_->sql.provision_step, without_case(target), name);
    if (!row.next()) return std::nullopt;
    return ProvisionStep{.target = row.text(0),
                         .name = row.text(1),
                         .started = to_time(row.number(2)),
                         .ended = time_of(row.optional_number(3)),
                         .outcome = row.text(4),
                         .operation = row.text(5),
                         .detail = row.text(6),
                         .salt = static_cast<int>(row.number(7))};
  });
}

void Store::put_provision_step(const ProvisionStep& step) {
  impl_->in_transaction([&] {
    Use(impl_->sql.put_provision_step, without_case(step.target), step.name,
        state::to_number(step.started), to_number(step.ended), step.outcome, step.operation,
        step.detail, static_cast<std::int64_t>(step.salt))
        .run();
  });
}

std::optional<std::string> Store::known_host(const std::string& resource_id) const {
  return impl_->guarded([&]() -> std::optional<std::string> {
    Use row(impl_->sql.known_host, without_case(resource_id));
    if (!row.next()) return std::nullopt;
    return row.text(0);
  });
}

void Store::put_known_host(const std::string& resource_id, const std::string& host) {
  impl_->in_transaction(
      [&] { Use(impl_->sql.put_known_host, without_case(resource_id), host).run(); });
}

}  // namespace twinlake::state
