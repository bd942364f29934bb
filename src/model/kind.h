#pragma once
// A kind is a row of data. The engine reads rows and knows no kind by name.
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "base/result.h"
#include "base/task.h"
#include "http/message.h"
#include "http/pager.h"

namespace twinlake::workspace {
class Workspace;
}

namespace twinlake::model {

struct Kind;
/// Does the secondary have the object of that kind with that natural key?
using Offers = std::function<bool(std::string_view kind, const std::string& key)>;
using http::Effect;
using http::Method;
using http::PageStyle;
using http::Repeat;

/// One call of the API. An empty path: this kind has no such call.
struct Endpoint {
  Method method = Method::get;
  std::string_view path = {};        ///< "/api/2.2/jobs/get"; {id} and {parent} are filled in
  std::string_view query = {};       ///< "expand_tasks=true&job_id={id}"
  Effect effect = Effect::reads;
  Repeat repeat = Repeat::safe;
  std::string_view body_id = {};     ///< where the id goes in the body: "/job_id"
  std::string_view body_under = {};  ///< where the definition goes: "" the whole body, "/new_settings"
  [[nodiscard]] constexpr bool exists() const { return !path.empty(); }
};

/// How all objects of a kind are found: by an endpoint, or by a verb where paging cannot say it.
struct Listing {
  Endpoint endpoint = {};
  std::string_view items = {};  ///< pointer to the array in an answer
  PageStyle pages = PageStyle::none;
  /// Only items whose text at `match_at` is one of `match_any` (or none of them, when `inverted`).
  std::string_view match_at = {};
  std::span<const std::string_view> match_any = {};
  bool inverted = false;
};

enum class Support {
  replicated,   ///< created, updated, removed on the standby
  lookup,       ///< only matched by name, so that references resolve
  unsupported,  ///< found, named in the verdict, and left to a person
};

/// What an observation and the writes of an observed kind are made with.
enum class Language {
  python,  ///< a command on a helper machine
  sql,     ///< statements, which need no machine of ours
};

/// Which part of an object its own read gives.
enum class Detail {
  none,        ///< the listing carries everything
  definition,  ///< fields that the listing lacks
  content,     ///< bytes: read only to compare or to copy
};

/// How a reference names its target.
enum class Match {
  id,           ///< by the id of that side; replaced by the target's uuid in the canonical form
  key,          ///< by natural key (user names, scope names); the text stays
  path,         ///< by workspace path; the text stays
  inside_text,  ///< {{secrets/scope/key}} within a longer text, by secret, else by scope; the text stays
};
enum class IfMissing {
  block,  ///< the object waits for its target
  drop,   ///< the entry is left out and reported
  ignore, ///< the entry means nothing without it: left out on both sides, and nobody needs to know
  keep,   ///< the text stays and a finding is made
  leave_out,  ///< the object itself, and what lies in it, is left out and said to be unsupported
};

struct Reference {
  std::string_view path;                    ///< JsonPath in the canonical form
  std::span<const std::string_view> kinds;  ///< which kinds the target may have, tried in order
  Match match = Match::id;
  IfMissing missing = IfMissing::block;
  /// How much of the place is taken out with `drop`: 0 the value, 1 the member's parent, ...
  int drop_levels = 0;
};

/// How a trigger says when it starts something next. Pointers within the object in which its hold
/// lies.
struct Timing {
  enum class Says {
    at_once,   ///< it starts again as soon as it may
    cron,      ///< a Quartz expression
    interval,  ///< {"interval": 4, "unit": "HOURS"}, from a moment that nobody tells
  };
  std::string_view at;  ///< it says so when this is there
  Says says = Says::at_once;
  std::string_view zone = {};  ///< of a cron: where its time zone is
};

/// A trigger (or anything else that runs or costs) that the standby holds.
struct Hold {
  std::string_view path;    ///< JsonPath of the value; its parent must exist for the hold to apply
  std::string_view held;    ///< JSON text of the held value
  std::string_view absent;  ///< JSON text of what a missing value means on the live side
  /// It starts something by itself, so that it must never be live on both sides. Else it only costs or keeps.
  bool starts = true;
  /// The first of them that is there counts; where none is, it waits for an event. What starts
  /// soonest is turned first.
  std::span<const Timing> timings = {};
};

struct Default {
  std::string_view path;  ///< JsonPath
  std::string_view value; ///< JSON text; a place that equals it is left out of the canonical form
};

struct Unordered {
  std::string_view path;    ///< JsonPath of the array
  std::string_view sort_by; ///< pointer within an element; "" the whole element
};

/// What is done right after a write, so that nothing runs or costs on the standby.
struct FollowUp {
  Endpoint endpoint = {};
  bool after_update = false;  ///< not only a create but an update starts it too
  std::string_view why = {};
  std::string_view state_at = {};                    ///< proved by read-back: this place of the listing
  std::span<const std::string_view> good_states = {};  ///< must have one of these values
};

struct Change {
  std::string pointer;  ///< "/settings/name"; "" the whole object
  std::string before;   ///< JSON text, "" when absent; masked when sensitive
  std::string after;
};

/// One write, handed to a verb: everything is already in the words of the side written to.
struct Write {
  workspace::Workspace* from = nullptr;  ///< where content is read; nullptr when that side is gone
  workspace::Workspace* to = nullptr;
  const Kind* kind = nullptr;
  const Kind* parent_kind = nullptr;
  std::string source_id;     ///< the object's id on `from`
  std::string id;            ///< its id on `to`; empty for a create
  std::string parent_id;     ///< its parent's id on `to`
  std::string key;           ///< its natural key: for kinds in the tree the path, also when it is removed
  std::shared_ptr<const nlohmann::json> definition;  ///< target form, ids of `to`
  std::shared_ptr<const nlohmann::json> current;     ///< what `to` has now, ids of `to`; null for a create
};

/// An item of a listing that has this member stands for a part that could not be listed: all of its kind
/// whose key begins with its key (see workspace::not_listed).
inline constexpr std::string_view not_listed_member = "/not_listed";

using ListVerb = Task<Result<std::vector<nlohmann::json>>> (*)(workspace::Workspace& side);
/// What lies directly in one place of the tree, in the form of the whole listing.
using ListPlaceVerb = Task<Result<std::vector<nlohmann::json>>> (*)(workspace::Workspace& side, std::string place);
/// Those of these keys that exist. One that cannot be asked for leaves a hole.
using FindVerb = Task<Result<std::vector<nlohmann::json>>> (*)(workspace::Workspace& side, std::vector<std::string> keys);
/// Completes a listed item. `parent_kind`/`parent_id` are set for child kinds.
using ReadVerb = Task<Result<nlohmann::json>> (*)(workspace::Workspace& side, const Kind& kind,
                                                  const Kind* parent_kind, std::string id,
                                                  nlohmann::json item);
/// Writes and answers the id on the written side.
using WriteVerb = Task<Result<std::string>> (*)(Write write);
using RemoveVerb = Task<Result<void>> (*)(Write write);

/// What an object is to those that need it.
enum class Part {
  object,     ///< something of its own
  principal,  ///< who things belong to and run as
  secret,     ///< a value that something reads, and what holds it
  file,       ///< what code is loaded from
};

/// How something that stands still is set going, for those that the operator wants to run at once after a
/// failover.
struct Start {
  Endpoint endpoint = {};
  std::string_view state_at = {};                        ///< in a listed item
  std::span<const std::string_view> down = {};           ///< states in which it can be started
  std::span<const std::string_view> going_down = {};     ///< on the way there: started a little later
};

/// How a kind is tried in a drill: a copy is made for that, with a tag, started, watched and removed again.
struct Trial {
  std::string_view name_at = {};  ///< pointer to what people see it called
  std::string_view runs_as_at = {};  ///< pointer to {"user_name" | "service_principal_name" | "group_name": ...}
  /// JsonPaths of what would tell or disturb people: taken out of the copy.
  std::span<const std::string_view> leave_out = {};
  /// Gives the copy, in the words of the side, machines of its own in place of those that it shares with others.
  /// Fault::refused: why it cannot be tried without touching something else.
  Task<Result<nlohmann::json>> (*isolate)(workspace::Workspace& side, nlohmann::json definition) = nullptr;
};
/// Events of a workspace's audit log that speak of objects of a kind (ADR 0037).
struct AuditEvent {
  std::string_view service;
  std::string_view action;
  /// The request's parameters that may say which object: its id, or a path that ends with it ("/jobs/17"). The
  /// first that is there counts.
  std::span<const std::string_view> id_in = {};
  std::string_view type = {};  ///< what precedes the id in a path, where events of one action speak of several kinds
  std::string_view only = {};  ///< the id, where there is one such object and nothing says so
};

/// A tag of everything that was made for a drill: no part of what is replicated, on whatever side.
inline constexpr std::string_view drill_tag = "twinlake_drill";

struct Kind {
  std::string_view name;      ///< in addresses, configuration and reports
  std::string_view plural;    ///< "jobs", for people
  std::string_view about = {};  ///< one line for `twinlake kinds`
  Support support = Support::replicated;
  std::string_view what_to_do = {};  ///< for unsupported kinds; an item may say "because" and "what_to_do" itself

