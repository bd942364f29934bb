#include "app/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

#include <fmt/format.h>

namespace twinlake::app {

namespace {

struct Range {
  char32_t first, last;
};
// Enough for names in workspaces; what is missing only shifts a column.
constexpr std::array wide{Range{0x1100, 0x115F},   Range{0x2E80, 0xA4CF},   Range{0xAC00, 0xD7A3},
                          Range{0xF900, 0xFAFF},   Range{0xFE30, 0xFE6F},   Range{0xFF00, 0xFF60},
                          Range{0xFFE0, 0xFFE6},   Range{0x1F300, 0x1F64F}, Range{0x1F680, 0x1F6FF},
                          Range{0x1F900, 0x1F9FF}, Range{0x20000, 0x3FFFD}};
constexpr std::array without_width{Range{0x0300, 0x036F}, Range{0x200B, 0x200F},
                                   Range{0xFE00, 0xFE0F}, Range{0x20D0, 0x20FF}};

template <std::size_t N>
bool is_in(char32_t letter, const std::array<Range, N>& ranges) {
  return std::any_of(ranges.begin(), ranges.end(), [&](const Range& range) {
    return letter >= range.first && letter <= range.last;
  });
}

struct Letter {
  char32_t code;
  std::size_t bytes;
};

/// What is no UTF-8 counts byte by byte.
Letter letter_at(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
  const unsigned first = byte(0);
  const std::size_t size = first < 0x80         ? 1
                           : (first >> 5) == 6  ? 2
                           : (first >> 4) == 14 ? 3
                           : (first >> 3) == 30 ? 4
                                                : 0;
  if (size == 0 || at + size > text.size()) return {0xFFFD, 1};
  char32_t code = size == 1 ? first : first & (0x7FU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return {0xFFFD, 1};
    code = (code << 6U) | (byte(i) & 0x3FU);
  }
  return {code, size};
}

int columns_of(char32_t letter) {
  if (is_in(letter, without_width)) return 0;
  return is_in(letter, wide) ? 2 : 1;
}

bool is_control(char32_t letter) {
  // Also the signs that turn the writing direction, which can make a name look like another one.
  return letter < 0x20 || (letter >= 0x7F && letter < 0xA0) ||
         (letter >= 0x202A && letter <= 0x202E) || (letter >= 0x2066 && letter <= 0x2069);
}

std::string_view code_of(Tone tone) {
  switch (tone) {
    case Tone::plain: return "";
    case Tone::bold: return "\x1b[1m";
    case Tone::faint: return "\x1b[2m";
    case Tone::good: return "\x1b[32m";
    case Tone::warn: return "\x1b[33m";
    case Tone::bad: return "\x1b[31m";
  }
  return "";
}

winsize window(std::FILE* stream) {
  winsize size{};
  if (ioctl(fileno(stream), TIOCGWINSZ, &size) != 0) return winsize{};
  return size;
}

}  // namespace

int width_of(std::string_view text) {
  int columns = 0;
  for (std::size_t at = 0; at < text.size();) {
    const Letter letter = letter_at(text, at);
    columns += columns_of(letter.code);
    at += letter.bytes;
  }
  return columns;
}

std::string printable(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const Letter letter = letter_at(text, at);
    if (letter.code == 0xFFFD || is_control(letter.code)) {
      out += letter.code == '\n' || letter.code == '\t' ? " " : "\uFFFD";
    } else {
      out += text.substr(at, letter.bytes);
    }
    at += letter.bytes;
  }
  return out;
}

std::string fit(std::string_view text, int columns) {
  if (width_of(text) <= columns) return std::string(text);
  if (columns <= 0) return {};
  std::string out;
  int used = 0;
  for (std::size_t at = 0; at < text.size();) {
    const Letter letter = letter_at(text, at);
    if (used + columns_of(letter.code) > columns - 1) break;
    used += columns_of(letter.code);
    out += text.substr(at, letter.bytes);
    at += letter.bytes;
  }
  return out + "…";
}

std::string padded(std::string_view text, int columns) {
  const int missing = columns - width_of(text);
  return std::string(text) + std::string(static_cast<std::size_t>(std::max(0, missing)), ' ');
}

