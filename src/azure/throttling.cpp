#include "azure/throttling.h"

#include <algorithm>
#include <charconv>

#include "azure/resource_id.h"
#include "base/text.h"

namespace twinlake::azure {

namespace {

constexpr std::string_view published = "request-limits-and-throttling, token buckets since 2024";
constexpr double reads_a_second = 25;
constexpr double writes_a_second = 10;
constexpr http::Lane lane_table[] = {
    {"arm.read", http::Method::get, false, "/", reads_a_second, 16, published},
    {"arm.delete", http::Method::del, false, "/", writes_a_second, 4, published},
    {"arm.write", http::Method::put, true, "/", writes_a_second, 8, published},
};

/// Buckets hold 250 and 200: below this others are at work too.
constexpr std::int64_t reserve = 50;

std::optional<std::int64_t> number_of(std::string_view text) {
  std::int64_t value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || stop != text.data() + text.size()) return std::nullopt;
  return value;
}

bool counts_requests(std::string_view header) {
  constexpr std::string_view beginning = "x-ms-ratelimit-remaining-";
  return header.size() > beginning.size() && same_id(header.substr(0, beginning.size()), beginning);
}

}  // namespace

std::span<const http::Lane> arm_lanes() { return lane_table; }

std::optional<Millis> asked_milliseconds(const http::Headers& headers) {
  constexpr std::int64_t a_day = 86'400'000;
  for (const char* const name : {"retry-after-ms", "x-ms-retry-after-ms"}) {
    const std::string* const text = http::find_header(headers, name);
    const auto value = text == nullptr ? std::nullopt : number_of(trimmed(*text));
    if (value && *value >= 0) return Millis(std::min(*value, a_day));
  }
  return std::nullopt;
}

std::optional<std::int64_t> remaining_requests(const http::Headers& headers) {
  std::optional<std::int64_t> least;
  for (const auto& [name, text] : headers) {
    if (!counts_requests(name)) continue;
    if (const auto value = number_of(trimmed(text)); value && (!least || *value < *least))
      least = value;
  }
  return least;
}

void Allowance::tell(std::int64_t remaining) {
  apart_ = Micros(0);
  if (remaining >= reserve) return;
  const double share = static_cast<double>(std::max<std::int64_t>(1, remaining)) / reserve;
  apart_ = Micros(static_cast<std::int64_t>(1e6 / (refill_ * share)));
  apart_ = std::min<Micros>(apart_, std::chrono::seconds(2));
}

Micros Allowance::take(Time now) {
  if (apart_ == Micros(0)) return Micros(0);
  next_ = std::max(next_, now);
  const Micros wait = next_ - now;
  next_ += apart_;
  return wait;
}

Allowance& ArmWire::allowance_of(const http::Request& request) {
  const bool reads = request.method == http::Method::get;
  const bool deletes = request.method == http::Method::del;
  // "/subscriptions/ID", or what stands for the tenant.
  const std::size_t second = request.path.find('/', 1);
  std::string bucket = lower_case(request.path.substr(0, request.path.find('/', second + 1)));
  bucket += reads ? " reads" : deletes ? " deletes" : " writes";
  return allowances_.try_emplace(bucket, reads ? reads_a_second : writes_a_second).first->second;
}

Task<Result<http::Response>> ArmWire::send(http::Request request) {
  Allowance& allowance = allowance_of(request);
  if (const Micros wait = allowance.take(loop_.now()); wait > Micros(0)) co_await loop_.sleep(wait);
  auto outcome = co_await inner_.send(std::move(request));
  if (!outcome) co_return outcome;
  if (const auto left = remaining_requests(outcome->headers)) allowance.tell(*left);
  const auto asked = asked_milliseconds(outcome->headers);
  if (!asked || outcome->status < 400) co_return outcome;
  std::erase_if(outcome->headers, [](const auto& header) {
    const http::Headers one{header};
    return http::find_header(one, "Retry-After") != nullptr;
  });
  outcome->headers.emplace_back("Retry-After", std::to_string((asked->count() + 999) / 1000));
  co_return outcome;
}

}  // namespace twinlake::azure
