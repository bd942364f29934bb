#include "azure/storage_reading.h"

#include <set>

#include "base/json_path.h"

namespace twinlake::azure {

using nlohmann::json;

namespace {

/// facts, azure 7.1
constexpr const char* storage_version = "2025-08-01";

/// Who has it, if nobody that we see has: names of accounts are known all over Azure.
Task<void> explain_absence(Arm* arm, std::string subscription, std::string name,
                           StorageSight* into) {
  json body = json::object();
  body["name"] = name;
  body["type"] = "Microsoft.Storage/storageAccounts";
  const std::string path =
      "/subscriptions/" + subscription + "/providers/Microsoft.Storage/checkNameAvailability";
  const auto answer = co_await arm->ask(path, storage_version, std::move(body));
  if (!answer) co_return;
  Error& error = into->unknown.at(name);
  if (text_at(*answer, "/nameAvailable") == "true") {
    error = Error(Fault::not_found, "nobody in Azure has an account of that name",
                  "Correct the name where it is used, or make the account");
  } else if (text_at(*answer, "/reason") == "AlreadyExists") {
    error.message += "; somebody has an account of that name";
  }
}

Task<void> read_copy(Arm* arm, std::string id, StorageAccount* account) {
  const std::vector<std::pair<std::string, std::string>> expand(1,
                                                                {"$expand", "geoReplicationStats"});
  auto resource = co_await arm->get(std::move(id), storage_version, expand);
  if (!resource) {
    account->geo_error = std::move(resource).error();
    co_return;
  }
  *account = storage_account_of(*resource);
}

Task<void> read_denial(Arm* arm, RootAccount* root) {
  root->denial = co_await ask_denial(*arm, root->managed_group);
}

std::vector<RootAccount> roots_of(const AzureSight& sight) {
  std::vector<RootAccount> roots;
  if (sight.primary)
    roots.push_back({sight.primary->root_account, sight.primary->managed_group, true});
  if (sight.standby)
    roots.push_back({sight.standby->root_account, sight.standby->managed_group, false});
  return roots;
}

}  // namespace

Task<StorageSight> look_at_storage(Arm& arm, std::vector<std::string> accounts,
                                   std::map<std::string, std::string> twins,
                                   const AzureSight& sight) {
  StorageSight seen;
  seen.roots = roots_of(sight);
  seen.pairs = sight.pairs;
  if (sight.primary) seen.primary_region = sight.primary->region;
  if (sight.standby) seen.standby_region = sight.standby->region;
  std::set<std::string> wanted(accounts.begin(), accounts.end());
  for (const auto& [name, twin] : twins) wanted.insert(twin);
  for (const RootAccount& root : seen.roots)
    if (!root.name.empty()) wanted.insert(root.name);
  seen.twins = std::move(twins);
  const std::string type(resource_type_of(Service::storage));
  const Listed listed = co_await list_everywhere(arm, sight, type, storage_version);
  {
    TaskGroup questions(arm.loop());
    for (RootAccount& root : seen.roots)
      if (!root.managed_group.empty()) questions.start(read_denial(&arm, &root));
    for (const std::string& name : wanted) {
      const json* resource = listed.named(name);
      if (resource == nullptr) {
        seen.unknown.emplace(name, listed.absent("storage account " + name));
        if (!sight.subscriptions.empty())
          questions.start(explain_absence(&arm, sight.subscriptions.front(), name, &seen));
        continue;
      }
      StorageAccount& account = seen.accounts[name] = storage_account_of(*resource);
      if (is_geo_redundant(account.sku)) questions.start(read_copy(&arm, account.id, &account));
    }
    co_await questions.join();
  }
  seen.now = arm.loop().now();
  co_return seen;
}

}  // namespace twinlake::azure