  Listing list = {};
  ListVerb list_verb = nullptr;   ///< kinds with the same verb share one listing
  /// Kinds with a path: what was written is shown by listing its place, once for many of them. That
  /// tells the ids, which a create may leave out, and reads back what was written.
  ListPlaceVerb list_place_verb = nullptr;
  /// Kinds of which there are too many to list them all: besides what the listing gives, those that other
  /// objects name, and those that are known already. A text names one when it begins with one of
  /// `found_by`, or holds it; the first of these is how keys begin.
  FindVerb find_verb = nullptr;
  std::span<const std::string_view> found_by = {};
  /// Kinds that no request tells: found by running something on the side, which costs. Its listing is what
  /// was observed last; a run that may execute observes again when that is old. Kinds with the same verb are
  /// observed at once, and `list.match_at` says which items are whose.
  ListVerb observe = nullptr;
  Language observed_in = Language::python;
  std::string_view if_not_shown = {};  ///< what to do when that listing does not show it
  std::string_view child_of = {}; ///< a child: made from each parent's item; "*" any with a permission type
  std::span<const std::string_view> other_parents = {};  ///< the kinds besides `child_of` that have such a child
  /// The child's item from its parent's; null: this parent has none. Only for children.
  nlohmann::json (*child_item)(const Kind& parent, const nlohmann::json& parent_item) = nullptr;

