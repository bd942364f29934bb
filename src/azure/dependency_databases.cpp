// Databases: failover groups and links of Azure SQL (facts, azure 10.2), replicas of MySQL and
// PostgreSQL (10.3).
#include <algorithm>

#include "azure/dependency_judge.h"
#include "azure/regions.h"
#include "base/json_path.h"

namespace twinlake::azure {

using nlohmann::json;

namespace {

/// Regions of the other servers of a failover group.
std::vector<std::string> partners_of(const json& group) {
  std::vector<std::string> regions;
  if (const json* partners = find_at(group, "/properties/partnerServers");
      partners != nullptr && partners->is_array())
    for (const json& partner : *partners)
      regions.push_back(region_name(text_at(partner, "/location")));
  return regions;
}

bool names_database(const json& group, const std::set<std::string>& databases) {
  const json* listed = find_at(group, "/properties/databases");
  if (listed == nullptr || !listed->is_array() || databases.empty()) return true;
  return std::ranges::all_of(databases, [&](const std::string& wanted) {
    return std::ranges::any_of(*listed, [&](const json& id) {
      return id.is_string() &&
             lower_case(id.get<std::string>()).ends_with("/databases/" + lower_case(wanted));
    });
  });
}

}  // namespace

void DependencyJudge::judge_failover_group(const json& group) {
  const std::string name = text_at(group, "/name");
  const std::vector<std::string> regions = partners_of(group);
  const std::string state = text_at(group, "/properties/replicationState");
  verdict_.copies = "failover group " + name + ", " +
                    lower_case(text_at(group, "/properties/replicationRole")) +
                    " here, partner in " +
                    (regions.empty() ? std::string("no region that is told") : joined(regions)) +
                    (state.empty() ? std::string() : ", " + state);
  if (!names_database(group, verdict_.used.parts))
    add(Gravity::problem, "the failover group does not hold every database that is used",
        "Add them to the failover group " + name);
  if (std::ranges::none_of(regions, [&](const std::string& region) { return is_there(region); }) &&
      !sight_.standby_region.empty())
    add(Gravity::warning, "the partner of its failover group is not in " + sight_.standby_region,
        "Expect the standby to read across regions, or move the partner");
  if (state == "SUSPENDED" || state == "PENDING")
    add(Gravity::warning, "the replication of its failover group is " + state,
        "Look at it in the portal: what is written now may be lost");
  if (evidence_.is_listener) {
    add(Gravity::note, "the name is that of the failover group, and stays right after its failover",
        "At a failover of the workspace let the group fail over too, at the server that is to "
        "become primary");
  } else if (!has_twin()) {
    add(Gravity::warning,
        "the name is that of one server, which does not move with the failover group",
        "Name the listener " + name + " in place of the server, on both sides");
  }
}

/// True when there was one that counts.
bool DependencyJudge::judge_links() {
  for (const json& link : part("replicationLinks")) {
    const std::string type = text_at(link, "/properties/linkType");
    if (!type.empty() && type != "GEO") continue;
    const std::string region = region_name(text_at(link, "/properties/partnerLocation"));
    const std::string state = text_at(link, "/properties/replicationState");
    verdict_.copies = "geo-replicated to " + text_at(link, "/properties/partnerServer") + " in " +
                      region + ", " + state;
    if (!state.empty() && state != "CATCH_UP")
      add(Gravity::warning, "its replication is " + state, "Wait until it is CATCH_UP");
    if (!has_twin())
      add(Gravity::warning,
          "it is replicated without a failover group, so its name changes with a failover",
          "Make a failover group and name its listener; or add a rewrite to " +
              text_at(link, "/properties/partnerServer"));
    return true;
  }
  return false;
}

void DependencyJudge::judge_sql() {
  tell_refused("failoverGroups");
  tell_refused("replicationLinks");
  const std::vector<json>& groups = part("failoverGroups");
  // Of several groups the one that holds what is used counts.
  const auto fitting = std::ranges::find_if(
      groups, [&](const json& group) { return names_database(group, verdict_.used.parts); });
  if (!groups.empty())
    return judge_failover_group(fitting == groups.end() ? groups.front() : *fitting);
  if (judge_links()) return;
  if (evidence_.refused.contains("failoverGroups")) return;
  verdict_.copies = "no failover group and no replica";
  if (has_twin())
    add(Gravity::note,
        "a rewrite leads the standby to " + verdict_.twin + ", and nobody copies the data",
        "Copy it, or make a failover group of both");
  else
    add(Gravity::problem,
        "it would be gone with " + verdict_.region +
            "; a backup may be restored elsewhere if it is geo-redundant",
        "Make a failover group with a server in " + there() +
            ", and name its listener on both sides");
}

void DependencyJudge::judge_replicas() {
  tell_refused("replicas");
  std::vector<std::string> all;
  const json* here = nullptr;
  for (const json& replica : part("replicas")) {
    all.push_back(text_at(replica, "/name") + " in " + region_name(text_at(replica, "/location")));
    if (is_there(text_at(replica, "/location"))) here = &replica;
  }
  const bool has_backup =
      text_at(evidence_.resource, "/properties/backup/geoRedundantBackup") == "Enabled";
  if (!all.empty()) verdict_.copies = (all.size() == 1 ? "replica " : "replicas ") + joined(all);
  if (here != nullptr) {
    const std::string name = lower_case(text_at(*here, "/name"));
    if (verdict_.twin == name)
      add(Gravity::note, "a rewrite leads the standby to its replica " + name,
          "At a failover promote the replica: that cannot be undone");
    else
      add(Gravity::warning, "its name changes when the replica is promoted",
          "Add a rewrite from " + verdict_.name + " to " + name +
              ", and promote the replica at a failover: that cannot be undone");
    return;
  }
  if (evidence_.refused.contains("replicas")) return;
  if (all.empty())
    verdict_.copies =
        has_backup ? "no replica, a geo-redundant backup" : "no replica, and no backup elsewhere";
  if (has_twin()) {
    add(Gravity::note,
        "a rewrite leads the standby to " + verdict_.twin + ", and nobody copies the data",
        "Copy it, or make it a replica");
  } else {
    add(has_backup ? Gravity::warning : Gravity::problem, "there is no replica of it in " + there(),
        "Make a replica there (not possible for the Burstable tier), and add a rewrite to it");
  }
}

}  // namespace twinlake::azure
