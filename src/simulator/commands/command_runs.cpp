// What a command does, and what of its output is shown.
#include "simulator/commands/commands.h"

#include <algorithm>
#include <functional>

namespace twinlake::simulator {

namespace {
void replace_all(std::string& text, const std::string& what, std::string_view with) {
  for (std::size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
}

/// Literal values only: a client that encodes them gets them.
std::string redacted(std::string text, const Notebook& notebook) {
  std::vector<std::string> values(notebook.revealed.begin(), notebook.revealed.end());
  // One may hold another.
  std::ranges::stable_sort(values, std::greater<>(), &std::string::size);
  for (const std::string& value : values) replace_all(text, value, "[REDACTED]");
  return text;
}

json error_results(const std::string& summary, const std::string& cause) {
  return json::object({{"resultType", "error"}, {"summary", summary}, {"cause", cause}});
}
}  // namespace

void Commands::run(Context& context, Command& command) {
  command.ended_at = region_.now_millis() + settings_.command_millis;
  if (command.language == "python") return run_python(context, command);
  if (command.language == "sql") return run_sql(context, command);
  command.broken = true;
  command.results = error_results("This simulator does not run " + command.language + ".", "");
}

void Commands::run_python(Context& context, Command& command) {
  if (!context.python) {
    PythonProcess::Options options;
    options.program = settings_.python;
    std::string why;
    context.python = PythonProcess::start(options, python_shim(), why);
    if (!context.python) {
      command.broken = true;
      command.results = error_results("This simulator runs Python commands by python3. " + why, "");
      return;
    }
    context.python->send(json::object({{"conf", context.configuration}}));
  }
  context.python->send(json::object({{"run", command.text},
                                     {"now", region_.now_millis()},
                                     {"numbered", settings_.numbered_values}}));
  command.text.clear();  // it may be long, and hold what nobody should keep
  follow(context, command);
}

/// Answers what the command asks for, until it has ended or waits for ever.
void Commands::follow(Context& context, Command& command) {
  for (;;) {
    json said;
    switch (context.python->receive(said, settings_.patience)) {
      case PythonProcess::Waited::line: break;
      case PythonProcess::Waited::timeout:
        command.hangs = command.endless = true;
        command.ended_at.reset();
        return;
      case PythonProcess::Waited::ended:
        context.python.reset();
        command.broken = true;
        command.results =
            error_results("The Python process exited: it ended itself or used too much.", "");
        return;
    }
    const std::string function = text_of(said, "call");
    if (function.empty()) return finish(context.notebook, command, said);
    const json* arguments = field(said, "arguments");
    const auto reply = dbutils_.answer(function, arguments == nullptr ? json::object() : *arguments,
                                       context.notebook);
    if (!reply) {
      command.hangs = true;
      command.ended_at.reset();
      return;
    }
    context.python->send(*reply);
  }
}

/// The call that waits fails, so that what the context knows lives on. Code that does not end by
/// itself takes the interpreter with it.
void Commands::abort(Context& context, Command& command) {
  command.hangs = false;
  json said;
  if (command.endless || !context.python->send(json::object({{"cancelled", true}})) ||
      context.python->receive(said, settings_.patience) != PythonProcess::Waited::line ||
      said.contains("call"))
    context.python.reset();
}

std::string Commands::shortened(const std::string& text) const {
  const std::size_t limit = settings_.output_limit;
  if (text.size() <= limit) return text;
  const std::size_t front = limit / 2;
  const std::size_t skipped = text.size() - limit;
  return text.substr(0, front) + "\n\n*** WARNING: skipped " + std::to_string(skipped) +
         " bytes of output ***\n\n" + text.substr(front + skipped);
}

void Commands::finish(const Notebook& notebook, Command& command, const json& outcome) const {
  if (const json* error = field(outcome, "error"); error != nullptr) {
    command.results = error_results(shortened(redacted(text_of(*error, "summary"), notebook)),
                                    shortened(redacted(text_of(*error, "cause"), notebook)));
    return;
  }
  std::string text = redacted(text_of(outcome, "output"), notebook);
  if (text.ends_with('\n')) text.pop_back();
  command.results = json::object({{"resultType", "text"}, {"data", shortened(text)}});
}

void Commands::run_sql(Context& context, Command& command) {
  if (!sql_) {
    command.broken = true;
    command.results = error_results("This simulator has no engine for SQL here.", "");
    return;
  }
  SqlOutcome outcome = sql_(context.notebook.caller, command.text);
  if (outcome.problem) {
    command.results = error_results(*outcome.problem, *outcome.problem);
    return;
  }
  json schema = json::array();
  for (const auto& [name, type] : outcome.columns)
    schema.push_back(json::object({{"name", name}, {"type", type}}));
  command.results = json::object({{"resultType", "table"},
                                  {"data", std::move(outcome.rows)},
                                  {"schema", std::move(schema)},
                                  {"truncated", false},
                                  {"isJsonSchema", true}});
}

}  // namespace twinlake::simulator
