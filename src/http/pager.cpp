#include "http/pager.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "http/classify.h"

namespace twinlake::http {

namespace {

using nlohmann::json;

constexpr std::int64_t scim_page_size = 1000;

void set_query(Request& request, const std::string& name, std::string value) {
  for (auto& [key, old] : request.query)
    if (key == name) {
      old = std::move(value);
      return;
    }
  request.query.emplace_back(name, std::move(value));
}

bool has_query(const Request& request, std::string_view name) {
  return std::any_of(request.query.begin(), request.query.end(),
                     [&](const auto& pair) { return pair.first == name; });
}

tl::unexpected<Error> incomplete(const Request& request, std::string message) {
  Error error(Fault::bad_answer, "the listing is incomplete: " + std::move(message));
  error.method = std::string(name_of(request.method));
  error.path = request.path;
  return fail(std::move(error));
}

Result<json> items_of(const Request& request, json& answer, const std::string& pointer) {
  const json::json_pointer place(pointer);
  if (!answer.contains(place)) {
    // Empty arrays are left out, but the answer around them is always an object.
    if (answer.is_object()) return json::array();
    return incomplete(request, "the answer is not an object");
  }
  json& items = answer.at(place);
  if (items.is_null()) return json::array();
  if (!items.is_array()) return incomplete(request, "no array at " + pointer);
  return std::move(items);
}

}  // namespace

Result<void> expect_whole(const Request& request, const json& answer) {
  if (!answer.is_object()) return {};
  const auto token = answer.find("next_page_token");
  const auto more = answer.find("has_more");
  const bool has_token = token != answer.end() && token->is_string() && !token->get_ref<const std::string&>().empty();
  if (has_token || (more != answer.end() && more->is_boolean() && more->get<bool>()))
    return incomplete(request, "the answer promises more, but this list has no pages");
  return {};
}

namespace {

/// Where the next page begins; false when this was the last.
class Cursor {
 public:
  explicit Cursor(PageStyle style) : style_(style) {}

  void prepare(Request& first) const {
    if (style_ != PageStyle::scim) return;
    if (!has_query(first, "count")) set_query(first, "count", std::to_string(scim_page_size));
    set_query(first, "startIndex", "1");
  }

  Result<bool> advance(Request& request, const json& answer, std::size_t items) {
    switch (style_) {
      case PageStyle::none: {
        if (auto whole = expect_whole(request, answer); !whole) return fail(std::move(whole).error());
        return false;
      }
      case PageStyle::token: return by_token(request, answer, "page_token");
      case PageStyle::repos_token: return by_token(request, answer, "next_page_token");
      case PageStyle::scim: return by_index(request, answer, items);
    }
    return false;
  }

 private:
  // Only the token ends a listing: a page may be empty and yet not the last.
  Result<bool> by_token(Request& request, const json& answer, const std::string& parameter) {
    const auto found = answer.is_object() ? answer.find("next_page_token") : answer.end();
    const bool absent = found == answer.end() || found->is_null();
    if (absent || (found->is_string() && found->get_ref<const std::string&>().empty())) {
      const auto more = answer.is_object() ? answer.find("has_more") : answer.end();
      if (more != answer.end() && more->is_boolean() && more->get<bool>())
        return incomplete(request, "the answer promises more but gives no token");
      return false;
    }
    if (!found->is_string()) return incomplete(request, "the page token is not a text");
    const auto& token = found->get_ref<const std::string&>();
    if (!seen_.insert(std::hash<std::string>()(token)).second)
      return incomplete(request, "the service gave the same page token again");
    set_query(request, parameter, token);
    return true;
  }

  Result<bool> by_index(Request& request, const json& answer, std::size_t items) {
    taken_ += items;
    const auto found = answer.is_object() ? answer.find("totalResults") : answer.end();
    if (found != answer.end() && found->is_number_integer()) {
      const auto total =
          static_cast<std::size_t>(std::max<std::int64_t>(0, found->get<std::int64_t>()));
      if (taken_ >= total) return false;
      if (items == 0)
        return incomplete(request,
                          std::to_string(taken_) + " of " + std::to_string(total) + " came");
    }
    if (items == 0) {
      if (found == answer.end()) return incomplete(request, "the answer does not say how many there are");
      return false;
    }
    set_query(request, "startIndex", std::to_string(taken_ + 1));
    return true;
  }

  PageStyle style_;
  std::set<std::size_t> seen_;
  std::size_t taken_ = 0;
};

/// SCIM pages can overlap when entries come and go between them: each id counts once.
void drop_repeated(json& items, std::set<std::string>& seen) {
  json kept = json::array();
  for (json& item : items) {
    const auto id = item.is_object() ? item.find("id") : item.end();
    if (id != item.end() && id->is_string() && !seen.insert(id->get<std::string>()).second)
      continue;
    kept.push_back(std::move(item));
  }
  items = std::move(kept);
}

}  // namespace

Task<Result<void>> for_each_page(Transport& transport, Request first, PageStyle style,
                                 std::string items, PageSink sink) {
  Cursor cursor(style);
  std::set<std::string> seen;
  cursor.prepare(first);
  for (;;) {
    Request request = first;
    CO_TRY(Response response, co_await transport.send(std::move(request)));
    CO_TRY(json answer, parse_answer(first, std::move(response)));
    CO_TRY(json page, items_of(first, answer, items));
    const std::size_t count = page.size();
    if (style == PageStyle::scim) drop_repeated(page, seen);
    if (!page.empty()) CO_CHECK(sink(page));
    CO_TRY(const bool more, cursor.advance(first, answer, count));
    if (!more) co_return Result<void>();
  }
}

Task<Result<std::vector<json>>> list_all(Transport& transport, Request first, PageStyle style,
                                         std::string items) {
  std::vector<json> all;
  const PageSink sink = [&all](json& page) -> Result<void> {
    for (json& item : page) all.push_back(std::move(item));
    return {};
  };
  CO_CHECK(co_await for_each_page(transport, std::move(first), style, std::move(items), sink));
  co_return all;
}

}  // namespace twinlake::http
