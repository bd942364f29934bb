#include "simulator/router.h"

#include <optional>

namespace twinlake::simulator {

namespace {
/// They look into `path`.
std::vector<std::string_view> split(std::string_view path) {
  std::vector<std::string_view> out;
  if (path.starts_with('/')) path.remove_prefix(1);
  for (;;) {
    const std::size_t slash = path.find('/');
    out.push_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return out;
    path.remove_prefix(slash + 1);
  }
}

bool is_placeholder(std::string_view segment) {
  return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}
bool is_rest(std::string_view segment) {
  return is_placeholder(segment) && segment.ends_with("...}");
}

std::string_view name_inside(std::string_view placeholder) {
  const std::size_t closing = is_rest(placeholder) ? 4 : 1;
  return placeholder.substr(1, placeholder.size() - 1 - closing);
}

std::string join_decoded(const std::vector<std::string_view>& parts, std::size_t from) {
  std::string out;
  for (std::size_t i = from; i < parts.size(); ++i) {
    if (i > from) out += '/';
    out += http::percent_decode(parts[i]);
  }
  return out;
}

struct Fit {
  int literals = 0;  ///< the more literal segments, the better the route fits
  std::map<std::string, std::string> arguments;
};

std::optional<Fit> fit(const std::vector<std::string>& route,
                       const std::vector<std::string_view>& parts) {
  Fit result;
  for (std::size_t i = 0; i < route.size(); ++i) {
    const std::string& segment = route[i];
    // Most routes end here, at a word that differs: nothing else may be done before.
    if (!is_placeholder(segment)) {
      if (i >= parts.size() || segment != parts[i]) return std::nullopt;
      ++result.literals;
      continue;
    }
    if (is_rest(segment)) {
      result.arguments.emplace(name_inside(segment), join_decoded(parts, i));
      return result;
    }
    if (i >= parts.size() || parts[i].empty()) return std::nullopt;
    result.arguments.emplace(name_inside(segment), http::percent_decode(parts[i]));
  }
  if (route.size() != parts.size()) return std::nullopt;
  return result;
}
}  // namespace

std::string Call::query(std::string_view name, std::string_view otherwise) const {
  for (const auto& [key, value] : request.query)
    if (key == name) return value;
  return std::string(otherwise);
}

std::vector<std::string> Call::queries(std::string_view name) const {
  std::vector<std::string> out;
  for (const auto& [key, value] : request.query)
    if (key == name) out.push_back(value);
  return out;
}

void Router::add(http::Method method, std::string route, Handler handler) {
  const std::vector<std::string_view> parts = split(route);
  std::vector<std::string> segments(parts.begin(), parts.end());
  routes_.push_back({method, std::move(route), std::move(segments), std::move(handler)});
}

Router::Match Router::find(http::Method method, std::string_view path) const {
  const std::vector<std::string_view> parts = split(path);
  Match best;
  int best_literals = -1;
  for (const Route& route : routes_) {
    if (route.method != method) continue;
    auto found = fit(route.segments, parts);
    if (!found || found->literals <= best_literals) continue;
    best_literals = found->literals;
    best.handler = &route.handler;
    best.route = route.pattern;
    best.arguments = std::move(found->arguments);
  }
  return best;
}

http::Response answer(const json& body) {
  // `replace`: stored names may hold bytes that are no UTF-8; the service shows them as U+FFFD.
  return {200, body.dump(-1, ' ', false, json::error_handler_t::replace)};
}

http::Response error(int status, std::string_view code, std::string message) {
  json body = json::object();
  body["error_code"] = code;
  body["message"] = std::move(message);
  return {status, body.dump(-1, ' ', false, json::error_handler_t::replace)};
}

}  // namespace twinlake::simulator