std::string wrapped(std::string_view text, int indent, int columns) {
  const std::string margin(static_cast<std::size_t>(indent), ' ');
  std::string out;
  std::string line;
  const auto flush = [&] {
    if (!line.empty()) out += margin + line + "\n";
    line.clear();
  };
  while (!text.empty()) {
    const std::size_t space = text.find(' ');
    const std::string_view word = text.substr(0, space);
    text.remove_prefix(space == std::string_view::npos ? text.size() : space + 1);
    if (word.empty()) continue;
    if (!line.empty() && indent + width_of(line) + 1 + width_of(word) > columns) flush();
    line += line.empty() ? "" : " ";
    line += word;
  }
  flush();
  return out;
}

std::string advice(std::string_view text, int indent, int columns) {
  std::string out = wrapped(printable(text.substr(0, text.find('\n'))), indent, columns);
  while (text.find('\n') != std::string_view::npos) {
    text.remove_prefix(text.find('\n') + 1);
    out += std::string(static_cast<std::size_t>(indent), ' ') +
           printable(text.substr(0, text.find('\n'))) + "\n";
  }
  return out;
}

std::string duration_text(double seconds) {
  if (seconds < 10) return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<std::int64_t>(std::llround(seconds));
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
  if (whole < 86400) return fmt::format("{} h {} min", whole / 3600, whole / 60 % 60);
  return fmt::format("{} d {} h", whole / 86400, whole / 3600 % 24);
}

std::string Style::operator()(Tone tone, std::string_view text) const {
  if (!colours_ || tone == Tone::plain) return std::string(text);
  return std::string(code_of(tone)) + std::string(text) + "\x1b[0m";
}

std::vector<int> Table::natural_widths() const {
  std::vector<int> widths;
  for (const Column& column : columns_) widths.push_back(width_of(column.title));
  for (const auto& row : rows_)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  return widths;
}

int Table::width(int indent) const {
  int total = indent + 2 * static_cast<int>(columns_.size() - 1);
  for (const int width : natural_widths()) total += width;
  return total;
}

std::string Table::line(const std::vector<std::string>& cells, const std::vector<int>& widths,
                        int indent) const {
  std::string out(static_cast<std::size_t>(indent), ' ');
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::string cell = fit(cells[i], widths[i]);
    const std::string gap(static_cast<std::size_t>(widths[i] - width_of(cell)), ' ');
    out += columns_[i].align == Align::right ? gap + cell : cell + gap;
    if (i + 1 < cells.size()) out += "  ";
  }
  out.erase(out.find_last_not_of(' ') + 1);
  return out;
}

std::string Table::laid_out(const Style& style, int indent, const std::vector<int>& widths) const {
  std::vector<std::string> titles;
  for (const Column& column : columns_) titles.push_back(column.title);
  std::string out = style(Tone::faint, line(titles, widths, indent)) + "\n";
  for (const auto& row : rows_) out += line(row, widths, indent) + "\n";
  return out;
}

std::string Table::text(const Style& style, int indent, std::size_t flexible) const {
  std::vector<int> widths = natural_widths();
  if (const int over = width(indent) - style.columns(); over > 0)
    widths[flexible] = std::max(12, widths[flexible] - over);
  return laid_out(style, indent, widths);
}

std::string Table::whole_text(const Style& style, int indent) const {
  return laid_out(style, indent, natural_widths());
}

bool is_terminal(std::FILE* stream) { return isatty(fileno(stream)) == 1; }

bool can_redraw(std::FILE* stream) {
  const char* const terminal = std::getenv("TERM");
  return is_terminal(stream) && terminal != nullptr && *terminal != '\0' &&
         std::string_view(terminal) != "dumb";
}

bool wants_colours(std::FILE* stream) {
  const char* const no_color = std::getenv("NO_COLOR");
  if (no_color != nullptr && *no_color != '\0') return false;
  return can_redraw(stream);
}

int terminal_rows() {
  const int rows = window(stderr).ws_row;
  return rows > 0 ? rows : 24;
}

int terminal_columns() { return text_columns(stderr); }

int text_columns(std::FILE* stream) {
  constexpr int least = 40;  // in less there is no reading anyhow
  const int columns = is_terminal(stream) ? window(stream).ws_col : 0;
  return columns > 0 ? std::clamp(columns, least, page_width) : page_width;
}

}  // namespace twinlake::app
