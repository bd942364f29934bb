#pragma once
// Commands as data: the parser, the help, the completion and the suggestions all read the same
// table.
#include <cstdint>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"

namespace twinlake::app {

/// One table, printed in every help.
enum class ExitCode : int { good = 0, fatal = 1, partly = 2, refused = 3, not_ready = 10 };

/// What every command is given.
struct Globals {
  std::string primary;
  std::string secondary;
  std::string state;
  std::string group;
  std::string config;
  std::string output = "text";
  bool no_color = false;
  bool verbose = false;
  [[nodiscard]] bool json() const { return output == "json"; }
};

struct Option {
  std::string names;  ///< "-o,--output"; without dashes: an argument by its position
  std::string value;  ///< "PROFILE"; empty: a flag. Of a list, "CERT KEY": both at once; one word:
                      ///< given again for more
  std::string help;
  std::variant<bool*, std::string*, std::int64_t*, std::vector<std::string>*> into;
  std::vector<std::string> choices = {};
  bool required = false;
};

struct Command {
  std::string name;
  std::string about;
  std::string details = {};
  std::vector<std::string> examples = {};
  std::vector<Option> options = {};
  std::vector<Command> subcommands = {};
  std::function<Result<ExitCode>(const Globals&)> run = {};
};

/// What the command line asks for: a command to run, or a text and an exit code.
struct Invocation {
  const Command* command = nullptr;
  std::string text;  ///< help or version
};

/// `root` holds the global options and the commands. Values go where the options point to.
[[nodiscard]] Result<Invocation> parse_command_line(const Command& root,
                                                    const std::vector<std::string>& arguments);

/// `path`: the command and those above it, the root first.
[[nodiscard]] std::string help_text(const std::vector<const Command*>& path);
[[nodiscard]] std::string completion_script(const Command& root, const std::string& shell);

/// "--output" of "-o,--output".
[[nodiscard]] std::string long_name(const Option& option);
[[nodiscard]] bool is_positional(const Option& option);

}  // namespace twinlake::app
