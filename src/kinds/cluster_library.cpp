#include "kinds/calls.h"
#include "kinds/compute_fields.h"
#include "kinds/places.h"

namespace twinlake::kinds::cluster_library {

using namespace model;
using nlohmann::json;

namespace {

/// Libraries of this cluster itself, not those of all clusters, and not those on their way out.
json shape(const json& item) {
  json libraries = json::array();
  const json* statuses = find_at(item, "/library_statuses");
  if (statuses != nullptr && statuses->is_array()) {
    for (const json& status : *statuses) {
      if (status.value("is_library_for_all_clusters", false)) continue;
      if (text_at(status, "/status") == "UNINSTALL_ON_RESTART") continue;
      if (const json* library = find_at(status, "/library")) libraries.push_back(*library);
    }
  }
  json definition = json::object();
  definition["libraries"] = std::move(libraries);
  return definition;
}

Task<Result<void>> change(workspace::Workspace& to, std::string path, std::string id,
                          json libraries) {
  if (libraries.empty()) co_return Result<void>{};
  json body = json::object();
  body["cluster_id"] = id;
  body["libraries"] = std::move(libraries);
  CO_CHECK(co_await to.call(repeatable(http::Method::post, path, body)));
  co_return Result<void>{};
}

Task<Result<std::string>> write_libraries(Write write) {
  const json wanted = array_at(write.definition.get(), "/libraries");
  const json current = array_at(write.current.get(), "/libraries");
  std::string id = owner_id(write);
  CO_CHECK(
      co_await change(*write.to, "/api/2.0/libraries/uninstall", id, missing_in(current, wanted)));
  CO_CHECK(
      co_await change(*write.to, "/api/2.0/libraries/install", id, missing_in(wanted, current)));
  co_return id;
}

constexpr std::string_view each_library[] = {"/libraries/*"};
constexpr Unordered unordered[] = {{"/libraries", ""}};
constexpr std::string_view indicator[] = {"/library_statuses"};

Places<Reference> all_references() {
  Places<Reference> places;
  places.below(each_library, compute::library_references);
  return places;
}

Kind row(std::span<const Reference> references) {
  return {
      .name = "cluster_library",
      .plural = "cluster libraries",
      .about = "libraries installed on a cluster",
      .list = {.endpoint = {.path = "/api/2.0/libraries/all-cluster-statuses"},
               .items = "/statuses"},
      .child_of = "cluster",
      .id_at = "/cluster_id",
      .shape = shape,
      .unordered = unordered,
      .references = references,
      .indicator = indicator,
      .create = {.method = Method::post,
                 .path = "/api/2.0/libraries/install",
                 .effect = Effect::writes,
                 .body_id = "/cluster_id"},
      .update = {.method = Method::post,
                 .path = "/api/2.0/libraries/install",
                 .effect = Effect::writes,
                 .body_id = "/cluster_id"},
      .create_verb = write_libraries,
      .update_verb = write_libraries,
      .never_removed = true,
      .part = Part::file,
  };
}

}  // namespace

const Kind& cluster_library_kind() {
  static const Places<Reference> references = all_references();
  static const Kind kind = row(references.rows());
  return kind;
}

}  // namespace twinlake::kinds::cluster_library
