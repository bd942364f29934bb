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

void Tally::planned(const events::Planned& event, Time now) {
  rows_[event.kind].planned += event.steps;
  if (began_ == Time{}) began_ = now;
}

void Tally::finished(const events::StepFinished& event) {
  Row& row = rows_[event.kind];
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
  }
  return sum;
}

double Tally::rate(Time now) const {
  const double seconds = seconds_between(began_, now);
  return seconds > 0.2 ? static_cast<double>(total().finished) / seconds : 0;
}

double Tally::left(Time now) const {
  const Row sum = total();
  const double speed = rate(now);
  if (speed <= 0 || sum.finished == 0) return -1;
  return static_cast<double>(sum.planned - std::min(sum.planned, sum.finished)) / speed;
}

std::string Tally::line(const Row& row, Time) const {
  std::string text = fmt::format("{:>6} of {} done", row.finished, row.planned);
  if (row.in_flight > 0) text += fmt::format(", {} in flight", row.in_flight);
  if (row.failed > 0) text += fmt::format(", {} failed", row.failed);
  return text;
}

namespace {
std::string with_speed(const Tally& tally, Time now) {
  std::string text = tally.line(tally.total(), now);
  if (tally.rate(now) > 0) text += fmt::format(", {:.0f}/s", tally.rate(now));
  if (tally.left(now) >= 1) text += ", " + duration_text(tally.left(now)) + " left";
  return text;
}
}  // namespace

void TerminalProgress::on(const events::Phase& event) {
  phase_ = event.name;
  draw(When::now);
}

void TerminalProgress::on(const events::Planned& event) {
  tally_.planned(event, loop_.now());
  draw(When::when_due);
}

void TerminalProgress::on(const events::StepStarted& event) {
  tally_.started(event);
  draw(When::when_due);
}

void TerminalProgress::on(const events::StepFinished& event) {
  tally_.finished(event);
  draw(When::when_due);
}

void TerminalProgress::on(const events::Note& event) {
  clear();
  say(style_(Tone::faint, fit(printable(event.message), terminal_columns())) + "\n");
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
  std::vector<std::string> lines = {style_(Tone::bold, phase_)};
  if (!tally_.rows().empty()) lines.front() += "  " + with_speed(tally_, now);
  const int room = terminal_rows() - 2;
  for (const auto& [kind, row] : tally_.rows()) {
    const bool under_way = row.finished < row.planned || row.failed > 0;
    if (!under_way || static_cast<int>(lines.size()) >= room) continue;
    lines.push_back("  " + padded(fit(kind, name_columns), name_columns) + tally_.line(row, now));
  }
  std::string text = lines_ > 0 ? fmt::format("\x1b[{}A\x1b[J", lines_) : std::string();
  for (const std::string& line : lines) text += line + "\n";
  lines_ = static_cast<int>(lines.size());
  say(text);
}

void PlainProgress::on(const events::Phase& event) {
  say(event.name + "\n");
  told_ = loop_.now();
}

void PlainProgress::on(const events::Planned& event) { tally_.planned(event, loop_.now()); }

void PlainProgress::on(const events::StepFinished& event) {
  tally_.finished(event);
  if (every_step_)
    say(fmt::format("  {} {} {}{}\n", event.action, printable(event.address),
                    events::name_of(event.outcome),
                    event.message.empty() ? "" : ": " + printable(event.message)));
  const std::size_t finished = tally_.total().finished;
  const Time now = loop_.now();
  if (finished - told_at_ < objects_per_line && now - told_ < line_every) return;
  told_at_ = finished;
  told_ = now;
  say(with_speed(tally_, now) + "\n");
}

void PlainProgress::on(const events::Note& event) { say(printable(event.message) + "\n"); }

std::unique_ptr<events::Sink> make_progress(Loop& loop, const Settings& settings) {
  const bool terminal = is_terminal(stderr) && !settings.verbose;
  if (terminal) return std::make_unique<TerminalProgress>(loop, settings.err);
  if (settings.json && !settings.verbose) return std::make_unique<events::Sink>();
  return std::make_unique<PlainProgress>(loop, settings.verbose);
}

}  // namespace twinlake::app
