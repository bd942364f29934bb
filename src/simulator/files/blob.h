#pragma once
// The bytes of a stored file, in the pieces in which they came: a file of a gigabyte takes a
// gigabyte, and appending to it copies nothing that is there already.
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace twinlake::simulator {

class Blob {
 public:
  Blob() = default;
  explicit Blob(std::string bytes) { append(std::move(bytes)); }
  void append(std::string bytes);
  /// The pieces of another one.
  void append(Blob other);
  [[nodiscard]] std::uint64_t size() const { return size_; }
  /// Up to `length` bytes from `offset`; fewer at the end.
  [[nodiscard]] std::string slice(std::uint64_t offset, std::uint64_t length) const;
  [[nodiscard]] std::string text() const { return slice(0, size_); }
  [[nodiscard]] std::string sha256() const;

 private:
  struct Piece {
    std::uint64_t offset;
    std::string bytes;
  };
  std::vector<Piece> pieces_;
  std::uint64_t size_ = 0;
};

}  // namespace twinlake::simulator
