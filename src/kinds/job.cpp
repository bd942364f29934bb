#include "kinds/audit_events.h"
#include "kinds/calls.h"
#include "kinds/job_references.h"
#include "kinds/job_shape.h"
#include "kinds/job_trial.h"
#include "kinds/places.h"

namespace twinlake::kinds::job {

using namespace model;
using nlohmann::json;
using workspace::Workspace;

namespace {

bool is_foreign(const json& item) {
  return text_at(item, "/settings/deployment/kind") == "SYSTEM_MANAGED";
}

bool has_more_tasks(const json& item) {
  const json* more = find_at(item, "/has_more");
  return more != nullptr && more->is_boolean() && more->get<bool>();
}

/// The listing shows the first hundred tasks only, and often not who a job runs as.
bool must_read(const json& item) {
  if (has_more_tasks(item)) return true;
  const json* run_as = find_at(item, "/settings/run_as");
  return run_as == nullptr || !run_as->is_object() || run_as->empty();
}

/// Who a job runs as is set seldom; its tasks are changed every day.
bool may_wait(const json& item) { return !has_more_tasks(item); }

/// Adds what another page has of the four long arrays.
void add_page(json& job, const json& page) {
  for (const char* name : {"tasks", "job_clusters", "environments", "parameters"}) {
    const json* more = find_at(page, std::string("/settings/") + name);
    if (more == nullptr || !more->is_array()) continue;
    json& all = job["settings"][name];
    for (const json& element : *more) all.push_back(element);
  }
}

Task<Result<json>> read(Workspace& side, const Kind& kind, const Kind*, std::string id, json) {
  json job;
  std::string token;
  do {
    http::Request request = workspace::request_of(kind, kind.read, id, nullptr);
    if (!token.empty()) request.with_query("page_token", token);
    CO_TRY(json page, co_await side.call(std::move(request)));
    std::string next = text_at(page, "/next_page_token");
    if (!next.empty() && next == token)
      co_return fail(Fault::bad_answer, "the pages of the job do not come to an end");
    token = std::move(next);
    if (job.is_null()) {
      job = std::move(page);
    } else {
      add_page(job, page);
    }
  } while (!token.empty());
  job.erase("next_page_token");
  job["has_more"] = false;
  co_return job;
}

constexpr std::string_view root[] = {""};
constexpr std::string_view tasks[] = {"/tasks/*", "/tasks/*/for_each_task/task"};
constexpr std::string_view new_clusters[] = {"/job_clusters/*/new_cluster", "/tasks/*/new_cluster",
                                             "/tasks/*/for_each_task/task/new_cluster"};
constexpr std::string_view libraries[] = {"/tasks/*/libraries/*",
                                          "/tasks/*/for_each_task/task/libraries/*"};

constexpr std::string_view strip_of_job[] = {"/format", "/git_source/git_snapshot",
                                             "/deployment/deployment_id", "/deployment/version_id"};
constexpr std::string_view strip_of_task[] = {"/clean_rooms_notebook_task/etag"};

constexpr Default defaults_of_job[] = {
    {"/max_concurrent_runs", "1"},
    {"/timeout_seconds", "0"},
    {"/edit_mode", "\"EDITABLE\""},
    {"/performance_target", "\"PERFORMANCE_OPTIMIZED\""},
    {"/notification_settings/no_alert_for_skipped_runs", "false"},
    {"/notification_settings/no_alert_for_canceled_runs", "false"},
    {"/email_notifications/no_alert_for_skipped_runs", "false"},
};
constexpr Default defaults_of_task[] = {
    {"/timeout_seconds", "0"},
    {"/run_if", "\"ALL_SUCCESS\""},
    {"/max_retries", "0"},
    {"/min_retry_interval_millis", "0"},
    {"/retry_on_timeout", "false"},
    {"/notification_settings/no_alert_for_skipped_runs", "false"},
    {"/notification_settings/no_alert_for_canceled_runs", "false"},
    {"/notification_settings/alert_on_last_attempt", "false"},
    {"/email_notifications/no_alert_for_skipped_runs", "false"},
};
constexpr Unordered unordered_of_job[] = {
    {"/tasks", "/task_key"},
    {"/job_clusters", "/job_cluster_key"},
    {"/environments", "/environment_key"},
    {"/parameters", "/name"},
    {"/webhook_notifications/*", "/id"},
};
constexpr Unordered unordered_of_task[] = {
    {"/depends_on", "/task_key"}, {"/webhook_notifications/*", "/id"}, {"/libraries", ""}};
/// Parameters: what people name, and words of command lines.
constexpr std::string_view settings_of_job[] = {"/parameters/*/default", "/tags/*"};
constexpr std::string_view settings_of_task[] = {"/notebook_task/base_parameters/*",
                                                 "/python_wheel_task/named_parameters/*",
                                                 "/python_wheel_task/parameters/*",
                                                 "/spark_python_task/parameters/*",
                                                 "/spark_jar_task/parameters/*",
                                                 "/spark_submit_task/parameters/*",
                                                 "/sql_task/parameters/*",
                                                 "/run_job_task/job_parameters/*",
                                                 "/run_job_task/notebook_params/*",
                                                 "/run_job_task/python_params/*",
                                                 "/run_job_task/python_named_params/*",
                                                 "/run_job_task/jar_params/*",
                                                 "/run_job_task/sql_params/*",
                                                 "/dbt_task/commands/*"};
constexpr std::string_view description[] = {"/description"};
constexpr std::string_view region_bound_of_job[] = {"/trigger/file_arrival/url",
                                                    "/triggers/*/file_arrival/url"};
/// The type of a trigger may be all that is said of it: `continuous: {}`.
constexpr std::string_view keeps_empty[] = {"/trigger/*", "/triggers/*/*"};
using Says = model::Timing::Says;
constexpr model::Timing timings_of_schedule[] = {
    {"/quartz_cron_expression", Says::cron, "/timezone_id"}};
constexpr model::Timing timings_of_trigger[] = {{"/periodic", Says::interval}};
constexpr model::Timing timings_of_continuous[] = {{"", Says::at_once}};
constexpr model::Timing timings_of_triggers[] = {
    {"/continuous", Says::at_once},
    {"/schedule/quartz_cron_expression", Says::cron, "/schedule/timezone_id"},
    {"/periodic", Says::interval}};
constexpr Hold paused_at(std::string_view path, std::span<const model::Timing> timings) {
  return {.path = path, .held = "\"PAUSED\"", .absent = "\"UNPAUSED\"", .timings = timings};
}
constexpr Hold holds[] = {
    paused_at("/schedule/pause_status", timings_of_schedule),
    paused_at("/trigger/pause_status", timings_of_trigger),
    paused_at("/continuous/pause_status", timings_of_continuous),
    paused_at("/triggers/*/pause_status", timings_of_triggers),
};

/// The tables above, at every depth.
struct Tables {
  Places<std::string_view> strip;
  Places<Default> defaults;
  Places<Unordered> unordered;
  Places<Reference> references;
  Places<std::string_view> sensitive;
  Places<std::string_view> settings;
  Places<std::string_view> free_text;
  Places<std::string_view> region_bound;

