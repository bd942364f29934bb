#include "app/commands/recovery_flags.h"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "app/known_state.h"
#include "app/output.h"
#include "app/waves.h"
#include "app/who.h"

namespace twinlake::app {

namespace {

struct Said {
  const std::string* name;
  const char* outcome;  ///< of the action from now on
  const char* means;
};

std::array<Said, 3> sayings(const RecoveryFlags& flags) {
  return {{{&flags.confirm, "confirmed", "is done"},
           {&flags.skip, "skipped", "is left out"},
           {&flags.repeat, "interrupted", "will be done again"}}};
}

}  // namespace

std::vector<Option> recovery_flags_into(RecoveryFlags& flags) {
  return {
      {"--wave", "WHAT",
       "Release in waves: tag=KEY:VALUE, names with commas between, or a file of them; may be "
       "given several times. What is in none is released last",
       &flags.waves},
      {"--canary", "JOB", "Run this job on the new primary first; if it fails nothing is released",
       &flags.canary},
      {"--canary-minutes", "N", "How long it may take (30)", &flags.canary_minutes},
      {"--stop-after-wave", "N", "Stop there; the same command with --continue goes on",
       &flags.stop_after_wave},
      {"--continue", "",
       "Go on behind a wave after which it stopped, or with another plan than it was begun with",
       &flags.go_on},
      {"--without-plan", "", "Leave out the recovery plan of twinlake.yml", &flags.without_plan},
  };
}

std::vector<Option> say_flags_into(RecoveryFlags& flags) {
  return {
      {"--confirm", "ACTION", "Say that an action of the recovery plan is done", &flags.confirm},
      {"--skip", "ACTION", "Go on without an action that failed or waits", &flags.skip},
      {"--repeat", "ACTION", "Do an action again of which nobody knows whether it was done",
       &flags.repeat},
  };
}

Result<failover::RecoveryOptions> recovery_options(const RecoveryFlags& flags,
                                                   const GroupConfig& group) {
  failover::RecoveryOptions options;
  const bool has_flags = !flags.waves.empty() || !flags.canary.empty();
  const bool has_plan = !group.recovery_plan.groups.empty() && !flags.without_plan;
  if (has_flags && has_plan)
    return fail(Fault::config, "twinlake.yml has a recovery plan, and --wave or --canary another",
                "Leave these flags out, or add --without-plan");
  if (has_plan) {
    options.plan = group.recovery_plan;
  } else {
    TRY(options.plan, plan_of_waves(group.name, flags.waves, flags.canary, flags.canary_minutes));
  }
  if (flags.stop_after_wave < 0 || flags.canary_minutes < 1)
    return fail(Fault::config, "a number is too small",
                "--stop-after-wave counts from 1, --canary-minutes too");
  options.stop_after_wave = static_cast<int>(flags.stop_after_wave);
  options.go_on = flags.go_on;
  return options;
}

bool says_something(const RecoveryFlags& flags) {
  const auto all = sayings(flags);
  return std::ranges::any_of(all, [](const Said& said) { return !said.name->empty(); });
}

Result<ExitCode> run_say(const Globals& globals, const RecoveryFlags& flags) {
  TRY(const Settings settings, settle(globals, Needs::nothing));
  TRY(const auto store, open_existing_state(settings));
  const Time now = std::chrono::time_point_cast<Micros>(std::chrono::system_clock::now());
  const Person here = who_is_here();
  nlohmann::json document = nlohmann::json::object();
  for (const Said& said : sayings(flags)) {
    if (said.name->empty()) continue;
    CHECK(failover::settle_action(*store, *said.name, said.outcome, here.user + " on " + here.host,
                                  now));
    document[*said.name] = said.outcome;
    if (!settings.json)
      print("`" + *said.name + "` " + said.means +
            ". A failover that waits for it goes on; otherwise run the same command again.\n");
  }
  if (settings.json) print_json(document);
  return ExitCode::good;
}

}  // namespace twinlake::app
