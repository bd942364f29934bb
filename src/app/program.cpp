#include "app/program.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <algorithm>
#include <memory>
#include <new>

#include "app/commands/commands.h"
#include "app/output.h"
#include "base/memory.h"
#include "state/store.h"

namespace twinlake::app {

namespace {

std::vector<Option> global_options(Globals& globals) {
  return {
      {"--primary", "PROFILE",
       "Profile of the primary workspace, from ~/.databrickscfg (one of the two may be left to "
       "DATABRICKS_CONFIG_PROFILE or DATABRICKS_HOST)",
       &globals.primary},
      {"--secondary", "PROFILE", "Profile of the secondary workspace", &globals.secondary},
      {"--state", "DIR", "Folder of the state (~/.local/state/twinlake)", &globals.state},
      {"--group", "NAME", "Failover group of twinlake.yml", &globals.group},
      {"--config", "FILE", "Configuration with named groups (./twinlake.yml when it is there)",
       &globals.config},
      {"-o,--output", "FORMAT", "text or json", &globals.output, {"text", "json"}},
      {"--no-color", "", "No colours; NO_COLOR in the environment does the same",
       &globals.no_color},
      {"--verbose", "", "Tell of every single step", &globals.verbose},
  };
}

/// Needs all the others, so it is filled in when they are there.
Command completion_command(const Command* root) {
  const auto shell = std::make_shared<std::string>();
  Command command;
  command.name = "completion";
  command.about = "Print the completion script for a shell";
  command.options = {
      {"shell", "SHELL", "bash, zsh or fish", shell.get(), {"bash", "zsh", "fish"}, true}};
  command.examples = {"source <(twinlake completion bash)", "twinlake completion fish | source"};
  command.run = [root, shell](const Globals&) -> Result<ExitCode> {
    print(completion_script(*root, *shell));
    return ExitCode::good;
  };
  return command;
}

std::unique_ptr<Command> make_root(Globals& globals) {
  auto root = std::make_unique<Command>();
  root->name = "twinlake";
  root->about =
      "Regional disaster recovery for Azure Databricks: a standby workspace that is proved equal.";
  root->options = global_options(globals);
  root->examples = {"twinlake --primary prod-weu --secondary prod-neu plan",
                    "twinlake --primary prod-weu --secondary prod-neu sync",
                    "twinlake --primary prod-weu --secondary prod-neu reconcile",
                    "twinlake simulate --write-config sim.cfg"};
  root->subcommands = {
      plan_command(),      sync_command(),     reconcile_command(),    status_command(),
      readiness_command(), failover_command(), commit_command(),       reprotect_command(),
      failback_command(),  drill_command(),    report_command(),       ids_command(),
      provision_command(), storage_command(),  dependencies_command(), kinds_command(),
      state_command(),     history_command(),  restore_command(),      simulate_command()};
  root->subcommands.push_back(completion_command(root.get()));
  return root;
}

/// When the command line itself is wrong, its own options cannot be asked.
bool asked_for_json(const std::vector<std::string>& arguments) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& word = arguments[i];
    if (word == "-ojson" || word == "-o=json" || word == "--output=json") return true;
    if ((word == "-o" || word == "--output") && i + 1 < arguments.size() &&
        arguments[i + 1] == "json")
      return true;
  }
  return false;
}

ExitCode fail_with(const Error& error, const std::vector<std::string>& arguments) {
  const bool plain = std::find(arguments.begin(), arguments.end(), "--no-color") != arguments.end();
  print_error(error, asked_for_json(arguments),
              Style(!plain && wants_colours(stderr), text_columns(stderr)));
  return exit_code_of(error);
}

Result<ExitCode> run_guarded(const Command& command, const Globals& globals) {
  try {
    return command.run(globals);
  } catch (const state::StateFailure& failure) {
    return fail(failure.error());
  } catch (const std::bad_alloc&) {
    return fail(Fault::io, "out of memory",
                "Run it on a machine with more memory, or narrow the scope");
  } catch (const std::exception& problem) {
    return fail(Fault::bug, problem.what(),
                "This should not happen: please report it with the command that you ran");
  }
}

ExitCode run_arguments(const std::vector<std::string>& arguments) {
  Globals globals;
  const std::unique_ptr<Command> root = make_root(globals);
  auto request = parse_command_line(*root, arguments);
  if (!request) return fail_with(request.error(), arguments);
  if (request->command == nullptr) {
    print(request->text);
    return ExitCode::good;
  }
  auto code = run_guarded(*request->command, globals);
  return code ? *code : fail_with(code.error(), arguments);
}

}  // namespace

namespace {

/// What is in memory is nobody's else: no core file, no look by another process of the same user.
/// The leak checker of sanitizer builds needs that look.
void keep_memory_private() {
#if !defined(__SANITIZE_ADDRESS__) && !__has_feature(address_sanitizer)
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  prctl(PR_SET_DUMPABLE, 0);
#endif
}

}  // namespace

int run_program(const std::vector<std::string>& arguments) {
  keep_memory_private();
  give_back_large_blocks();
  signal(SIGPIPE, SIG_IGN);  // a reader that went away is an error of writing, told below
  signal(SIGXFSZ, SIG_IGN);  // a limit on the size of files is met like a full disk
  const ExitCode code = run_arguments(arguments);
  if (finish_output()) return static_cast<int>(code);
  // `| head` has seen enough, and needs no words.
  if (!reader_is_gone())
    say("twinlake: standard output could not be written; the result above is incomplete\n");
  return static_cast<int>(ExitCode::fatal);
}

}  // namespace twinlake::app
