#include "azure/storage_accounts.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "azure/regions.h"
#include "base/json_path.h"
#include "base/text.h"

namespace twinlake::azure {

using nlohmann::json;

namespace {

std::optional<bool> truth_at(const json& value, std::string_view pointer) {
  const json* found = find_at(value, pointer);
  if (found == nullptr || !found->is_boolean()) return std::nullopt;
  return found->get<bool>();
}

/// While the copy is being made the moment may be missing, or long before there were accounts.
std::optional<Time> moment_at(const json& value, std::string_view pointer) {
  const Time moment = time_from_rfc3339(text_at(value, pointer));
  if (moment < Time(std::chrono::hours(24 * 365 * 20))) return std::nullopt;
  return moment;
}

GeoReplication geo_of(const json& resource) {
  GeoReplication geo;
  const std::string at = "/properties/geoReplicationStats";
  geo.status = text_at(resource, at + "/status");
  geo.last_sync = moment_at(resource, at + "/lastSyncTime");
  geo.can_fail_over = truth_at(resource, at + "/canFailover");
  geo.can_fail_over_planned = truth_at(resource, at + "/canPlannedFailover");
  geo.redundancy_afterwards = text_at(resource, at + "/postFailoverRedundancy");
  return geo;
}

std::string why(const Error& error) {
  return error.fault == Fault::forbidden ? "our principal may not read it: " + error.message
                                         : error.message;
}

/// Also where it cannot be proved, nobody should count on such an account.
std::string denial_text(const Denial& denial) {
  switch (denial.seen) {
    case Denial::Seen::unknown:
      return "its deny assignment could not be read (" + denial.why +
             "); Azure Databricks puts one on all that it makes, so count on neither its keys nor "
             "its failover";
    case Denial::Seen::absent:
      return "no deny assignment lies on it, and all the same nothing of it is ever seen on the "
             "standby";
    case Denial::Seen::there: break;
  }
  std::string refused;
  if (denial.refuses_keys) refused += "its keys";
  if (denial.refuses_failover) refused += refused.empty() ? "its failover" : " and its failover";
  if (refused.empty()) refused = "other things than its keys and its failover";
  return "a deny assignment refuses " + refused + " to everybody but Azure Databricks";
}

/// Judges one account. Each function adds what it has to say.
class Judge {
 public:
  Judge(const StorageSight& sight, AccountVerdict& verdict, bool is_twin)
      : sight_(sight), verdict_(verdict), account_(*verdict.account), is_twin_(is_twin) {}

  void run() {
    if (account_.geo.last_sync)
      verdict_.loss_minutes = std::max(
          0.0, std::chrono::duration<double, std::ratio<60>>(sight_.now - *account_.geo.last_sync)
                   .count());
    judge_state();
    judge_conversion();
    if (verdict_.root) return judge_root(verdict_.root->denial);
    judge_geo_error();
    if (is_geo_redundant(account_.sku)) {
      judge_copy();
    } else {
      judge_single_copy();
    }
    judge_place();
    judge_code();
    if (account_.has_firewall)
      add(Gravity::note, "it lets in only whom its firewall names",
          "Let in the subnets and the access connector of the standby, before they are needed");
  }

 private:
  void add(Gravity gravity, std::string message, std::string what_to_do) {
    verdict_.advice.push_back({gravity, std::move(message), std::move(what_to_do)});
  }
  [[nodiscard]] bool is_used_by_primary() const { return !verdict_.used.primary.empty(); }
  [[nodiscard]] bool has_twin() const { return !verdict_.twin.empty(); }
  /// Does it lie elsewhere than the primary? Not as long as nobody knows where that is.
  [[nodiscard]] bool outlives_primary() const {
    return !sight_.primary_region.empty() && account_.region != sight_.primary_region;
  }
  [[nodiscard]] std::string standby_or_other() const {
    return sight_.standby_region.empty() ? std::string("the region of the standby")
                                         : sight_.standby_region;
  }
  [[nodiscard]] const std::string* pair() const {
    const auto found = sight_.pairs.find(account_.region);
    return found == sight_.pairs.end() ? nullptr : &found->second;
  }

  void judge_state() {
    if (account_.failover_in_progress)
      add(Gravity::warning, "a failover of the account is under way",
          "Wait for its end, which takes about an hour, and do not fail over the workspace "
          "meanwhile if you need not");
    if (account_.status_of_primary == "unavailable")
      add(Gravity::problem, "Azure says that it is not available in " + account_.region,
          has_twin()
              ? "The twin " + verdict_.twin + " is independent of it"
              : "Decide on a failover of the account: it takes about an hour, so order it early");
  }

