#include "app/settings.h"

#include <unistd.h>

#include <cstdlib>

#include "app/files.h"
#include "app/suggest.h"
#include "model/kind.h"
#include "workspace/profile.h"

namespace twinlake::app {

namespace {

constexpr const char* default_config = "twinlake.yml";

Result<std::string> default_state_folder() {
  const char* const base = std::getenv("XDG_STATE_HOME");
  if (base != nullptr && *base == '/') return std::string(base) + "/twinlake";
  const char* const home = std::getenv("HOME");
  if (home == nullptr || *home == '\0')
    return fail(Fault::config, "HOME is not set, so there is no place for the state",
                "Give one with --state DIR");
  return std::string(home) + "/.local/state/twinlake";
}

std::vector<std::string> names_of(const Config& config) {
  std::vector<std::string> names;
  for (const GroupConfig& group : config.groups) names.push_back(group.name);
  return names;
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

Result<GroupConfig> choose(const Config& config, const std::string& wanted) {
  const std::vector<std::string> names = names_of(config);
  if (wanted.empty() && config.groups.size() == 1) return config.groups.front();
  if (wanted.empty())
    return fail(Fault::config,
                config.file + " has " + std::to_string(names.size()) + " failover groups",
                "Say which one with --group: " + listed(names));
  if (const GroupConfig* group = config.find(wanted)) return *group;
  const std::string meant = nearest(wanted, names);
  return fail(Fault::config, config.file + " has no group `" + wanted + "`",
              meant.empty() ? "It has " + listed(names) : "Did you mean `" + meant + "`?");
}

Result<GroupConfig> group_of(const Globals& globals) {
  std::string file = globals.config;
  if (file.empty() && access(default_config, F_OK) == 0) file = default_config;
  if (file.empty()) {
    GroupConfig group;
    if (!globals.group.empty() && !is_group_name(globals.group))
      return fail(Fault::config, "`" + globals.group + "` cannot be the name of a failover group",
                  group_name_remedy);
    if (!globals.group.empty()) group.name = globals.group;
    return group;
  }
  TRY(const Config config, load_config(file, kind_names()));
  return choose(config, globals.group);
}

tl::unexpected<Error> not_said(const char* role) {
  return fail(Fault::config, std::string("it is not said which workspace is the ") + role + " one",
              "Name a profile of ~/.databrickscfg with --primary and --secondary, or a group in "
              "twinlake.yml");
}

bool environment_names_a_workspace() {
  const workspace::Environment environment = workspace::process_environment();
  return !environment("DATABRICKS_CONFIG_PROFILE").value_or("").empty() ||
         !environment("DATABRICKS_HOST").value_or("").empty();
}

bool has_default_workspace() {
  return environment_names_a_workspace() ||
         workspace::resolve_profile("", workspace::process_environment(), workspace::disk_reader())
             .has_value();
}

/// One side may be left to the environment, as the official tools resolve it. The secondary is
/// written to, so a DEFAULT profile that happens to lie in the file is not enough to choose it.
Result<void> check_profiles(const GroupConfig& group, Needs needs) {
  const bool neither = group.primary.empty() && group.secondary.empty();
  const bool any_primary = !group.primary.empty() || (!neither && has_default_workspace());
  const bool any_secondary = !group.secondary.empty() || ((!neither || needs == Needs::secondary) &&
                                                          environment_names_a_workspace());
  if (needs == Needs::both && !any_primary) return not_said("primary");
  if (needs != Needs::nothing && !any_secondary) return not_said("secondary");
  if (needs == Needs::both && group.primary == group.secondary)
    return fail(Fault::config,
                "primary and secondary are the same profile, `" + group.primary + "`",
                "Name the profile of the other region's workspace as the secondary one");
  return {};
}

}  // namespace

KindNames kind_names() {
  KindNames names;
  for (const model::Kind* kind : kinds::all()) names.emplace(kind->name);
  return names;
}

Result<Settings> settle(const Globals& globals, Needs needs) {
  Settings settings;
  TRY(settings.group, group_of(globals));
  if (!globals.primary.empty()) settings.group.primary = globals.primary;
  if (!globals.secondary.empty()) settings.group.secondary = globals.secondary;
  settings.profiles_are_sides = globals.primary.empty() && globals.secondary.empty();
  CHECK(check_profiles(settings.group, needs));
  settings.state_folder = globals.state.empty() ? expand_home(settings.group.state) : globals.state;
  if (settings.state_folder.empty()) {
    TRY(settings.state_folder, default_state_folder());
  }
  settings.json = globals.json();
  settings.verbose = globals.verbose;
  settings.out = Style(!globals.no_color && wants_colours(stdout), text_columns(stdout));
  settings.err = Style(!globals.no_color && wants_colours(stderr), text_columns(stderr));
  return settings;
}

}  // namespace twinlake::app
