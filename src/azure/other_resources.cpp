#include "azure/other_resources.h"

#include <map>
#include <optional>

#include "azure/provider.h"

namespace twinlake::azure {

namespace {

/// One provider as one subscription sees it.
using Namespace = std::pair<std::string, std::string>;
using Providers = std::map<Namespace, std::optional<Result<ProviderFacts>>>;

Namespace namespace_of(const ResourceId& id) {
  return {lower_case(id.subscription), lower_case(id.provider)};
}

/// Of several ids the first one counts: they are one resource.
std::optional<ResourceId> id_of(const Used& used) {
  return used.resource_ids.empty() ? std::nullopt : outer_resource_id(*used.resource_ids.begin());
}

Task<void> ask_namespace(Arm* arm, Namespace which, std::optional<Result<ProviderFacts>>* into) {
  into->emplace(co_await ask_provider(*arm, which.first, which.second));
}

Task<void> read_one(Arm* arm, const Used* used, const Result<ProviderFacts>* facts,
                    Evidence* into) {
  const auto id = id_of(*used);
  if (!*facts) {
    into->error = facts->error();
    co_return;
  }
  std::string version = newest_version(**facts, id->type, "");
  if (version.empty()) {
    into->error = Error(Fault::disabled, "Azure does not say how " + id->full_type() + " is read",
                        "Look at it in the portal");
    co_return;
  }
  auto resource = co_await arm->get(outer_id(*used->resource_ids.begin()), std::move(version));
  if (resource)
    into->resource = std::move(*resource);
  else
    into->error = std::move(resource).error();
}

}  // namespace

Task<void> look_at_others(Arm& arm, std::vector<const Used*> wanted, DependencySight* into) {
  std::erase_if(wanted, [](const Used* used) { return !id_of(*used); });
  Providers providers;
  {
    TaskGroup questions(arm.loop());
    for (const Used* used : wanted) {
      const auto [place, is_new] = providers.try_emplace(namespace_of(*id_of(*used)));
      if (is_new) questions.start(ask_namespace(&arm, place->first, &place->second));
    }
    co_await questions.join();
  }
  TaskGroup questions(arm.loop());
  for (const Used* used : wanted) {
    const Result<ProviderFacts>& facts = *providers.at(namespace_of(*id_of(*used)));
    Evidence& evidence = into->evidence[{Service::other, lower_case(*used->resource_ids.begin())}];
    questions.start(read_one(&arm, used, &facts, &evidence));
  }
  co_await questions.join();
}

}  // namespace twinlake::azure
