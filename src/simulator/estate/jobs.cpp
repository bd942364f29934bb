// All jobs: the samples, chains of jobs and a cycle, a very large one, then the daily loads of the
// teams.
#include "simulator/estate/parts.h"

namespace twinlake::simulator {

namespace {
class JobFiller {
 public:
  explicit JobFiller(Estate& estate) : estate_(estate) {}

  void fill() {
    if (room(1)) add_large_job();
    for (json& sample : job_samples(estate_))
      if (room(1)) add(std::move(sample));
    for (json& sample : trigger_samples(estate_))
      if (room(1)) add(std::move(sample));
    if (room(3)) add_chain();
    if (room(2)) add_cycle();
    while (room(1)) add_load(estate_.jobs.size());
  }

 private:
  [[nodiscard]] bool room(std::size_t count) const {
    return estate_.jobs.size() + count <= static_cast<std::size_t>(estate_.size.jobs);
  }

  /// Made by different people; run as somebody, or as their maker; owned by users and robots.
  std::int64_t add(json job) {
    const std::size_t number = estate_.jobs.size();
    if (number % 3 == 0)
      job["run_as"] = json::object({{"service_principal_name", estate_.service_principal(number)}});
    else if (number % 3 == 1)
      job["run_as"] =
          json::object({{"user_name", estate_.user(number % (estate_.users.size() - 1))}});
    // An owner who is not there any more still owns.
    const json owner = number % 4 == 3
                           ? service_principal_entry(estate_.service_principal(number), "IS_OWNER")
                           : user_entry(estate_.user(number), "IS_OWNER");
    json entries = json::array({owner, group_entry(estate_.group(number), "CAN_MANAGE_RUN")});
    if (number % 2 == 0) entries.push_back(group_entry(estate_.group(number + 5), "CAN_VIEW"));
    if (number % 5 == 0) entries.push_back(group_entry("data-platform", "CAN_MANAGE"));
    const bool with_create = estate_.size.grants && number % 2 == 1;
    if (with_create) job["access_control_list"] = entries;
    const auto id =
        estate_.primary.post("/api/2.2/jobs/create", job).at("job_id").get<std::int64_t>();
    estate_.jobs.push_back(id);
    if (!with_create) grant(estate_, "jobs", std::to_string(id), std::move(entries));
    return id;
  }

  [[nodiscard]] json notebook_task(const std::string& key, std::string_view team,
                                   std::size_t number) const {
    json task = json::object({{"task_key", key}});
    task["notebook_task"] = json::object(
        {{"notebook_path", estate_.notebook_of(team, number)}, {"source", "WORKSPACE"}});
    return task;
  }
  [[nodiscard]] static json run_job(const std::string& key, std::int64_t id) {
    json task = json::object({{"task_key", key}});
    task["run_job_task"] = json::object({{"job_id", id}});
    return task;
  }

  void add_large_job() {
    json tasks = json::array();
    for (int i = 0; i < estate_.size.tasks_of_largest_job; ++i) {
      json task =
          notebook_task("part-" + std::to_string(1000 + i),
                        teams[static_cast<std::size_t>(i) % 6].name, static_cast<std::size_t>(i));
      task["job_cluster_key"] = i % 2 == 0 ? "even" : "odd";
      if (i >= 10)
        task["depends_on"] =
            json::array({json::object({{"task_key", "part-" + std::to_string(1000 + i - 10)}})});
      tasks.push_back(std::move(task));
    }
    json clusters = json::array();
    for (const char* key : {"even", "odd"}) {
      json cluster =
          json::object({{"spark_version", "15.4.x-scala2.12"},
                        {"instance_pool_id", estate_.pools.front()},
                        {"autoscale", json::object({{"min_workers", 2}, {"max_workers", 16}})}});
      clusters.push_back(
          json::object({{"job_cluster_key", key}, {"new_cluster", std::move(cluster)}}));
    }
    json schedule = json::object({{"quartz_cron_expression", "0 0 1 L * ?"},
                                  {"timezone_id", "Europe/Berlin"},
                                  {"pause_status", "UNPAUSED"}});
    add(json::object({{"name", "month-end close"},
                      {"tasks", std::move(tasks)},
                      {"job_clusters", std::move(clusters)},
                      {"schedule", std::move(schedule)}}));
  }

