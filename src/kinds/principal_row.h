#pragma once
// What users and service principals have in common: they exist in the directory, and a workspace lets
// them in.
#include <span>
#include <string_view>

#include <nlohmann/json.hpp>

#include "kinds/assignment.h"
#include "model/kind.h"
#include "workspace/rows.h"

namespace twinlake::kinds {

/// `active` is left out by the service as it pleases; said here, it can also be turned on again.
inline nlohmann::json shape_of_principal(const nlohmann::json& item) {
  nlohmann::json principal = item;
  principal.emplace("active", true);
  return principal;
}

inline bool principal_can_be_unassigned(const nlohmann::json&) { return true; }

inline constexpr model::Unordered principal_unordered[] = {{"/entitlements", "/value"}};

/// `listed` and `one` are the SCIM paths of all and of the one with {id}.
constexpr model::Kind principal_row(std::string_view listed, std::string_view one) {
  model::Kind row;
  row.list = {.endpoint = {.path = listed, .query = "count=1000&excludedAttributes=groups,roles"},
              .items = "/Resources",
              .pages = model::PageStyle::scim};
  row.id_at = "/id";
  row.key_ignores_case = true;
  row.shape = shape_of_principal;
  row.unordered = principal_unordered;
  row.create = {.method = model::Method::post,
                .path = listed,
                .effect = model::Effect::writes,
                .repeat = model::Repeat::unsafe};
  // Removing an entitlement that is gone already is refused, so a repetition is not harmless.
  row.update = {.method = model::Method::patch,
                .path = one,
                .effect = model::Effect::writes,
                .repeat = model::Repeat::unsafe};
  row.created_id_at = "/id";
  row.update_verb = workspace::scim_patch;
  row.remove = unassign_endpoint;
  row.remove_verb = unassign;
  row.never_removed = true;
  row.can_be_unassigned = principal_can_be_unassigned;
  row.same_everywhere = true;
  row.part = model::Part::principal;
  return row;
}

}  // namespace twinlake::kinds
