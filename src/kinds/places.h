#pragma once
// The same rows at several places: a job has clusters and tasks at more than one depth.
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace twinlake::kinds {

/// Owns the texts that its rows point to; made once, as a static beside the kind.
template <class Row>
class Places {
 public:
  Places() = default;
  Places(Places&&) noexcept = default;
  Places(const Places&) = delete;  // the rows of a copy would point into the original
  Places& operator=(const Places&) = delete;

  /// Adds each of `rows` below each of `prefixes` ("" for the root).
  Places& below(std::span<const std::string_view> prefixes, std::span<const Row> rows) {
    for (const std::string_view prefix : prefixes)
      for (const Row& row : rows) rows_.push_back(moved(row, prefix));
    return *this;
  }
  [[nodiscard]] std::span<const Row> rows() const { return rows_; }

 private:
  std::string_view text(std::string_view prefix, std::string_view path) {
    return texts_.emplace_back(std::string(prefix) + std::string(path));
  }
  Row moved(const Row& row, std::string_view prefix) {
    if constexpr (std::is_same_v<Row, std::string_view>) {
      return text(prefix, row);
    } else {
      Row copy = row;
      copy.path = text(prefix, row.path);
      return copy;
    }
  }

  std::deque<std::string> texts_;  // a deque: what is in it never moves
  std::vector<Row> rows_;
};

}  // namespace twinlake::kinds
