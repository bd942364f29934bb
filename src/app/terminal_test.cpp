#include "app/terminal.h"

#include <gtest/gtest.h>

#include <sstream>

namespace twinlake::app {
namespace {

TEST(Terminal, WidthsAreThoseOfLetters) {
  EXPECT_EQ(width_of("abc"), 3);
  EXPECT_EQ(width_of("ключ"), 4);
  EXPECT_EQ(width_of("日本"), 4);
  EXPECT_EQ(width_of("e\u0301"), 1);
  EXPECT_EQ(width_of("\xff\xfe"), 2) << "no UTF-8 counts byte by byte";
}

TEST(Terminal, FitCutsBetweenLetters) {
  EXPECT_EQ(fit("nightly load", 20), "nightly load");
  EXPECT_EQ(fit("nightly load", 8), "nightly…");
  EXPECT_EQ(fit("日本語", 4), "日…");
  EXPECT_EQ(fit("abc", 0), "");
}

TEST(Terminal, ControlCharactersDoNotPass) {
  EXPECT_EQ(printable("a\x1b[31mb\nc"), "a\uFFFD[31mb c");
  EXPECT_EQ(printable("x\u202Ey"), "x\uFFFDy") << "nothing may turn the writing direction";
  EXPECT_EQ(printable("日本 é"), "日本 é");
}

TEST(Terminal, WrappedKeepsToTheWidth) {
  const std::string text = wrapped("one two three four five six seven", 4, 16);
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    EXPECT_TRUE(line.starts_with("    "));
    EXPECT_LE(width_of(line), 16) << line;
  }
  EXPECT_EQ(wrapped("", 2), "");
  EXPECT_EQ(advice("run this now:\na = 1 + 2 + 3 + 4\n\tb", 2, 12),
            "  run this\n  now:\n  a = 1 + 2 + 3 + 4\n   b\n");
}

TEST(Terminal, TablesAreAlignedAndFitThePage) {
  Table table({{"name"}, {"count", Table::Align::right}});
  table.add({std::string(200, 'x'), "7"});
  table.add({"日本", "12"});
  const std::string text = table.text(Style(false), 2, 0);
  std::istringstream lines(text);
  std::string last;
  int rows = 0;
  for (std::string line; std::getline(lines, line); ++rows, last = line)
    EXPECT_LE(width_of(line), page_width);
  EXPECT_EQ(rows, 3);
  EXPECT_TRUE(last.ends_with("12"));
  EXPECT_EQ(width_of(last), page_width);
}

TEST(Terminal, ColoursOnlyWhereWanted) {
  EXPECT_EQ(Style(false)(Tone::bad, "x"), "x");
  EXPECT_EQ(Style(true)(Tone::bad, "x"), "\x1b[31mx\x1b[0m");
  EXPECT_EQ(Style(true)(Tone::plain, "x"), "x");
}

TEST(Terminal, DurationsAreForPeople) {
  EXPECT_EQ(duration_text(0.31), "0.3 s");
  EXPECT_EQ(duration_text(42.4), "42 s");
  EXPECT_EQ(duration_text(125), "2 min 5 s");
  EXPECT_EQ(duration_text(3 * 3600 + 120), "3 h 2 min");
  EXPECT_EQ(duration_text(90000), "1 d 1 h");
}

}  // namespace
}  // namespace twinlake::app
