#pragma once
// An immutable text that many hold: a copy costs a pointer and no memory.
#include <compare>
#include <cstddef>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>

namespace twinlake {

/// For uuids, ids, keys and sentences that pair, verdict, step and report of an object all carry,
/// of a hundred thousand objects. Eight bytes each, and the characters once. The characters stay
/// where they are as long as one holder is left, so a view of them outlives the holder it was taken
/// from. May be copied on one thread while another one drops its own.
class SharedText {
 public:
  SharedText() = default;
  SharedText(std::string_view text);  // NOLINT(google-explicit-constructor): a text like any other
  SharedText(const std::string& text) : SharedText(std::string_view(text)) {}  // NOLINT
  SharedText(const char* text) : SharedText(std::string_view(text)) {}         // NOLINT
  SharedText(const SharedText& other) noexcept;
  SharedText(SharedText&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  SharedText& operator=(SharedText other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~SharedText();

  [[nodiscard]] bool empty() const { return block_ == nullptr; }
  [[nodiscard]] std::string_view view() const;
  [[nodiscard]] bool starts_with(std::string_view text) const { return view().starts_with(text); }
  /// Where it stands first; std::string_view::npos when nowhere.
  [[nodiscard]] std::size_t find(std::string_view text) const { return view().find(text); }
  /// Do both hold the same characters, not only equal ones?
  [[nodiscard]] bool is_same(const SharedText& other) const { return block_ == other.block_; }
  operator std::string_view() const { return view(); }  // NOLINT(google-explicit-constructor)
  operator std::string() const {
    return std::string(view());
  }  // NOLINT: a copy, for whom it is to outlive

  friend bool operator==(const SharedText& a, const SharedText& b) {
    return a.is_same(b) || a.view() == b.view();
  }
  friend std::strong_ordering operator<=>(const SharedText& a, const SharedText& b) {
    return a.view() <=> b.view();
  }
  friend bool operator==(const SharedText& a, std::string_view b) { return a.view() == b; }
  friend bool operator==(const SharedText& a, const std::string& b) { return a.view() == b; }
  friend bool operator==(const SharedText& a, const char* b) { return a.view() == b; }
  friend std::string operator+(std::string a, const SharedText& b) {
    return std::move(a.append(b.view()));
  }
  friend std::string operator+(const SharedText& a, std::string_view b) {
    return std::string(a.view()).append(b);
  }
  friend std::ostream& operator<<(std::ostream& out, const SharedText& text) {
    return out << text.view();
  }

 private:
  struct Block;
  Block* block_ = nullptr;  ///< nullptr: the empty text
};

}  // namespace twinlake