  void judge_geo_error() {
    if (!account_.geo_error) return;
    const Error& error = *account_.geo_error;
    const bool is_refused = error.fault == Fault::forbidden || error.hint.empty();
    add(Gravity::warning, "the state of its copy could not be read: " + why(error),
        is_refused ? "Give our principal the role Reader on the account" : error.hint);
  }

  void judge_conversion() {
    if (account_.migration_in_progress || account_.conversion == "InProgress")
      add(Gravity::warning,
          "its redundancy is being changed" +
              (account_.conversion_to.empty() ? std::string() : " to " + account_.conversion_to),
          "Wait: until that is done it cannot fail over");
    if (account_.conversion == "Failed")
      add(Gravity::warning, "the change of its redundancy to " + account_.conversion_to + " failed",
          "Look at it in the portal, and order it again");
  }

  /// The standby has a root of its own; nothing of this one is ever seen there.
  void judge_root(const Denial& denial) {
    add(Gravity::note, "it is the DBFS root of a workspace; " + denial_text(denial),
        "Keep nothing in the DBFS root that is not code; Twinlake copies that through the "
        "workspace");
    if (account_.geo_error)
      add(Gravity::note,
          std::string("the state of its copy could not be read") +
              (denial.refuses_reads ? ", which that assignment refuses too" : ""),
          {});
    if (!is_geo_redundant(account_.sku))
      add(Gravity::note, "its redundancy is " + account_.sku, {});
  }

  void judge_copy() {
    judge_replication();
    judge_delta();
    if (!account_.secondary_region.empty() && !has_twin() && is_used_by_primary() &&
        !sight_.standby_region.empty() && account_.region != sight_.standby_region &&
        account_.secondary_region != sight_.standby_region)
      add(Gravity::warning,
          "its copy is in " + account_.secondary_region + ", the standby in " +
              sight_.standby_region,
          "The pair of a region cannot be chosen: use an account in " + sight_.standby_region +
              " with a copy of the data, or accept that the standby reads from another region");
  }

  void judge_replication() {
    if (account_.secondary_region.empty()) {
      const bool has_no_pair = pair() != nullptr && pair()->empty();
      add(Gravity::problem,
          has_no_pair ? account_.region + " has no paired region, so nothing is replicated"
                      : "Azure names no region that it is replicated to",
          "Make an account in " + standby_or_other() + " and copy the data there");
      return;
    }
    if (account_.geo.status == "Bootstrap")
      add(Gravity::warning,
          "its first copy to " + account_.secondary_region + " is still being made",
          "Wait: until then it cannot fail over");
    if (account_.geo.status == "Unavailable")
      add(Gravity::warning, "its copy in " + account_.secondary_region + " is not available",
          "Look at the health of that region");
    if (account_.geo.can_fail_over == false && account_.geo.status == "Live")
      add(Gravity::warning, "Azure says that it cannot fail over",
          "Premium blobs, immutable containers, object replication and Azure File Sync stand "
          "against it; or use an "
          "account in " +
              standby_or_other() + " instead");
    if (verdict_.loss_minutes && *verdict_.loss_minutes > 60)
      add(Gravity::warning,
          fmt::format("its copy is {:.1f} hours old; a quarter of one is usual, and nobody "
                      "promises it",
                      *verdict_.loss_minutes / 60),
          "Look at how much is written there, and at the health of both regions");
  }

  /// Blobs are copied one by one, in no order that a table knows of.
  void judge_delta() {
    if (!is_used_by_primary() || has_twin() || outlives_primary()) return;
    add(Gravity::warning,
        "a Delta table may be torn in its copy: geo-replication copies blob by blob, in no order",
        "Copy tables with DEEP CLONE to an account in " + standby_or_other() +
            ", and add the rewrite `from: " + verdict_.name +
            "`, `to: ` that account to twinlake.yml. After a failover of this account it is " +
            (account_.geo.redundancy_afterwards.empty() ? std::string("LRS")
                                                        : account_.geo.redundancy_afterwards) +
            ", and what was not replicated is lost");
  }

  void judge_single_copy() {
    if (is_twin_ || has_twin() || !is_used_by_primary()) return;
    if (outlives_primary()) return;
    const bool could = pair() != nullptr && !pair()->empty();
    add(Gravity::problem,
        "its data is in " + account_.region + " only (" + account_.sku +
            "): a loss of the region takes all of it",
        "Copy the data to an account in " + standby_or_other() +
            " (DEEP CLONE for Delta tables, object replication or AzCopy for files) and add a "
            "rewrite to twinlake.yml" +
            (could ? "; Standard_GRS would keep a copy in " + *pair() : std::string()));
  }

  /// Code goes to the standby byte for byte.
  void judge_code() {
    const std::size_t count = has_twin() ? uses_in_code(verdict_.used) : 0;
    if (count > 0)
      add(Gravity::warning,
          counted(static_cast<std::int64_t>(count), "notebook or file names it in its code",
                  "notebooks and files name it in their code") +
              ", which no rewrite changes",
          "Let them take the name from a parameter, a setting or a mount");
  }

