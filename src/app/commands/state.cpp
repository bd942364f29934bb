#include <memory>

#include <nlohmann/json.hpp>

#include "app/commands/commands.h"
#include "app/known_state.h"
#include "app/output.h"
#include "app/side_access.h"
#include "engine/mirror.h"

namespace twinlake::app {

namespace {

using model::Side;
using nlohmann::json;

struct RebuildFlags {
  bool force = false;
};

/// Only the secondary: the primary may be gone for ever when this is needed.
class SecondaryAlone {
 public:
  explicit SecondaryAlone(const Settings& settings)
      : settings_(settings), engine_(loop_), side_(loop_, engine_, "secondary") {}

  Result<std::optional<json>> mirror() {
    CHECK(side_.resolve(settings_.group.secondary));
    CHECK(loop_.run(side_.probe()));
    // Which side it is does not matter to who only reads one file.
    CHECK(side_.connect(Side::away, SideAccess::May{}, settings_.state_folder));
    auto mirror = loop_.run(engine::read_mirror(side_.workspace(), settings_.group.name));
    if (!mirror) return fail(side_.explained(std::move(mirror).error()));
    return mirror;
  }
  [[nodiscard]] const SideAccess& side() const { return side_; }

 private:
  const Settings& settings_;
  Loop loop_;
  http::CurlEngine engine_;
  SideAccess side_;
};

Result<ExitCode> run_check(const Globals& globals) {
  TRY(const Settings settings, settle(globals, Needs::secondary));
  TRY(const auto store, open_existing_state(settings));
  SecondaryAlone secondary(settings);
  TRY(const std::optional<json> mirror, secondary.mirror());
  std::vector<std::string> differences = {
      "there is no mirror on the secondary; the next sync writes it"};
  if (mirror) differences = engine::compare_mirror(store->to_mirror(), *mirror);
  if (settings.json) {
    json document = json::object();
    document["group"] = settings.group.name;
    document["agree"] = differences.empty();
    document["differences"] = differences;
    print_json(document);
  } else if (differences.empty()) {
    print(settings.out(Tone::good, "The state and its mirror agree") + " (" +
          counted(static_cast<std::int64_t>(store->bindings().size()), "object", "objects") +
          ")\n");
  } else {
    print(settings.out(Tone::warn, "The state and its mirror differ") + "\n");
    for (const std::string& difference : differences) print(wrapped(printable(difference), 2));
    print(wrapped("What to do: `twinlake sync` takes over what is newer and writes the mirror anew",
                  2));
  }
  return differences.empty() ? ExitCode::good : ExitCode::partly;
}

/// The workspace that holds the mirror must be the secondary of what the mirror says.
Result<void> check_role(const state::Identity& identity, const std::string& workspace_id) {
  const std::string& secondary =
      identity.primary == Side::home ? identity.away_workspace_id : identity.home_workspace_id;
  if (workspace_id == secondary) return {};
  return fail(Fault::refused,
              "the secondary of the group `" + identity.group + "` is the workspace " + secondary +
                  ", but the profile leads to " + workspace_id,
              "Use the profile of that workspace as --secondary");
}

Result<void> take_mirror(const Settings& settings, const SecondaryAlone& secondary,
                         const std::optional<json>& mirror) {
  // Tried in memory first, so that a malformed mirror leaves nothing behind on this machine.
  if (mirror) {
    TRY(const auto trial, state::Store::open("memory", settings.group.name));
    CHECK(trial->load_mirror(*mirror));
    if (trial->identity())
      CHECK(check_role(*trial->identity(), secondary.side().self().workspace_id));
  }
  TRY(const auto lock, state::LocalLock::take(settings.state_folder, settings.group.name));
  TRY(const auto store, state::Store::open(settings.state_folder, settings.group.name));
  if (mirror) return store->load_mirror(*mirror);
  return {};
}

Result<ExitCode> run_rebuild(const Globals& globals, const RebuildFlags& flags) {
  TRY(const Settings settings, settle(globals, Needs::secondary));
  if (has_state(settings) && !flags.force)
    return fail(Fault::refused,
                "there is a state of the group `" + settings.group.name + "` in " +
                    settings.state_folder + " already",
                "`twinlake state check` compares it with the mirror; --force replaces it");
  SecondaryAlone secondary(settings);
  TRY(const std::optional<json> mirror, secondary.mirror());
  CHECK(take_mirror(settings, secondary, mirror));
  const std::size_t objects = mirror ? mirror->value("bindings", json::array()).size() : 0;
  if (settings.json) {
    json document = json::object();
    document["group"] = settings.group.name;
    document["from"] = mirror ? "mirror" : "nothing";
    document["objects"] = objects;
    document["generation"] = mirror ? json(engine::generation_of(*mirror)) : json();
    print_json(document);
  } else if (mirror) {
    print("The state was rebuilt from the mirror: " +
          counted(static_cast<std::int64_t>(objects), "object", "objects") + ".\n");
  } else {
    print(
        "There is no mirror on the secondary. The state begins anew; the next sync recognises what "
        "it made\n"
        "by the markers it left, and everything else by its name.\n");
  }
  return ExitCode::good;
}

Command check_command() {
  Command command;
  command.name = "check";
  command.about = "Compare the state with its mirror on the secondary";
  command.details = "Exits with 0 when they agree, with 2 when they do not.";
  command.examples = {"twinlake --secondary prod-neu state check"};
  command.run = run_check;
  return command;
}

Command rebuild_command() {
  const auto flags = std::make_shared<RebuildFlags>();
  Command command;
  command.name = "rebuild";
  command.about = "Make a lost state anew from its mirror on the secondary";
  command.details =
      "Needs nothing from the primary. Without a mirror the next sync recognises objects by "
      "markers and names.";
  command.options = {{"--force", "", "Replace the state that is there", &flags->force}};
  command.examples = {"twinlake --secondary prod-neu state rebuild"};
  command.run = [flags](const Globals& globals) { return run_rebuild(globals, *flags); };
  return command;
}

}  // namespace

Command state_command() {
  Command command;
  command.name = "state";
  command.about = "Check the state, or rebuild it after this machine was lost";
  command.examples = {"twinlake --secondary prod-neu state check",
                      "twinlake --secondary prod-neu state rebuild"};
  command.subcommands = {check_command(), rebuild_command()};
  return command;
}

}  // namespace twinlake::app
