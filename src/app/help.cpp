#include <algorithm>

#include "app/command_line.h"
#include "app/terminal.h"

namespace twinlake::app {

namespace {

constexpr int left_column = 32;

std::string entry(const std::string& left, const std::string& right) {
  const std::string start = "  " + left;
  const std::string text = wrapped(right, left_column, text_columns(stdout));
  if (width_of(start) + 1 > left_column) return start + "\n" + text;
  return padded(start, left_column) + text.substr(static_cast<std::size_t>(left_column));
}

std::string names_of(const Option& option) {
  std::string names;
  for (const char c : option.names) names += c == ',' ? ", " : std::string(1, c);
  return option.value.empty() || is_positional(option) ? names : names + " " + option.value;
}

std::string options_text(const std::string& title, const std::vector<Option>& options) {
  std::string text;
  for (const Option& option : options) text += entry(names_of(option), option.help);
  return text.empty() ? "" : "\n" + title + ":\n" + text;
}

constexpr const char* exit_codes = R"(
Exit codes:
   0  good
   1  fatal: nothing could be done, or the run broke off; the message says what to do
   2  done in part, or differences were found (plan: only with --detailed-exitcode)
   3  refused: stale plan, another run is under way, wrong role
  10  not ready for failover
)";

std::string usage(const std::vector<const Command*>& path) {
  std::string text = "Usage: ";
  for (const Command* command : path) text += command->name + " ";
  text += "[OPTIONS]";
  if (!path.back()->subcommands.empty()) text += " COMMAND";
  for (const Option& option : path.back()->options)
    if (is_positional(option)) text += " " + option.value;
  return text + "\n";
}

}  // namespace

std::string help_text(const std::vector<const Command*>& path) {
  const Command& command = *path.back();
  const int columns = text_columns(stdout);
  std::string text = wrapped(command.about, 0, columns) + "\n" + usage(path);
  std::string details = command.details;
  while (!details.empty()) {  // one paragraph a line
    const std::size_t end = std::min(details.find('\n'), details.size());
    text += "\n" + wrapped(details.substr(0, end), 0, columns);
    details.erase(0, std::min(end + 1, details.size()));
  }
  if (!command.subcommands.empty()) text += "\nCommands:\n";
  for (const Command& child : command.subcommands) text += entry(child.name, child.about);
  std::vector<Option> options = command.options;
  bool unused = false;
  options.push_back(Option{"-h,--help", "", "Show this help", &unused});
  if (path.size() == 1) options.push_back(Option{"--version", "", "Show the version", &unused});
  text +=
      options_text(path.size() == 1 ? "Options, before or after the command" : "Options", options);
  if (path.size() > 1) text += options_text("Options of every command", path.front()->options);
  if (!command.examples.empty()) text += "\nExamples:\n";
  for (const std::string& example : command.examples) text += "  " + example + "\n";
  return text + exit_codes;
}

}  // namespace twinlake::app
