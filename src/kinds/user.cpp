#include "kinds/principal_row.h"

namespace twinlake::kinds::user {

using namespace model;

namespace {

// The name's parts and the mail addresses follow from the directory; under identity federation the
// workspace could not set them anyway.
constexpr std::string_view strip[] = {"/id",   "/groups", "/roles",      "/meta",
                                      "/name", "/emails", "/externalId", "/schemas"};

constexpr Kind row() {
  Kind kind = principal_row("/api/2.0/preview/scim/v2/Users", "/api/2.0/preview/scim/v2/Users/{id}");
  kind.name = "user";
  kind.plural = "users";
  kind.about =
      "who may log in: name, active or not, entitlements; somebody of the account behind both is "
      "assigned, not created";
  kind.key_at = "/userName";
  kind.strip = strip;
  return kind;
}
constexpr Kind kind = row();

}  // namespace

const Kind& user_kind() { return kind; }

}  // namespace twinlake::kinds::user
