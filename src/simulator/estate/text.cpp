// What stands in notebooks and files: put together from cells, with the words of their place.
#include <algorithm>

#include "simulator/estate/parts.h"

namespace twinlake::simulator {

namespace {
void replace_all(std::string& text, std::string_view word, std::string_view by) {
  for (std::size_t at = text.find(word); at != std::string::npos;
       at = text.find(word, at + by.size()))
    text.replace(at, word.size(), by);
}

/// As a name in code: letters, digits and underscores only.
std::string identifier(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (plain)
      out += c;
    else if (!out.empty() && out.back() != '_')
      out += '_';
  }
  while (!out.empty() && out.back() == '_') out.pop_back();
  return out.empty() ? "main" : out;
}

/// The folder or file at a depth: 0 is "Teams" in "/Teams/risk/limits".
std::string part_of(std::string_view path, int depth) {
  while (depth-- > 0) {
    const std::size_t next = path.find('/', 1);
    if (next == std::string_view::npos) return "common";
    path.remove_prefix(next);
  }
  return std::string(path.substr(1, path.find('/', 1) - 1));
}

std::string_view comment_of(std::string_view language) {
  if (language == "SQL") return "--";
  return language == "SCALA" ? "//" : "#";
}

/// What later cells build on.
constexpr std::size_t fixed_cells = 4;

/// The cells of one notebook: the fixed ones, then some of the others in their order.
std::vector<std::string> chosen_cells(const NotebookPlace& place, Dice& dice) {
  const auto all = notebook_cells(place.language);
  std::vector<std::string> chosen;
  for (std::size_t i = 0; i < all.size(); ++i)
    if (i < fixed_cells || dice.roll(5) < 3) chosen.push_back(with_words_of(place.path, all[i]));
  // Numbers that differ make notebooks differ, as their histories do.
  for (std::string& cell : chosen) replace_all(cell, "$NUMBER", std::to_string(dice.roll(90) + 10));
  return chosen;
}

/// A cell in another language than the notebook's is written as comments.
std::string source_of(std::string_view language, const std::string& cell) {
  if (!cell.starts_with('%')) return cell;
  const std::string prefix = std::string(comment_of(language)) + " MAGIC";
  std::string out;
  std::size_t from = 0;
  while (from < cell.size()) {
    const std::size_t end = std::min(cell.find('\n', from), cell.size());
    const std::string line = cell.substr(from, end - from);
    out += prefix + (line.empty() ? "" : " " + line) + "\n";
    from = end + 1;
  }
  out.pop_back();
  return out;
}

std::string source_text(const NotebookPlace& place, Dice& dice) {
  const std::string comment(comment_of(place.language));
  std::string text = comment + " Databricks notebook source\n";
  bool first = true;
  for (const std::string& cell : chosen_cells(place, dice)) {
    if (!first) text += "\n" + comment + " COMMAND ----------\n\n";
    first = false;
    text += source_of(place.language, cell) + "\n";
  }
  if (dice.roll(7) == 0) text.pop_back();  // some editors leave the last line open
  return text;
}

json jupyter_cell(const std::string& cell, int number, Dice& dice) {
  const bool markdown = cell.starts_with("%md");
  json out =
      json::object({{"cell_type", markdown ? "markdown" : "code"}, {"metadata", json::object()}});
  std::string text = markdown ? cell.substr(cell.find('\n') + 1) : cell;
  json lines = json::array();
  std::size_t from = 0;
  while (from < text.size()) {
    const std::size_t end = text.find('\n', from);
    const std::size_t next = end == std::string::npos ? text.size() : end + 1;
    lines.push_back(text.substr(from, next - from));
    from = next;
  }
  out["source"] = std::move(lines);
  if (markdown) return out;
  out["execution_count"] = number;
  out["outputs"] = json::array();
  if (dice.roll(2) == 0)
    out["outputs"].push_back(json::object(
        {{"output_type", "stream"},
         {"name", "stdout"},
         {"text", json::array({"rows: " + std::to_string(dice.roll(90000)) + "\n"})}}));
  return out;
}

std::string jupyter_text(const NotebookPlace& place, Dice& dice) {
  json cells = json::array();
  int number = 0;
  for (const std::string& cell : chosen_cells(place, dice))
    cells.push_back(jupyter_cell(cell, ++number, dice));
  json metadata = json::object();
  metadata["kernelspec"] =
      json::object({{"display_name", "Python 3"}, {"language", "python"}, {"name", "python3"}});
  metadata["language_info"] = json::object({{"name", "python"}, {"version", "3.11.4"}});
  const json document = json::object({{"cells", std::move(cells)},
                                      {"metadata", std::move(metadata)},
                                      {"nbformat", 4},
                                      {"nbformat_minor", 5}});
  return document.dump(1) + "\n";
}

std::string csv_text(Dice& dice) {
  std::string text = "code,name,rate,valid_from\r\n";
  for (int row = 0; row < 400; ++row)
    text += "C" + two_digits(row) + ",\"band " + std::to_string(row % 17) + ", level " +
            std::to_string(dice.roll(9)) + "\"," + std::to_string(dice.roll(100000)) + ",2025-" +
            two_digits(row % 12 + 1) + "-01\r\n";
  return text;
}

/// Not a wheel that anything could install, but bytes that no text tool survives.
std::string binary(Dice& dice) {
  std::string bytes = "PK\x03\x04";
  for (int i = 0; i < 30000; ++i) bytes += static_cast<char>(dice.roll(256));
  return bytes;
}

constexpr std::string_view module_text = R"~("""Rules of $DOMAIN that several notebooks share."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Rule:
    name: str
    column: str
    lowest: float = 0.0
    highest: float = 1_000_000.0