  void judge_place() {
    if (sight_.primary_region.empty() || sight_.primary_region == sight_.standby_region) return;
    const bool lies_in_primary = account_.region == sight_.primary_region;
    if (is_twin_ && lies_in_primary)
      add(Gravity::problem,
          "a rewrite leads to it, and it is in " + account_.region +
              " too, the region of the primary",
          "Let the rewrite lead to an account in " + standby_or_other());
    else if (!verdict_.used.standby.empty() && lies_in_primary && !is_geo_redundant(account_.sku))
      add(Gravity::problem,
          "the standby names it too, and it would be lost with " + account_.region,
          "Add a rewrite to an account in " + standby_or_other() + " to twinlake.yml");
  }

  const StorageSight& sight_;
  AccountVerdict& verdict_;
  const StorageAccount& account_;
  bool is_twin_;
};

AccountVerdict judge(const std::string& name, const EstateUses& uses, const StorageSight& sight,
                     const std::set<std::string>& twins) {
  AccountVerdict verdict;
  verdict.name = name;
  if (const auto used = uses.things.find({Service::storage, name}); used != uses.things.end())
    verdict.used = used->second;
  if (const auto twin = sight.twins.find(name); twin != sight.twins.end())
    verdict.twin = twin->second;
  const auto account = sight.accounts.find(name);
  if (account != sight.accounts.end()) verdict.account = account->second;
  const auto id = verdict.account ? outer_resource_id(verdict.account->id) : std::nullopt;
  const auto root = std::ranges::find_if(sight.roots, [&](const RootAccount& one) {
    return one.name == name || (id && same_id(id->group_path(), one.managed_group));
  });
  if (root != sight.roots.end()) verdict.root = *root;
  if (verdict.account) {
    Judge(sight, verdict, twins.contains(name)).run();
  } else {
    const auto error = sight.unknown.find(name);
    verdict.why_unknown = error == sight.unknown.end() ? "nobody asked for it" : why(error->second);
    if (twins.contains(name))
      verdict.advice.push_back(
          {Gravity::problem,
           "a rewrite leads to it, and nobody knows whether it is there: " + verdict.why_unknown,
           error == sight.unknown.end() ? std::string() : error->second.hint});
  }
  std::ranges::stable_sort(verdict.advice, std::greater<>(), &Advice::gravity);
  return verdict;
}

}  // namespace

bool is_geo_redundant(std::string_view sku) {
  return lower_case(sku).ends_with("grs") || lower_case(sku).ends_with("gzrs");
}

StorageAccount storage_account_of(const json& resource) {
  StorageAccount account;
  account.id = text_at(resource, "/id");
  account.name = lower_case(text_at(resource, "/name"));
  account.sku = text_at(resource, "/sku/name");
  account.kind = text_at(resource, "/kind");
  account.is_hierarchical = truth_at(resource, "/properties/isHnsEnabled").value_or(false);
  account.region = region_name(text_at(resource, "/properties/primaryLocation"));
  if (account.region.empty()) account.region = region_name(text_at(resource, "/location"));
  account.secondary_region = region_name(text_at(resource, "/properties/secondaryLocation"));
  account.status_of_primary = lower_case(text_at(resource, "/properties/statusOfPrimary"));
  account.failover_in_progress =
      truth_at(resource, "/properties/failoverInProgress").value_or(false);
  account.migration_in_progress =
      truth_at(resource, "/properties/accountMigrationInProgress").value_or(false);
  account.conversion =
      text_at(resource, "/properties/storageAccountSkuConversionStatus/skuConversionStatus");
  account.conversion_to =
      text_at(resource, "/properties/storageAccountSkuConversionStatus/targetSkuName");
  account.has_firewall = text_at(resource, "/properties/networkAcls/defaultAction") == "Deny" ||
                         text_at(resource, "/properties/publicNetworkAccess") == "Disabled";
  account.geo = geo_of(resource);
  return account;
}

std::vector<AccountVerdict> judge_storage(const EstateUses& uses, const StorageSight& sight) {
  std::set<std::string> names;
  std::set<std::string> twins;
  for (const Used* used : of_service(uses, Service::storage)) names.insert(used->name);
  for (const auto& [name, twin] : sight.twins) {
    names.insert(twin);
    twins.insert(twin);
  }
  for (const RootAccount& root : sight.roots)
    if (!root.name.empty()) names.insert(root.name);
  std::vector<AccountVerdict> verdicts;
  for (const std::string& name : names) verdicts.push_back(judge(name, uses, sight, twins));
  return verdicts;
}

}  // namespace twinlake::azure
