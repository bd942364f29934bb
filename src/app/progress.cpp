#include "app/progress.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "app/output.h"

namespace twinlake::app {

using events::Outcome;

namespace {
constexpr Micros redraw_every = std::chrono::milliseconds(100);
constexpr Micros line_every = std::chrono::seconds(5);
constexpr std::size_t objects_per_line = 100;
constexpr int name_columns = 22;

double seconds_between(Time from, Time to) {
  return std::chrono::duration<double>(to - from).count();
}
}  // namespace

double Tally::Row::rate(Time now) const {
  const double seconds = began == Time{} ? 0 : seconds_between(began, now);
  return seconds > 0.2 ? static_cast<double>(finished) / seconds : 0;
}

double Tally::Row::left(Time now) const {
  const double speed = rate(now);
  return speed > 0 ? static_cast<double>(planned - std::min(planned, finished)) / speed : -1;
}

void Tally::planned(const events::Planned& event) { rows_[event.kind].planned += event.steps; }

void Tally::started(const events::StepStarted& event, Time now) {
  Row& row = rows_[event.kind];
  if (row.began == Time{}) row.began = now;
  ++row.in_flight;
}

void Tally::finished(const events::StepFinished& event, Time now) {
  Row& row = rows_[event.kind];
  if (row.began == Time{}) row.began = now;
  if (row.in_flight > 0 && event.outcome != Outcome::blocked && event.outcome != Outcome::skipped)
    --row.in_flight;
  ++row.finished;
  if (event.outcome == Outcome::failed || event.outcome == Outcome::in_doubt) ++row.failed;
}

Tally::Row Tally::total() const {
  Row sum;
  for (const auto& [kind, row] : rows_) {
    sum.planned += row.planned;
    sum.finished += row.finished;
    sum.failed += row.failed;
    sum.in_flight += row.in_flight;
    if (row.began != Time{} && (sum.began == Time{} || row.began < sum.began))
      sum.began = row.began;
  }
  return sum;
}

std::string Tally::line(const Row& row, Time now) {
  std::string text = fmt::format("{} of {} done", row.finished, row.planned);
  if (row.in_flight > 0) text += fmt::format(", {} in flight", row.in_flight);
  if (row.failed > 0) text += fmt::format(", {} failed", row.failed);
  if (const double speed = row.rate(now); speed > 0)
    text += fmt::format(", {:.{}f}/s", speed, speed < 10 ? 1 : 0);
  const double left = row.left(now);
  if (left >= 1)
    text += (left < 60 ? fmt::format(", {:.0f} s", left) : ", " + duration_text(left)) + " left";
  return text;
}

void TerminalProgress::on(const events::Phase& event) {
  phase_ = event.name;
  draw(When::now);
}

void TerminalProgress::on(const events::Planned& event) {
  tally_.planned(event);
  draw(When::when_due);
}

void TerminalProgress::on(const events::StepStarted& event) {
  tally_.started(event, loop_.now());
  draw(When::when_due);
}

void TerminalProgress::on(const events::StepFinished& event) {
  tally_.finished(event, loop_.now());
  draw(When::when_due);
}

void TerminalProgress::on(const events::Note& event) {
  clear();
  say(style_(Tone::faint, fit(printable(event.message), terminal_columns() - 1)) + "\n");
  draw(When::now);
}

void TerminalProgress::clear() {
  // Up to the first line of the block, and away with what is below.
  if (lines_ > 0) say(fmt::format("\x1b[{}A\x1b[J", lines_));
  lines_ = 0;
}

void TerminalProgress::draw(When when) {
  const Time now = loop_.now();
  if (when == When::when_due && now - drawn_ < redraw_every) return;
  drawn_ = now;
  // One column is left free: a line that fills the last one makes some terminals begin another.
  const int columns = terminal_columns() - 1;
  const std::string title = fit(phase_, columns);
  std::vector<std::string> lines = {style_(Tone::bold, title)};
  if (!tally_.rows().empty())
    lines.front() += fit("  " + Tally::line(tally_.total(), now), columns - width_of(title));
  const int room = terminal_rows() - 2;
  for (const auto& [kind, row] : tally_.rows()) {
    const bool under_way = row.finished < row.planned || row.failed > 0;
    if (!under_way || static_cast<int>(lines.size()) >= room) continue;
    const std::string name = padded(fit(kind, name_columns), name_columns);
    lines.push_back(fit("  " + name + "  " + Tally::line(row, now), columns));
  }
  // Line by line over the old ones: clearing all first flickers, and fills the history of some
  // terminals with every picture.
  std::string text = lines_ > 0 ? fmt::format("\x1b[{}A", lines_) : std::string();
  for (const std::string& line : lines) text += line + "\x1b[K\n";
  if (lines_ > static_cast<int>(lines.size())) text += "\x1b[J";
  lines_ = static_cast<int>(lines.size());
  say(text);
}

void PlainProgress::on(const events::Phase& event) {
  say(event.name + "\n");
  told_ = loop_.now();
}

void PlainProgress::on(const events::Planned& event) { tally_.planned(event); }

void PlainProgress::on(const events::StepFinished& event) {
  tally_.finished(event, loop_.now());
  if (every_step_)
    say(fmt::format("  {} {} {}{}\n", event.action, printable(event.address),
                    events::name_of(event.outcome),
                    event.message.empty() ? "" : ": " + printable(event.message)));
  const std::size_t finished = tally_.total().finished;
  const Time now = loop_.now();
  if (finished - told_at_ < objects_per_line && now - told_ < line_every) return;
  told_at_ = finished;
  told_ = now;
  say(Tally::line(tally_.total(), now) + "\n");
}

void PlainProgress::on(const events::Note& event) { say(printable(event.message) + "\n"); }

std::unique_ptr<events::Sink> make_progress(Loop& loop, const Settings& settings) {
  if (can_redraw(stderr) && !settings.verbose)
    return std::make_unique<TerminalProgress>(loop, settings.err);
  if (settings.json && !settings.verbose) return std::make_unique<events::Sink>();
  return std::make_unique<PlainProgress>(loop, settings.verbose);
}

}  // namespace twinlake::app
