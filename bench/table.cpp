#include "table.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <stdexcept>

namespace twinlake::bench {

namespace {

void print_row(const std::vector<std::string>& row, const std::vector<std::size_t>& widths) {
  for (std::size_t i = 0; i < row.size(); ++i) {
    const int width = static_cast<int>(widths[i]);
    std::printf(i == 0 ? "%-*s" : "  %*s", width, row[i].c_str());
  }
  std::printf("\n");
}

void write_row(std::ofstream& file, const std::vector<std::string>& row) {
  for (std::size_t i = 0; i < row.size(); ++i) file << (i == 0 ? "" : ",") << '"' << row[i] << '"';
  file << "\n";
}

}  // namespace

void Table::print(const std::string& title) const {
  std::vector<std::size_t> widths(head_.size(), 0);
  const auto widen = [&](const std::vector<std::string>& row) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  };
  widen(head_);
  for (const auto& row : rows_) widen(row);
  std::printf("\n%s\n\n", title.c_str());
  print_row(head_, widths);
  for (const auto& row : rows_) print_row(row, widths);
}

void Table::save(const std::string& folder) const {
  if (folder.empty()) return;
  const std::string path = folder + "/" + name_ + ".csv";
  std::ofstream file(path);
  write_row(file, head_);
  for (const auto& row : rows_) write_row(file, row);
  if (!file.flush()) throw std::runtime_error("cannot write " + path);
}

std::string number(double value, int decimals) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  std::string out = text;
  if (out.find('.') != std::string::npos) {
    while (out.back() == '0') out.pop_back();
    if (out.back() == '.') out.pop_back();
  }
  return out == "-0" ? "0" : out;
}

}  // namespace twinlake::bench
