#include "engine/audit_hints.h"

#include <algorithm>
#include <set>

#include "engine/plan.h"

namespace twinlake::engine {

using model::AuditEvent;
using model::Kind;
using state::AuditReading;
using workspace::AuditQuestion;
using workspace::AuditRow;

namespace {

/// Events may come so late, hours by the service's word. What comes later is found in its turn.
constexpr Micros overlap = std::chrono::hours(12);
/// How far the clock of the service may be from ours.
constexpr Micros clocks_differ = std::chrono::minutes(5);
constexpr std::string_view cut_mark = "... truncated";

std::string in_lower_case(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

std::string id_of(const Kind& kind, std::string id) { return kind.key_ignores_case ? in_lower_case(std::move(id)) : id; }

/// "/jobs/17": {"jobs", "17"}; "17": {"", "17"}.
std::pair<std::string, std::string> place_in(std::string_view path) {
  while (path.ends_with('/')) path.remove_suffix(1);
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return {"", std::string(path)};
  const std::string_view before = path.substr(0, slash);
  const std::size_t start = before.rfind('/');
  return {std::string(start == std::string_view::npos ? before : before.substr(start + 1)), std::string(path.substr(slash + 1))};
}

/// The first of these parameters that is there and whole.
std::string value_of(const AuditEvent& event, const AuditQuestion& question, const AuditRow& row) {
  for (const std::string_view parameter : event.id_in) {
    const auto at = std::ranges::find(question.parameters, parameter) - question.parameters.begin();
    const auto position = static_cast<std::size_t>(at);
    if (position >= row.values.size()) continue;
    const std::string& value = row.values[position];
    if (!value.empty() && !value.ends_with(cut_mark)) return value;
  }
  return std::string(event.only);
}

/// What a row says of one kind.
enum class Says { nothing, unnamed, other, this_one };

Says read_row(const Kind& kind, const AuditQuestion& question, const AuditRow& row, NamedObjects::Names& into) {
  Says says = Says::nothing;
  for (const AuditEvent& event : kind.told_by) {
    if (event.service != row.service || event.action != row.action) continue;
    auto [type, id] = place_in(value_of(event, question, row));
    if (id.empty()) {
      says = std::max(says, Says::unnamed);
    } else if (!event.type.empty() && !type.empty() && type != event.type) {
      says = std::max(says, Says::other);
    } else {
      into.emplace_back(&kind, id_of(kind, std::move(id)));
      says = Says::this_one;
    }
  }
  return says;
}

std::string joined(const std::vector<std::string>& values) {
  std::string all;
  for (const std::string& value : values) all += value + "\n";
  return all;
}

/// Where children of this kind may belong to such an object.
bool may_be_child(const Kind& child, const Kind& parent) {
  return child.child_of == "*" ? !parent.permission_type.empty()
                               : child.child_of == parent.name || std::ranges::find(child.other_parents, parent.name) != child.other_parents.end();
}

void add_due(const std::string& uuid, Time last, const std::map<std::string, Time>& swept, std::vector<std::string>& into) {
  const auto read = swept.find(uuid);
  if (read != swept.end() && read->second <= last + clocks_differ) into.push_back(uuid);
}

}  // namespace

AuditQuestion audit_question(std::span<const Kind* const> kinds) {
  std::set<std::string_view> services;
  std::set<std::string_view> actions;
  std::set<std::string_view> parameters;
  for (const Kind* kind : kinds)
    for (const AuditEvent& event : kind->told_by) {
      services.insert(event.service);
      actions.insert(event.action);
      parameters.insert(event.id_in.begin(), event.id_in.end());
    }
  AuditQuestion question;
  question.services.assign(services.begin(), services.end());
  question.actions.assign(actions.begin(), actions.end());
  question.parameters.assign(parameters.begin(), parameters.end());
  return question;
}

NamedObjects objects_named(std::span<const Kind* const> kinds, const AuditQuestion& question, const std::vector<AuditRow>& rows) {
  NamedObjects named;
  std::map<NamedObjects::Names, Time> objects;
  for (const AuditRow& row : rows) {
    NamedObjects::Names names;
    Says says = Says::nothing;
    for (const Kind* kind : kinds) says = std::max(says, read_row(*kind, question, row, names));
    if (says == Says::nothing) continue;
    named.events += row.events;
    if (says == Says::unnamed) named.unnamed += row.events;
    // One of a kind that is not replicated has a name too, though none of ours.
    if (says == Says::other) names.emplace_back(nullptr, joined(row.values));
    if (names.empty()) continue;
    Time& last = objects[std::move(names)];
    last = std::max(last, row.last);
  }
  for (auto& [names, last] : objects) named.objects.push_back({names, last});
  return named;
}

DueByAudit due_by_audit(const NamedObjects& named, const std::vector<state::Binding>& bindings, model::Side side,
                        std::span<const Kind* const> kinds, const std::map<std::string, Time>& swept) {
  using Name = std::pair<std::string_view, std::string>;
  std::map<Name, std::vector<std::size_t>> wanted;
  std::map<std::string_view, const Kind*> by_name;
  for (std::size_t i = 0; i < named.objects.size(); ++i)
    for (const auto& [kind, id] : named.objects[i].names)
      if (kind != nullptr) {
        wanted[{kind->name, id}].push_back(i);
        by_name[kind->name] = kind;
      }
  DueByAudit due;
  std::vector<bool> is_known(named.objects.size());
  for (const state::Binding& binding : bindings) {
    const auto kind = by_name.find(binding.kind);
    const auto& id = binding.on(side);
    if (kind == by_name.end() || !id) continue;
    const auto found = wanted.find({kind->first, id_of(*kind->second, *id)});
    if (found == wanted.end()) continue;
    const std::size_t before = due.uuids.size();
    Time last{};
    for (const std::size_t i : found->second) {
      is_known[i] = true;
      last = std::max(last, named.objects[i].last);
    }
    add_due(binding.uuid, last, swept, due.uuids);
    for (const Kind* child : kinds)
      if (can_come_late(*child) && may_be_child(*child, *kind->second)) add_due(child_uuid(binding.uuid, *child), last, swept, due.uuids);
    if (due.uuids.size() > before) ++due.objects;
  }
  due.unknown = std::ranges::count(is_known, false);
  return due;
}

AuditReader::AuditReader(workspace::Workspace& primary, workspace::Workspace& secondary, state::Store& store, AuditRules rules)
    : primary_(primary), secondary_(secondary), store_(store), rules_(std::move(rules)) {}

AuditReading AuditReader::last_of(model::Side side) const {
  for (AuditReading& reading : store_.audit_readings())
    if (reading.side == side) return std::move(reading);
  AuditReading first;
  first.side = side;
  return first;
}

std::vector<AuditTold> AuditReader::told() const {
  std::vector<AuditTold> all;
  if (rules_.primary) all.push_back({"primary", last_of(primary_.side())});
  if (rules_.secondary) all.push_back({"secondary", last_of(secondary_.side())});
  return all;
}

Task<void> AuditReader::refresh(std::vector<const Kind*> kinds, SweepRules sweep, std::string digest) {
  Round round{std::move(kinds), Micros(0), std::move(digest)};
  for (const Kind* kind : round.kinds)
    if (is_read_in_turn(*kind)) round.longest = std::max(round.longest, sweep.of(*kind));
  if (round.longest == Micros(0)) co_return;
  TaskGroup sides(primary_.loop());
  if (rules_.primary) sides.start(refresh_side(&primary_, *rules_.primary, &round));
  if (rules_.secondary) sides.start(refresh_side(&secondary_, *rules_.secondary, &round));
  co_await sides.join();
}

AuditQuestion AuditReader::question_for(const workspace::Workspace& side, const Round& round, const AuditReading& last, Time now) const {
  AuditQuestion question = audit_question(round.kinds);
  question.since = now - round.longest - clocks_differ;
  if (last.read) question.since = std::max(question.since, *last.read - overlap);
  // What we write there was equal when we wrote it. On the primary we write nothing, and a person may share our name.
  if (&side == &secondary_) {
    const auto names = side.self().names();
    question.not_by.assign(names.begin(), names.end());
  }
  return question;
}

Task<Result<void>> AuditReader::ask(workspace::Workspace* side, std::string runner, const Round* round, AuditReading* reading) {
  const Time now = side->loop().now();
  const AuditQuestion question = question_for(*side, *round, *reading, now);
  reading->asked = now;
  CO_TRY(const std::vector<AuditRow> rows, co_await workspace::read_audit_log(*side, std::move(runner), question));
  const NamedObjects named = objects_named(round->kinds, question, rows);
  DueByAudit due;
  if (!named.objects.empty()) due = due_by_audit(named, store_.bindings(), side->side(), round->kinds, store_.swept(round->digest));
  reading->read = now;
  reading->events = named.events;
  reading->changed = due.objects;
  reading->unknown = due.unknown;
  reading->unnamed = named.unnamed;
  store_.put_audit_reading(*reading, due.uuids);
  co_return Result<void>{};
}

Task<void> AuditReader::refresh_side(workspace::Workspace* side, AuditRules::Where where, const Round* round) {
  AuditReading reading = last_of(side->side());
  reading.why_not.clear();
  reading.what_to_do.clear();
  auto running = co_await workspace::running_warehouses(*side);
  Result<void> done{};
  if (!running) {
    done = fail(std::move(running).error());
  } else {
    workspace::WarehouseChoice choice = workspace::choose_warehouse(*running, where, reading.asked, side->loop().now());
    if (choice.one) {
      std::string runner = choice.one->id;
      done = co_await ask(side, std::move(runner), round, &reading);
    } else {
      reading.why_not = std::move(choice.why_not);
      reading.what_to_do = std::move(choice.what_to_do);
    }
  }
  if (!done) {
    Error error = std::move(done).error();
    reading.what_to_do = std::exchange(error.hint, {});
    reading.why_not = describe(error);
  }
  if (!reading.why_not.empty()) store_.put_audit_reading(reading, {});
}

}  // namespace twinlake::engine
