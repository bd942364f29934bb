#include "model/canonical.h"

#include <algorithm>
#include <map>

#include <nlohmann/json.hpp>

#include "base/json_path.h"
#include "base/secret_text.h"

namespace twinlake::model {

using nlohmann::json;

namespace {

using Kept = std::set<const json*>;

/// Services leave out or send empty things as they please: neither carries meaning. `kept` are those
/// that do; nothing moves while others are erased from an object, so their addresses stay good.
bool drop_empty(json& value, const Kept& kept) {
  if (value.is_object()) {
    for (auto it = value.begin(); it != value.end();)
      it = drop_empty(it.value(), kept) && !kept.contains(&it.value()) ? value.erase(it) : std::next(it);
    return value.empty();
  }
  if (value.is_array()) {
    for (json& element : value) drop_empty(element, kept);
    return value.empty();
  }
  return value.is_null();
}

void drop_empty(const Kind& kind, json& definition) {
  Kept kept;
  for (const std::string_view path : kind.keeps_empty)
    JsonPath(path).visit(definition, [&](json& value, const std::string&) {
      if (value.is_object()) kept.insert(&value);
    });
  drop_empty(definition, kept);
}

void parse_json_text(const Kind& kind, json& definition) {
  for (const std::string_view path : kind.json_text) {
    JsonPath(path).visit(definition, [](json& value, const std::string&) {
      if (!value.is_string()) return;
      json parsed = json::parse(value.get_ref<const std::string&>(), nullptr, false);
      if (!parsed.is_discarded()) value = std::move(parsed);
    });
  }
}

void write_json_text(const Kind& kind, json& definition) {
  for (const std::string_view path : kind.json_text) {
    JsonPath(path).visit(definition, [](json& value, const std::string&) {
      if (!value.is_string()) value = to_text(value);
    });
  }
}

void drop_defaults(const Kind& kind, json& definition) {
  for (const Default& rule : kind.defaults) {
    const json wanted = json::parse(rule.value);
    std::vector<std::string> places;
    JsonPath(rule.path).visit(definition, [&](json& value, const std::string& pointer) {
      if (value == wanted) places.push_back(pointer);
    });
    erase_all(definition, std::move(places));
  }
}

void sort_unordered(const Kind& kind, json& definition) {
  for (const Unordered& rule : kind.unordered) {
    JsonPath(rule.path).visit(definition, [&](json& value, const std::string&) {
      if (!value.is_array()) return;
      std::stable_sort(value.begin(), value.end(), [&](const json& a, const json& b) {
        const std::string left = text_at(a, rule.sort_by);
        const std::string right = text_at(b, rule.sort_by);
        return left != right ? left < right : to_text(a) < to_text(b);
      });
    });
  }
}

void drop_markers(const Kind& kind, json& definition) {
  if (kind.tags_at.empty()) return;
  json* tags = find_at(definition, kind.tags_at);
  if (tags == nullptr || !tags->is_object()) return;
  for (auto it = tags->begin(); it != tags->end();)
    it = it.key().starts_with(marker_prefix) ? tags->erase(it) : std::next(it);
}

/// "/a/0/b" with one level up is "/a/0".
std::string up(std::string pointer, int levels) {
  for (int i = 0; i < levels && !pointer.empty(); ++i) pointer.erase(pointer.rfind('/'));
  return pointer;
}

void leave_out_self(const Kind& kind, json& definition, const std::set<std::string, std::less<>>& self) {
  for (const std::string_view path : kind.leave_out_self) {
    std::vector<std::string> places;
    JsonPath(path).visit(definition, [&](json& value, const std::string& pointer) {
      if (value.is_string() && self.contains(value.get_ref<const std::string&>())) places.push_back(up(pointer, 1));
    });
    erase_all(definition, std::move(places));
  }
}

/// Secrets named inside a text: "scope/key" of each {{secrets/scope/key}}.
std::vector<std::string> secrets_in(const std::string& text) {
  static constexpr std::string_view opening = "{{secrets/";
  std::vector<std::string> secrets;
  for (std::size_t at = text.find(opening); at != std::string::npos; at = text.find(opening, at + 1)) {
    const std::size_t start = at + opening.size();
    const std::size_t end = text.find("}}", start);
    if (end != std::string::npos) secrets.push_back(text.substr(start, end - start));
  }
  return secrets;
}

using Lookup = std::function<std::optional<std::string>(std::string_view, const std::string&)>;

std::optional<std::string> look_up(const Lookup& lookup, const Reference& reference, const std::string& text) {
  if (!lookup) return std::nullopt;
  for (const std::string_view kind : reference.kinds)
    if (auto uuid = lookup(kind, text)) return uuid;
  return std::nullopt;
}

/// A secret by its name; where there is none of that name (a vault keeps it), its scope.
Use use_of_secret(const Reference& reference, const std::string& name, const std::string& pointer,
                  const CanonicalContext& context) {
  if (auto uuid = look_up(context.uuid_by_key, reference, name)) return Use{&reference, pointer, name, std::move(uuid)};
  const std::string scope = name.substr(0, name.rfind('/'));
  return Use{&reference, pointer, scope, look_up(context.uuid_by_key, reference, scope)};
}

/// Other {{...}} texts are filled in by the service at run time.
bool is_dynamic(const std::string& text) { return text.starts_with("{{") && !text.starts_with("{{secrets/"); }

void replace_ids(const Reference& reference, json& definition, const CanonicalContext& context) {
  JsonPath(reference.path).visit(definition, [&](json& value, const std::string&) {
    if (!value.is_string() && !value.is_number_integer()) return;
    const std::string text = value.is_string() ? value.get<std::string>() : to_text(value);
    if (text.empty() || is_dynamic(text)) return;
    const auto uuid = look_up(context.uuid_of, reference, text);
    value = json::object();
    value[uuid ? std::string(ref_member) : std::string(unresolved_member)] = uuid ? *uuid : text;
  });
}

void collect_id(const Reference& reference, const json& value, const std::string& pointer, std::vector<Use>& uses) {
  if (!value.is_object()) return;
  if (const auto ref = value.find(ref_member); ref != value.end())
    uses.push_back(Use{&reference, pointer, {}, ref->get<std::string>()});
  if (const auto text = value.find(unresolved_member); text != value.end())
    uses.push_back(Use{&reference, pointer, text->get<std::string>(), std::nullopt});
}

void collect_text(const Reference& reference, const json& value, const std::string& pointer,
                  const CanonicalContext& context, std::vector<Use>& uses) {
  if (!value.is_string()) return;
  const std::string& text = value.get_ref<const std::string&>();
  const auto add = [&](const std::string& name) {
    uses.push_back(Use{&reference, pointer, name, look_up(context.uuid_by_key, reference, name)});
  };
  if (reference.match == Match::inside_text) {
    for (const std::string& name : secrets_in(text)) uses.push_back(use_of_secret(reference, name, pointer, context));
  } else if (reference.match == Match::path) {
    if (const std::string key = path_key(text); !key.empty()) add(key);
  } else if (!text.empty() && !is_dynamic(text)) {
    add(text);
  }
}

/// After everything is sorted, so that the places hold.
std::vector<Use> collect_uses(const Kind& kind, const json& definition, const CanonicalContext& context) {
  std::vector<Use> uses;
  for (const Reference& reference : kind.references) {
    JsonPath(reference.path).visit(definition, [&](const json& value, const std::string& pointer) {
      if (reference.match == Match::id) {
        collect_id(reference, value, pointer, uses);
      } else {
        collect_text(reference, value, pointer, context, uses);
      }
    });
  }
  return uses;
}

}  // namespace

std::string normal_path(std::string_view path) {
  if (path == "/Workspace") return "/";
  if (path.starts_with("/Workspace/")) path.remove_prefix(std::string_view("/Workspace").size());
  std::string out;
  for (const char c : path)
    if (c != '/' || out.empty() || out.back() != '/') out += c;
  if (out.size() > 1 && out.back() == '/') out.pop_back();
  return out;
}

std::string path_key(std::string_view text) {
  // A file of requirements among dependencies.
  if (text.starts_with("-r ")) text.remove_prefix(3);
  if (text.starts_with("dbfs:/mnt/") || text.starts_with("/dbfs/mnt/")) return {};
  if (text.starts_with("dbfs:/")) return "dbfs:" + normal_path(text.substr(std::string_view("dbfs:").size()));
  if (text.starts_with("/dbfs/")) return "dbfs:" + normal_path(text.substr(std::string_view("/dbfs").size()));
  return text.starts_with('/') ? normal_path(text) : std::string();
}

std::string parent_path(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == 0 || slash == std::string_view::npos ? "/" : std::string(path.substr(0, slash));
}

void normalise(const Kind& kind, json& definition) {
  parse_json_text(kind, definition);
  drop_markers(kind, definition);
  drop_defaults(kind, definition);
  drop_empty(kind, definition);
  sort_unordered(kind, definition);
}

Canonical canonical(const Kind& kind, const json& item, const CanonicalContext& context) {
  Canonical result;
  json definition;
  if (kind.shape != nullptr) {
    definition = kind.shape(item);
  } else {
    const json* place = find_at(item, kind.definition_at);
    definition = place != nullptr ? *place : json::object();
  }
  for (const std::string_view path : kind.strip) JsonPath(path).erase_from(definition);
  leave_out_self(kind, definition, context.self);
  normalise(kind, definition);
  for (const Reference& reference : kind.references)
    if (reference.match == Match::id) replace_ids(reference, definition, context);
  sort_unordered(kind, definition);
  if (definition.is_null()) definition = json::object();
  result.uses = collect_uses(kind, definition, context);
  result.form = std::make_shared<json>(std::move(definition));
  return result;
}

std::vector<Use> uses_of(const Kind& kind, const json& form, const CanonicalContext& context) {
  return collect_uses(kind, form, context);
}

bool is_of_drill(const Kind& kind, const json& item) {
  if (kind.tags_at.empty()) return false;
  return find_at(item, std::string(kind.definition_at) + std::string(kind.tags_at) + "/" + std::string(drill_tag)) != nullptr;
}

std::string marker_of(const Kind& kind, const json& item, std::string_view group) {
  if (kind.tags_at.empty()) return {};
  const json* tags = find_at(item, std::string(kind.definition_at) + std::string(kind.tags_at));
  if (tags == nullptr || text_at(*tags, "/" + std::string(marker_group)) != group) return {};
  return text_at(*tags, "/" + std::string(marker_uuid));
}

namespace {

struct Differ {
  const Kind& kind;
  const json& before_root;
  const json& after_root;
  const LiteralRules& literals;
  std::vector<Change>& changes;
  // Looked at once something differs, which is rare.
  std::optional<Secrecy> of_before = std::nullopt;
  std::optional<Secrecy> of_after = std::nullopt;

