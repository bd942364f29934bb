#pragma once
// How the audit log tells that the access list of an object was changed (Azure Databricks
// documentation, audit log events; resourceId is the bare id or a path, and which parameter the
// tree uses is told in two ways).
#include <string_view>

#include "model/kind.h"

namespace twinlake::kinds {

inline constexpr std::string_view resource_id[] = {"resourceId"};
inline constexpr std::string_view resource_name[] = {"aclChangeResourceName", "resourceId"};

constexpr model::AuditEvent acl_event(std::string_view service, std::string_view action) {
  return {.service = service, .action = action, .id_in = resource_id};
}

/// One action for everything in the tree; the type precedes the id.
constexpr model::AuditEvent acl_event_in_tree(std::string_view type) {
  return {
      .service = "workspace", .action = "changeWorkspaceAcl", .id_in = resource_name, .type = type};
}

}  // namespace twinlake::kinds
