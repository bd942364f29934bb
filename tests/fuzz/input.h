#pragma once
// How a fuzzer's bytes become several values: pieces that end at a zero byte, the rest at the end.
#include <cstddef>
#include <string>
#include <string_view>

class Input {
 public:
  Input(const unsigned char* data, std::size_t size)
      : rest_(reinterpret_cast<const char*>(data), size) {}

  /// A number below `limit`, from one byte; 0 at the end.
  unsigned choice(unsigned limit) {
    if (rest_.empty()) return 0;
    const unsigned chosen = static_cast<unsigned char>(rest_.front()) % limit;
    rest_.remove_prefix(1);
    return chosen;
  }
  std::string piece() {
    const std::string_view found = rest_.substr(0, rest_.find('\0'));
    rest_.remove_prefix(found.size() < rest_.size() ? found.size() + 1 : found.size());
    return std::string(found);
  }
  std::string rest() const { return std::string(rest_); }
  bool empty() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};