  Tables() {
    strip.below(root, strip_of_job).below(tasks, strip_of_task).below(new_clusters, compute::strip);
    defaults.below(root, defaults_of_job)
        .below(tasks, defaults_of_task)
        .below(new_clusters, compute::defaults);
    unordered.below(root, unordered_of_job).below(tasks, unordered_of_task);
    references.below(root, job::of_job).below(tasks, job::of_task);
    references.below(new_clusters, compute::references)
        .below(libraries, compute::library_references);
    sensitive.below(new_clusters, compute::sensitive);
    settings.below(root, settings_of_job).below(tasks, settings_of_task);
    settings.below(new_clusters, compute::settings);
    free_text.below(root, description).below(tasks, description);
    region_bound.below(root, region_bound_of_job).below(new_clusters, compute::region_bound);
  }
};

/// Who it runs as changes by an update.
constexpr std::string_view job_parameter[] = {"job_id"};
constexpr AuditEvent told_by[] = {acl_event("jobs", "changeJobAcl"),
                                  acl_event("jobs", "resetJobAcl"),
                                  {.service = "jobs", .action = "update", .id_in = job_parameter},
                                  {.service = "jobs", .action = "reset", .id_in = job_parameter}};

// NOLINTNEXTLINE(readability-function-size): a row has as many lines as it has columns
Kind row(const Tables& tables) {
  return {
      .name = "job",
      .plural = "jobs",
      .about =
          "every task type; triggers are held on the standby; runs as whom it ran, said explicitly",
      .list = {.endpoint = {.path = "/api/2.2/jobs/list", .query = "expand_tasks=true&limit=100"},
               .items = "/jobs",
               .pages = PageStyle::token},
      .detail = Detail::definition,
      .read = {.path = "/api/2.2/jobs/get", .query = "job_id={id}"},
      .read_verb = read,
      .must_read = must_read,
      .may_wait = may_wait,
      .id_at = "/job_id",
      .id_is_number = true,
      .key_at = "/settings/name",
      .key_is_unique = false,
      .definition_at = "/settings",
      .shape = job::shape,
      .strip = tables.strip.rows(),
      .defaults = tables.defaults.rows(),
      .unordered = tables.unordered.rows(),
      .keeps_empty = keeps_empty,
      .references = tables.references.rows(),
      .holds = holds,
      .sensitive = tables.sensitive.rows(),
      .settings = tables.settings.rows(),
      .free_text = tables.free_text.rows(),
      .region_bound = tables.region_bound.rows(),
      .tags_at = "/tags",
      .create = {.method = Method::post,
                 .path = "/api/2.2/jobs/create",
                 .effect = Effect::writes,
                 .repeat = Repeat::unsafe},
      .update = {.method = Method::post,
                 .path = "/api/2.2/jobs/reset",
                 .effect = Effect::writes,
                 .body_id = "/job_id",
                 .body_under = "/new_settings"},
      .remove = {.method = Method::post,
                 .path = "/api/2.2/jobs/delete",
                 .effect = Effect::writes,
                 .body_id = "/job_id"},
      .turn = {.method = Method::post,
               .path = "/api/2.2/jobs/update",
               .effect = Effect::writes,
               .body_id = "/job_id",
               .body_under = "/new_settings"},
      .created_id_at = "/job_id",
      .has_runs = true,
      .trial = &job::trial,
      .permission_type = "jobs",
      .told_by = told_by,
      .is_foreign = is_foreign,
  };
}

}  // namespace

const Kind& job_kind() {
  static const Tables tables;
  static const Kind kind = row(tables);
  return kind;
}

}  // namespace twinlake::kinds::job
