#include "azure/managed_dr_coverage.h"

#include <algorithm>

#include "base/text.h"

namespace twinlake::azure {

namespace {

struct Share {
  ManagedShare share;
  std::string_view what_to_do;
};

constexpr std::string_view from_account =
    "Let the identity provider provision the account, and assign it to the standby";
constexpr std::string_view by_secrets =
    "Put it there by hand, use a scope backed by a Key Vault, or let `sync` write it: `managed_dr: "
    "{cover: [secret_scope, "
    "secret, secret_acl]}`";
constexpr std::string_view by_prerequisite =
    "It must be the same on both sides before the service starts; make it so by hand";
constexpr std::string_view look_first =
    "Look whether the standby gets it; if it does not, make it there by hand";

const std::map<std::string, Share, std::less<>>& shares() {
  using enum ManagedShare;
  static const std::map<std::string, Share, std::less<>> known = {
      {"notebook", {replicated, ""}},
      {"file", {replicated, ""}},
      {"directory", {replicated, ""}},
      {"job", {replicated, ""}},
      {"cluster", {replicated, ""}},
      {"warehouse", {replicated, ""}},
      {"permissions", {replicated, ""}},
      {"secret_scope", {left_out, by_secrets}},
      {"secret", {left_out, by_secrets}},
      {"secret_acl", {left_out, by_secrets}},
      {"pipeline", {left_out, "Make it on the standby from its sources"}},
      {"unsupported_entry",
       {left_out,
        "Dashboards arrive as drafts: publish them after a failover; make the rest there by hand"}},
      {"user", {left_out, from_account}},
      {"group", {left_out, from_account}},
      {"group_members", {left_out, from_account}},
      {"service_principal", {left_out, from_account}},
      {"ip_access_list", {left_out, by_prerequisite}},
      {"ip_access_switch", {left_out, by_prerequisite}},
  };
  return known;
}

struct Tally {
  std::int64_t all = 0;
  std::int64_t unequal = 0;
};

std::string standing_of(const Tally& tally, ManagedShare share, bool covered) {
  std::string text = share == ManagedShare::left_out
                         ? "not replicated by Managed Disaster Recovery"
                         : "not said to be replicated by Managed Disaster Recovery";
  if (covered) text += "; `sync` writes it";
  text += ": ";
  if (tally.unequal == 0)
    return text + (tally.all == 1
                       ? "the one object is equal on both sides"
                       : "all " + std::to_string(tally.all) + " are equal on both sides");
  return text + std::to_string(tally.unequal) + " of " +
         counted(tally.all, "object is", "objects are") + " not equal on the standby";
}

}  // namespace

std::string_view name_of(ManagedShare share) {
  switch (share) {
    case ManagedShare::replicated: return "replicated";
    case ManagedShare::left_out: return "left_out";
    case ManagedShare::not_told: return "not_told";
  }
  return "?";
}

ManagedShare share_of(std::string_view kind) {
  const auto found = shares().find(kind);
  return found == shares().end() ? ManagedShare::not_told : found->second.share;
}

std::string remedy_of(std::string_view kind) {
  const auto found = shares().find(kind);
  return std::string(found == shares().end() ? look_first : found->second.what_to_do);
}

const std::set<std::string, std::less<>>& coverable_kinds() {
  static const std::set<std::string, std::less<>> kinds = {"secret_scope", "secret", "secret_acl"};
  return kinds;
}

std::vector<model::Finding> judge_left_out(const std::vector<engine::Verdict>& verdicts,
                                           const std::set<std::string, std::less<>>& covered) {
  std::map<std::string, Tally> tallies;
  for (const engine::Verdict& verdict : verdicts) {
    Tally& tally = tallies[std::string(verdict.kind->name)];
    ++tally.all;
    if (verdict.standing != engine::Standing::in_sync) ++tally.unequal;
  }
  std::vector<model::Finding> findings;
  for (const auto& [kind, tally] : tallies) {
    const ManagedShare share = share_of(kind);
    if (share == ManagedShare::replicated) continue;
    const bool is_covered = covered.contains(kind);
    findings.push_back({kind, standing_of(tally, share, is_covered),
                        tally.unequal == 0 ? ""
                        : is_covered       ? "Run `twinlake sync`"
                                           : remedy_of(kind)});
  }
  return findings;
}

std::optional<Error> kept_by_managed_dr(const ManagedGroup& group, std::string_view kind,
                                        const std::set<std::string, std::less<>>& covered) {
  if (covered.contains(kind)) return std::nullopt;
  const std::string whose =
      "Managed Disaster Recovery (failover group `" + group.short_name() + "`)";
  switch (share_of(kind)) {
    case ManagedShare::replicated:
      return Error(Fault::refused, "left to " + whose + ", which replicates it",
                   "Wait for its replication; system.replication.states tells its errors");
    case ManagedShare::left_out:
      return Error(Fault::refused, "left out by " + whose + ", and not written by Twinlake",
                   remedy_of(kind));
    case ManagedShare::not_told:
      return Error(Fault::refused,
                   "not said to be replicated by " + whose + ", and not written by Twinlake",
                   remedy_of(kind));
  }
  return std::nullopt;
}

std::optional<Error> kept_in_catalog(const ManagedGroup& group, std::string_view path) {
  for (const std::string& catalog : group.catalogs)
    if (path.starts_with("/Volumes/" + catalog + "/"))
      return Error(
          Fault::refused,
          "left to Managed Disaster Recovery (failover group `" + group.short_name() +
              "`), which keeps the catalog " + catalog + " and has it read-only there",
          "Wait for its replication; files of external volumes need a copy of their storage");
  return std::nullopt;
}

std::optional<Error> refuse_cover(const ManagedGroup& group, const CoverSight& sight) {
  const auto refused = [&](const std::string& why, const std::string& what_to_do) {
    return Error(Fault::refused,
                 "failover group `" + group.short_name() + "` of Managed Disaster Recovery " + why +
                     ", so nothing is written to its standby",
                 what_to_do);
  };
  const auto holds = [](const ManagedSet& set, const std::string& id) {
    return std::ranges::find(set.workspace_ids, id) != set.workspace_ids.end();
  };
  const bool one_set = std::ranges::any_of(group.sets, [&](const ManagedSet& set) {
    return set.replicates_assets && holds(set, sight.home_workspace_id) &&
           holds(set, sight.away_workspace_id);
  });
  if (!one_set)
    return refused("does not have both workspaces in one set",
                   "Use the pair that it keeps, or take the workspace out of its sets");
  if (group.state != "ACTIVE")
    return refused(group.state.empty() ? "does not tell its state" : "is " + group.state,
                   "Sync again when it is ACTIVE");
  const bool home_is_theirs = group.primary_region == sight.home_region;
  if (group.primary_region.empty() || home_is_theirs != sight.home_is_primary)
    return refused(
        "has its primary in " +
            (group.primary_region.empty() ? "no known region" : group.primary_region) +
            ", which is not where Twinlake has it",
        "Check `primary_region` of `managed_dr`. After a failover of that service, use a group of "
        "its own with the profiles exchanged");
  return std::nullopt;
}

}  // namespace twinlake::azure
