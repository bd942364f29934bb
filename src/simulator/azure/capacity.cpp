#include "simulator/azure/capacity.h"

#include <set>

#include "simulator/azure/locations.h"
#include "simulator/azure/resources.h"
#include "simulator/body.h"

namespace twinlake::simulator {

namespace {
std::string key_of(const std::string& location, const std::string& name) {
  return lower(location) + "/" + lower(name);
}

std::string shown_name(std::string_view name) {
  if (name == "cores") return "Total Regional vCPUs";
  if (name == "lowPriorityCores") return "Total Regional Low-priority vCPUs";
  return std::string(name) + " vCPUs";
}

Quota usual_quota(const std::string& name) { return {0, name == "cores" ? 350 : 100}; }
}  // namespace

const std::vector<MachineSize>& machine_sizes() {
  // The sizes that simulated workspaces and the demo estate speak of, and some around them.
  static const std::vector<MachineSize> table = {
      {"Standard_DS3_v2", "standardDSv2Family", 4, 14},
      {"Standard_DS4_v2", "standardDSv2Family", 8, 28},
      {"Standard_DS5_v2", "standardDSv2Family", 16, 56},
      {"Standard_D4s_v3", "standardDSv3Family", 4, 16},
      {"Standard_D8s_v3", "standardDSv3Family", 8, 32},
      {"Standard_D16s_v3", "standardDSv3Family", 16, 64},
      {"Standard_D16ads_v5", "standardDADSv5Family", 16, 64},
      {"Standard_D4ds_v5", "standardDDSv5Family", 4, 16},
      {"Standard_D8ds_v5", "standardDDSv5Family", 8, 32},
      {"Standard_E4ds_v4", "standardEDSv4Family", 4, 32},
      {"Standard_E8ds_v4", "standardEDSv4Family", 8, 64},
      {"Standard_E8ds_v5", "standardEDSv5Family", 8, 64},
      {"Standard_E8s_v3", "standardESv3Family", 8, 64},
      {"Standard_F8s_v2", "standardFSv2Family", 8, 16},
      {"Standard_L8s_v3", "standardLSv3Family", 8, 64},
      {"Standard_NC6s_v3", "standardNCSv3Family", 6, 112},
      {"Standard_NC4as_T4_v3", "Standard NCASv3_T4 Family", 4, 28},
  };
  return table;
}

const MachineSize* machine_size(std::string_view name) {
  for (const MachineSize& size : machine_sizes())
    if (same_id(size.name, name)) return &size;
  return nullptr;
}

void Capacity::set_quota(const std::string& location, const std::string& name, Quota quota) {
  quotas_[key_of(location, name)] = quota;
}

Quota Capacity::quota(const std::string& location, const std::string& name) const {
  const auto found = quotas_.find(key_of(location, name));
  return found == quotas_.end() ? usual_quota(name) : found->second;
}

void Capacity::limit_size(const std::string& location, const std::string& size, SizeLimit limit) {
  limited_[key_of(location, size)] = limit;
}

json Capacity::usages(const std::string& location) const {
  std::vector<std::string> names{"availabilitySets", "cores", "virtualMachines",
                                 "lowPriorityCores"};
  std::set<std::string> families;
  for (const MachineSize& size : machine_sizes()) families.emplace(size.family);
  names.insert(names.end(), families.begin(), families.end());
  json out = json::array();
  for (const std::string& name : names) {
    const Quota found = quota(location, name);
    json row =
        json::object({{"unit", "Count"}, {"currentValue", found.used}, {"limit", found.limit}});
    row["name"] = json::object({{"value", name}, {"localizedValue", shown_name(name)}});
    out.push_back(std::move(row));
  }
  return out;
}

json Capacity::skus(const std::string& location) const {
  const Location* place = find_location(location);
  json out = json::array();
  if (place == nullptr) return out;
  json zones = json::array();
  for (int zone = 1; zone <= place->zones; ++zone) zones.push_back(std::to_string(zone));
  for (const MachineSize& size : machine_sizes()) {
    const std::string name(size.name);
    const auto limit = limited_.find(key_of(location, name));
    if (limit != limited_.end() && limit->second == SizeLimit::absent) continue;
    json row = json::object({{"resourceType", "virtualMachines"},
                             {"name", name},
                             {"tier", "Standard"},
                             {"size", name.substr(9)},
                             {"family", size.family},
                             {"locations", json::array({place->name})},
                             {"restrictions", json::array()}});
    row["locationInfo"] =
        json::array({json::object({{"location", place->name}, {"zones", zones}})});
    row["capabilities"] = json::array(
        {json::object({{"name", "vCPUs"}, {"value", std::to_string(size.cores)}}),
         json::object({{"name", "MemoryGB"}, {"value", std::to_string(size.memory_gb)}})});
    if (limit != limited_.end()) {
      const bool whole = limit->second == SizeLimit::restricted;
      json info = json::object({{"locations", json::array({place->name})}});
      if (!whole) info["zones"] = json::array({"1"});
      row["restrictions"].push_back(json::object({{"type", whole ? "Location" : "Zone"},
                                                  {"values", json::array({place->name})},
                                                  {"restrictionInfo", std::move(info)},
                                                  {"reasonCode", "NotAvailableForSubscription"}}));
    }
    out.push_back(std::move(row));
  }
  return out;
}

}  // namespace twinlake::simulator
