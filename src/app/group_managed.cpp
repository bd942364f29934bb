// Of GroupAccess: what Managed Disaster Recovery keeps, and what may be written all the same.
#include <utility>

#include "app/account_access.h"
#include "app/group_access.h"
#include "app/output.h"
#include "model/kind.h"

namespace twinlake::app {

using model::Side;

/// A drill writes copies only, which nobody replicates.
Result<void> GroupAccess::check_managed(Purpose purpose) {
  if (!asks_account() || purpose == Purpose::drill || purpose == Purpose::look) return {};
  auto groups = managed_groups(loop_, engine_, settings_.group.account);
  if (!groups && (only_reads(purpose) || purpose == Purpose::force || purpose == Purpose::back)) {
    // Forced: the region is lost, and perhaps more; who commands this knows whether that service is
    // at work.
    warn(settings_.err,
         "whether Managed Disaster Recovery keeps the standby is not known: " +
             groups.error().message,
         groups.error().hint);
    managed_unknown_ = std::move(groups).error();
    return {};
  }
  if (!groups) return fail(std::move(groups).error());
  for (const SideAccess* side : {&primary_, &secondary_}) {
    const std::string& id = side->self().workspace_id;
    if (const auto* governor = azure::governor_of(*groups, id))
      managed_ = {*governor, side->host()};
    for (const auto* keeper : azure::catalog_governors_of(*groups, id))
      catalog_keepers_.push_back(*keeper);
  }
  if (!managed_ || only_reads(purpose)) return {};
  covers_ = purpose == Purpose::write && !covered_kinds().empty();
  if (covers_) return {};
  return fail(azure::refusal_by(managed_->group, managed_->host));
}

std::optional<Error> GroupAccess::kept_by_managed(const model::Kind& kind,
                                                  const std::string& key) const {
  if (managed_) return azure::kept_by_managed_dr(managed_->group, kind.name, covered_kinds());
  if (kind.key_is_path) return std::nullopt;  // of the workspace, where a folder may have any name
  for (const azure::ManagedGroup& keeper : catalog_keepers_)
    if (auto kept = azure::kept_in_catalog(keeper, key)) return kept;
  return std::nullopt;
}

Result<void> GroupAccess::check_cover() const {
  if (!covers_) return {};
  // It would be paid by holding what stands on the other side.
  if (failover::owes_fence(store_->last_failover()))
    return fail(azure::refusal_by(managed_->group, managed_->host));
  const bool home_is_primary = primary_side_ == Side::home;
  azure::CoverSight sight{.home_workspace_id = primary_.self().workspace_id,
                          .away_workspace_id = secondary_.self().workspace_id,
                          .home_is_primary = home_is_primary,
                          .home_region = settings_.group.managed_dr.primary_region};
  if (!home_is_primary) std::swap(sight.home_workspace_id, sight.away_workspace_id);
  if (auto refusal = azure::refuse_cover(managed_->group, sight)) return fail(std::move(*refusal));
  return {};
}

}  // namespace twinlake::app