  Detail detail = Detail::none;
  Endpoint read = {};
  ReadVerb read_verb = nullptr;
  /// Does this item lack something that only its own read gives? Then it is read, whatever is known of
  /// it; the others are complete as listed. nullptr: each is read unless known and unchanged.
  bool (*must_read)(const nlohmann::json& item) = nullptr;
  /// Of those: does it lack so little that, where its listing shows no change, its read may wait for its turn
  /// (ADR 0034)? nullptr: none may.
  bool (*may_wait)(const nlohmann::json& item) = nullptr;

  std::string_view id_at = {};    ///< pointer in a listed item
  bool id_is_number = false;
  std::string_view key_at = {};   ///< natural key in the listed item
  bool key_is_unique = true;      ///< no second object can have it
  bool key_is_path = false;       ///< a workspace path: scope rules apply, a rename makes a new object
  bool key_ignores_case = false;
  std::span<const std::string_view> built_in_keys = {};  ///< exist everywhere: adopted, never created
  /// The same, told by the item: exists everywhere, adopted, never created or removed (home folders,
  /// default policies). An update is still possible.
  bool (*is_built_in)(const nlohmann::json& item) = nullptr;
  /// For lookup kinds: what to do where the secondary lacks this one and offers those.
  std::string (*suggest)(const nlohmann::json& wanted, const std::vector<const nlohmann::json*>& offered) = nullptr;
  /// The service makes it with something else (the home of a user): where only the secondary has it,
  /// that is no difference, and it is never removed.
  bool (*comes_by_itself)(const nlohmann::json& item) = nullptr;

