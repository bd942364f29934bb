#pragma once
// Text for people: colours, widths, tables. Pure, except for the questions about the terminal.
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"

namespace twinlake::app {

inline constexpr int page_width = 100;

/// Columns that a UTF-8 text takes: wide letters two, marks that sit on others none.
[[nodiscard]] int width_of(std::string_view text);
/// Names come from workspaces: control characters must not reach a terminal.
[[nodiscard]] std::string printable(std::string_view text);
/// Cut to so many columns, with an ellipsis.
[[nodiscard]] std::string fit(std::string_view text, int columns);
[[nodiscard]] std::string padded(std::string_view text, int columns);
/// Broken at spaces; every line begins with so many spaces.
[[nodiscard]] std::string wrapped(std::string_view text, int indent, int columns = page_width);
/// What to do: wrapped and made printable; lines after the first one are to be copied and stay
/// whole.
[[nodiscard]] std::string advice(std::string_view text, int indent, int columns = page_width);
/// "2 min 3 s" and the like.
[[nodiscard]] std::string duration_text(double seconds);

enum class Tone { plain, bold, faint, good, warn, bad };

/// What the place can show that a text goes to.
class Style {
 public:
  explicit Style(bool colours, int columns = page_width) : colours_(colours), columns_(columns) {}
  [[nodiscard]] std::string operator()(Tone tone, std::string_view text) const;
  [[nodiscard]] int columns() const { return columns_; }

 private:
  bool colours_;
  int columns_;
};

class Table {
 public:
  enum class Align { left, right };
  struct Column {
    std::string title;
    Align align = Align::left;
  };
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  [[nodiscard]] bool empty() const { return rows_.empty(); }
  /// When it is wider than the page, the column `flexible` gives way.
  [[nodiscard]] std::string text(const Style& style, int indent, std::size_t flexible) const;
  /// Nothing is cut, whatever the page.
  [[nodiscard]] std::string whole_text(const Style& style, int indent) const;
  [[nodiscard]] int width(int indent) const;

 private:
  [[nodiscard]] std::vector<int> natural_widths() const;
  [[nodiscard]] std::string laid_out(const Style& style, int indent,
                                     const std::vector<int>& widths) const;
  [[nodiscard]] std::string line(const std::vector<std::string>& cells,
                                 const std::vector<int>& widths, int indent) const;
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

[[nodiscard]] bool is_terminal(std::FILE* stream);
/// A terminal that understands where to put the cursor.
[[nodiscard]] bool can_redraw(std::FILE* stream);
/// On a terminal that can show them, unless NO_COLOR says otherwise.
[[nodiscard]] bool wants_colours(std::FILE* stream);
/// The width for texts: that of the terminal, but no more than a page, which it is elsewhere.
[[nodiscard]] int text_columns(std::FILE* stream);
[[nodiscard]] int terminal_rows();
[[nodiscard]] int terminal_columns();

}  // namespace twinlake::app
