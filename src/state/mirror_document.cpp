#include "state/mirror_document.h"

#include <set>

#include "base/json_path.h"
#include "state/store_impl.h"

namespace twinlake::state {

using nlohmann::json;

namespace {

constexpr std::int64_t largest_count = std::int64_t{1} << 53;  // what every JSON reader can hold
constexpr const char* other_mirror_hint =
    "Take the mirror of the other workspace, or rebuild the state from the markers";

/// Thrown while a mirror is read, and caught in parse_mirror(): the shape of a document has so many
/// ways to be wrong that a Result per member would hide what is read.
struct Malformed {
  std::string what;
};

const json& member(const json& object, const char* name) {
  const auto found = object.is_object() ? object.find(name) : object.end();
  if (!object.is_object() || found == object.end())
    throw Malformed{std::string(name) + " is missing"};
  return *found;
}

std::string text_of(const json& object, const char* name) {
  const json& value = member(object, name);
  if (!value.is_string()) throw Malformed{std::string(name) + " is no text"};
  return value.get<std::string>();
}

std::string filled_text_of(const json& object, const char* name) {
  std::string text = text_of(object, name);
  if (text.empty()) throw Malformed{std::string(name) + " is empty"};
  return text;
}

std::optional<std::string> id_of(const json& object, const char* name) {
  if (member(object, name).is_null()) return std::nullopt;
  return filled_text_of(object, name);
}

std::int64_t count_of(const json& object, const char* name) {
  const json& value = member(object, name);
  if (!value.is_number_integer() || value.get<std::int64_t>() < 0 ||
      value.get<std::int64_t>() > largest_count) {
    throw Malformed{std::string(name) + " is no count"};
  }
  return value.get<std::int64_t>();
}

Time time_of(const json& object, const char* name) {
  const std::string text = text_of(object, name);
  const Time time = time_from_rfc3339(text);
  if (to_rfc3339(time) != text) throw Malformed{std::string(name) + " is no time"};
  return time;
}

/// The value of a text that may be one of two.
template <class T>
T choice_of(const json& object, const char* name, T one, T two) {
  const std::string text = text_of(object, name);
  if (text == name_of(one)) return one;
  if (text == name_of(two)) return two;
  throw Malformed{std::string(name) + " is `" + text + "`"};
}

const json& list_of(const json& object, const char* name) {
  const json& value = member(object, name);
  if (!value.is_array()) throw Malformed{std::string(name) + " is no list"};
  return value;
}

Identity identity_from(const json& value) {
  return {.group = filled_text_of(value, "failover_group"),
          .home_workspace_id = filled_text_of(value, "home_workspace_id"),
          .away_workspace_id = filled_text_of(value, "away_workspace_id"),
          .primary = choice_of(value, "primary", model::Side::home, model::Side::away),
          .home_host = text_of(value, "home_host"),
          .away_host = text_of(value, "away_host")};
}

bool flag_of(const json& value, const char* name) {
  const json& flag = member(value, name);
  if (!flag.is_boolean()) throw Malformed{std::string(name) + " is neither true nor false"};
  return flag.get<bool>();
}

Binding binding_from(const json& value) {
  // Older mirrors are of groups whose roles never moved.
  const bool tells_side = value.is_object() && value.contains("made_on");
  const model::Side made_on =
      tells_side ? choice_of(value, "made_on", model::Side::home, model::Side::away)
                 : model::Side::away;
  Binding binding{.uuid = filled_text_of(value, "uuid"),
                  .kind = filled_text_of(value, "kind"),
                  .key = text_of(value, "key"),
                  .parent = text_of(value, "parent"),
                  .home_id = id_of(value, "home_id"),
                  .away_id = id_of(value, "away_id")};
  const Origin origin = choice_of(value, "origin", Origin::created, Origin::adopted);
  binding.origin_at(made_on) = origin;
  if (value.contains("made_on_both") && flag_of(value, "made_on_both"))
    binding.origin_at(other(made_on)) = origin;
  return binding;
}

HoldRecord hold_from(const json& value) {
  HoldRecord hold{.uuid = filled_text_of(value, "uuid"),
                  .place = text_of(value, "place"),
                  .live = text_of(value, "live"),
                  .seen = time_of(value, "seen")};
  if (!json::accept(hold.live)) throw Malformed{"live is no JSON"};
  return hold;
}

OriginalRecord original_from(const json& value) {
  OriginalRecord original{.uuid = filled_text_of(value, "uuid"),
                          .place = text_of(value, "place"),
                          .is_name = flag_of(value, "is_name"),
                          .after = text_of(value, "after"),
                          .mark = {},
                          .pieces = {}};
  for (const json& piece : list_of(value, "pieces"))
    if (!piece.is_array() || piece.size() != 3 || !piece[0].is_number_unsigned() ||
        !piece[1].is_number_unsigned() || !piece[2].is_string())
      throw Malformed{"pieces hold something else than [position, length, text]"};
  original.pieces = to_text(value["pieces"]);
  return original;
}

std::optional<Time> time_or_none(const json& object, const char* name) {
  return member(object, name).is_null() ? std::nullopt : std::optional(time_of(object, name));
}

json time_json(const std::optional<Time>& time) { return time ? json(to_rfc3339(*time)) : json(); }

Failover failover_from(const json& value) {
  Failover failover{
      .id = count_of(value, "id"),
      .type = choice_of(value, "type", Failover::Type::planned, Failover::Type::forced),
      .to = choice_of(value, "to", model::Side::home, model::Side::away),
      .phase = filled_text_of(value, "phase"),
      .fence = choice_of(value, "fence", Failover::Fence::open, Failover::Fence::done),
      .started = time_of(value, "started"),
      .turned = time_or_none(value, "turned"),
      .finished = time_or_none(value, "finished"),
      .committed = time_or_none(value, "committed")};
  // Older mirrors do not tell.
  if (value.contains("replication_point"))
    failover.replication_point = time_or_none(value, "replication_point");
  if (value.contains("program")) failover.program = text_of(value, "program");
  if (value.contains("operator")) failover.operator_name = text_of(value, "operator");
  if (failover.id == 0) throw Malformed{"id is 0"};
  return failover;
}

/// "hold" and "release" with the uuids of the objects.
std::vector<std::pair<std::string, std::string>> turned_from(const json& value) {
  std::vector<std::pair<std::string, std::string>> all;
  for (const char* action : {"hold", "release"})
    for (const json& uuid : list_of(value, action)) {
      if (!uuid.is_string())
        throw Malformed{std::string(action) + " has something that is no text"};
      all.emplace_back(action, uuid.get<std::string>());
    }
  return all;
}

std::vector<ActionRecord> actions_from(const json& failover, std::int64_t id) {
  std::vector<ActionRecord> all;
  // Older mirrors have none.
  if (!failover.contains("actions")) return all;
  for (const json& entry : list_of(failover, "actions"))
    all.push_back({.id = 0,
                   .subject = ActionRecord::Subject::failover,
                   .subject_id = id,
                   .type = filled_text_of(entry, "type"),
                   .name = filled_text_of(entry, "name"),
                   .place = text_of(entry, "place"),
                   .started = time_of(entry, "started"),
                   .ended = time_or_none(entry, "ended"),
                   .outcome = text_of(entry, "outcome"),
                   .detail = text_of(entry, "detail")});
  return all;
}

/// Records of one list; no two may be about the same thing, or the last one would win in silence.
template <class Record, class Name>
std::vector<Record> records_of(const json& document, const char* list, Record (*read)(const json&),
                               const Name& name) {
  std::vector<Record> records;
  std::set<decltype(name(std::declval<const Record&>()))> names;
  for (const json& entry : list_of(document, list)) {
    const std::string place = std::string(list) + "/" + std::to_string(records.size()) + ": ";
    try {
      records.push_back(read(entry));
    } catch (const Malformed& problem) {
      throw Malformed{place + problem.what};
    }
    if (!names.insert(name(records.back())).second) throw Malformed{place + "it is there twice"};
  }
  return records;
}

Mirror read_mirror(const json& document) {
  Mirror mirror;
  if (text_of(document, "format") != mirror_format)
    throw Malformed{"it is another kind of document"};
  if (!member(document, "identity").is_null())
    mirror.identity = identity_from(document["identity"]);
  mirror.generation = count_of(document, "generation");
  mirror.fencing = count_of(document, "fencing");
  if (!member(document, "replication_point").is_null()) {
    mirror.replication_point = time_of(document, "replication_point");
  }
  mirror.bindings = records_of<Binding>(document, "bindings", binding_from,
                                        [](const Binding& binding) { return binding.uuid; });
  mirror.holds = records_of<HoldRecord>(document, "holds", hold_from, [](const HoldRecord& hold) {
    return std::pair(hold.uuid, hold.place);
  });
  // Version 1 did not know of them.
  if (count_of(document, "version") > 1)
    mirror.originals =
        records_of<OriginalRecord>(document, "originals", original_from,
                                   [](const OriginalRecord& original) { return original; });
  // Mirrors of groups that never failed over, and older ones, have none.
  if (const auto found = document.find("failover"); found != document.end() && !found->is_null()) {
    mirror.failover = failover_from(*found);
    mirror.turned = turned_from(*found);
    mirror.actions = actions_from(*found, mirror.failover->id);
  }
  return mirror;
}

}  // namespace

json to_json(const Identity& identity) {
  return {{"failover_group", identity.group},
          {"home_workspace_id", identity.home_workspace_id},
          {"away_workspace_id", identity.away_workspace_id},
          {"primary", model::name_of(identity.primary)},
          {"home_host", identity.home_host},
          {"away_host", identity.away_host}};
}

json to_json(const Binding& binding) {
  const bool is_made_at_home = binding.home_origin == Origin::created;
  const bool is_made = is_made_at_home || binding.away_origin == Origin::created;
  // Programs that knew one side only still read the first two.
  return {{"uuid", binding.uuid},
          {"kind", binding.kind},
          {"key", binding.key},
          {"parent", binding.parent},
          {"home_id", binding.home_id ? json(*binding.home_id) : json()},
          {"away_id", binding.away_id ? json(*binding.away_id) : json()},
          {"origin", name_of(is_made ? Origin::created : Origin::adopted)},
          {"made_on", model::name_of(is_made_at_home ? model::Side::home : model::Side::away)},
          {"made_on_both", is_made_at_home && binding.away_origin == Origin::created}};
}

json to_json(const HoldRecord& hold) {
  return {{"uuid", hold.uuid},
          {"place", hold.place},
          {"live", hold.live},
          {"seen", to_rfc3339(hold.seen)}};
}

json to_json(const OriginalRecord& original) {
  return {{"uuid", original.uuid},
          {"place", original.place},
          {"is_name", original.is_name},
          {"after", original.after},
          {"pieces", json::parse(original.pieces, nullptr, false)}};
}

json to_json(const Failover& failover) {
  return {{"id", failover.id},
          {"type", name_of(failover.type)},
          {"to", model::name_of(failover.to)},
          {"phase", failover.phase},
          {"fence", name_of(failover.fence)},
          {"started", to_rfc3339(failover.started)},
          {"turned", time_json(failover.turned)},
          {"finished", time_json(failover.finished)},
          {"committed", time_json(failover.committed)},
          {"replication_point", time_json(failover.replication_point)},
          {"program", failover.program},
          {"operator", failover.operator_name}};
}

json to_json(const ActionRecord& action) {
  return {{"type", action.type},
          {"name", action.name},
          {"place", action.place},
          {"started", to_rfc3339(action.started)},
          {"ended", time_json(action.ended)},
          {"outcome", action.outcome},
          {"detail", action.detail}};
}

Result<Mirror> parse_mirror(const json& document, const std::string& group) {
  try {
    if (count_of(document, "version") > mirror_version) {
      return fail(Fault::bad_answer, "the mirror was written by a newer Twinlake",
                  "Use that newer program");
    }
    Mirror mirror = read_mirror(document);
    if (mirror.identity && mirror.identity->group != group) {
      return fail(Fault::config, "the mirror belongs to the group `" + mirror.identity->group +
                                     "`, not `" + group + "`");
    }
    return mirror;
  } catch (const Malformed& problem) {
    return fail(Fault::bad_answer, "the mirror is malformed: " + problem.what, other_mirror_hint);
  }
}

}  // namespace twinlake::state
