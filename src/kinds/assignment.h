#pragma once
// Leaving a workspace without leaving the account: what removing a principal means to us.
#include "workspace/rows.h"
#include "workspace/workspace.h"

namespace twinlake::kinds {

inline constexpr model::Endpoint unassign_endpoint{
    .method = model::Method::del,
    .path = "/api/2.0/preview/permissionassignments/principals/{id}",
    .effect = model::Effect::writes};

/// Only with identity federation: without it the principal would be deleted, which is nothing that
/// anybody asked for.
inline Task<Result<void>> unassign(model::Write write) {
  auto done = co_await workspace::call_by_row(*write.to, *write.kind, unassign_endpoint, write.id);
  if (done || done.error().fault == Fault::not_found) co_return done;
  Error error = std::move(done).error();
  if (error.fault == Fault::disabled || error.fault == Fault::invalid)
    error.hint =
        "Without identity federation somebody can only be deleted, which Twinlake never does: "
        "deactivate or remove it by hand on the secondary";
  co_return fail(std::move(error));
}

}  // namespace twinlake::kinds
