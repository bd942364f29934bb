#include "simulator/files/blob.h"

#include <algorithm>

#include "base/hash.h"

namespace twinlake::simulator {

namespace {
/// Smaller pieces are put together, or the list of them would outweigh them.
constexpr std::size_t small_piece = 65536;
}  // namespace

void Blob::append(std::string bytes) {
  if (bytes.empty()) return;
  const std::uint64_t added = bytes.size();
  if (!pieces_.empty() && pieces_.back().bytes.size() + bytes.size() <= small_piece) {
    pieces_.back().bytes += bytes;
  } else {
    if (bytes.capacity() - bytes.size() > small_piece) bytes.shrink_to_fit();
    pieces_.push_back({size_, std::move(bytes)});
  }
  size_ += added;
}

void Blob::append(Blob other) {
  for (Piece& piece : other.pieces_) append(std::move(piece.bytes));
}

std::string Blob::slice(std::uint64_t offset, std::uint64_t length) const {
  if (offset >= size_) return {};
  std::uint64_t left = std::min(length, size_ - offset);
  std::string out;
  out.reserve(left);
  auto piece = std::upper_bound(
      pieces_.begin(), pieces_.end(), offset,
      [](std::uint64_t wanted, const Piece& candidate) { return wanted < candidate.offset; });
  std::uint64_t skipped = offset - (--piece)->offset;
  for (; left > 0; ++piece) {
    const std::uint64_t taken = std::min(left, piece->bytes.size() - skipped);
    out.append(piece->bytes, skipped, taken);
    left -= taken;
    skipped = 0;
  }
  return out;
}

std::string Blob::sha256() const {
  Sha256 hash;
  for (const Piece& piece : pieces_) hash.update(piece.bytes);
  return hash.finish_hex();
}

}  // namespace twinlake::simulator
