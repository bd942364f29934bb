#include "azure/capacity.h"

#include <algorithm>
#include <cstdlib>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "azure/regions.h"
#include "azure/services.h"
#include "base/json_path.h"
#include "base/text.h"

namespace twinlake::azure {

using nlohmann::json;

namespace {

constexpr const char* all_cores = "cores";
constexpr const char* spot_cores = "lowprioritycores";

std::int64_t number_in(const json& value, std::string_view pointer) {
  return std::strtoll(text_at(value, pointer).c_str(), nullptr, 10);
}

bool names_region(const json* list, const std::string& region) {
  if (list == nullptr || !list->is_array()) return false;
  return std::ranges::any_of(*list, [&](const json& one) {
    return one.is_string() && region_name(one.get<std::string>()) == region;
  });
}

/// Why nobody can have this size anywhere in the region.
std::string restriction_of(const json& sku, const std::string& region) {
  const json* restrictions = find_at(sku, "/restrictions");
  if (restrictions == nullptr || !restrictions->is_array()) return {};
  for (const json& restriction : *restrictions) {
    if (lower_case(text_at(restriction, "/type")) != "location") continue;
    if (!names_region(find_at(restriction, "/values"), region) &&
        !names_region(find_at(restriction, "/restrictionInfo/locations"), region))
      continue;
    const std::string reason = text_at(restriction, "/reasonCode");
    return reason.empty() ? std::string("restricted") : reason;
  }
  return {};
}

/// Cores by quota: what all needs together take, and what the largest takes alone.
struct Demand {
  std::int64_t together = 0;
  std::int64_t largest = 0;
  std::string largest_of;  ///< address
};

class Judge {
 public:
  Judge(const Needs& needs, const RegionCapacity& capacity) : needs_(needs), capacity_(capacity) {}

  AzureCheck sizes() const {
    AzureCheck check{.name = "node sizes",
                     .gravity = {},
                     .message = capacity_.region + " offers every machine that is needed"};
    if (!capacity_.sizes)
      return unread("node sizes", "the sizes of machines of " + capacity_.region,
                    capacity_.sizes.error());
    for (const Need& need : needs_.needs)
      for (const auto& [type, count] : need.nodes) {
        const auto size = capacity_.sizes->find(lower_case(type));
        if (size == capacity_.sizes->end())
          check.findings.push_back(
              {need.address, "needs " + type + ", which " + capacity_.region + " does not have",
               remedy});
        else if (!size->second.restriction.empty())
          check.findings.push_back({need.address,
                                    "needs " + type + ", which this subscription cannot have in " +
                                        capacity_.region + " (" + size->second.restriction + ")",
                                    remedy});
      }
    if (check.findings.empty()) return check;
    check.gravity = Gravity::problem;
    check.message = counted(static_cast<std::int64_t>(check.findings.size()),
                            "cluster or pool needs", "clusters or pools need") +
                    " machines that cannot be had in " + capacity_.region;
    return check;
  }

  AzureCheck cores() const {
    if (!capacity_.quotas)
      return unread("cores", "the quotas of " + capacity_.region, capacity_.quotas.error());
    AzureCheck check{.name = "cores", .gravity = {}, .message = {}};
    const std::map<std::string, Demand> demands = demands_by_quota();
    for (const auto& [name, demand] : demands) compare(name, demand, check);
    const auto all = demands.find(all_cores);
    const std::int64_t together = all == demands.end() ? 0 : all->second.together;
    const auto quota = capacity_.quotas->find(all_cores);
    const std::string room = quota == capacity_.quotas->end()
                                 ? std::string()
                                 : fmt::format("; {} of {} are free in {}", quota->second.free(),
                                               quota->second.limit, capacity_.region);
    check.message = fmt::format("{} at most if everything that a failover starts runs at once",
                                counted(together, "core is needed", "cores are needed")) +
                    room;
    for (const model::Finding& unknown : needs_.unknown) check.findings.push_back(unknown);
    if (!needs_.unknown.empty() && !check.gravity) check.gravity = Gravity::note;
    if (check.gravity && *check.gravity >= Gravity::warning)
      check.what_to_do = "Ask for more quota in " + capacity_.region +
                         " now: on the day everybody does, and it may take a support request";
    return check;
  }

  AzureCheck addresses() const {
    AzureCheck check{.name = "addresses",
                     .gravity = {},
                     .message = "the network of the standby is one of Databricks' own"};
    if (capacity_.network_error)
      return unread("addresses", "the subnets of the standby", *capacity_.network_error);
    if (capacity_.rooms.empty()) return check;
    std::int64_t nodes = 0;
    for (const Need& need : needs_.needs) nodes += need.count();
    check.message = fmt::format("{} at once need one address in each subnet of the standby",
                                counted(nodes, "node", "nodes"));
    for (const auto& [subnet, room] : capacity_.rooms)
      if (room < nodes)
        check.findings.push_back({"subnet " + subnet,
                                  fmt::format("has room for {}", counted(room, "node", "nodes")),
                                  {}});
    if (check.findings.empty()) return check;
    check.gravity = Gravity::warning;
    check.what_to_do =
        "Make the subnets larger while the workspace is young, or let less run at once after a "
        "failover";
    return check;
  }

