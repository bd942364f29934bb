#pragma once
// What would be done and why. Deciding is pure: no I/O, no clock, no kind by name.
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "base/shared_text.h"
#include "engine/three_way.h"
#include "engine/words.h"
#include "engine/world.h"
#include "model/object.h"
#include "model/packed_form.h"
#include "model/rewrite.h"
#include "state/store.h"

namespace twinlake::engine {

enum class Action {
  create,
  update,
  adopt,
  remove,
  hold,     ///< pauses the triggers of an object, on whichever side it stands
  release,  ///< gives them back what they were
};
[[nodiscard]] std::string_view name_of(Action action);  ///< "create", ...

/// Why an object may not be written to the secondary: somebody else keeps it there. Nothing: nobody does.
using KeptByOthers = std::function<std::optional<Error>(const model::Kind& kind, const std::string& key)>;

/// One thing to do to the secondary; `hold` and `release` to the side that they name.
struct Step {
  Action action = Action::create;
  state::Origin origin = state::Origin::created;
  SharedText uuid;
  const model::Kind* kind = nullptr;
  const model::Kind* parent_kind = nullptr;
  SharedText key;
  SharedText parent_uuid;
  SharedText source_id;  ///< on the primary
  SharedText target_id;  ///< on the secondary; empty for a create
  model::PackedForm desired;                      ///< standby form, uuids as references
  model::PackedForm current;                      ///< canonical form of the secondary's object
  std::vector<model::Change> changes;             ///< field by field
  std::vector<model::Change> rewritten;           ///< what rules of the configuration replaced in it
  SharedText marks_unrewritten;                   ///< marks_of() before that; empty where nothing was replaced
  SharedText reason;                              ///< one clause for people
  std::vector<SharedText> waits_for;              ///< uuids that must be there before, in order, each once
  std::vector<std::string> shell_without;         ///< members left out at first: they close a cycle
  std::vector<std::size_t> after;                 ///< positions in the plan that must have succeeded
  std::shared_ptr<const state::Binding> leaves;   ///< of a create that moves the object: its old place, ours until it is gone
  bool completes_shell = false;                   ///< speaks of the same object as the create before it
  bool is_marked = true;                          ///< the object carries our marker, or gets it
  bool was_interrupted = false;                   ///< a write of it is in doubt: it may have been started
  int stage = 0;                                  ///< stage 1 (most removals) starts when stage 0 is done
  [[nodiscard]] std::string address() const { return model::address_of(kind->name, key); }
  void wait_for(const SharedText& uuid_before);  ///< once, however often it is named
};

/// Does this write start the object, so that it must be stopped again?
[[nodiscard]] bool needs_follow_up(const Step& step);

/// The verdict of one object.
enum class Standing { in_sync, lagging, drifted, missing, extra, failed, unsupported, unknown };
[[nodiscard]] std::string_view name_of(Standing standing);

/// Why an object that is not in sync gets no step.
enum class Stop {
  none,
  blocked,
  conflict,
  failed,
  kept,
  left_out,
  others,  ///< somebody else keeps objects of its kind there: nothing is wrong with that
};

struct Verdict {
  SharedText uuid;
  const model::Kind* kind = nullptr;
  SharedText key;
  Standing standing = Standing::in_sync;
  Stop stop = Stop::none;
  SharedText because;
  SharedText what_to_do;
  std::vector<model::Change> changes;
  [[nodiscard]] std::string address() const { return model::address_of(kind->name, key); }
  void say_also(std::string_view clause);  ///< one more reason
  /// Does it spoil "everything is in sync"?
  bool spoils = false;
  /// The moment of the reading that this rests on, where no listing tells whether the object changed; nothing: the
  /// listings of this run tell.
  std::optional<Time> read = {};
  bool asks = false;  ///< changed on both sides, and somebody has to say whose counts
};

struct Plan {
  std::deque<Step> steps;         ///< in an order that can be carried out one by one; more may come at the end
  std::vector<Verdict> verdicts;  ///< one for each object of a replicated or unsupported kind
  std::vector<model::Finding> findings;
  std::map<std::string, std::vector<state::HoldRecord>> holds;  ///< by uuid, as of this reading
  /// By uuid, of those whose originals are others than the state knows.
  std::map<std::string, std::vector<state::OriginalRecord>> originals;
  std::vector<state::Agreed> agreed;  ///< of those that were found equal, where the state knows otherwise
  /// Equal for equal steps: binds a saved plan to what it was made from. Keyed, so it tells nothing.
  std::string fingerprint;
};

struct PlanOptions {
  std::string fingerprint_key;
  Time now;
  /// Objects already there under the same key but different may be overwritten?
  std::function<bool(const model::Kind& kind, const std::string& key)> may_overwrite;
  /// How many removals of one kind are allowed beyond the threshold; -1: only the threshold.
  int allow_deletes = -1;
  bool delete_enabled = true;
  bool unassign = false;  ///< principals that we let in and that left the primary leave the secondary too
  model::Rewrite rewrite;  ///< may be empty
  std::map<std::string, std::vector<state::OriginalRecord>> originals;  ///< as the state knows them, by uuid
  /// What the state knows of what both sides agreed on; may be empty.
  std::function<std::optional<state::Agreed>(const std::string& uuid)> agreed;
  /// What becomes of what was changed on both sides; empty: the primary's counts.
  std::function<OnConflict(const model::Kind& kind, const std::string& key)> on_conflict;
  model::LiteralRules literals;
  KeptByOthers kept_by_others;  ///< may be empty
  /// Told of each object of the primary that is looked at, in its canonical form; may be empty.
  std::function<void(const Pair& pair, const nlohmann::json& form)> saw;
  /// Told of each object once it is decided, while what was listed of it is still there and may be taken; may be empty.
  std::function<void(const Pair& pair)> decided;
  /// Gives the canonical form of an object of the primary in place of what was read; empty: nobody does.
  std::function<Result<nlohmann::json>(const Pair& pair)> source;
  /// Which pairs are decided at all; the others only say whether they are there. Empty: all.
  std::function<bool(const Pair& pair)> takes;
  std::optional<model::Way> way = std::nullopt;  ///< of rewrites, where sides of the world do not tell it
  bool restores = false;  ///< what was kept comes back: what is equal to it is left to whom it belongs
  bool is_live = false;  ///< what is written has the primary role: nothing is held there
  Words words = {};
  const workspace::Workspace* to = nullptr;  ///< what is written; nullptr: whoever it is can write everything
};

/// The reading of an object that is read in its turn although it does not come late.
struct InTurn {
  Time read;
  bool is_believed = false;  ///< an earlier one; else it is made in this run
};

/// What both sides were when they last agreed.
struct KnownState {
  std::map<std::string, state::Known> by_uuid;
  std::map<std::string, InTurn> in_turn;  ///< by uuid
  std::string rules;  ///< of the present configuration; another one makes all of it worthless
};

/// Do listings show of both sides what they showed when these agreed?
[[nodiscard]] bool is_listed_as_known(const Pair& pair, const KnownState& known, model::Side primary);

/// Is the object of this pair as it was when both sides agreed, judged by listings, and by an earlier reading where
/// one is believed?
[[nodiscard]] bool is_unchanged(const Pair& pair, const KnownState& known, model::Side primary);

/// Objects whose secondary form may name an id that is no more: something of a kind that they refer to has to be made
/// again, or was by somebody else. What is known of them does not count any longer. What a child names by its name counts
/// too: the service takes a principal out of all grants with the principal.
[[nodiscard]] std::vector<std::string> doubtful_after_recreation(const World& world);

struct ToRead {
  workspace::Item* item = nullptr;
  bool on_primary = false;
};

/// Items whose own read is needed before planning, but for those that can come late. `everything`:
/// nothing is trusted.
[[nodiscard]] std::vector<ToRead> items_to_read(World& world, const KnownState& known, bool everything,
                                                std::size_t from_pair = 0);

/// May this object be read and decided while others are being written already? Nothing ever refers to
/// a child, so its definition changes nothing for them.
[[nodiscard]] bool can_come_late(const model::Kind& kind);

using ReadErrors = std::unordered_map<const workspace::Item*, Error>;

[[nodiscard]] Plan make_plan(const World& world, const KnownState& known, const ReadErrors& read_errors,
                             const PlanOptions& options);

}  // namespace twinlake::engine
