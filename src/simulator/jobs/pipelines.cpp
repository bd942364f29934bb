#include "simulator/jobs/pipelines.h"

#include "simulator/compute/compute.h"
#include "simulator/identity/identity.h"
#include "simulator/identity/permissions.h"

namespace twinlake::simulator {

namespace {
/// Sent with a pipeline, but no part of its specification.
constexpr const char* outside_spec[] = {
    "allow_duplicate_names", "run_as", "dry_run", "id", "pipeline_id", "expected_last_modified",
    "access_control_list"};

/// `name LIKE '%x%'` of the list's filter; nothing when the filter is of another form.
std::optional<std::string> like_filter(const std::string& filter) {
  const std::size_t from = filter.find('\'');
  const std::size_t to = filter.rfind('\'');
  if (!lower(filter).starts_with("name like ") || from == to) return std::nullopt;
  return filter.substr(from + 1, to - from - 1);
}

bool is_like(const std::string& name, const std::string& pattern) {
  std::string inner = pattern;
  const bool open_start = inner.starts_with('%');
  if (open_start) inner.erase(0, 1);
  const bool open_end = inner.ends_with('%');
  if (open_end) inner.pop_back();
  if (open_start && open_end) return name.find(inner) != std::string::npos;
  if (open_start) return name.ends_with(inner);
  return open_end ? name.starts_with(inner) : name == inner;
}
}  // namespace

Pipelines::Pipelines(Region& region)
    : Collection(region, {.kind = "pipeline",
                          .world_key = "pipelines",
                          .route = "/api/2.0/pipelines",
                          .list_key = "statuses",
                          .id_field = "pipeline_id",
                          .size_parameter = "max_results",
                          .page = 25,
                          .permission_type = "pipelines"}) {
  using http::Method;
  Router& router = region.router();
  add_get_route();
  add_delete_route();
  const std::string& root = shape_.route;
  router.add(Method::get, root, [this](Call& call) { return list_pipelines(call); });
  router.add(Method::post, root, [this](Call& call) { return create(call); });
  router.add(Method::put, root + "/{id}", [this](Call& call) { return replace(call); });
  router.add(Method::post, root + "/{id}/updates",
             [this](Call& call) { return start_update(call); });
  router.add(Method::post, root + "/{id}/stop", [this](Call& call) { return stop(call); });
}

http::Response Pipelines::missing(const std::string& id) const {
  return absent("The specified pipeline " + id + " was not found.");
}

Refusal Pipelines::check(const json& body, std::string_view own_id) const {
  const std::string name = text_of(body, "name");
  if (name.empty()) return invalid("Missing required field: name");
  if (!flag_of(body, "allow_duplicate_names"))
    for (const json* other : items_.all())
      if (text_of(*other, "name") == name && text_of(*other, "pipeline_id") != own_id)
        return error(409, "RESOURCE_CONFLICT",
                     "The pipeline name '" + name + "' is already used by another pipeline.");
  if (field(body, "catalog") != nullptr && field(body, "storage") != nullptr)
    return invalid("Only one of catalog and storage can be given.");
  if (field(body, "schema") != nullptr && field(body, "target") != nullptr)
    return invalid("Only one of schema and target can be given.");
  if (text_of(body, "target").find('.') != std::string::npos)
    return invalid("The target cannot contain a dot.");
  for (const json& cluster : list_of(body, "clusters"))
    if (auto refusal = region_.get<Compute>().check_references(cluster)) return refusal;
  if (const json* ingestion = field(body, "ingestion_definition"))
    if (const std::string id = text_of(*ingestion, "ingestion_gateway_id");
        !id.empty() && !exists(id))
      return invalid("The ingestion gateway " + id + " does not exist.");
  if (const json* run_as = field(body, "run_as"))
    for (const auto& [key, principal] : run_as->items())
      if (!principal.is_string() ||
          !region_.get<Identity>().principal_exists(principal.get<std::string>()))
        return invalid("The principal of run_as does not exist: " + principal.dump());
  return std::nullopt;
}

/// Writes what was sent into a pipeline; what runs by itself runs at once.
void Pipelines::put(json& pipeline, const json& body, const std::string& caller) {
  json spec = body;
  for (const char* key : outside_spec) spec.erase(key);
  if (spec.contains("catalog")) spec["catalog"] = lower(text_of(spec, "catalog"));
  spec["id"] = pipeline.at("pipeline_id");
  pipeline["name"] = text_of(body, "name");
  pipeline["spec"] = std::move(spec);
  pipeline["last_modified"] = region_.now_millis();
  std::string runs_as = text_of(pipeline, "creator_user_name", caller);
  if (const json* run_as = field(body, "run_as")) {
    pipeline["run_as"] = *run_as;
    for (const auto& [key, principal] : run_as->items()) runs_as = principal.get<std::string>();
  }
  pipeline["run_as_user_name"] = runs_as;
  pipeline["state"] = flag_of(body, "continuous") ? "RUNNING" : "IDLE";
}

json Pipelines::plant(const json& body, const std::string& creator) {
  json pipeline = json::object({{"creator_user_name", creator}});
  if (const std::string id = text_of(body, "pipeline_id"); !id.empty())
    pipeline["pipeline_id"] = id;
  json& added = add(std::move(pipeline), creator);
  put(added, body.is_object() ? body : json::object(), creator);
  return shown(added);
}

http::Response Pipelines::create(Call& call) {
  if (auto refusal = check(call.body, "")) return *refusal;
  json body = call.body;
  body.erase("pipeline_id");
  if (flag_of(body, "dry_run")) return answer(json::object({{"effective_settings", body}}));
  const json added = plant(body, call.caller);
  const std::string id = text_of(added, "pipeline_id");
  if (const json* grants = field(call.body, "access_control_list"))
    if (auto refusal = region_.get<Permissions>().set_initial("pipelines", id, *grants)) {
      erase(id);
      return *refusal;
    }
  return answer(json::object({{"pipeline_id", id}}));
}

http::Response Pipelines::replace(Call& call) {
  const std::string& id = call.arguments.at("id");
  json* pipeline = find(id);
  if (pipeline == nullptr) return missing(id);
  if (auto refusal = check(call.body, id)) return *refusal;
  const auto expected = integer_of(call.body, "expected_last_modified");
  if (expected && *expected != integer_of(*pipeline, "last_modified"))
    return error(409, "RESOURCE_CONFLICT", "The pipeline was changed in the meantime.");
  const json& old_spec = pipeline->at("spec");
  if (text_of(call.body, "storage", text_of(old_spec, "storage")) != text_of(old_spec, "storage"))
    return invalid("The storage of a pipeline cannot be changed.");
  put(*pipeline, call.body, call.caller);
  return done();
}

http::Response Pipelines::list_pipelines(Call& call) {
  Refusal refusal;
  const PageWish wish = page_wish(call, "max_results", shape_.page, shape_.largest_page, refusal);
  if (refusal) return *refusal;
  const std::string filter = call.query("filter");
  const auto pattern = like_filter(filter);
  if (!filter.empty() && !pattern) return invalid("Unsupported filter: " + filter);
  const auto page = items_.page(wish, Shelf<json>::Order::oldest_first, [&](const json& item) {
    return !pattern || is_like(text_of(item, "name"), *pattern);
  });
  json body = json::object();
  for (const json* item : page.items) {
    json row = json::object();  // neither spec nor last_modified
    for (const char* key :
         {"pipeline_id", "name", "state", "creator_user_name", "run_as_user_name"})
      row[key] = item->at(key);
    if (item->contains("latest_updates")) row["latest_updates"] = item->at("latest_updates");
    body["statuses"].push_back(std::move(row));
  }
  if (!page.next.empty()) body["next_page_token"] = page.next;
  return answer(body);
}

http::Response Pipelines::start_update(Call& call) {
  const std::string& id = call.arguments.at("id");
  json* pipeline = find(id);
  if (pipeline == nullptr) return missing(id);
  const std::string update = region_.ids().uuid();
  json& updates = (*pipeline)["latest_updates"];
  if (!updates.is_array()) updates = json::array();
  updates.insert(updates.begin(), json::object({{"update_id", update},
                                                {"state", "COMPLETED"},
                                                {"creation_time", instant(region_.now_millis())}}));
  return answer(json::object({{"update_id", update}}));
}

http::Response Pipelines::stop(Call& call) {
  const std::string& id = call.arguments.at("id");
  json* pipeline = find(id);
  if (pipeline == nullptr) return missing(id);
  (*pipeline)["state"] = "IDLE";
  return done();
}

}  // namespace twinlake::simulator
