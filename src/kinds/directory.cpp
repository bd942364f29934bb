#include "kinds/audit_events.h"
#include "kinds/calls.h"
#include "kinds/tree_fields.h"

namespace twinlake::kinds::directory {

using namespace model;
using nlohmann::json;

namespace {

/// Homes are not among these: they are waited for, after their user, by the create verb.
bool is_built_in(const json& item) {
  const std::string path = normal_path(text_at(item, "/path"));
  return workspace::is_protected_path(path) && workspace::home_owner(path).empty();
}

/// A home appears when its user does, and cannot be made otherwise: so it refers to that user.
json shape(const json& item) {
  json directory = place_of(item);
  const std::string path = text_at(directory, "/path");
  if (const std::string owner = workspace::home_owner(path); !owner.empty())
    directory["home_of"] = owner;
  return directory;
}

/// The service makes homes by itself and refuses to be asked for them: they only have to show up.
Task<Result<std::string>> create(Write write) {
  const std::string path = text_at(*write.definition, "/path");
  if (workspace::is_protected_path(path)) co_return std::string();
  json body = json::object();
  body["path"] = path;
  CO_CHECK(co_await write.to->call(repeatable(http::Method::post, "/api/2.0/workspace/mkdirs", body)));
  co_return std::string();
}

/// A directory has nothing but its place: one that is there is right.
Task<Result<std::string>> update(Write write) { co_return write.id; }

/// Homes come and go with their users, and the service refuses to be asked for it.
bool comes_by_itself(const json& item) {
  return workspace::is_protected_path(model::normal_path(text_at(item, "/path")));
}

constexpr std::string_view types[] = {"DIRECTORY"};
constexpr std::string_view indicator[] = {"/path"};
constexpr std::string_view owners[] = {"user", "service_principal"};
constexpr Reference references[] = {
    in_directory,
    {.path = "/home_of", .kinds = owners, .match = Match::key, .missing = IfMissing::leave_out},
};

constexpr AuditEvent told_by[] = {acl_event_in_tree("directories")};

constexpr Kind row() {
  Kind kind = row_in_tree(types);
  kind.name = "directory";
  kind.plural = "directories";
  kind.about = "folders of the workspace, empty ones too";
  kind.if_not_shown = "A home folder appears when its user is assigned to the workspace; it cannot be created";
  kind.is_built_in = is_built_in;
  kind.comes_by_itself = comes_by_itself;
  kind.shape = shape;
  kind.references = references;
  kind.indicator = indicator;
  kind.create = {.method = Method::post, .path = "/api/2.0/workspace/mkdirs", .effect = Effect::writes};
  kind.create_verb = create;
  kind.update_verb = update;
  kind.permission_type = "directories";
  kind.told_by = told_by;
  return kind;
}
constexpr Kind kind = row();

}  // namespace

const Kind& directory_kind() { return kind; }

}  // namespace twinlake::kinds::directory
