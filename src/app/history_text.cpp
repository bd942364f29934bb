#include "app/history_text.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "app/report_json.h"

namespace twinlake::app {

using history::Point;
using nlohmann::json;

namespace {

constexpr std::size_t most_fields = 20;

std::string shown_value(const std::string& value) { return value.empty() ? "(none)" : value; }

std::string field_text(const model::Change& change, const Style& style) {
  const std::string place =
      "        " + printable(change.pointer.empty() ? "(all)" : change.pointer) + ": ";
  const int room = std::max(24, style.columns() - width_of(place) - 3) / 2;
  return fit(place + fit(printable(shown_value(change.before)), room) + " → " +
                 fit(printable(shown_value(change.after)), room),
             style.columns()) +
         "\n";
}

}  // namespace

std::string size_text(std::int64_t bytes) {
  const double amount = static_cast<double>(bytes);
  if (bytes < 10'000) return fmt::format("{} bytes", bytes);
  if (bytes < 1'000'000) return fmt::format("{:.1f} kB", amount / 1e3);
  if (bytes < 1'000'000'000) return fmt::format("{:.1f} MB", amount / 1e6);
  return fmt::format("{:.1f} GB", amount / 1e9);
}

std::string points_text(const std::vector<Point>& points, std::int64_t bytes, bool encrypted,
                        const Style& style) {
  if (points.empty()) return "There is no recovery point yet; `twinlake sync` leaves one.\n";
  Table table({{"point", Table::Align::right},
               {"moment"},
               {"objects", Table::Align::right},
               {"changed", Table::Align::right},
               {"primary"},
               {"not looked at"}});
  for (const Point& point : points)
    table.add({std::to_string(point.id), to_rfc3339(point.moment), std::to_string(point.objects),
               point.changed == 0 ? "·" : std::to_string(point.changed),
               std::string(model::name_of(point.side)) + " " + point.workspace_id,
               point.gaps.empty() ? "" : point.gaps.front()});
  return table.text(style, 2, 5) +
         fmt::format(
             "\n{}, {}, {}.\n",
             counted(static_cast<std::int64_t>(points.size()), "recovery point", "recovery points"),
             size_text(bytes), encrypted ? "encrypted" : "not encrypted");
}

json point_json(const Point& point) {
  json entry = json::object();
  entry["point"] = point.id;
  entry["moment"] = moment_json(point.moment);
  entry["run"] = point.run;
  entry["primary"]["side"] = model::name_of(point.side);
  entry["primary"]["workspace_id"] = point.workspace_id;
  entry["objects"] = point.objects;
  entry["changed"] = point.changed;
  entry["gaps"] = point.gaps;
  return entry;
}

std::string changes_text(const std::vector<ObjectChange>& changes, const Point& before,
                         const Point& after, const Style& style) {
  std::string text = style(Tone::bold, fmt::format("From point {} ({}) to point {} ({})", before.id,
                                                   to_rfc3339(before.moment), after.id,
                                                   to_rfc3339(after.moment))) +
                     "\n\n";
  if (changes.empty()) return text + "  Nothing is different.\n";
  std::map<std::string, std::int64_t> counts;
  for (const ObjectChange& change : changes) {
    const bool came = change.what == "came";
    const bool went = change.what == "went";
    ++counts[change.what];
    text += style(came   ? Tone::good
                  : went ? Tone::bad
                         : Tone::warn,
                  fit(std::string("    ") +
                          (came   ? "+ "
                           : went ? "- "
                                  : "~ ") +
                          printable(change.address),
                      style.columns())) +
            "\n";
    for (std::size_t i = 0; i < std::min(most_fields, change.fields.size()); ++i)
      text += field_text(change.fields[i], style);
    if (change.fields.size() > most_fields)
      text += fmt::format("        and {} more fields (-o json shows all)\n",
                          change.fields.size() - most_fields);
  }
  return text + fmt::format("\n{} came, {} changed, {} went.\n", counts["came"], counts["changed"],
                            counts["went"]);
}

json change_json(const ObjectChange& change) {
  json entry = json::object();
  entry["address"] = change.address;
  entry["change"] = change.what;
  entry["fields"] = json::array();
  for (const model::Change& field : change.fields) {
    json one = json::object();
    one["place"] = field.pointer;
    one["before"] = field.before;
    one["after"] = field.after;
    entry["fields"].push_back(std::move(one));
  }
  return entry;
}

std::string pruned_text(const history::Pruned& pruned, bool dry_run, const Style& style) {
  if (pruned.points.empty()) return "All recovery points stay.\n";
  std::string text = style(Tone::bold, dry_run ? "These would go" : "Removed") + "\n";
  for (const Point& point : pruned.points)
    text += fmt::format("  {:>5}  {}\n", point.id, to_rfc3339(point.moment));
  if (dry_run) return text;
  return text + fmt::format("\n{} before, {} now.\n", size_text(pruned.bytes_before),
                            size_text(pruned.bytes_after));
}

std::string checked_text(const history::Checked& checked, const Style& style) {
  const std::string all =
      fmt::format("{}, {} of objects, {} of content",
                  counted(checked.points, "recovery point", "recovery points"),
                  counted(checked.objects, "version", "versions"), size_text(checked.bytes));
  if (checked.damage.empty())
    return style(Tone::good, "Everything is as it was written") + ": " + all + ".\n";
  std::string text = style(Tone::bad, "The history is damaged") + ": " + all + ".\n";
  for (const std::string& one : checked.damage) text += wrapped(printable(one), 2, style.columns());
  return text + wrapped(
                    "What to do: other points may have it whole (`twinlake history`); a copy of "
                    "the file may too. "
                    "What is damaged is never restored.",
                    2, style.columns());
}

std::string recovery_point_text(const engine::SyncReport& report) {
  if (!report.recovery_point) return {};
  const Point& point = *report.recovery_point;
  return fmt::format("Recovery point:    {} ({}{})\n", point.id,
                     point.changed == 0
                         ? "nothing changed"
                         : counted(point.changed, "object changed", "objects changed"),
                     point.gaps.empty() ? "" : "; " + point.gaps.front());
}

}  // namespace twinlake::app