  std::string_view definition_at = {};                ///< where the definition lies in an item
  nlohmann::json (*shape)(const nlohmann::json& item) = nullptr;  ///< pure; before everything below
  std::span<const std::string_view> strip = {};       ///< JsonPaths of server-made fields
  std::span<const std::string_view> json_text = {};   ///< JsonPaths of JSON inside a string
  std::span<const Default> defaults = {};
  std::span<const Unordered> unordered = {};
  /// JsonPaths of objects that say something by being there, empty or not (a trigger's type); every
  /// other empty object or array is left out of the comparison and of the body.
  std::span<const std::string_view> keeps_empty = {};
  std::span<const Reference> references = {};
  std::span<const Hold> holds = {};
  /// JsonPaths of texts that may name the replicator's own principal (its SCIM id, user name or
  /// application id): the array element that holds such a place is left out on both sides.
  std::span<const std::string_view> leave_out_self = {};
  std::span<const std::string_view> sensitive = {};   ///< JsonPaths: never printed, never kept
  /// JsonPaths of values that people name as they like: one whose name says secret is never printed nor
  /// kept. What looks like a secret is not either, wherever it stands.
  std::span<const std::string_view> settings = {};
  /// JsonPaths of texts written by people (scripts, descriptions): a secret in one, or a rewrite, is told.
  std::span<const std::string_view> free_text = {};
  /// JsonPaths of texts that name something of a region: told where they are the same on both sides.
  std::span<const std::string_view> region_bound = {};
  /// What else somebody should know of a definition as the secondary would get it; one clause each.
  std::vector<std::string> (*doubts)(const nlohmann::json& definition, const Offers& offers) = nullptr;
  std::span<const std::string_view> immutable = {};   ///< JsonPaths that no update can change
  /// Pointers to what the object is called in its definition: its identity, which no rewrite touches.
  /// Empty: where the key lies.
  std::span<const std::string_view> named_by = {};
  /// Why this definition cannot be written to that side, judged by our login and by what the operator
  /// gave; nothing: it can. Asks nothing of the service.
  std::optional<Error> (*cannot_write)(const nlohmann::json& definition, const workspace::Workspace& to) = nullptr;
  /// Pointers to what is only told where it differs: it cannot be set.
  std::span<const std::string_view> only_told = {};
  /// What a person has to do for objects of a kind that is otherwise replicated; empty: nothing.
  std::string_view left_to_people = {};
  /// Pointers to members that a side may be unable to tell: no difference where the secondary does not.
  std::span<const std::string_view> compared_if_told = {};
  /// Pointers to members that a create needs to know of but that are no difference between the sides.
  std::span<const std::string_view> not_compared = {};
  std::span<const std::string_view> indicator = {};   ///< pointers in the item whose values tell a change;
                                                      ///< empty: the whole item without what is stripped
  std::string_view tags_at = {};       ///< object of string tags in the definition: markers live here
  int standby_capacity = 0;            ///< at most so many can be in the held form (0: no limit)

  Endpoint create = {};
  Endpoint update = {};
  Endpoint remove = {};
  /// Sets triggers and leaves the rest of an object as it is: takes only the top-level members in which holds
  /// lie, which a listing must show. Where there is none, the whole definition is written by `update`.
  Endpoint turn = {};
  std::string_view created_id_at = {};  ///< pointer in the answer of a create
  WriteVerb create_verb = nullptr;
  WriteVerb update_verb = nullptr;
  RemoveVerb remove_verb = nullptr;
  FollowUp follow_up = {};
  bool never_removed = false;           ///< principals, built-in objects: reported as extra at most
  /// Of those: may this one, which we let in, be let out again where the operator asked for that? Asked
  /// of the secondary's item. It must not be the end of the object itself.
  bool (*can_be_unassigned)(const nlohmann::json& item) = nullptr;
  bool same_everywhere = false;         ///< always adopted by key when it is there already (principals)

  Part part = Part::object;
  bool has_runs = false;                ///< the history of runs names its objects by their id
  /// Pointer to what an item has whose data lies where only its own workspace can read it: nobody copies that.
  std::string_view data_stays_at = {};
  Start start = {};                     ///< no endpoint: it cannot be started
  const Trial* trial = nullptr;         ///< nullptr: a drill makes no copy of its own
  std::string_view permission_type = {};  ///< "jobs": in /api/2.0/permissions/{type}/{id}
  /// What tells that an object or one of its children was changed in a way that no listing shows: then they are
  /// read at once instead of in their turn. Nothing is ever concluded from the absence of such an event.
  std::span<const AuditEvent> told_by = {};
  /// Not ours to replicate: the service makes and removes it with something else. Asked of a listed item,
  /// and again of one that was read, which may tell more.
  bool (*is_foreign)(const nlohmann::json& item) = nullptr;
};

}  // namespace twinlake::model

namespace twinlake::kinds {
/// Every kind in src/kinds, found by the build.
[[nodiscard]] std::vector<const model::Kind*> all();
}  // namespace twinlake::kinds
