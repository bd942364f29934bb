#pragma once
// What a drill copies, read from the standby alone: the objects, those that they start, and their code.
#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "model/kind.h"
#include "model/object.h"
#include "state/store.h"
#include "workspace/code_copy.h"
#include "workspace/inventory.h"
#include "workspace/workspace.h"

namespace twinlake::failover {

/// How many of a drill's requests are under way at once.
inline constexpr int requests_at_once = 16;

/// A kind whose objects can be copied and run.
[[nodiscard]] inline bool is_tried(const model::Kind& kind) { return kind.trial != nullptr; }

struct CopyOptions {
  std::string label;   ///< begins the names of the copies; the value of their tag is "label.id of the original"
  std::string folder;  ///< where their code goes
  workspace::InScope in_scope;
  std::vector<std::string> patterns;  ///< over names; each must match something
  std::vector<std::string> folders;   ///< of the tree, copied whole
  std::function<bool(std::string_view glob, std::string_view text)> matches;
};

/// One object with its copy's body, in the words of the side; the ids of other copies are still those of their
/// originals, for these are made first.
struct ObjectCopy {
  const model::Kind* kind = nullptr;
  std::string source;  ///< id of the original
  std::string key;     ///< of the original
  std::string name;    ///< of the copy
  nlohmann::json body;
};

struct CopyPlan {
  std::vector<ObjectCopy> objects;     ///< in an order in which each may name those before it
  std::vector<workspace::Entry> code;  ///< originals; each goes to `folder` + path
  std::vector<nlohmann::json> runs_as;  ///< who must be able to run the code
  std::vector<model::Finding> findings;
};

/// Reads what is to be copied. Fault::refused when something cannot be tried alone; all of that is told at once.
[[nodiscard]] Task<Result<CopyPlan>> plan_copies(workspace::Workspace& side, std::span<const model::Kind* const> kinds,
                                                 const state::Store& store, CopyOptions options);

/// The body with the ids of copies in place of those of their originals.
[[nodiscard]] nlohmann::json with_copies_of(const ObjectCopy& object, const std::map<std::string, std::string>& copies);

}  // namespace twinlake::failover
