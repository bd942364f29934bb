#include "kinds/assignment.h"
#include "kinds/calls.h"

namespace twinlake::kinds::group {

using namespace model;
using nlohmann::json;
using workspace::Workspace;

namespace {

constexpr std::string_view groups_path = "/api/2.0/preview/scim/v2/Groups";

json shape(const json& item) {
  json group = item;
  // Admins have every entitlement and cannot lose one: nothing to compare.
  if (text_at(item, "/displayName") == "admins") group.erase("entitlements");
  if (text_at(item, "/meta/resourceType") == "Group") group["of_account"] = true;
  return group;
}

Task<Result<std::string>> id_by_name(Workspace& side, std::string name) {
  std::string quoted;
  for (const char c : name) quoted += c == '"' ? std::string("\\\"") : std::string(1, c);
  http::Request request = http::Request::get(std::string(groups_path));
  request.with_query("filter", "displayName eq \"" + quoted + "\"")
      .with_query("attributes", "id,displayName");
  CO_TRY(const json answer, co_await side.call(std::move(request)));
  std::string id = text_at(answer, "/Resources/0/id");
  if (id.empty())
    co_return fail(Fault::not_found, "the group \"" + name + "\" is not in the workspace");
  co_return id;
}

/// An account group is assigned to the workspace; it comes with its members.
Task<Result<std::string>> assign(Workspace& to, std::string name) {
  json wish = json::object();
  wish["group_name"] = name;
  wish["permissions"] = json::array({"USER"});
  json body = json::object();
  body["permission_assignments"] = json::array();
  body["permission_assignments"].push_back(std::move(wish));
  http::Request request =
      repeatable(http::Method::post, "/api/2.0/preview/permissionassignments", body);
  CO_TRY(const json answer, co_await to.call(std::move(request)));
  // A refusal of one entry comes within a good answer.
  const std::string refusal = text_at(answer, "/permission_assignments/0/error");
  if (!refusal.empty())
    co_return fail(Fault::invalid,
                   "the account group \"" + name + "\" was not assigned: " + refusal,
                   "Create the group in the account, or assign it to the workspace by hand");
  std::string id = text_at(answer, "/permission_assignments/0/principal/principal_id");
  if (id.empty()) co_return co_await id_by_name(to, name);
  co_return id;
}

Task<Result<std::string>> create_account_group(Write write) {
  CO_TRY(std::string id, co_await assign(*write.to, text_at(*write.definition, "/displayName")));
  json entitlements = json::object();
  entitlements["entitlements"] = array_at(write.definition.get(), "/entitlements");
  write.definition = std::make_shared<const json>(std::move(entitlements));
  write.current = nullptr;
  write.id = id;
  CO_CHECK(co_await workspace::scim_patch(write));
  co_return id;
}

Task<Result<std::string>> create_local_group(Write write) {
  http::Request request =
      workspace::request_of(*write.kind, write.kind->create, "", write.definition.get());
  CO_TRY(const json answer, co_await write.to->call(std::move(request)));
  std::string id = text_at(answer, "/id");
  if (id.empty())
    co_return fail(Fault::in_doubt, "the service did not say the id of the group it created");
  co_return id;
}

Task<Result<std::string>> create(Write write) {
  json definition = *write.definition;
  const bool of_account = definition.erase("of_account") > 0;
  write.definition = std::make_shared<const json>(std::move(definition));
  if (of_account) co_return co_await create_account_group(write);
  co_return co_await create_local_group(write);
}

/// A group of the workspace itself would be deleted, with its members.
bool can_be_unassigned(const json& item) { return text_at(item, "/meta/resourceType") == "Group"; }

constexpr std::string_view built_in[] = {"users", "admins"};
constexpr std::string_view strip[] = {"/id",      "/groups",     "/roles",  "/meta",
                                      "/members", "/externalId", "/schemas"};
constexpr Unordered unordered[] = {{"/entitlements", "/value"}};
/// A local group that stands as an account group on the other side is as good. Which one it is only
/// matters when it has to be made.
constexpr std::string_view not_compared[] = {"/of_account"};

constexpr Kind kind{
    .name = "group",
    .plural = "groups",
    .about = "name and entitlements; account groups are assigned, not created",
    .list = {.endpoint = {.path = groups_path, .query = "count=100"},
             .items = "/Resources",
             .pages = PageStyle::scim},
    .id_at = "/id",
    .key_at = "/displayName",
    .key_ignores_case = true,
    .built_in_keys = built_in,
    .shape = shape,
    .strip = strip,
    .unordered = unordered,
    .not_compared = not_compared,
    .create = {.method = Method::post,
               .path = groups_path,
               .effect = Effect::writes,
               .repeat = Repeat::unsafe},
    .update = {.method = Method::patch,
               .path = "/api/2.0/preview/scim/v2/Groups/{id}",
               .effect = Effect::writes,
               .repeat = Repeat::unsafe},
    .remove = unassign_endpoint,
    .created_id_at = "/id",
    .create_verb = create,
    .update_verb = workspace::scim_patch,
    .remove_verb = unassign,
    .never_removed = true,
    .can_be_unassigned = can_be_unassigned,
    .same_everywhere = true,
    .part = Part::principal,
};

}  // namespace

const Kind& group_kind() { return kind; }

}  // namespace twinlake::kinds::group
