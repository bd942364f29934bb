// Jobs with each kind of trigger, paused and live: what a standby must hold.
#include "simulator/estate/parts.h"

namespace twinlake::simulator {

namespace {
json cron(const char* expression, const char* zone = "Europe/Berlin") {
  return json::object({{"quartz_cron_expression", expression}, {"timezone_id", zone}});
}

json file_arrival(const char* folder) {
  return json::object(
      {{"url", std::string("abfss://landing@stlake.dfs.core.windows.net/") + folder + "/"},
       {"min_time_between_triggers_seconds", 60},
       {"wait_after_last_change_seconds", 120}});
}

json table_update(std::initializer_list<const char*> tables) {
  json names = json::array();
  for (const char* table : tables) names.push_back(table);
  return json::object({{"table_names", std::move(names)},
                       {"condition", "ALL_UPDATED"},
                       {"min_time_between_triggers_seconds", 300}});
}

json periodic(int interval, const char* unit) {
  return json::object({{"interval", interval}, {"unit", unit}});
}

json model() {
  return json::object({{"securable_name", "main.risk.scoring_model"},
                       {"condition", "MODEL_ALIAS_SET"},
                       {"aliases", json::array({"champion"})}});
}

json sql_condition(const Estate& estate) {
  return json::object({{"sql_query_id", estate.shared_id("query", "Load is late")},
                       {"warehouse_id", estate.shared_id("warehouse", "shared-sql")},
                       {"trigger_mode", "ROWS_RETURNED"}});
}

json with_status(json trigger, bool live) {
  trigger["pause_status"] = live ? "UNPAUSED" : "PAUSED";
  return trigger;
}

class Triggered {
 public:
  explicit Triggered(const Estate& estate) : estate_(estate) {}

  void add(const std::string& name, const char* place, json trigger) {
    json task =
        json::object({{"task_key", "main"}, {"existing_cluster_id", estate_.clusters.front()}});
    task["notebook_task"] =
        json::object({{"notebook_path", estate_.notebook_of("telemetry", jobs_.size())}});
    json job = json::object({{"name", name}, {"tasks", json::array({std::move(task)})}});
    job[place] = std::move(trigger);
    jobs_.push_back(std::move(job));
  }
  /// Both states of a single trigger.
  void add_both(const std::string& name, const char* place, const json& trigger) {
    add(name, place, with_status(trigger, true));
    add(name + " (paused)", place, with_status(trigger, false));
  }
  void add_several() {
    json many = json::array();
    many.push_back(with_status(json::object({{"schedule", cron("0 0 5 ? * MON-FRI")}}), true));
    many.push_back(with_status(json::object({{"periodic", periodic(6, "HOURS")}}), false));
    many.push_back(with_status(json::object({{"file_arrival", file_arrival("prices")}}), true));
    many.push_back(
        with_status(json::object({{"table_update", table_update({"main.risk.positions"})}}), true));
    many.push_back(with_status(json::object({{"model", model()}}), false));
    many.front()["sql_condition"] = sql_condition(estate_);
    add("limits: several reasons to run", "triggers", std::move(many));
    // The same two once more, in another order and with other states.
    json two = json::array();
    two.push_back(with_status(json::object({{"periodic", periodic(1, "DAYS")}}), false));
    two.push_back(with_status(json::object({{"schedule", cron("0 30 22 * * ?", "UTC")}}), true));
    add("stock: twice a day", "triggers", std::move(two));
    json restless = json::array();
    restless.push_back(with_status(json::object({{"continuous", json::object()}}), true));
    add("firmware: always (newer form)", "triggers", std::move(restless));
  }
  [[nodiscard]] std::vector<json> take() { return std::move(jobs_); }

 private:
  const Estate& estate_;
  std::vector<json> jobs_;
};
}  // namespace

std::vector<json> trigger_samples(const Estate& estate) {
  Triggered out(estate);
  out.add_both("sessions: every night", "schedule", cron("0 15 2 * * ?"));
  out.add_both("devices: new files", "trigger",
               json::object({{"file_arrival", file_arrival("devices")}}));
  out.add_both("events: tables changed", "trigger",
               json::object({{"table_update",
                              table_update({"main.telemetry.events", "main.telemetry.devices"})}}));
  out.add_both("firmware: every 4 hours", "trigger",
               json::object({{"periodic", periodic(4, "HOURS")}}));
  out.add_both("scoring: new model", "trigger", json::object({{"model", model()}}));
  out.add_both("sessions: always on", "continuous",
               json::object({{"task_retry_mode", "ON_FAILURE"}}));
  out.add("costs: when not told otherwise", "schedule",
          cron("0 0 7 1 * ?"));  // no state said: live
  json conditional = with_status(cron("0 0/30 * * * ?"), true);
  conditional["sql_condition"] = sql_condition(estate);
  out.add("late loads: look", "schedule", std::move(conditional));
  out.add_several();
  return out.take();
}

}  // namespace twinlake::simulator
