#include "app/command_line.h"

namespace twinlake::app {

namespace {

std::string joined(const std::vector<std::string>& words, char between) {
  std::string text;
  for (const std::string& word : words)
    text += (text.empty() ? "" : std::string(1, between)) + word;
  return text;
}

std::vector<std::string> words_of(const Command& command) {
  std::vector<std::string> words;
  words.reserve(command.subcommands.size() + command.options.size());
  for (const Command& child : command.subcommands) words.push_back(child.name);
  for (const Option& option : command.options) {
    if (is_positional(option)) {
      words.insert(words.end(), option.choices.begin(), option.choices.end());
    } else {
      words.push_back(long_name(option));
    }
  }
  return words;
}

std::vector<std::string> global_words(const Command& root) {
  std::vector<std::string> words = {"--help"};
  for (const Option& option : root.options) words.push_back(long_name(option));
  return words;
}

void collect_choices(const Command& command, std::string& cases) {
  for (const Option& option : command.options) {
    if (is_positional(option) || option.choices.empty()) continue;
    std::string names = option.names;
    for (char& c : names) c = c == ',' ? '|' : c;
    cases += "    " + names + ") words=\"" + joined(option.choices, ' ') + "\" ;;\n";
  }
  for (const Command& child : command.subcommands) collect_choices(child, cases);
}

void collect_commands(const Command& command, const std::string& name, const std::string& globals,
                      std::string& cases) {
  cases +=
      "    \"" + name + "\") words=\"" + joined(words_of(command), ' ') + " " + globals + "\" ;;\n";
  for (const Command& child : command.subcommands)
    collect_commands(child, name.empty() ? child.name : name + " " + child.name, globals, cases);
}

void collect_names(const Command& command, std::vector<std::string>& names) {
  for (const Command& child : command.subcommands) {
    names.push_back(child.name);
    collect_names(child, names);
  }
}

std::string bash_script(const Command& root) {
  std::string choices;
  collect_choices(root, choices);
  std::string commands;
  const std::string globals = joined(global_words(root), ' ');
  for (const Command& child : root.subcommands)
    collect_commands(child, child.name, globals, commands);
  std::vector<std::string> names;
  collect_names(root, names);
  return "# bash completion of twinlake: source <(twinlake completion bash)\n"
         "_twinlake() {\n"
         "  local current=\"${COMP_WORDS[COMP_CWORD]}\" before=\"${COMP_WORDS[COMP_CWORD-1]}\" "
         "path=\"\" word words=\"\"\n"
         "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
         "    case \"$word\" in " +
         joined(names, '|') +
         ") path=\"${path:+$path }$word\" ;; esac\n"
         "  done\n"
         "  case \"$before\" in\n" +
         choices +
         "    --plan|--out|--config|--write-config|--tls) COMPREPLY=($(compgen -f -- "
         "\"$current\")); return ;;\n"
         "    --state) COMPREPLY=($(compgen -d -- \"$current\")); return ;;\n"
         "  esac\n"
         "  if [ -z \"$words\" ]; then case \"$path\" in\n" +
         commands + "    *) words=\"" + joined(words_of(root), ' ') +
         " --help --version\" ;;\n"
         "  esac; fi\n"
         "  COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
         "}\n"
         "complete -F _twinlake twinlake\n";
}

/// zsh runs bash completions by itself.
std::string zsh_script(const Command& root) {
  return "#compdef twinlake\n# zsh completion of twinlake: source <(twinlake completion zsh)\n"
         "autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n" +
         bash_script(root);
}

std::string fish_quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text)
    out += c == '\'' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  return out + "'";
}

std::string fish_option(const Option& option, const std::string& condition) {
  std::string line = "complete -c twinlake" + condition + " -l " + long_name(option).substr(2);
  if (option.names.size() > 2 && option.names[1] != '-') line += " -s " + option.names.substr(1, 1);
  if (!option.value.empty()) line += " -r";
  if (!option.choices.empty()) line += " -f -a " + fish_quoted(joined(option.choices, ' '));
  return line + " -d " + fish_quoted(option.help) + "\n";
}

std::string fish_command(const Command& command, const std::string& above) {
  std::string text = "complete -c twinlake -f -n " + fish_quoted(above) + " -a " + command.name +
                     " -d " + fish_quoted(command.about) + "\n";
  const std::string seen = "__fish_seen_subcommand_from " + command.name;
  for (const Option& option : command.options) {
    if (!is_positional(option)) text += fish_option(option, " -n " + fish_quoted(seen));
    if (is_positional(option) && !option.choices.empty())
      text += "complete -c twinlake -f -n " + fish_quoted(seen) + " -a " +
              fish_quoted(joined(option.choices, ' ')) + "\n";
  }
  for (const Command& child : command.subcommands) text += fish_command(child, seen);
  return text;
}

std::string fish_script(const Command& root) {
  std::string text = "# fish completion of twinlake: twinlake completion fish | source\n";
  for (const Option& option : root.options) text += fish_option(option, "");
  for (const Command& child : root.subcommands)
    text += fish_command(child, "__fish_use_subcommand");
  return text;
}

}  // namespace

std::string completion_script(const Command& root, const std::string& shell) {
  if (shell == "bash") return bash_script(root);
  return shell == "zsh" ? zsh_script(root) : fish_script(root);
}

}  // namespace twinlake::app
