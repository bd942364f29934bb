#include <nlohmann/json.hpp>

#include "model/kind.h"
#include "workspace/rows.h"

namespace twinlake::kinds {

using namespace model;

namespace {

/// `active` is left out by the service as it pleases; said here, it can also be turned on again.
nlohmann::json shape(const nlohmann::json& item) {
  nlohmann::json user = item;
  user.emplace("active", true);
  return user;
}

// The name's parts and the mail addresses follow from the directory; under identity federation the
// workspace could not set them anyway.
constexpr std::string_view strip[] = {"/id",   "/groups", "/roles",      "/meta",
                                      "/name", "/emails", "/externalId", "/schemas"};
constexpr Unordered unordered[] = {{"/entitlements", "/value"}};

constexpr Kind kind{
    .name = "user",
    .plural = "users",
    .about = "who may log in: name, active or not, entitlements",
    .list = {.endpoint = {.path = "/api/2.0/preview/scim/v2/Users",
                          .query = "count=1000&excludedAttributes=groups,roles"},
             .items = "/Resources",
             .pages = PageStyle::scim},
    .id_at = "/id",
    .key_at = "/userName",
    .key_ignores_case = true,
    .shape = shape,
    .strip = strip,
    .unordered = unordered,
    .create = {.method = Method::post,
               .path = "/api/2.0/preview/scim/v2/Users",
               .effect = Effect::writes,
               .repeat = Repeat::unsafe},
    // Removing an entitlement that is gone already is refused, so a repetition is not harmless.
    .update = {.method = Method::patch,
               .path = "/api/2.0/preview/scim/v2/Users/{id}",
               .effect = Effect::writes,
               .repeat = Repeat::unsafe},
    .created_id_at = "/id",
    .update_verb = workspace::scim_patch,
    .never_removed = true,
    .same_everywhere = true,
};

}  // namespace

const Kind& user_kind() { return kind; }

}  // namespace twinlake::kinds
