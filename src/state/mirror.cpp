// The mirror: what another machine needs to take over, as a JSON document.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "base/json_path.h"
#include "state/store_impl.h"

namespace twinlake::state {

namespace {

using nlohmann::json;

constexpr const char* format_name = "twinlake-mirror";
constexpr int format_version = 1;
constexpr std::int64_t largest_count = std::int64_t{1} << 53;  // what every JSON reader can hold
constexpr const char* other_mirror_hint =
    "Take the mirror of the other workspace, or rebuild the state from the markers";

struct Mirror {
  std::optional<Identity> identity;
  std::int64_t generation = 0;
  std::int64_t fencing = 0;
  std::optional<Time> replication_point;
  std::vector<Binding> bindings;
  std::vector<HoldRecord> holds;
};

/// Thrown while a mirror is read, and caught in parse(): the shape of a document has so many ways
/// to be wrong that a Result per member would hide what is read.
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

json to_json(const Identity& identity) {
  return {{"failover_group", identity.group},
          {"home_workspace_id", identity.home_workspace_id},
          {"away_workspace_id", identity.away_workspace_id},
          {"primary", model::name_of(identity.primary)},
          {"home_host", identity.home_host},
          {"away_host", identity.away_host}};
}

Identity identity_from(const json& value) {
  return {.group = filled_text_of(value, "failover_group"),
          .home_workspace_id = filled_text_of(value, "home_workspace_id"),
          .away_workspace_id = filled_text_of(value, "away_workspace_id"),
          .primary = choice_of(value, "primary", model::Side::home, model::Side::away),
          .home_host = text_of(value, "home_host"),
          .away_host = text_of(value, "away_host")};
}

json to_json(const Binding& binding) {
  return {{"uuid", binding.uuid},
          {"kind", binding.kind},
          {"key", binding.key},
          {"parent", binding.parent},
          {"home_id", binding.home_id ? json(*binding.home_id) : json()},
          {"away_id", binding.away_id ? json(*binding.away_id) : json()},
          {"origin", name_of(binding.origin)}};
}

Binding binding_from(const json& value) {
  return {.uuid = filled_text_of(value, "uuid"),
          .kind = filled_text_of(value, "kind"),
          .key = text_of(value, "key"),
          .parent = text_of(value, "parent"),
          .home_id = id_of(value, "home_id"),
          .away_id = id_of(value, "away_id"),
          .origin = choice_of(value, "origin", Origin::created, Origin::adopted)};
}

json to_json(const HoldRecord& hold) {
  return {{"uuid", hold.uuid},
          {"place", hold.place},
          {"live", hold.live},
          {"seen", to_rfc3339(hold.seen)}};
}

HoldRecord hold_from(const json& value) {
  HoldRecord hold{.uuid = filled_text_of(value, "uuid"),
                  .place = text_of(value, "place"),
                  .live = text_of(value, "live"),
                  .seen = time_of(value, "seen")};
  if (!json::accept(hold.live)) throw Malformed{"live is no JSON"};
  return hold;
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
  if (text_of(document, "format") != format_name) throw Malformed{"it is another kind of document"};
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
  return mirror;
}

Result<Mirror> parse(const json& document, const std::string& group) {
  try {
    if (count_of(document, "version") > format_version) {
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

/// A mirror that is ahead of this state is taken as it is. Else something was replaced here, and
/// plans made before must become stale.
std::int64_t generation_after(std::int64_t own, std::int64_t mirrored) {
  return mirrored > own ? mirrored : own + 1;
}

}  // namespace

json Store::to_mirror() const {
  json document{{"format", format_name}, {"version", format_version}};
  impl_->guarded([&] {
    // One transaction, so that another process cannot write between the parts.
    const SQLite::Transaction transaction(*impl_->database);
    const auto who = identity();
    document["identity"] = who ? to_json(*who) : json();
    Use standing(impl_->sql.standing);
    standing.next();
    document["generation"] = standing.number(0);
    document["fencing"] = standing.number(1);
    const auto point = standing.optional_number(2);
    document["replication_point"] = point ? json(to_rfc3339(to_time(*point))) : json();
    json& bindings = document["bindings"] = json::array();
    for (const Binding& binding : this->bindings()) bindings.push_back(to_json(binding));
    json& holds = document["holds"] = json::array();
    for (const HoldRecord& hold : this->holds()) holds.push_back(to_json(hold));
  });
  return document;
}

Result<void> Store::load_mirror(const json& mirror) {
  TRY(const Mirror loaded, parse(mirror, impl_->group));
  impl_->in_transaction([&] {
    Statements& sql = impl_->sql;
    std::int64_t generation = 0;
    std::int64_t fencing = 0;
    {
      Use standing(sql.standing);
      standing.next();
      generation = generation_after(standing.number(0), loaded.generation);
      fencing = std::max(standing.number(1), loaded.fencing);
    }
    Use(sql.clear_bindings).run();  // and with them what was known of them
    Use(sql.clear_holds).run();
    Use(sql.clear_identity).run();
    if (loaded.identity) impl_->write(*loaded.identity);
    for (const Binding& binding : loaded.bindings) impl_->write(binding);
    for (const HoldRecord& hold : loaded.holds) impl_->write(hold);
    const auto point = loaded.replication_point;
    Use(sql.set_replication_point, point ? std::optional(to_number(*point)) : std::nullopt).run();
    Use(sql.set_counters, generation, fencing).run();
  });
  return {};
}

}  // namespace twinlake::state
