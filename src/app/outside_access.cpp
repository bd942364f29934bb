#include "app/outside_access.h"

#include <cctype>

#include <nlohmann/json.hpp>

#include "app/locked_run.h"
#include "app/output.h"
#include "app/values.h"
#include "engine/mirror.h"

namespace twinlake::app {

namespace {

/// What the state of that workspace goes by, beside the group's own.
std::string name_of_state(const std::string& group, const std::string& workspace_id) {
  std::string name = group + ".outside-" + workspace_id;
  for (char& one : name)
    if (one == '/' || one == ':') one = '-';
  return name;
}

const std::vector<const model::Kind*>& kinds_to_restore() {
  static const std::vector<const model::Kind*> kinds = kinds::all();
  return kinds;
}

}  // namespace

OutsideAccess::OutsideAccess(const Settings& settings)
    : settings_(settings), engine_(loop_), there_(loop_, engine_, "chosen") {}

Result<std::unique_ptr<OutsideAccess>> OutsideAccess::open(const Settings& settings,
                                                           const std::string& profile,
                                                           Purpose purpose) {
  std::unique_ptr<OutsideAccess> access(new OutsideAccess(settings));
  CHECK(access->there_.resolve(profile));
  CHECK(access->loop_.run(access->there_.probe()));
  CHECK(access->check_no_side());
  if (!settings.group.values.empty()) {
    TRY(access->given_, read_values(settings.group.values));
  }
  access->given_.own_addresses = settings.group.own_addresses;
  access->given_.dbfs_roots = settings.group.dbfs_roots;
  CHECK(access->open_state(purpose));
  SideAccess::May may;
  if (purpose == Purpose::write)
    may = {.effect = http::Effect::writes, .why_not_more = "nothing may run there"};
  may.most_of_published = settings.group.limits.most;
  may.budget_folder = budget_folder(settings.group.limits, settings.state_folder);
  CHECK(access->there_.connect(model::Side::away, std::move(may), settings.state_folder));
  access->there_.workspace().give(access->given_);
  CHECK(access->check_no_mirror());
  return access;
}

/// What is a side has a role, and `--to secondary` or `--to primary` keeps to it.
Result<void> OutsideAccess::check_no_side() const {
  if (!state::Store::exists(settings_.state_folder, settings_.group.name)) return {};
  TRY(const auto group, state::Store::open(settings_.state_folder, settings_.group.name));
  const auto identity = group->identity();
  if (!identity) return {};
  const std::string& id = self().workspace_id;
  if (id != identity->home_workspace_id && id != identity->away_workspace_id) return {};
  const bool is_home = id == identity->home_workspace_id;
  const bool is_primary = is_home == (identity->primary == model::Side::home);
  const std::string role = is_primary ? "primary" : "secondary";
  return fail(Fault::refused,
              host() + " is the " + role + " workspace of the group `" + settings_.group.name + "`",
              "Say --to " + role + ", which keeps to what that role allows");
}

/// A machine that does not know the group can still see that somebody keeps this workspace.
Result<void> OutsideAccess::check_no_mirror() {
  auto mirror = loop_.run(engine::read_mirror(there_.workspace(), settings_.group.name));
  if (!mirror) return fail(there_.explained(std::move(mirror).error()));
  if (!*mirror) return {};
  return fail(Fault::refused,
              host() + " has been a side of the group `" + settings_.group.name +
                  "`: its mirror lies there",
              "Take another workspace, or remove /Twinlake/" + settings_.group.name +
                  " there when no group keeps it any more");
}

Result<void> OutsideAccess::open_state(Purpose purpose) {
  const std::string name = name_of_state(settings_.group.name, self().workspace_id);
  // Looking leaves nothing behind.
  if (purpose == Purpose::look && !state::Store::exists(settings_.state_folder, name)) {
    TRY(store_, state::Store::open("memory", name));
    return {};
  }
  if (purpose == Purpose::write) {
    auto lock = state::LocalLock::take(settings_.state_folder, name);
    if (!lock) return fail(std::move(lock).error());
    lock_.emplace(std::move(*lock));
  }
  TRY(store_, state::Store::open(settings_.state_folder, name));
  return {};
}

engine::Restore OutsideAccess::restore(events::Sink& sink, engine::Rules rules,
                                       history::History& history, engine::RestoreOptions options) {
  return engine::Restore(loop_, kinds_to_restore(), there_.workspace(), *store_, history, sink,
                         std::move(rules), std::move(options), given_);
}

Result<void> OutsideAccess::run_locked(
    const std::function<Result<void>(std::atomic<bool>& stop)>& work,
    std::vector<Error>& troubles) {
  const auto nothing_else = [] { return Task<void>{}; };
  return run_under_lock(LockedPlace{loop_, there_, *store_}, settings_, work, nothing_else,
                        troubles);
}

}  // namespace twinlake::app
