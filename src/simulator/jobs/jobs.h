#pragma once
// Jobs and their runs. Triggers fire by the region's clock while they are live; a job with a live
// continuous trigger runs from the moment it is made.
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/jobs/agenda.h"
#include "simulator/service.h"
#include "simulator/shelf.h"

namespace twinlake::simulator {

struct Job {
  std::int64_t id = 0;
  std::int64_t created_time = 0;
  std::string creator;
  json settings = json::object();  ///< with the server's defaults; tasks sorted
  json run_as;                     ///< as it was sent; null when it never was
  std::int64_t runs = 0;           ///< how many it has had
  std::vector<std::int64_t> open_runs;  ///< those that had not ended when the last one came
};

struct Run {
  std::int64_t id = 0;
  std::int64_t job_id = 0;
  std::int64_t number = 0;  ///< of the job
  std::string trigger;      ///< ONE_TIME, CONTINUOUS, PERIODIC, FILE_ARRIVAL
  std::string creator;
  std::string name;
  std::int64_t start_time = 0;  ///< when it was asked for
  std::int64_t begins = 0;      ///< later than that: it waits in the queue until then
  std::int64_t end_time = 0;  ///< 0: runs until it is cancelled
  bool cancelled = false;
  bool skipped = false;            ///< the job had no room for it
  json task_runs = json::array();  ///< {"run_id", "task_key", "error", "output"} as it will end
};

class Jobs : public Service {
 public:
  explicit Jobs(Region& region);
  [[nodiscard]] json world() const override;
  [[nodiscard]] bool exists(std::int64_t id) const;
  void catch_up() override;
  /// A file came to that place, for triggers that watch it.
  void file_arrived(std::string_view url);
  /// The region is lost in such a way that its jobs fire no more, until that moment or until
  /// go_on().
  void stand_still(std::optional<std::int64_t> until_millis) { agenda_.stand_still(until_millis); }
  void go_on();

 private:
  /// The two versions of the API differ in limits and in the default of `queue`.
  enum class Version { v21, v22 };

  // jobs.cpp: definitions
  void add_routes(const std::string& root, Version version);
  http::Response create(Call& call, Version version);
  http::Response reset(Call& call, Version version);
  http::Response update(Call& call, Version version);
  http::Response remove(Call& call);
  void tell_audit(const Call& call, std::string action, json params, json result);
  Refusal put(Job& job, json settings, Version version);
  static void add_queue_default(json& settings, Version version);
  [[nodiscard]] Job* find_job(const json& body);
  [[nodiscard]] std::int64_t new_id();

  // job_reads.cpp: get and list
  http::Response get(Call& call, Version version) const;
  http::Response list(Call& call, Version version) const;
  [[nodiscard]] json head(const Job& job) const;

  // job_runs.cpp
  void add_run_routes(const std::string& root);
  http::Response run_now(Call& call);
  http::Response submit(Call& call);
  http::Response list_runs(Call& call) const;
  http::Response get_run(Call& call) const;
  http::Response cancel_run(Call& call);
  http::Response cancel_all(Call& call);
  // run_outputs.cpp
  http::Response get_run_output(Call& call) const;
  [[nodiscard]] json try_task(const json& task);
  Run& start_run(Job& job, const std::string& trigger, const std::string& creator);
  void end_run(Run& run);
  void take_its_turn(Job& job, Run& run);
  void follow_triggers(Job& job);
  void follow_continuous(Job& job);
  void cancel_runs_of(std::int64_t job_id);
  [[nodiscard]] bool is_active(const Run& run) const;
  [[nodiscard]] json describe(const Run& run) const;

  Region& region_;
  Shelf<Job> jobs_;
  Shelf<Run> runs_;
  Agenda agenda_;
  std::map<std::string, std::int64_t> run_tokens_;  ///< idempotency tokens of run-now and submit
};

/// "PAUSED" or "UNPAUSED" of every trigger of a job, by the path of the trigger.
[[nodiscard]] std::map<std::string, bool> live_triggers(const json& settings);
[[nodiscard]] http::Response no_job(std::string_view id);

// job_checks.cpp: what the service refuses, and what it adds.
struct JobLimits {
  std::size_t tasks = 1000;
};
/// `own_id` may be named by the job's own run_job_task; 0 for a job that is not made yet.
[[nodiscard]] Refusal check_job(Region& region, const json& settings, const JobLimits& limits,
                                std::int64_t own_id);
void add_job_defaults(json& settings);

constexpr std::int64_t run_millis = 10000;
constexpr std::size_t job_page = 100;  ///< elements per page of the arrays of jobs/get

}  // namespace twinlake::simulator
