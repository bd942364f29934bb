#pragma once
// How content lies on disk: named by a hash, compressed, and encrypted when there is a key. Inside
// src/history only.
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace twinlake::history {

/// A sum of hashes: what is in a set, whatever the order, and what comes or goes changes it by
/// itself alone.
class Digest {
 public:
  static constexpr std::size_t size = 32;
  Digest() = default;
  /// Of a stored one; any other length gives one that equals none.
  explicit Digest(std::string_view bytes);
  void add(std::string_view hash);     ///< of 32 bytes
  void remove(std::string_view hash);  ///< of 32 bytes
  [[nodiscard]] std::string_view bytes() const {
    return {reinterpret_cast<const char*>(sum_.data()), sum_.size()};
  }
  bool operator==(const Digest&) const = default;

 private:
  std::array<unsigned char, size> sum_{};
};

enum class Packing : std::int64_t {
  plain = 0,
  zstd = 1,
  pieces = 2,  ///< lies in other blobs
};

struct Packed {
  Packing packing = Packing::plain;
  std::size_t size = 0;  ///< before
  std::string bytes;
};

/// So much is packed at once; what is larger lies in pieces of this size.
inline constexpr std::size_t piece_size = std::size_t{1} << 20U;

class Codec {
 public:
  /// An empty key: nothing is encrypted. Else 32 bytes.
  explicit Codec(const Secret& key);
  ~Codec();
  Codec(const Codec&) = delete;
  Codec& operator=(const Codec&) = delete;

  [[nodiscard]] bool encrypts() const;
  /// Equal for equal keys, and tells nothing of them; empty without a key.
  [[nodiscard]] std::string key_proof() const;
  /// 32 bytes that name content. With a key nobody else can tell what has which name. `sha256`:
  /// hex.
  [[nodiscard]] std::string name_of(std::string_view sha256) const;
  /// 32 bytes over a row, keyed likewise.
  [[nodiscard]] std::string seal_of(std::string_view row) const;
  /// At most `piece_size` bytes. `name`: what the packed bytes are bound to.
  [[nodiscard]] Packed pack(std::string_view bytes, std::string_view name);
  /// Fault::io when they are not what was packed under that name.
  [[nodiscard]] Result<std::string> unpack(const Packed& packed, std::string_view name);
  /// Only encrypted, where there is a key: for what is short and stays for a moment.
  [[nodiscard]] std::string protect(std::string_view bytes, std::string_view name) const;
  [[nodiscard]] Result<std::string> unprotect(std::string_view bytes, std::string_view name) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Joins fields so that no two lists give the same text.
[[nodiscard]] std::string joined(std::initializer_list<std::string_view> fields);

}  // namespace twinlake::history
