#include <nlohmann/json.hpp>

#include "base/json_path.h"
#include "model/kind.h"
#include "workspace/rows.h"

namespace twinlake::kinds::group_members {

using namespace model;
using nlohmann::json;

namespace {

/// Everybody is in `users`; and who is in an account group is decided in the account, for both
/// sides at once. The members of `admins` are the workspace's own, whatever its type is said to be.
json child_item(const Kind&, const json& group) {
  const std::string name = text_at(group, "/displayName");
  if (name == "users") return nullptr;
  if (name != "admins" && text_at(group, "/meta/resourceType") == "Group") return nullptr;
  json members = json::array();
  const json* listed = find_at(group, "/members");
  if (listed != nullptr && listed->is_array()) {
    for (const json& member : *listed) {
      json entry = json::object();
      entry["value"] = text_at(member, "/value");
      members.push_back(std::move(entry));
    }
  }
  json item = json::object();
  item["members"] = std::move(members);
  return item;
}

constexpr std::string_view principals[] = {"user", "service_principal", "group"};
constexpr Reference references[] = {
    {.path = "/members/*/value",
     .kinds = principals,
     .match = Match::id,
     .missing = IfMissing::drop,
     .drop_levels = 1},
};
constexpr Unordered unordered[] = {{"/members", "/value"}};
constexpr std::string_view leave_out_self[] = {"/members/*/value"};
constexpr Endpoint patch{.method = Method::patch,
                         .path = "/api/2.0/preview/scim/v2/Groups/{id}",
                         .effect = Effect::writes,
                         .repeat = Repeat::unsafe};

/// Only differences are sent, so a member that the comparison leaves out (our own principal) stays.
Task<Result<std::string>> write_members(Write write) {
  if (write.id.empty()) write.id = write.parent_id;
  co_return co_await workspace::scim_patch(write);
}

constexpr Kind kind{
    .name = "group_members",
    .plural = "group memberships",
    .about = "direct members of each group, other groups included",
    .child_of = "group",
    .child_item = child_item,
    .unordered = unordered,
    .references = references,
    .leave_out_self = leave_out_self,
    .create = patch,
    .update = patch,
    .create_verb = write_members,
    .update_verb = write_members,
    .never_removed = true,
    .part = Part::principal,
};

}  // namespace

const Kind& group_members_kind() { return kind; }

}  // namespace twinlake::kinds::group_members