    def accepts(self, value: float) -> bool:
        return self.lowest <= value <= self.highest


RULES = [
    Rule("$DOMAIN amount", "amount", highest=250_000.0),
    Rule("$DOMAIN share", "share", highest=1.0),
]


def last_day_of_quarter(day: date) -> date:
    month = 3 * ((day.month - 1) // 3 + 1)
    return date(day.year, month, 31 if month in (3, 12) else 30)


def violations(rows):
    """Pairs of row and rule, for those that are outside."""
    return [(row, rule) for row in rows for rule in RULES if not rule.accepts(row[rule.column])]
)~";
}  // namespace

std::string with_words_of(std::string_view path, std::string_view text) {
  std::string out(text);
  replace_all(out, "$TEAM", identifier(part_of(path, 1)));
  replace_all(out, "$DOMAIN", identifier(part_of(path, 2)));
  replace_all(out, "$NAME", path.substr(path.rfind('/') + 1));
  return out;
}

std::string notebook_text(const NotebookPlace& place, Dice& dice) {
  return place.jupyter ? jupyter_text(place, dice) : source_text(place, dice);
}

std::string file_text(std::string_view path, Dice& dice) {
  const auto filled = [&](std::string_view text) { return with_words_of(path, text); };
  if (path.ends_with("__init__.py") || path.ends_with("empty.txt")) return "";
  if (path.ends_with(".py")) return filled(module_text);
  if (path.ends_with(".csv")) return csv_text(dice);
  if (path.ends_with(".whl")) return binary(dice);
  if (path.ends_with(".yaml"))
    return filled(
        "team: $TEAM\ndomain: $DOMAIN\nsource:\n  catalog: main\n  schema: $TEAM\n  tables:\n"
        "    - $DOMAIN_raw\n    - $DOMAIN_history\nfresh_within_hours: 26\nowner: "
        "data-engineers\n");
  if (path.ends_with(".json"))
    return filled(
        "{\n  \"table\": \"main.$TEAM.$DOMAIN\",\n  \"columns\": {\"id\": \"bigint\", \"amount\": "
        "\"decimal(18,2)\", \"day\": \"date\"},\n  \"größter Wert\": 250000\n}\n");
  if (path.ends_with(".sql"))
    return filled(
        "create or replace view main.$TEAM.$DOMAIN_current as\nselect *\nfrom main.$TEAM.$DOMAIN\n"
        "where valid_to is null;\n");
  if (path.ends_with(".sh"))
    return "#!/bin/bash\nset -euo pipefail\n# Runs on each machine of a cluster before Spark "
           "starts.\n"
           "mkdir -p /opt/agent\necho \"environment=prod\" > /opt/agent/agent.conf\n";
  if (path.ends_with("requirements.txt"))
    return "pandas==2.2.2\npyarrow>=15\n/Workspace/Shared/common/dist/"
           "helpers-1.4.2-py3-none-any.whl\n";
  return filled(
      "# $DOMAIN\n\nOwned by $TEAM. Change it by a pull request; run `check $DOMAIN` before.\n");
}

}  // namespace twinlake::simulator
