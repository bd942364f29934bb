#pragma once
// What Managed Disaster Recovery replicates and what it leaves out, by kind. Pure.
// Source: facts, disaster recovery 1.4, 1.5 and 3.2, which say of each line who told it.
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "azure/managed_dr.h"
#include "engine/plan.h"

namespace twinlake::azure {

/// What the service does with the objects of a kind.
enum class ManagedShare {
  replicated,
  left_out,  ///< said not to be replicated, or expected to be there beforehand
  not_told,  ///< no source says: it may replicate them, so nobody else writes them
};
[[nodiscard]] std::string_view name_of(
    ManagedShare share);  ///< "replicated", "left_out", "not_told"

[[nodiscard]] ManagedShare share_of(std::string_view kind);
/// What somebody has to do about what it leaves out; empty for what it replicates.
[[nodiscard]] std::string remedy_of(std::string_view kind);

/// Kinds that may be written to a governed standby when the operator says so: said to be left out
/// by it, without triggers that only a failover gives back, and without a place among what it
/// replaces.
[[nodiscard]] const std::set<std::string, std::less<>>& coverable_kinds();

/// One finding for each kind that is not replicated and of which there is anything: how many are
/// there, how many are not equal, and what to do. `covered`: kinds that Twinlake writes.
[[nodiscard]] std::vector<model::Finding> judge_left_out(
    const std::vector<engine::Verdict>& verdicts,
    const std::set<std::string, std::less<>>& covered);

/// Why no step writes an object of this kind on a governed standby, in half a sentence; nothing for
/// those that are covered.
[[nodiscard]] std::optional<Error> kept_by_managed_dr(
    const ManagedGroup& group, std::string_view kind,
    const std::set<std::string, std::less<>>& covered);

/// The same for a file in a volume of a catalog that a group replicates, whatever else it does.
[[nodiscard]] std::optional<Error> kept_in_catalog(const ManagedGroup& group,
                                                   std::string_view path);

/// Where Twinlake and the service must agree before anything is covered.
struct CoverSight {
  std::string home_workspace_id, away_workspace_id;
  bool home_is_primary = true;  ///< as Twinlake has it
  std::string home_region;      ///< as the configuration has it: `managed_dr: {primary_region}`
};
/// Why nothing is written just now even of what it leaves out: it is at work, it has the roles the
/// other way round, or it keeps other pairs. Fault::refused.
[[nodiscard]] std::optional<Error> refuse_cover(const ManagedGroup& group, const CoverSight& sight);

}  // namespace twinlake::azure
