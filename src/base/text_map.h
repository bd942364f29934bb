#pragma once
// Values by text, for tables of a hundred thousand entries: a third of what a std::unordered_map
// takes.
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

#include "base/shared_text.h"

namespace twinlake {

/// Only grows. Entries stand side by side in the order in which they came, and an open table of
/// their positions finds them.
template <class Value>
class TextMap {
 public:
  struct Entry {
    SharedText first;
    Value second;
  };
  using const_iterator = typename std::vector<Entry>::const_iterator;

  /// Room for so many, so that growing leaves no room unused.
  void reserve(std::size_t size) {
    entries_.reserve(size);
    if (slots_for(size) > slots_.size()) rehash(slots_for(size));
  }
  /// The first value given to a text stays.
  void emplace(SharedText text, Value value) {
    if (slots_for(entries_.size() + 1) > slots_.size()) rehash(slots_for(entries_.size() + 1));
    std::uint32_t& slot = slots_[slot_of(text.view())];
    if (slot != free_slot) return;
    entries_.push_back({std::move(text), std::move(value)});
    slot = static_cast<std::uint32_t>(entries_.size());
  }
  [[nodiscard]] const_iterator find(std::string_view text) const {
    if (slots_.empty()) return end();
    const std::uint32_t slot = slots_[slot_of(text)];
    return slot == free_slot ? end() : begin() + (slot - 1);
  }
  [[nodiscard]] bool contains(std::string_view text) const { return find(text) != end(); }
  /// Throws std::out_of_range when it is not there.
  [[nodiscard]] const Value& at(std::string_view text) const {
    const auto found = find(text);
    if (found == end()) throw std::out_of_range("no entry of that text");
    return found->second;
  }
  [[nodiscard]] const_iterator begin() const { return entries_.begin(); }
  [[nodiscard]] const_iterator end() const { return entries_.end(); }
  [[nodiscard]] std::size_t size() const { return entries_.size(); }

 private:
  static constexpr std::uint32_t free_slot = 0;  ///< else the position + 1

  /// A power of two; at most two thirds are taken, so that a search is short.
  static std::size_t slots_for(std::size_t size) {
    std::size_t slots = 8;
    while (slots * 2 < size * 3) slots *= 2;
    return slots;
  }
  /// Where this text is, or would go.
  [[nodiscard]] std::size_t slot_of(std::string_view text) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = std::hash<std::string_view>()(text) & mask;
    while (slots_[at] != free_slot && entries_[slots_[at] - 1].first != text) at = (at + 1) & mask;
    return at;
  }
  void rehash(std::size_t slots) {
    slots_.assign(slots, free_slot);
    for (std::size_t i = 0; i < entries_.size(); ++i)
      slots_[slot_of(entries_[i].first.view())] = static_cast<std::uint32_t>(i + 1);
  }

  std::vector<Entry> entries_;
  std::vector<std::uint32_t> slots_;
};

}  // namespace twinlake
