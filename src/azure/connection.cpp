#include "azure/connection.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "http/throttle.h"

namespace twinlake::azure {

namespace {
constexpr std::string_view published = "request-limits-and-throttling, token buckets since 2024";
constexpr http::Lane lane_table[] = {
    {"arm.read", http::Method::get, false, "/", 25, 16, published},
    {"arm.delete", http::Method::del, false, "/", 10, 4, published},
    {"arm.write", http::Method::put, true, "/", 10, 8, published},
};

std::optional<std::int64_t> milliseconds_in(const http::Headers& headers) {
  for (const char* const name : {"retry-after-ms", "x-ms-retry-after-ms"}) {
    const std::string* const text = http::find_header(headers, name);
    std::int64_t value = 0;
    if (text == nullptr) continue;
    const auto [stop, error] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (error == std::errc() && value >= 0) return std::min<std::int64_t>(value, 86'400'000);
  }
  return std::nullopt;
}
}  // namespace

std::span<const http::Lane> arm_lanes() { return lane_table; }

Task<Result<http::Response>> ArmWire::send(http::Request request) {
  auto outcome = co_await inner_.send(std::move(request));
  if (!outcome || outcome->status < 400) co_return outcome;
  const auto asked = milliseconds_in(outcome->headers);
  if (!asked) co_return outcome;
  std::erase_if(outcome->headers, [](const auto& header) {
    const http::Headers one{header};
    return http::find_header(one, "Retry-After") != nullptr;
  });
  outcome->headers.emplace_back("Retry-After", std::to_string((*asked + 999) / 1000));
  co_return outcome;
}

ArmConnection::ArmConnection(Loop& loop, std::unique_ptr<http::Transport> wire,
                             std::unique_ptr<workspace::Credentials> credentials,
                             ArmOptions options)
    : wire_(std::move(wire)),
      counting_(*wire_),
      arm_wire_(counting_),
      throttled_(std::make_unique<http::ThrottledTransport>(loop, arm_wire_, arm_lanes())),
      credentials_(std::move(credentials)),
      authenticated_(*throttled_, *credentials_),
      retrying_(loop, authenticated_, options.retry),
      guard_(retrying_, options.allowed, options.why_not_more),
      arm_(loop, guard_, options.host) {}

}  // namespace twinlake::azure
