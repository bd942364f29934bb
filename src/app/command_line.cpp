#include "app/command_line.h"

// The only place that knows CLI11: it takes long to compile.
#include <CLI/CLI.hpp>

#include "app/suggest.h"

namespace twinlake::app {

namespace {

void add_option(CLI::App& app, const Option& option) {
  CLI::Option* made = nullptr;
  if (bool* const* flag = std::get_if<bool*>(&option.into))
    made = app.add_flag(option.names, **flag, option.help);
  if (std::string* const* text = std::get_if<std::string*>(&option.into))
    made = app.add_option(option.names, **text, option.help);
  if (std::int64_t* const* number = std::get_if<std::int64_t*>(&option.into)) {
    made = app.add_option(option.names, **number, option.help);
    made->check([](const std::string& text) {
      return text.starts_with('-') ? "`" + text + "` is below 0" : std::string();
    });
  }
  if (std::vector<std::string>* const* texts =
          std::get_if<std::vector<std::string>*>(&option.into)) {
    const bool is_pair = option.value.find(' ') != std::string::npos;
    made = app.add_option(option.names, **texts, option.help)->expected(is_pair ? 2 : 1);
    if (!is_pair) made->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    if (is_positional(option)) made->expected(-1);
  } else {
    made->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  }
  if (!option.choices.empty()) {
    made->check([choices = option.choices](const std::string& text) {
      const bool known = std::find(choices.begin(), choices.end(), text) != choices.end();
      return known ? std::string()
                   : "`" + text + "` is not one of " + CLI::detail::join(choices, ", ");
    });
  }
  if (option.required) made->required();
}

/// CLI11 speaks of arguments and conversions; people of values.
std::string in_words(const CLI::ParseError& problem) {
  std::string text = problem.what();
  while (text.ends_with('\n')) text.pop_back();
  const std::size_t colon = text.find(": ");
  const bool names_option = colon != std::string::npos;
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&problem) != nullptr && names_option)
    return "`" + text.substr(0, colon) + "` needs a value";
  if (dynamic_cast<const CLI::RequiredError*>(&problem) != nullptr)
    return "`" + text.substr(0, text.find(' ')) + "` is missing";
  if (dynamic_cast<const CLI::ConversionError*>(&problem) != nullptr && names_option)
    return text.substr(colon + 2) + ": that is no whole number";
  return text;
}

using Path = std::vector<const Command*>;

/// CLI11's applications beside the commands that they stand for.
struct Built {
  CLI::App* app;
  Path path;
};

void build(CLI::App& app, const Path& path, std::vector<Built>& all) {
  const Command& command = *path.back();
  app.set_help_flag("-h,--help", "Show this help");
  for (const Option& option : command.options) add_option(app, option);
  all.push_back({&app, path});
  for (const Command& child : command.subcommands) {
    CLI::App* const sub = app.add_subcommand(child.name, child.about);
    sub->fallthrough();  // the global options may stand behind the command too
    Path below = path;
    below.push_back(&child);
    build(*sub, below, all);
  }
}

/// The innermost command that was named.
const Built& chosen(const std::vector<Built>& all) {
  const Built* found = &all.front();
  for (const Built& built : all)
    if (built.path.size() > found->path.size() && built.app->parsed()) found = &built;
  return *found;
}

std::string full_name(const Path& path) {
  std::string name;
  for (const Command* command : path) name += (name.empty() ? "" : " ") + command->name;
  return name;
}

std::vector<std::string> known_flags(const Path& path) {
  std::vector<std::string> names = {"--help"};
  for (const Command* command : path)
    for (const Option& option : command->options)
      if (!is_positional(option)) names.push_back(long_name(option));
  return names;
}

std::vector<std::string> known_commands(const Path& path) {
  std::vector<std::string> names;
  for (const Command& command : path.back()->subcommands) names.push_back(command.name);
  return names;
}

tl::unexpected<Error> unexpected_word(const Built& at, const std::string& word) {
  const bool is_flag = word.starts_with("-");
  const std::string bare = word.substr(0, word.find('='));
  const bool wants_command = !is_flag && !at.path.back()->subcommands.empty();
  const std::string meant = is_flag         ? nearest(bare, known_flags(at.path))
                            : wants_command ? nearest(word, known_commands(at.path))
                                            : std::string();
  const std::string help = "`" + full_name(at.path) + " --help` lists what there is";
  const std::string what = is_flag         ? "no option"
                           : wants_command ? "no command"
                                           : "nothing to do with";
  return fail(Fault::config, "`" + full_name(at.path) + "` has " + what + " `" + bare + "`",
              meant.empty() ? help : "Did you mean `" + meant + "`? " + help);
}

Result<Invocation> invocation_of(const Built& at) {
  Invocation invocation;
  if (at.path.back()->run) {
    invocation.command = at.path.back();
    return invocation;
  }
  if (at.path.size() == 1) {
    invocation.text = help_text(at.path);
    return invocation;
  }
  std::string names;
  for (const std::string& name : known_commands(at.path))
    names += (names.empty() ? "" : " or ") + name;
  return fail(Fault::config, "`" + full_name(at.path) + "` needs to know what to do",
              "Add " + names);
}

}  // namespace

std::string long_name(const Option& option) {
  const std::size_t dashes = option.names.rfind("--");
  return dashes == std::string::npos ? option.names : option.names.substr(dashes);
}

bool is_positional(const Option& option) { return !option.names.starts_with("-"); }

Result<Invocation> parse_command_line(const Command& root,
                                      const std::vector<std::string>& arguments) {
  CLI::App app(root.about, root.name);
  bool version = false;
  app.add_flag("--version", version, "Show the version");
  std::vector<Built> all;
  build(app, {&root}, all);
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::CallForHelp&) {
    Invocation invocation;
    invocation.text = help_text(chosen(all).path);
    return invocation;
  } catch (const CLI::ExtrasError&) {
    const Built& at = chosen(all);
    const auto extras = app.remaining(true);
    return unexpected_word(at, extras.empty() ? "?" : extras.front());
  } catch (const CLI::ParseError& problem) {
    return fail(Fault::config, in_words(problem),
                "`" + full_name(chosen(all).path) + " --help` explains it");
  }
  if (version) {
    Invocation invocation;
    invocation.text = "twinlake " TWINLAKE_VERSION "\n";
    return invocation;
  }
  return invocation_of(chosen(all));
}

}  // namespace twinlake::app