  void add_chain() {
    const std::int64_t third = add(json::object(
        {{"name", "chain 3: publish"},
         {"tasks", json::array({on_cluster(notebook_task("publish", "finance", 8))})}}));
    const std::int64_t second = add(json::object(
        {{"name", "chain 2: check"}, {"tasks", json::array({run_job("publish", third)})}}));
    json first = run_job("check", second);
    first["run_job_task"]["job_parameters"] =
        json::object({{"day", "{{job.start_time.iso_date}}"}});
    json again = run_job("publish again", third);
    again["depends_on"] = json::array({json::object({{"task_key", "check"}})});
    add(json::object(
        {{"name", "chain 1: load"}, {"tasks", json::array({std::move(first), std::move(again)})}}));
  }

  /// Two jobs that start each other: no create can make that, only a later change.
  void add_cycle() {
    const std::int64_t ping = add(
        json::object({{"name", "retry: ping"},
                      {"tasks", json::array({on_cluster(notebook_task("work", "supply", 5))})}}));
    const std::int64_t pong = add(
        json::object({{"name", "retry: pong"}, {"tasks", json::array({run_job("ping", ping)})}}));
    json back = run_job("pong", pong);
    back["depends_on"] = json::array({json::object({{"task_key", "work"}})});
    back["run_if"] = "ALL_FAILED";
    json changes = json::object({{"tasks", json::array({std::move(back)})}});
    estate_.primary.post("/api/2.2/jobs/update",
                         json::object({{"job_id", ping}, {"new_settings", std::move(changes)}}));
  }

  [[nodiscard]] json on_cluster(json task) const {
    task["existing_cluster_id"] = estate_.clusters[estate_.jobs.size() % estate_.clusters.size()];
    return task;
  }

  /// What most jobs are: a load in three steps, on a cluster of its own, by the clock.
  void add_load(std::size_t number) {
    const Team& team = teams[number % std::size(teams)];
    const std::string domain = team.domains[(number / std::size(teams)) % 4];
    // Three teams thought of the same name.
    std::string name =
        number % 17 == 16 ? "nightly refresh" : std::string(team.name) + ": " + domain + " load";
    if (number >= 60 && number % 17 != 16) name += " " + std::to_string(number / 24);
    json steps = json::array();
    for (const char* step : {"ingest", "clean", "aggregate"}) {
      json task = notebook_task(step, team.name, number + steps.size());
      if (number % 4 == 0)
        task = on_cluster(std::move(task));
      else
        task["job_cluster_key"] = "main";
      if (!steps.empty())
        task["depends_on"] =
            json::array({json::object({{"task_key", steps.back().at("task_key")}})});
      steps.push_back(std::move(task));
    }
    json job = json::object({{"name", std::move(name)}, {"tasks", std::move(steps)}});
    if (number % 4 != 0) job["job_clusters"] = json::array({job_cluster(number)});
    job["tags"] = json::object({{"team", team.name}, {"layer", "silver"}});
    json schedule =
        json::object({{"quartz_cron_expression", "0 " + std::to_string(number % 60) + " " +
                                                     std::to_string(number % 6) + " * * ?"},
                      {"timezone_id", number % 2 == 0 ? "UTC" : "Europe/Berlin"},
                      {"pause_status", number % 3 == 1 ? "PAUSED" : "UNPAUSED"}});
    if (number % 5 != 4) job["schedule"] = std::move(schedule);  // the others are started by hand
    if (number % 7 == 0)
      job["parameters"] =
          json::array({json::object({{"name", "day"}, {"default", "2025-12-31"}}),
                       json::object({{"name", "mode"}, {"default", "incremental"}})});
    add(std::move(job));
  }

  [[nodiscard]] json job_cluster(std::size_t number) const {
    json cluster =
        json::object({{"spark_version", "15.4.x-scala2.12"}, {"num_workers", number % 8 + 1}});
    if (number % 2 == 0) {
      cluster["instance_pool_id"] = estate_.pools[number % estate_.pools.size()];
    } else {
      cluster["node_type_id"] = "Standard_D16ads_v5";
      cluster["azure_attributes"] =
          json::object({{"availability", "SPOT_WITH_FALLBACK_AZURE"}, {"first_on_demand", 1}});
    }
    if (number % 3 == 0) cluster["policy_id"] = estate_.policies[number % estate_.policies.size()];
    if (number % 5 == 0)
      cluster["spark_conf"] =
          json::object({{"spark.hadoop.lake.key", "{{secrets/finance-secrets/lake-key}}"}});
    return json::object({{"job_cluster_key", "main"}, {"new_cluster", std::move(cluster)}});
  }

  Estate& estate_;
};
}  // namespace

void fill_jobs(Estate& estate) { JobFiller(estate).fill(); }

}  // namespace twinlake::simulator
