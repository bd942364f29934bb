#include "simulation/world.h"

#include <array>

#include "base/json_path.h"

namespace twinlake::simulation {

using nlohmann::json;

namespace {

struct ListRow {
  const char* list;
  const char* id;
  const char* name;
};
constexpr std::array lists{
    ListRow{"jobs", "/job_id", "/settings/name"},
    ListRow{"clusters", "/cluster_id", "/cluster_name"},
    ListRow{"instance_pools", "/instance_pool_id", "/instance_pool_name"},
    ListRow{"cluster_policies", "/policy_id", "/name"},
    ListRow{"users", "/id", "/userName"},
    ListRow{"groups", "/id", "/displayName"},
    ListRow{"warehouses", "/id", "/name"},
    ListRow{"pipelines", "/pipeline_id", "/name"},
    ListRow{"queries", "/id", "/display_name"},
    ListRow{"alerts", "/id", "/display_name"},
    ListRow{"global_init_scripts", "/script_id", "/name"},
    ListRow{"secret_scopes", "/name", "/name"},
    ListRow{"notification_destinations", "/id", "/display_name"},
    ListRow{"tree", "/object_id", "/path"},
};

/// What the service changes by itself.
constexpr std::array volatile_members{"state",         "terminated_time", "simulated",       "stats",       "last_modified",  "modified_at",
                                      "meta",          "members",         "groups",          "updated_at",  "updated_by",     "start_time",
                                      "state_message", "status",          "last_activity_time", "update_time", "created_time", "position",
                                      "last_state_loss_time", "lifecycle_state", "health", "latest_updates", "pinned_by_user_name",
                                      "spark_context_id", "starts", "termination_reason", "last_restarted_time"};

bool is_ours_or_everyones(const Thing& thing) {
  if (thing.list == "tree")
    return thing.name.starts_with("/Twinlake") || thing.name == "/Users" || thing.name == "/Shared" || thing.name == "/Repos" ||
           thing.name.starts_with("/Users/");
  return false;
}

}  // namespace

std::map<std::string, Thing> things_in(const json& world) {
  std::map<std::string, Thing> things;
  for (const ListRow& row : lists)
    for (const json& item : world.at(row.list)) {
      Thing thing{row.list, text_at(item, row.id), text_at(item, row.name), {}};
      if (is_ours_or_everyones(thing)) continue;
      json content = item;
      for (const char* member : volatile_members) content.erase(member);
      // Said or not, it is the same one.
      if (text_at(item, "/run_as/user_name") == text_at(item, "/run_as_user_name")) content.erase("run_as");
      thing.content = content.dump();
      things.emplace(thing.key(), std::move(thing));
    }
  for (const json& secret : world.at("secrets")) {
    Thing thing{"secrets", text_at(secret, "/scope") + "/" + text_at(secret, "/key"), {}, text_at(secret, "/value")};
    thing.name = thing.id;
    things.emplace(thing.key(), std::move(thing));
  }
  return things;
}

std::map<std::string, std::string> live_in(const json& world) {
  std::map<std::string, std::string> live;
  for (const json& trigger : world.at("live_job_triggers"))
    live.emplace("jobs/" + text_at(trigger, "/job_id"), text_at(trigger, "/name"));
  for (const json& pipeline : world.at("pipelines"))
    if (pipeline.at("spec").value("continuous", false)) live.emplace("pipelines/" + text_at(pipeline, "/pipeline_id"), text_at(pipeline, "/name"));
  for (const json& alert : world.at("alerts"))
    if (text_at(alert, "/schedule/pause_status") == "UNPAUSED") live.emplace("alerts/" + text_at(alert, "/id"), text_at(alert, "/display_name"));
  return live;
}

std::set<std::string> running_in(const json& world) {
  std::set<std::string> running;
  const auto collect = [&](const char* list, const char* id, const std::set<std::string>& stopped) {
    for (const json& machine : world.at(list))
      if (!stopped.contains(text_at(machine, "/state"))) running.insert(std::string(list) + "/" + text_at(machine, id));
  };
  collect("clusters", "/cluster_id", {"TERMINATED", "TERMINATING"});
  collect("warehouses", "/id", {"STOPPED", "STOPPING"});
  collect("pipelines", "/pipeline_id", {"IDLE", "FAILED"});
  return running;
}

const std::map<std::string, Thing>& Sight::things() {
  if (!things_) things_ = things_in(world_);
  return *things_;
}
const std::map<std::string, std::string>& Sight::live() {
  if (!live_) live_ = live_in(world_);
  return *live_;
}
const std::set<std::string>& Sight::running() {
  if (!running_) running_ = running_in(world_);
  return *running_;
}

std::vector<std::string> scheduled_runs_in(const json& world) {
  std::vector<std::string> runs;
  for (const json& run : world.at("job_runs"))
    if (text_at(run, "/trigger") == "PERIODIC") runs.push_back(text_at(run, "/run_name") + " at " + text_at(run, "/start_time"));
  return runs;
}

}  // namespace twinlake::simulation
