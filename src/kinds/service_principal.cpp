#include "kinds/principal_row.h"

namespace twinlake::kinds::service_principal {

using namespace model;

namespace {

constexpr std::string_view strip[] = {"/id",   "/groups",     "/roles",
                                      "/meta", "/externalId", "/schemas"};

constexpr Kind row() {
  // A create with an application id registers that very principal; without one the service would
  // invent another identity.
  Kind kind = principal_row("/api/2.0/preview/scim/v2/ServicePrincipals",
                            "/api/2.0/preview/scim/v2/ServicePrincipals/{id}");
  kind.name = "service_principal";
  kind.plural = "service principals";
  kind.about =
      "programs that may log in; known by their application id; one of the account behind both is "
      "assigned, not created";
  kind.key_at = "/applicationId";
  kind.strip = strip;
  return kind;
}
constexpr Kind kind = row();

}  // namespace

const Kind& service_principal_kind() { return kind; }

}  // namespace twinlake::kinds::service_principal
