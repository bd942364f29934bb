#include "base/shared_text.h"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <limits>
#include <new>
#include <stdexcept>

namespace twinlake {

/// Followed by the characters.
struct SharedText::Block {
  std::atomic<std::uint32_t> holders{1};
  std::uint32_t size = 0;
  [[nodiscard]] char* characters() { return reinterpret_cast<char*>(this + 1); }
};

SharedText::SharedText(std::string_view text) {
  if (text.empty()) return;
  if (text.size() > std::numeric_limits<std::uint32_t>::max())
    throw std::length_error("a text of 4 GB");
  block_ = new (::operator new(sizeof(Block) + text.size())) Block;
  block_->size = static_cast<std::uint32_t>(text.size());
  std::ranges::copy(text, block_->characters());
}

SharedText::SharedText(const SharedText& other) noexcept : block_(other.block_) {
  if (block_ != nullptr) block_->holders.fetch_add(1, std::memory_order_relaxed);
}

SharedText::~SharedText() {
  if (block_ == nullptr || block_->holders.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  block_->~Block();
  ::operator delete(block_);
}

std::string_view SharedText::view() const {
  return block_ == nullptr ? std::string_view()
                           : std::string_view(block_->characters(), block_->size);
}

}  // namespace twinlake
