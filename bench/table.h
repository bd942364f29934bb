#pragma once
// A table: for people on stdout, for programs as a CSV file.
#include <string>
#include <vector>

namespace twinlake::bench {

class Table {
 public:
  Table(std::string name, std::vector<std::string> head)
      : name_(std::move(name)), head_(std::move(head)) {}

  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  /// Columns as wide as they must be; the first to the left, numbers to the right.
  void print(const std::string& title) const;
  /// Writes <folder>/<name>.csv; does nothing without a folder.
  void save(const std::string& folder) const;

 private:
  std::string name_;
  std::vector<std::string> head_;
  std::vector<std::vector<std::string>> rows_;
};

/// "12", "0.5": at most so many decimals, none that are zero.
[[nodiscard]] std::string number(double value, int decimals = 1);

}  // namespace twinlake::bench
