#include <memory>

#include <nlohmann/json.hpp>

#include "app/commands/commands.h"
#include "app/drill_text.h"
#include "app/group_access.h"
#include "app/output.h"
#include "app/progress.h"
#include "app/rules.h"
#include "app/stop_signal.h"

namespace twinlake::app {

using failover::Drill;
using failover::DrillReport;

namespace {

struct StartFlags {
  std::vector<std::string> run;
  std::vector<std::string> copy;
  bool dry_run = false;
  bool no_wait = false;
  bool cleanup = false;
};

using Work = std::function<Task<Result<DrillReport>>(Drill&)>;

/// Of the secondary alone: the primary is not asked for anything.
Result<DrillReport> work_on_drill(const Settings& settings, failover::DrillOptions options,
                                  const Work& work) {
  TRY(const auto group, GroupAccess::open(settings, Purpose::drill));
  options.stop = &stop_on_signal();
  auto progress = make_progress(group->loop(), settings);
  Drill drill = group->drill(*progress, rules_of(settings.group), std::move(options));
  auto done = group->loop().run(work(drill));
  if (!done) return fail(group->secondary().explained(std::move(done).error()));
  return done;
}

void print_drill(const Settings& settings, const DrillReport& report) {
  if (!settings.json) return print(drill_text(report, settings.group.name, settings.out));
  nlohmann::json document = drill_json(report);
  document["group"] = settings.group.name;
  print_json(document);
}

ExitCode code_of(const DrillReport& report) {
  return report.outcome == "failed" ? ExitCode::partly : ExitCode::good;
}

failover::DrillOptions options_from(const Settings& settings, const StartFlags& flags) {
  failover::DrillOptions options = drill_options(settings.group.drill);
  // What is asked for here takes the place of what the file says.
  if (!flags.run.empty()) options.run.clear();
  for (const std::string& name : flags.run)
    options.run.push_back(failover::SmokeRun{.job = name, .output = {}, .parameters = {}});
  if (!flags.copy.empty()) options.copy = flags.copy;
  options.wait = !flags.no_wait;
  return options;
}

Result<ExitCode> run_start(const Globals& globals, const StartFlags& flags) {
  TRY(const Settings settings, settle(globals, Needs::both));
  if (flags.cleanup && flags.no_wait)
    return fail(Fault::config, "--cleanup and --no-wait contradict each other",
                "Leave one out: what is removed at once cannot go on running");
  const Work work = [&flags](Drill& drill) {
    return flags.dry_run ? drill.preview() : drill.start();
  };
  TRY(DrillReport report, work_on_drill(settings, options_from(settings, flags), work));
  if (flags.cleanup && !flags.dry_run) {
    TRY(report,
        work_on_drill(settings, drill_options({}), [](Drill& drill) { return drill.cleanup(); }));
  }
  print_drill(settings, report);
  return code_of(report);
}

Result<ExitCode> run_simple(const Globals& globals, const Work& work) {
  TRY(const Settings settings, settle(globals, Needs::both));
  TRY(const DrillReport report, work_on_drill(settings, drill_options(settings.group.drill), work));
  print_drill(settings, report);
  return code_of(report);
}

Command start_command() {
  const auto flags = std::make_shared<StartFlags>();
  Command command;
  command.name = "start";
  command.about = "Copy jobs and their code on the standby, run some, compare with expectations";
  command.details =
      "Names are globs over the names of replicated jobs. Copies get machines of their own, send "
      "no mail, and their triggers are held. What a job starts with run_job_task is copied too. "
      "A job that would change something else is refused. Data is not isolated: run jobs that "
      "only read, or tell them by parameters that it is a drill.\n"
      "Without --run, what `drill` in twinlake.yml says is run. A drill that was stopped goes on "
      "with the same command.";
  command.options = {
      {"--run", "JOB", "A job that is copied and run; may be given several times", &flags->run},
      {"--copy", "JOB", "A job that is copied only; may be given several times", &flags->copy},
      {"--dry-run", "", "Print what would be copied and run; write nothing", &flags->dry_run},
      {"--no-wait", "", "Do not wait for the runs to end", &flags->no_wait},
      {"--cleanup", "", "Remove everything when the runs have ended", &flags->cleanup}};
  command.examples = {"twinlake drill start --run 'smoke *' --dry-run",
                      "twinlake drill start --run 'smoke check' --copy 'nightly *'"};
  command.run = [flags](const Globals& globals) { return run_start(globals, *flags); };
  return command;
}

Command drill_status_command() {
  Command command;
  command.name = "status";
  command.about = "Show the last drill, and look at runs that are under way";
  command.examples = {"twinlake drill status", "twinlake -o json drill status | jq .runs"};
  command.run = [](const Globals& globals) {
    return run_simple(globals, [](Drill& drill) { return drill.look(); });
  };
  return command;
}

Command cleanup_command() {
  Command command;
  command.name = "cleanup";
  command.about = "End the runs of the last drill, remove its copies, and prove that none is left";
  command.examples = {"twinlake drill cleanup"};
  command.run = [](const Globals& globals) {
    return run_simple(globals, [](Drill& drill) { return drill.cleanup(); });
  };
  return command;
}

}  // namespace

Command drill_command() {
  Command command;
  command.name = "drill";
  command.about = "Try the standby without touching production or replication";
  command.details =
      "A drill (test failover) has passed when its runs have and everything it made is removed.";
  command.examples = {"twinlake drill start --run 'smoke check'", "twinlake drill cleanup"};
  command.subcommands = {start_command(), drill_status_command(), cleanup_command()};
  return command;
}

}  // namespace twinlake::app
