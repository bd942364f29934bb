#include <algorithm>
#include <memory>

#include <nlohmann/json.hpp>

#include "app/commands/commands.h"
#include "app/known_state.h"
#include "app/output.h"
#include "app/suggest.h"

namespace twinlake::app {

namespace {

using model::Side;
using nlohmann::json;

struct IdsFlags {
  std::string format = "table";
  std::string kind;
  bool reverse = false;
};

struct Row {
  std::string kind, name, from, to;
};

std::vector<Row> rows_of(const state::Store& store, const IdsFlags& flags) {
  const auto identity = store.identity();
  const Side primary = identity ? identity->primary : Side::home;
  const Side from = flags.reverse ? model::other(primary) : primary;
  std::vector<Row> rows;
  for (const state::Binding& binding : store.bindings()) {
    const auto& first = binding.on(from);
    const auto& second = binding.on(model::other(from));
    if (!first || !second || !binding.parent.empty()) continue;
    if (!flags.kind.empty() && binding.kind != flags.kind) continue;
    rows.push_back({binding.kind, binding.key, *first, *second});
  }
  std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
    return std::tie(a.kind, a.name, a.from) < std::tie(b.kind, b.name, b.from);
  });
  return rows;
}

/// RFC 4180. A cell that a spreadsheet would run as a formula is no special case: programs read
/// this.
std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + "\"";
}

void print_csv(const std::vector<Row>& rows, const std::string& from, const std::string& to) {
  print("kind,name," + from + "," + to + "\n");
  for (const Row& row : rows)
    print(csv_cell(row.kind) + "," + csv_cell(row.name) + "," + csv_cell(row.from) + "," +
          csv_cell(row.to) + "\n");
}

void print_as_json(const std::vector<Row>& rows, const std::string& from, const std::string& to) {
  json list = json::array();
  for (const Row& row : rows) {
    json entry = json::object();
    entry["kind"] = row.kind;
    entry["name"] = row.name;
    entry[from] = row.from;
    entry[to] = row.to;
    list.push_back(std::move(entry));
  }
  print_json(list);
}

void print_table(const std::vector<Row>& rows, const IdsFlags& flags, const Style& style) {
  Table table({{"kind"},
               {"name"},
               {flags.reverse ? "secondary id" : "primary id"},
               {flags.reverse ? "primary id" : "secondary id"}});
  for (const Row& row : rows) table.add({row.kind, printable(row.name), row.from, row.to});
  // Names and ids are what this is for: a table that is too wide is better than one that is cut.
  print(table.whole_text(style, 0));
}

Result<ExitCode> run_ids(const Globals& globals, const IdsFlags& flags) {
  TRY(const Settings settings, settle(globals, Needs::nothing));
  const KindNames kinds = kind_names();
  if (!flags.kind.empty() && !kinds.contains(flags.kind)) {
    const std::string meant = nearest(flags.kind, {kinds.begin(), kinds.end()});
    return fail(Fault::config, "there is no kind `" + flags.kind + "`",
                meant.empty() ? "`twinlake kinds` lists them" : "Did you mean `" + meant + "`?");
  }
  TRY(const auto store, open_existing_state(settings));
  const std::vector<Row> rows = rows_of(*store, flags);
  const std::string from = flags.reverse ? "secondary_id" : "primary_id";
  const std::string to = flags.reverse ? "primary_id" : "secondary_id";
  if (flags.format == "csv") {
    print_csv(rows, from, to);
  } else if (flags.format == "json" || settings.json) {
    print_as_json(rows, from, to);
  } else {
    print_table(rows, flags, settings.out);
  }
  return ExitCode::good;
}

}  // namespace

Command ids_command() {
  const auto flags = std::make_shared<IdsFlags>();
  Command command;
  command.name = "ids";
  command.about = "Print which id of the primary is which id of the secondary";
  command.details =
      "For Data Factory, Airflow and everybody else who calls jobs and clusters by their id.";
  command.options = {
      {"--format", "FORMAT", "table, csv or json", &flags->format, {"table", "csv", "json"}},
      {"--kind", "KIND", "Only this kind", &flags->kind},
      {"--reverse", "", "From the secondary to the primary", &flags->reverse},
  };
  command.examples = {"twinlake ids --kind job",
                      "twinlake ids --kind job --format csv > job-ids.csv"};
  command.run = [flags](const Globals& globals) { return run_ids(globals, *flags); };
  return command;
}

}  // namespace twinlake::app
