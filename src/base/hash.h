#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace twinlake {

/// SHA-256, lower-case hex.
[[nodiscard]] std::string sha256_hex(std::string_view bytes);
/// HMAC-SHA-256, lower-case hex: equality of sensitive content can be kept without the content.
[[nodiscard]] std::string hmac_sha256_hex(std::string_view key, std::string_view bytes);
/// A uuid that depends only on `text`, so that planning twice names the same things the same.
[[nodiscard]] std::string uuid_from(std::string_view text);
[[nodiscard]] std::string base64_encode(std::string_view bytes);
/// Bytes that are not base64 are skipped, as the services do.
[[nodiscard]] std::string base64_decode(std::string_view text);

/// SHA-256 of a stream.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  void update(std::string_view bytes);
  [[nodiscard]] std::string finish_hex();

 private:
  void* context_;
};

}  // namespace twinlake