  void report(const json* before, const json* after, const std::string& pointer) {
    if (!of_before) of_before.emplace(kind, before_root, literals);
    if (!of_after) of_after.emplace(kind, after_root, literals);
    const auto show = [&](const Secrecy& secrecy, const json* value) {
      return value == nullptr ? std::string() : secrecy.shown(pointer, *value);
    };
    changes.push_back(Change{pointer, show(*of_before, before), show(*of_after, after)});
  }

  void compare(const json& before, const json& after, const std::string& pointer) {
    if (before == after) return;
    if (before.is_object() && after.is_object()) {
      for (auto it = before.begin(); it != before.end(); ++it) {
        const std::string place = pointer + "/" + pointer_segment(it.key());
        const auto found = after.find(it.key());
        if (found == after.end()) {
          report(&it.value(), nullptr, place);
        } else {
          compare(it.value(), *found, place);
        }
      }
      for (auto it = after.begin(); it != after.end(); ++it)
        if (!before.contains(it.key())) report(nullptr, &it.value(), pointer + "/" + pointer_segment(it.key()));
      return;
    }
    if (before.is_array() && after.is_array() && before.size() == after.size()) {
      for (std::size_t i = 0; i < before.size(); ++i) compare(before[i], after[i], pointer + "/" + std::to_string(i));
      return;
    }
    report(&before, &after, pointer);
  }
};

/// Visits each place that a hold governs: (parent, key, concrete pointer of the value).
void for_each_hold(const Kind& kind, json& definition,
                   const std::function<void(const Hold&, json& parent, const std::string& key,
                                            const std::string& pointer)>& visit) {
  for (const Hold& rule : kind.holds) {
    const std::size_t slash = rule.path.rfind('/');
    const std::string key(rule.path.substr(slash + 1));
    JsonPath(rule.path.substr(0, slash)).visit(definition, [&](json& parent, const std::string& pointer) {
      if (parent.is_object()) visit(rule, parent, key, pointer + "/" + key);
    });
  }
}

/// What another object is called there says nothing about the trigger, and each side says it differently.
void blank_references(json& value) {
  if (value.is_object() && (value.contains(ref_member) || value.contains(unresolved_member))) value = nullptr;
  if (!value.is_structured()) return;
  for (json& child : value) blank_references(child);
}

/// In an array the position says nothing, so the element without its state names the trigger.
std::string place_name(const json& definition, const json& parent, const std::string& key,
                       const std::string& pointer) {
  const std::string parent_pointer = up(pointer, 1);
  const json* container = find_at(definition, up(parent_pointer, 1));
  if (container == nullptr || !container->is_array() || parent_pointer.empty()) return pointer;
  json content = parent;
  content.erase(key);
  blank_references(content);
  // It is kept.
  return up(parent_pointer, 1) + " " + hide_secrets(to_text(content));
}

std::vector<LiveTrigger> visit_holds(const Kind& kind, json& definition, bool set) {
  std::vector<LiveTrigger> live;
  for_each_hold(kind, definition, [&](const Hold& rule, json& parent, const std::string& key, const std::string& pointer) {
    const json held = json::parse(rule.held);
    const auto found = parent.find(key);
    const json now = found != parent.end() ? *found : json::parse(rule.absent);
    if (set) {
      LiveTrigger trigger{place_name(definition, parent, key, pointer), to_text(now)};
      // Two that nothing tells apart: when they differ, neither is ever started by us.
      const auto same = std::ranges::find(live, trigger.place, &LiveTrigger::place);
      if (same == live.end()) {
        live.push_back(std::move(trigger));
      } else if (same->live != trigger.live) {
        same->live = to_text(held);
      }
      parent[key] = held;
    } else if (now != held) {
      live.push_back(LiveTrigger{place_name(definition, parent, key, pointer), to_text(now)});
    }
  });
  return live;
}

}  // namespace

std::vector<Change> differences(const Kind& kind, const json& before, const json& after, const LiteralRules& literals) {
  std::vector<Change> changes;
  Differ differ{kind, before, after, literals, changes};
  differ.compare(before, after, "");
  std::erase_if(changes, [&](const Change& change) {
    return std::any_of(kind.not_compared.begin(), kind.not_compared.end(), [&](const std::string_view place) {
      return change.pointer == place || change.pointer.starts_with(std::string(place) + "/");
    });
  });
  return changes;
}

std::vector<LiveTrigger> hold(const Kind& kind, json& definition) {
  std::vector<LiveTrigger> live = visit_holds(kind, definition, true);
  // A held value may be a default of the comparison (a pool without idle machines).
  normalise(kind, definition);
  return live;
}

void release(const Kind& kind, json& definition, const json& named, const std::vector<LiveTrigger>& live) {
  for_each_hold(kind, definition, [&](const Hold&, json& parent, const std::string& key, const std::string& pointer) {
    const json* const same = find_at(named, up(pointer, 1));
    if (same == nullptr) return;
    const auto record = std::ranges::find(live, place_name(named, *same, key, pointer), &LiveTrigger::place);
    if (record != live.end()) parent[key] = json::parse(record->live);
  });
  normalise(kind, definition);
}

std::vector<LiveTrigger> live_triggers(const Kind& kind, const json& definition) {
  json copy = definition;
  return visit_holds(kind, copy, false);
}

namespace {
Result<void> resolve_refs(json& value, const TargetContext& context) {
  if (value.is_object()) {
    if (const auto ref = value.find(ref_member); ref != value.end() && value.size() == 1) {
      bool is_number = false;
      const auto id = context.id_of(ref->get<std::string>(), is_number);
      if (!id) return fail(Fault::blocked, "refers to an object that the other side does not have yet");
      value = is_number ? json::parse(*id, nullptr, false) : json(*id);
      return {};
    }
    if (const auto text = value.find(unresolved_member); text != value.end() && value.size() == 1) {
      value = json(*text);
      return {};
    }
  }
  if (value.is_structured())
    for (json& child : value) CHECK(resolve_refs(child, context));
  return {};
}
}  // namespace

Result<json> target_form(const Kind& kind, const json& canonical_form, const TargetContext& context) {
  json body = canonical_form;
  CHECK(resolve_refs(body, context));
  write_json_text(kind, body);
  // Holds are written out even where the comparison treats them as a default.
  for (const Hold& rule : kind.holds) {
    for_each_hold(kind, body, [&](const Hold& visited, json& parent, const std::string& key, const std::string&) {
      if (&visited == &rule && !parent.contains(key)) parent[key] = json::parse(rule.absent);
    });
  }
  if (!kind.tags_at.empty() && !context.group.empty()) {
    json* tags = find_at(body, kind.tags_at);
    if (tags == nullptr) {
      body[json::json_pointer(std::string(kind.tags_at))] = json::object();
      tags = find_at(body, kind.tags_at);
    }
    (*tags)[std::string(marker_group)] = context.group;
    (*tags)[std::string(marker_uuid)] = context.uuid;
  }
  return body;
}

}  // namespace twinlake::model
