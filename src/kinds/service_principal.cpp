#include <nlohmann/json.hpp>

#include "model/kind.h"
#include "workspace/rows.h"

namespace twinlake::kinds {

using namespace model;

namespace {

nlohmann::json shape(const nlohmann::json& item) {
  nlohmann::json principal = item;
  principal.emplace("active", true);
  return principal;
}

constexpr std::string_view strip[] = {"/id",   "/groups",     "/roles",
                                      "/meta", "/externalId", "/schemas"};
constexpr Unordered unordered[] = {{"/entitlements", "/value"}};

constexpr Kind kind{
    .name = "service_principal",
    .plural = "service principals",
    .about = "programs that may log in; known by their application id",
    .list = {.endpoint = {.path = "/api/2.0/preview/scim/v2/ServicePrincipals",
                          .query = "count=1000&excludedAttributes=groups,roles"},
             .items = "/Resources",
             .pages = PageStyle::scim},
    .id_at = "/id",
    .key_at = "/applicationId",
    .key_ignores_case = true,
    .shape = shape,
    .strip = strip,
    .unordered = unordered,
    // With an application id this registers that very principal; without one the service would
    // invent another identity.
    .create = {.method = Method::post,
               .path = "/api/2.0/preview/scim/v2/ServicePrincipals",
               .effect = Effect::writes,
               .repeat = Repeat::unsafe},
    .update = {.method = Method::patch,
               .path = "/api/2.0/preview/scim/v2/ServicePrincipals/{id}",
               .effect = Effect::writes,
               .repeat = Repeat::unsafe},
    .created_id_at = "/id",
    .update_verb = workspace::scim_patch,
    .never_removed = true,
    .same_everywhere = true,
};

}  // namespace

const Kind& service_principal_kind() { return kind; }

}  // namespace twinlake::kinds
