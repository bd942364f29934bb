#pragma once
// Finds the handler of a request and gives it what it needs.
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "http/message.h"

namespace twinlake::simulator {

class Region;
using nlohmann::json;

/// One request inside a region, parsed.
struct Call {
  Region& region;
  const http::Request& request;
  std::string caller;                            ///< user name or application id of the token
  std::map<std::string, std::string> arguments;  ///< values of {name} in the route, decoded
  json body;                                     ///< parsed JSON body; null when there is none

  /// The value of a query parameter, or the default.
  [[nodiscard]] std::string query(std::string_view name, std::string_view otherwise = "") const;
  [[nodiscard]] std::vector<std::string> queries(std::string_view name) const;
};

using Handler = std::function<http::Response(Call&)>;

/// Routes are written as the documentation writes them: "/api/2.0/permissions/{type}/{id}".
/// `{name...}` at the end takes the rest of the path, slashes included.
class Router {
 public:
  void add(http::Method method, std::string route, Handler handler);

  struct Match {
    const Handler* handler = nullptr;
    std::string_view route;  ///< the pattern that matched, for the counts
    std::map<std::string, std::string> arguments;
  };
  /// handler is nullptr when no route fits.
  [[nodiscard]] Match find(http::Method method, std::string_view path) const;

 private:
  struct Route {
    http::Method method;
    std::string pattern;
    std::vector<std::string> segments;
    Handler handler;
  };
  std::vector<Route> routes_;
};

/// 200 with a JSON body.
[[nodiscard]] http::Response answer(const json& body);
/// The service's own error envelope: {"error_code": ..., "message": ...}.
[[nodiscard]] http::Response error(int status, std::string_view code, std::string message);

}  // namespace twinlake::simulator