 private:
  static constexpr const char* remedy =
      "Add a rewrite to a size that the region has to twinlake.yml, or ask for access to it";

  static AzureCheck unread(const char* name, const std::string& what, const Error& error) {
    return {
        .name = name,
        .gravity = Gravity::warning,
        .message = what + " could not be read: " + error.message,
        .what_to_do = error.hint.empty()
                          ? "Give our principal the role Reader in the subscription of the standby"
                          : error.hint};
  }

  struct Size {
    std::string family;
    std::int64_t cores = 0;
  };
  [[nodiscard]] Size size_of(const std::string& type) const {
    if (capacity_.sizes)
      if (const auto size = capacity_.sizes->find(lower_case(type)); size != capacity_.sizes->end())
        return {lower_case(size->second.family), size->second.cores};
    const auto listed = capacity_.cores_of.find(type);
    return {{}, listed == capacity_.cores_of.end() ? 0 : listed->second};
  }

  /// Spot machines have a quota of their own, over all families.
  [[nodiscard]] std::map<std::string, Demand> demands_by_quota() const {
    std::map<std::string, Demand> demands;
    for (const Need& need : needs_.needs) {
      std::map<std::string, std::int64_t> cores;
      for (const auto& [type, count] : need.nodes) {
        const Size size = size_of(type);
        if (count.on_demand > 0) {
          cores[all_cores] += count.on_demand * size.cores;
          if (!size.family.empty()) cores[size.family] += count.on_demand * size.cores;
        }
        if (count.spot > 0) cores[spot_cores] += count.spot * size.cores;
      }
      for (const auto& [name, wanted] : cores) {
        Demand& demand = demands[name];
        demand.together += wanted;
        if (wanted > demand.largest) {
          demand.largest = wanted;
          demand.largest_of = need.address;
        }
      }
    }
    return demands;
  }

  void compare(const std::string& name, const Demand& demand, AzureCheck& check) const {
    const std::string what = name == all_cores    ? "cores in the region"
                             : name == spot_cores ? "cores of spot machines"
                                                  : "cores of " + name;
    const auto quota = capacity_.quotas->find(name);
    if (quota == capacity_.quotas->end()) {
      check.gravity = check.gravity.value_or(Gravity::note);
      check.findings.push_back(
          {what,
           fmt::format("{} are needed at most, and Azure tells no quota of them", demand.together),
           {}});
      return;
    }
    if (demand.largest > quota->second.free()) {
      check.gravity = Gravity::problem;
      check.findings.push_back(
          {demand.largest_of,
           fmt::format("needs {} {} alone, and {} of {} are free", demand.largest, what,
                       quota->second.free(), quota->second.limit),
           {}});
    } else if (demand.together > quota->second.free()) {
      check.gravity = std::max(check.gravity.value_or(Gravity::note), Gravity::warning);
      check.findings.push_back(
          {what,
           fmt::format("{} are needed at most, {} of {} are free", demand.together,
                       quota->second.free(), quota->second.limit),
           {}});
    }
  }

  const Needs& needs_;
  const RegionCapacity& capacity_;
};

}  // namespace

std::map<std::string, MachineSize> sizes_in(const std::vector<json>& skus,
                                            const std::string& region) {
  std::map<std::string, MachineSize> sizes;
  for (const json& sku : skus) {
    if (text_at(sku, "/resourceType") != "virtualMachines" ||
        !names_region(find_at(sku, "/locations"), region))
      continue;
    MachineSize size;
    size.family = text_at(sku, "/family");
    size.restriction = restriction_of(sku, region);
    if (const json* capabilities = find_at(sku, "/capabilities");
        capabilities != nullptr && capabilities->is_array())
      for (const json& capability : *capabilities)
        if (text_at(capability, "/name") == "vCPUs") size.cores = number_in(capability, "/value");
    sizes[lower_case(text_at(sku, "/name"))] = size;
  }
  return sizes;
}

std::map<std::string, Quota> quotas_in(const std::vector<json>& usages) {
  std::map<std::string, Quota> quotas;
  for (const json& usage : usages)
    quotas[lower_case(text_at(usage, "/name/value"))] = {number_in(usage, "/currentValue"),
                                                         number_in(usage, "/limit")};
  return quotas;
}

std::vector<AzureCheck> judge_capacity(const Needs& needs, const RegionCapacity& capacity) {
  const Judge judge(needs, capacity);
  return {judge.cores(), judge.sizes(), judge.addresses()};
}

}  // namespace twinlake::azure
