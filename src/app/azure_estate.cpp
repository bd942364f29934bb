#include "app/azure_estate.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "app/progress.h"
#include "app/rules.h"
#include "azure/dependency_reading.h"
#include "azure/storage_reading.h"
#include "model/kind.h"

namespace twinlake::app {

using azure::Of;
using azure::Used;

namespace {

std::vector<const model::Kind*> every_kind() {
  static const std::vector<const model::Kind*> kinds = kinds::all();
  return kinds;
}

/// What was observed last, for a side that stands alone: no session tells it.
void recall(state::Store& store, workspace::Workspace& side) {
  for (const state::Observed& seen : store.observations()) {
    if (seen.side != side.side()) continue;
    workspace::Observation& observation = side.observations()[seen.kind];
    observation.taken = seen.taken;
    const nlohmann::json items = nlohmann::json::parse(seen.items, nullptr, false);
    if (items.is_array()) observation.items.assign(items.begin(), items.end());
  }
}

/// Observed kinds that nobody ever looked at have no listing.
std::vector<const model::Kind*> kinds_to_read(const workspace::Workspace& side) {
  std::vector<const model::Kind*> kinds;
  for (const model::Kind* kind : every_kind())
    if (kind->observe == nullptr || side.observation_of(kind->name) != nullptr)
      kinds.push_back(kind);
  return kinds;
}

Task<void> read_side(workspace::Workspace* side, workspace::InScope in_scope, ReadCode code, Of of,
                     azure::EstateReading* into, azure::EstateUses* uses) {
  *into = co_await azure::read_definitions(*side, kinds_to_read(*side), std::move(in_scope));
  azure::look_at_inventory(*uses, of, into->inventory);
  co_await azure::look_at_unity_catalog(*side, into, of, uses);
  const azure::CodeOptions options;
  if (code == ReadCode::yes) co_await azure::look_through_code(*side, into, of, uses, options);
}

Task<void> read_sides(EstateView* view, workspace::InScope in_scope, ReadCode code) {
  TaskGroup sides(view->group->loop());
  sides.start(read_side(&view->group->secondary().workspace(), in_scope, code, Of::standby,
                        &view->standby, &view->uses));
  if (!view->is_primary_lost)
    sides.start(read_side(&view->group->primary().workspace(), in_scope, code, Of::primary,
                          &view->primary, &view->uses));
  co_await sides.join();
}

Result<void> open_group(const Settings& settings, EstateView& view) {
  auto group = GroupAccess::open(settings, Purpose::read);
  if (!group) {
    const bool is_lost =
        group.error().fault == Fault::network || group.error().fault == Fault::unavailable;
    if (!is_lost) return fail(std::move(group).error());
    TRY(view.group, GroupAccess::open(settings, Purpose::look));
    view.is_primary_lost = true;
    return {};
  }
  view.group = std::move(*group);
  return {};
}

Error not_asked() { return Error(Fault::config, "Azure was not asked", how_to_open_azure); }

std::string moved(const Rewrites& rewrites, model::Side primary, std::string_view text) {
  return primary == model::Side::home ? rewrites.forward(text) : rewrites.backward(text);
}

/// The name in a text that was a host or a resource id before it was rewritten.
std::string name_in(std::string_view text, azure::Service service) {
  for (const azure::Named& named : azure::names_in(text).things)
    if (named.service == service)
      return service == azure::Service::other ? azure::lower_case(named.resource_id) : named.name;
  return {};
}

}  // namespace

Result<std::unique_ptr<AzureAccess>> open_azure(GroupAccess& group) {
  const workspace::Profile& standby = group.secondary().profile();
  const workspace::Profile& primary = group.primary().profile();
  // One that does not sign in by Entra ID leaves it to the environment.
  const bool primary_opens = is_entra(primary.auth) && !is_entra(standby.auth);
  AzureAccess::May reads;
  // These commands are asked on the day too, when Resource Manager may be gone.
  reads.retry.budget = std::chrono::seconds(20);
  reads.retry.most_server_failures = 4;
  return AzureAccess::open(group.loop(), group.engine(), primary_opens ? primary : standby, reads);
}

/// ARM stands in no region: it tells of a primary that does not answer too.
azure::SightOptions sight_options(const Settings& settings, GroupAccess& group) {
  azure::SightOptions options;
  options.primary_host = group.primary().host();
  options.primary_id = group.primary().profile().azure_resource_id;
  options.standby_id = group.secondary().profile().azure_resource_id;
  // The configuration names home, whichever role it has now.
  const bool home_is_standby = group.secondary().workspace().side() == model::Side::home;
  std::string& home_id = home_is_standby ? options.standby_id : options.primary_id;
  if (home_id.empty()) home_id = settings.group.azure.primary_id;
  options.standby_host = group.secondary().host();
  return options;
}

Result<std::unique_ptr<EstateView>> view_estate(const Settings& settings, ReadCode code) {
  auto view = std::make_unique<EstateView>();
  CHECK(open_group(settings, *view));
  GroupAccess& group = *view->group;
  Loop& loop = group.loop();
  auto progress = make_progress(loop, settings);
  const engine::Rules rules = rules_of(settings.group);
  // It tells both sides what was observed last, and what the configuration says of them.
  std::optional<engine::Session> session;
  if (view->is_primary_lost)
    recall(group.store(), group.secondary().workspace());
  else
    session.emplace(group.session(*progress, rules));
  progress->on(events::Phase{code == ReadCode::yes ? "reading definitions and code"
                                                   : "reading definitions"});
  loop.run(read_sides(view.get(), rules.in_scope, code));
  const model::Side standby = group.secondary().workspace().side();
  if (view->is_primary_lost) trace_back(settings.group, model::other(standby), view->uses);
  progress->on(events::Phase{"asking Azure"});
  auto azure = open_azure(group);
  if (!azure) {
    view->no_azure = std::move(azure).error();
    return view;
  }
  view->azure = std::move(*azure);
  view->sight =
      loop.run(azure::look_around_workspaces(view->azure->arm(), sight_options(settings, group)));
  if (view->sight.blind) {
    view->no_azure = view->azure->explained(*view->sight.blind);
    view->azure.reset();
  }
  return view;
}

std::string how_to_open(const Error& error) {
  const bool is_login = error.fault == Fault::unauthenticated || error.fault == Fault::config;
  return is_login || error.hint.empty() ? std::string(how_to_open_azure) : error.hint;
}

std::string why_no_azure(const Error& error) { return error.message + ". " + how_to_open(error); }

std::map<azure::ThingKey, std::string> twins_of(const GroupConfig& group, model::Side primary,
                                                const azure::EstateUses& uses) {
  std::map<azure::ThingKey, std::string> twins;
  for (const auto& [key, used] : uses.things) {
    // What only the standby names is a twin itself.
    if (used.primary.empty()) continue;
    std::set<std::string> texts = used.hosts;
    texts.insert(used.resource_ids.begin(), used.resource_ids.end());
    for (const std::string& text : texts) {
      const std::string twin = name_in(moved(group.rewrites, primary, text), used.service);
      if (!twin.empty() && twin != key.second) twins[key] = twin;
    }
  }
  return twins;
}

AzureQuestion question_of(const Settings& settings, EstateView& view) {
  return {view.group->loop(),
          settings.group,
          model::other(view.group->secondary().workspace().side()),
          view.azure ? &view.azure->arm() : nullptr,
          view.uses,
          view.sight};
}

azure::StorageSight ask_of_storage(const AzureQuestion& question) {
  std::vector<std::string> accounts;
  for (const Used* used : azure::of_service(question.uses, azure::Service::storage))
    accounts.push_back(used->name);
  std::map<std::string, std::string> twins;
  for (const auto& [key, twin] : twins_of(question.group, question.primary, question.uses))
    if (key.first == azure::Service::storage) twins[key.second] = twin;
  if (question.arm != nullptr)
    return question.loop.run(azure::look_at_storage(*question.arm, std::move(accounts),
                                                    std::move(twins), question.sight));
  azure::StorageSight unasked;
  for (const std::string& name : accounts) unasked.unknown.emplace(name, not_asked());
  for (const auto& [name, twin] : twins) unasked.unknown.emplace(twin, not_asked());
  unasked.twins = std::move(twins);
  return unasked;
}

azure::DependencySight ask_of_dependencies(const AzureQuestion& question) {
  auto twins = twins_of(question.group, question.primary, question.uses);
  if (question.arm != nullptr)
    return question.loop.run(azure::look_at_dependencies(*question.arm, &question.uses,
                                                         std::move(twins), &question.sight));
  azure::DependencySight unasked;
  for (const auto& [key, used] : question.uses.things) unasked.evidence[key].error = not_asked();
  unasked.twins = std::move(twins);
  return unasked;
}

void trace_back(const GroupConfig& group, model::Side primary, azure::EstateUses& uses) {
  const azure::EstateUses there = uses;
  for (const auto& [key, used] : there.things)
    for (const auto* texts : {&used.hosts, &used.resource_ids})
      for (const std::string& text : *texts)
        for (const azure::Named& named :
             azure::names_in(moved(group.rewrites, model::other(primary), text)).things)
          for (const azure::Place& place : used.standby)
            azure::add_use(uses, Of::primary, named, place);
}

}  // namespace twinlake::app
