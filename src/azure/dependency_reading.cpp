#include "azure/dependency_reading.h"

#include <algorithm>
#include <array>
#include <set>

#include "azure/other_resources.h"
#include "base/json_path.h"

namespace twinlake::azure {

using nlohmann::json;

namespace {

/// How a service is asked: facts, azure 9, 10 and 16. Where those name no version, it is one that
/// the provider had for years; one that it has no more is told, and the thing stays unknown.
struct Question {
  Service service;
  const char* version;
  std::array<const char*, 2> parts = {nullptr, nullptr};
};
constexpr auto questions = std::to_array<Question>({
    {Service::key_vault, "2025-05-01"},
    {Service::sql, "2023-08-01", {"failoverGroups", "replicationLinks"}},
    {Service::mysql, "2024-12-30", {"replicas"}},
    {Service::postgresql, "2024-08-01", {"replicas"}},
    {Service::hdinsight, "2021-06-01"},
    {Service::event_hubs, "2024-01-01", {"disasterRecoveryConfigs"}},
    {Service::cosmos, "2024-11-15"},
    {Service::synapse, "2021-06-01"},
    {Service::log_analytics, "2023-09-01"},
    {Service::container_registry, "2023-07-01", {"replications"}},
    {Service::cognitive, "2024-10-01"},
});
/// Failover groups are looked for at so many servers at most.
constexpr std::size_t most_servers = 100;

Task<void> read_part(Arm* arm, std::string id, std::string name, std::string version,
                     Evidence* into) {
  auto items = co_await arm->list(id + "/" + name, std::move(version));
  if (items)
    into->parts[name] = std::move(*items);
  else if (items.error().fault != Fault::not_found)
    into->refused.emplace(name, std::move(items).error());
}

/// Names are not unique for all types, so an id counts first. A workspace of Log Analytics is named
/// by a number of its own.
const json* find_in(const Listed& listed, const Used& used) {
  for (const std::string& id : used.resource_ids)
    if (const json* resource = listed.with_id(outer_id(id))) return resource;
  if (!used.resource_ids.empty() && used.hosts.empty()) return nullptr;
  if (const json* resource = listed.named(used.name)) return resource;
  const auto found = std::ranges::find_if(listed.resources, [&](const json& resource) {
    return lower_case(text_at(resource, "/properties/customerId")) == used.name;
  });
  return found == listed.resources.end() ? nullptr : &*found;
}

struct Group {
  const json* server = nullptr;
  json group;
};

struct Groups {
  std::map<std::string, Group> by_name;
  std::vector<Error> errors;  ///< of servers that did not show theirs
};

Task<void> add_groups(Arm* arm, const json* server, std::string version, Groups* groups) {
  const std::string path = text_at(*server, "/id") + "/failoverGroups";
  auto listed = co_await arm->list(path, std::move(version));
  if (!listed) {
    groups->errors.push_back(std::move(listed).error());
    co_return;
  }
  for (json& group : *listed) {
    Group& kept = groups->by_name[lower_case(text_at(group, "/name"))];
    // Both servers show it; the one that is primary says how it is.
    if (kept.server != nullptr && text_at(group, "/properties/replicationRole") != "Primary")
      continue;
    kept.server = server;
    kept.group = std::move(group);
  }
}

/// Names of SQL that no server has may be listeners.
Task<void> find_listeners(Arm* arm, const Listed* servers, std::vector<const Used*> wanted,
                          std::string version, DependencySight* into) {
  Groups groups;
  {
    TaskGroup tasks(arm->loop());
    const std::size_t count = std::min(servers->resources.size(), most_servers);
    if (count < servers->resources.size())
      groups.errors.emplace_back(Fault::refused, "there are more servers than are looked through",
                                 "Name the failover group by a resource id");
    for (std::size_t i = 0; i < count; ++i)
      tasks.start(add_groups(arm, &servers->resources[i], version, &groups));
    co_await tasks.join();
  }
  for (const Used* used : wanted) {
    Evidence& evidence = into->evidence[{used->service, used->name}];
    const auto found = groups.by_name.find(used->name);
    if (found == groups.by_name.end()) {
      Listed all;  // a group that a server did not show is not absent
      all.errors = servers->errors;
      all.errors.insert(all.errors.end(), groups.errors.begin(), groups.errors.end());
      evidence.error = all.absent("SQL server or failover group " + used->name);
      continue;
    }
    evidence.resource = *found->second.server;
    evidence.is_listener = true;
    evidence.parts["failoverGroups"].push_back(found->second.group);
  }
}

Task<void> ask(Arm* arm, const Question* question, std::vector<const Used*> wanted,
               const AzureSight* sight, DependencySight* into) {
  const std::string type(resource_type_of(question->service));
  const Listed listed = co_await list_everywhere(*arm, *sight, type, question->version);
  std::vector<const Used*> missing;
  {
    TaskGroup tasks(arm->loop());
    for (const Used* used : wanted) {
      const json* resource = find_in(listed, *used);
      if (resource == nullptr) {
        missing.push_back(used);
        continue;
      }
      Evidence& evidence = into->evidence[{used->service, used->name}];
      evidence.resource = *resource;
      for (const char* part : question->parts)
        if (part != nullptr)
          tasks.start(
              read_part(arm, text_at(*resource, "/id"), part, question->version, &evidence));
    }
    co_await tasks.join();
  }
  if (question->service == Service::sql && !missing.empty())
    co_return co_await find_listeners(arm, &listed, std::move(missing), question->version, into);
  for (const Used* used : missing)
    into->evidence[{used->service, used->name}].error =
        listed.absent(std::string(name_of(used->service)) + " " + used->name);
}

}  // namespace

Task<DependencySight> look_at_dependencies(Arm& arm, const EstateUses* uses,
                                           std::map<ThingKey, std::string> twins,
                                           const AzureSight* sight) {
  DependencySight seen;
  seen.twins = std::move(twins);
  seen.pairs = sight->pairs;
  if (sight->primary) seen.primary_region = sight->primary->region;
  if (sight->standby) seen.standby_region = sight->standby->region;
  TaskGroup tasks(arm.loop());
  for (const Question& question : questions) {
    std::vector<const Used*> wanted = of_service(*uses, question.service);
    if (!wanted.empty()) tasks.start(ask(&arm, &question, std::move(wanted), sight, &seen));
  }
  tasks.start(look_at_others(arm, of_service(*uses, Service::other), &seen));
  co_await tasks.join();
  co_return seen;
}

}  // namespace twinlake::azure
