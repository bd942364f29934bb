#include <algorithm>
#include <array>

#include "kinds/audit_events.h"
#include "kinds/calls.h"
#include "kinds/compute_fields.h"
#include "kinds/job_references.h"
#include "kinds/places.h"
#include "kinds/run_as.h"

namespace twinlake::kinds::pipeline {

using namespace model;
using nlohmann::json;

namespace {

/// Those of materialized views, online tables, vector indexes and monitors appear with these.
bool is_foreign(const json& item) {
  if (text_at(item, "/name").starts_with("__databricks")) return true;
  const json* spec = find_at(item, "/spec");
  if (spec == nullptr) return false;  // as listed: only its own read tells more
  static constexpr std::array<const char*, 3> sources{"libraries", "ingestion_definition", "gateway_definition"};
  return std::none_of(sources.begin(), sources.end(), [&](const char* source) {
    const auto found = spec->find(source);
    return found != spec->end() && !found->is_null() && !found->empty();
  });
}

/// The listing says nothing of the settings, not even when they changed.
bool must_read(const json& item) { return !item.contains("spec"); }

/// The place that the service chooses when nothing is said.
bool is_default_storage(const std::string& storage) {
  constexpr std::string_view start = "dbfs:/pipelines/";
  return storage.starts_with(start) && is_uuid(storage.substr(start.size()));
}

json shape(const json& item) {
  const json* spec = find_at(item, "/spec");
  json pipeline = spec != nullptr && spec->is_object() ? *spec : item;
  pipeline["name"] = text_at(item, "/name");
  if (const json* said = find_at(item, "/run_as"); said != nullptr && said->is_object() && !said->empty())
    pipeline["run_as"] = *said;
  say_run_as(item, pipeline);
  if (is_default_storage(text_at(pipeline, "/storage"))) pipeline.erase("storage");
  // Unity Catalog writes it so.
  if (std::string catalog = text_at(pipeline, "/catalog"); !catalog.empty()) {
    std::transform(catalog.begin(), catalog.end(), catalog.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    pipeline["catalog"] = std::move(catalog);
  }
  return pipeline;
}

/// Names may repeat, and the service would refuse the second one without being told.
Task<Result<std::string>> create(Write write) {
  json body = *write.definition;
  body["allow_duplicate_names"] = true;
  CO_TRY(const json answer,
         co_await write.to->call(workspace::request_of(*write.kind, write.kind->create, "", &body)));
  std::string id = text_at(answer, "/pipeline_id");
  if (id.empty()) co_return fail(Fault::in_doubt, "the service did not say the id of the pipeline it created");
  co_return id;
}

Task<Result<std::string>> replace(Write write) {
  json body = *write.definition;
  body["allow_duplicate_names"] = true;
  std::string id = write.id;
  CO_CHECK(co_await write.to->call(workspace::request_of(*write.kind, write.kind->update, id, &body)));
  co_return id;
}

constexpr std::string_view root[] = {""};
constexpr std::string_view clusters[] = {"/clusters/*"};
constexpr std::string_view libraries[] = {"/libraries/*"};
constexpr std::string_view pipelines[] = {"pipeline"};

constexpr Reference own_references[] = {
    job::name_of("/run_as/user_name", job::users),
    job::name_of("/run_as/service_principal_name", job::service_principals),
    job::path_to("/root_path", path_kinds),
    job::path_to("/environment/dependencies/*", path_kinds),
    job::path_to("/libraries/*/notebook/path", job::notebook_kinds),
    job::path_to("/libraries/*/file/path", job::code_kinds),
    job::name_of("/ingestion_definition/connection_name", job::connections),
    job::id_of("/ingestion_definition/ingestion_gateway_id", pipelines),
    job::name_of("/gateway_definition/connection_name", job::connections),
};

constexpr std::string_view own_strip[] = {"/id",
                                          "/deployment/deployment_id",
                                          "/deployment/version_id",
                                          "/ingestion_definition/source_type",
                                          "/allow_duplicate_names"};
constexpr Default own_defaults[] = {
    {"/development", "false"},       {"/photon", "false"},
    {"/serverless", "false"},        {"/channel", "\"CURRENT\""},
    {"/edition", "\"ADVANCED\""},    {"/continuous", "false"},
};
/// A pipeline that is sent as continuous starts at once.
constexpr model::Timing timings[] = {{"/continuous", model::Timing::Says::at_once}};
constexpr Hold holds[] = {
    {.path = "/continuous", .held = "false", .absent = "false", .timings = timings}};
constexpr std::string_view own_sensitive[] = {"/configuration/*"};
constexpr std::string_view immutable[] = {"/storage",
                                          "/ingestion_definition/connection_name",
                                          "/ingestion_definition/ingestion_gateway_id",
                                          "/ingestion_definition/ingest_from_uc_foreign_catalog",
                                          "/gateway_definition"};
constexpr Unordered unordered[] = {{"/libraries", ""}, {"/notifications/*/alerts", ""},
                                   {"/notifications/*/email_recipients", ""}};

struct Tables {
  Places<std::string_view> strip;
  Places<Default> defaults;
  Places<Reference> references;
  Places<std::string_view> sensitive;
  Places<std::string_view> settings;
  Places<std::string_view> region_bound;

  Tables() {
    strip.below(root, own_strip).below(clusters, compute::strip);
    defaults.below(root, own_defaults).below(clusters, compute::defaults);
    references.below(root, own_references)
        .below(clusters, compute::references)
        .below(libraries, compute::library_references);
    sensitive.below(root, own_sensitive).below(clusters, compute::sensitive);
    settings.below(clusters, compute::settings);
    region_bound.below(clusters, compute::region_bound);
  }
};

constexpr AuditEvent told_by[] = {acl_event("deltaPipelines", "changePipelineAcls")};

// NOLINTNEXTLINE(readability-function-size): a row has as many lines as it has columns
Kind row(const Tables& tables) {
  return {
      .name = "pipeline",
      .plural = "pipelines",
      .about =
          "settings with clusters and libraries; continuous ones are held; their data is not "
          "copied",
      .list = {.endpoint = {.path = "/api/2.0/pipelines", .query = "max_results=100"},
               .items = "/statuses",
               .pages = PageStyle::token},
      .detail = Detail::definition,
      .read = {.path = "/api/2.0/pipelines/{id}"},
      .must_read = must_read,
      .id_at = "/pipeline_id",
      .key_at = "/name",
      .key_is_unique = false,
      .shape = shape,
      .strip = tables.strip.rows(),
      .defaults = tables.defaults.rows(),
      .unordered = unordered,
      .references = tables.references.rows(),
      .holds = holds,
      .sensitive = tables.sensitive.rows(),
      .settings = tables.settings.rows(),
      .region_bound = tables.region_bound.rows(),
      .immutable = immutable,
      .create = {.method = Method::post,
                 .path = "/api/2.0/pipelines",
                 .effect = Effect::writes,
                 .repeat = Repeat::unsafe},
      .update = {.method = Method::put,
                 .path = "/api/2.0/pipelines/{id}",
                 .effect = Effect::writes},
      // The tables that it publishes are not ours to remove.
      .remove = {.method = Method::del,
                 .path = "/api/2.0/pipelines/{id}",
                 .query = "cascade=false",
                 .effect = Effect::writes},
      .created_id_at = "/pipeline_id",
      .create_verb = create,
      .update_verb = replace,
      .permission_type = "pipelines",
      .told_by = told_by,
      .is_foreign = is_foreign,
  };
}

}  // namespace

const Kind& pipeline_kind() {
  static const Tables tables;
  static const Kind kind = row(tables);
  return kind;
}

}  // namespace twinlake::kinds::pipeline
