#include "engine/audit_hints.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "engine/world.h"

namespace twinlake::engine::audit_hints_tests {  // its words are those of other tests too
namespace {

using model::AuditEvent;
using model::Kind;
using std::chrono::hours;
using std::chrono::minutes;
using workspace::AuditRow;

constexpr std::string_view id_here[] = {"resourceId"};
constexpr std::string_view id_there[] = {"name", "resourceId"};
constexpr AuditEvent told_of_load[] = {{.service = "loads", .action = "changeAcl", .id_in = id_here}};
constexpr AuditEvent told_of_page[] = {{.service = "tree", .action = "changeAcl", .id_in = id_there, .type = "pages"}};
constexpr AuditEvent told_of_shelf[] = {{.service = "tree", .action = "changeAcl", .id_in = id_there, .type = "shelves"}};
constexpr AuditEvent told_of_vault[] = {{.service = "vaults", .action = "putAcl", .id_in = id_here}};
constexpr AuditEvent told_of_door[] = {{.service = "doors", .action = "changeAcl", .only = "front"}};

constexpr Kind kind_of(std::string_view name, std::span<const AuditEvent> told_by) {
  Kind kind;
  kind.name = name;
  kind.permission_type = name;
  kind.told_by = told_by;
  return kind;
}
constexpr Kind load = kind_of("load", told_of_load);
constexpr Kind page = kind_of("page", told_of_page);
constexpr Kind shelf = kind_of("shelf", told_of_shelf);
constexpr Kind door = kind_of("door", told_of_door);
constexpr Kind vault = [] {
  Kind kind = kind_of("vault", told_of_vault);
  kind.permission_type = "";
  kind.key_ignores_case = true;
  return kind;
}();
constexpr Kind grants = [] {
  Kind kind;
  kind.name = "grants";
  kind.child_of = "*";
  kind.detail = model::Detail::definition;
  return kind;
}();
constexpr Kind vault_list = [] {
  Kind kind;
  kind.name = "vault_list";
  kind.child_of = "vault";
  kind.detail = model::Detail::definition;
  return kind;
}();
const std::vector<const Kind*> kinds{&load, &page, &shelf, &vault, &door, &grants, &vault_list};

Time at(Micros since) { return Time(hours(10'000)) + since; }

/// The values of "name" and "resourceId".
AuditRow row(std::string service, std::string action, std::string name, std::string resource, Micros last = minutes(0), std::int64_t events = 1) {
  return {std::move(service), std::move(action), {std::move(name), std::move(resource)}, at(last), events};
}

NamedObjects named_in(const std::vector<AuditRow>& rows) { return objects_named(kinds, audit_question(kinds), rows); }

std::string names_in(const std::vector<AuditRow>& rows) {
  std::string all;
  for (const NamedObjects::Object& object : named_in(rows).objects) {
    for (const auto& [kind, id] : object.names) all += (kind == nullptr ? "?" : std::string(kind->name) + ":" + id) + " ";
    all += "| ";
  }
  return all;
}

state::Binding bound(std::string uuid, const Kind& kind, std::string id) {
  state::Binding binding;
  binding.uuid = std::move(uuid);
  binding.kind = kind.name;
  binding.home_id = std::move(id);
  return binding;
}

TEST(AuditQuestion, IsMadeOfWhatTheKindsSay) {
  const workspace::AuditQuestion question = audit_question(kinds);
  EXPECT_EQ(question.services, (std::vector<std::string>{"doors", "loads", "tree", "vaults"}));
  EXPECT_EQ(question.actions, (std::vector<std::string>{"changeAcl", "putAcl"}));
  EXPECT_EQ(question.parameters, (std::vector<std::string>{"name", "resourceId"}));
}

TEST(AuditObjects, AreNamedByAnIdOrAPath) {
  for (const char* path : {"17", "/loads/17", "loads/17", "/loads/17/", "anything/17"})
    EXPECT_EQ(names_in({row("loads", "changeAcl", "", path)}), "load:17 | ") << path;
  EXPECT_EQ(names_in({row("tree", "changeAcl", "pages/5", "")}), "page:5 | ");
  EXPECT_EQ(names_in({row("tree", "changeAcl", "", "shelves/5")}), "shelf:5 | ") << "told in the other parameter";
  EXPECT_EQ(names_in({row("tree", "changeAcl", "5", "")}), "page:5 shelf:5 | ") << "a bare id may be of either kind";
  EXPECT_EQ(names_in({row("tree", "changeAcl", "lamps/5", "")}), "? | ") << "of a kind that nobody replicates";
  EXPECT_EQ(names_in({row("doors", "changeAcl", "", "")}), "door:front | ");
  EXPECT_EQ(names_in({row("vaults", "putAcl", "", "Key-Vault")}), "vault:key-vault | ");
}

TEST(AuditObjects, CountEventsAndThoseThatNameNone) {
  const NamedObjects named = named_in({row("loads", "changeAcl", "", "17", minutes(3), 5), row("loads", "changeAcl", "", "/loads/17", minutes(1), 2),
                                       row("loads", "changeAcl", "", "", minutes(1), 3), row("tree", "changeAcl", "pages/... truncated", ""),
                                       row("vaults", "changeAcl", "", "9"), row("nobody", "changeAcl", "", "9")});
  ASSERT_EQ(named.objects.size(), 1U);
  EXPECT_EQ(named.objects[0].last, at(minutes(3))) << "the newest counts";
  EXPECT_EQ(named.events, 11) << "a service and an action that do not belong together are of no interest";
  EXPECT_EQ(named.unnamed, 4);
}

TEST(DueByAudit, IsWhatWasReadBeforeTheEventAndItsChildren) {
  const std::vector<state::Binding> bindings{bound("u1", load, "17"), bound("u2", vault, "Key-Vault"), bound("u3", page, "5"), bound("u4", shelf, "5")};
  const std::map<std::string, Time> swept{{"u1", at(hours(1))}, {child_uuid("u1", grants), at(hours(1))}, {child_uuid("u2", vault_list), at(hours(1))},
                                          {child_uuid("u2", grants), at(hours(1))}, {child_uuid("u3", grants), at(hours(3))}, {"other", at(hours(1))}};
  const auto due = due_by_audit(named_in({row("loads", "changeAcl", "", "17", hours(2)), row("vaults", "putAcl", "", "KEY-VAULT", hours(2)),
                                          row("tree", "changeAcl", "5", "", hours(2)), row("tree", "changeAcl", "pages/88", "", hours(2)),
                                          row("tree", "changeAcl", "lamps/5", "", hours(2))}),
                                bindings, model::Side::home, kinds, swept);
  std::vector<std::string> uuids = due.uuids;
  std::ranges::sort(uuids);
  std::vector<std::string> expected{"u1", child_uuid("u1", grants), child_uuid("u2", vault_list)};
  std::ranges::sort(expected);
  EXPECT_EQ(uuids, expected) << "the page was read since, and a vault has no grants";
  EXPECT_EQ(due.objects, 2);
  EXPECT_EQ(due.unknown, 2);
}

TEST(DueByAudit, AllowsForClocksThatDiffer) {
  const std::vector<state::Binding> bindings{bound("u1", load, "17")};
  const auto uuids = [&](Micros read) {
    return due_by_audit(named_in({row("loads", "changeAcl", "", "17", hours(1))}), bindings, model::Side::home, kinds, {{"u1", at(read)}}).uuids.size();
  };
  EXPECT_EQ(uuids(hours(1) + minutes(4)), 1U);
  EXPECT_EQ(uuids(hours(1) + minutes(6)), 0U);
  EXPECT_TRUE(due_by_audit(named_in({row("loads", "changeAcl", "", "17")}), bindings, model::Side::away, kinds, {{"u1", at(hours(0))}}).uuids.empty())
      << "ids are of one side";
}

}  // namespace
}  // namespace twinlake::engine::audit_hints_tests
