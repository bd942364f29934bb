#pragma once
// The form in which two sides are compared: server-made fields gone, defaults normalised, every id of
// another object replaced by that object's uuid. Pure functions of a kind's row.
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "model/kind.h"
#include "model/literals.h"
#include "model/object.h"

namespace twinlake::model {

/// Tag keys of ours start with this; the canonical form drops them on both sides.
inline constexpr std::string_view marker_prefix = "twinlake";
inline constexpr std::string_view marker_group = "twinlake_group";
inline constexpr std::string_view marker_uuid = "twinlake_uuid";

struct CanonicalContext {
  /// The uuid of the object that this side calls `id`, if it is of that kind.
  std::function<std::optional<std::string>(std::string_view kind, const std::string& id)> uuid_of;
  /// The uuid of the object with this natural key.
  std::function<std::optional<std::string>(std::string_view kind, const std::string& key)> uuid_by_key;
  /// Every name of the replicator's own principal on this side.
  std::set<std::string, std::less<>> self;
};

/// A use of another object within a definition, resolved or not.
struct Use {
  const Reference* reference = nullptr;
  std::string place;                ///< concrete pointer in the canonical form
  std::string text;                 ///< the id, key or path as it stands on that side
  std::optional<std::string> uuid;  ///< the target, when known
};

struct Canonical {
  std::shared_ptr<nlohmann::json> form;
  std::vector<Use> uses;
};

[[nodiscard]] Canonical canonical(const Kind& kind, const nlohmann::json& item,
                                  const CanonicalContext& context);

/// What a form that is canonical already uses. For forms that were kept.
[[nodiscard]] std::vector<Use> uses_of(const Kind& kind, const nlohmann::json& form, const CanonicalContext& context);

/// Tidies a definition that is already in canonical words again: used to prove idempotence.
void normalise(const Kind& kind, nlohmann::json& definition);

/// The uuid that our marker names, when the item carries one of this group; else empty.
[[nodiscard]] std::string marker_of(const Kind& kind, const nlohmann::json& item, std::string_view group);

/// Was it made for a drill, by whatever group? Asked of a listed item.
[[nodiscard]] bool is_of_drill(const Kind& kind, const nlohmann::json& item);

/// Path as the service compares it: without /Workspace, doubled or trailing slashes.
[[nodiscard]] std::string normal_path(std::string_view path);
/// The key of the file or folder that a text of a definition names, in the tree ("/Shared/x"), the DBFS
/// root ("dbfs:/FileStore/x") or a volume ("/Volumes/c/s/v/x"); empty when it names none of these. What
/// lies on mounted storage is data, and belongs to storage replication.
[[nodiscard]] std::string path_key(std::string_view text);
/// Parent of a normal path: "/a/b" lies in "/a", "/a" in "/".
[[nodiscard]] std::string parent_path(std::string_view path);

/// Field by field, what turns `before` into `after`. Secrets are hidden, at any depth of what changed.
[[nodiscard]] std::vector<Change> differences(const Kind& kind, const nlohmann::json& before,
                                              const nlohmann::json& after, const LiteralRules& literals = {});

struct LiveTrigger {
  std::string place;  ///< pointer; for elements of an array, the element without its state
  std::string live;   ///< JSON text of the value that was held
};

/// Holds every trigger of a canonical form, in place; tells what they were.
[[nodiscard]] std::vector<LiveTrigger> hold(const Kind& kind, nlohmann::json& definition);
/// Triggers that are not held: empty for anything that may stand on the standby.
[[nodiscard]] std::vector<LiveTrigger> live_triggers(const Kind& kind, const nlohmann::json& definition);

/// Gives triggers back what they were: each place of `live` that is there gets exactly that value. What has no
/// record stays as it is. `named`: the same definition in the words in which the records name places.
void release(const Kind& kind, nlohmann::json& definition, const nlohmann::json& named,
             const std::vector<LiveTrigger>& live);

/// The body for one side: uuids become that side's ids, JSON texts are written, markers added.
/// Fault::blocked names the reference that side cannot resolve.
struct TargetContext {
  std::function<std::optional<std::string>(const std::string& uuid, bool& is_number)> id_of;
  std::string group;  ///< empty: no markers
  std::string uuid;
};
[[nodiscard]] Result<nlohmann::json> target_form(const Kind& kind, const nlohmann::json& canonical_form,
                                                 const TargetContext& context);

}  // namespace twinlake::model
