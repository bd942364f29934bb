#pragma once
// Operations that take time, as ARM runs them: they go on with the clock, also when nobody asks.
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "http/message.h"

namespace twinlake::simulator {

using nlohmann::json;

/// How an operation shows itself in the answer that starts it.
enum class OperationStyle {
  both,           ///< 201 or 202 with Azure-AsyncOperation and Location
  location_only,  ///< 202 with Location
  resource_only,  ///< 201 without either: ask the resource for its provisioningState
};

struct Operation {
  std::string name;                ///< a uuid
  std::string resource;            ///< id of what it works on
  std::string ticket;              ///< part of the poll URL, to be sent back unchanged
  std::int64_t started = 0;        ///< milliseconds
  std::int64_t due = 0;            ///< milliseconds
  std::string status = "Running";  ///< Succeeded, Failed or Canceled when it has ended
  json error;                      ///< {"code","message"} when it failed
  bool gives_resource = false;     ///< GET of Location gives the resource in the end; else 204
  int polls = 0;
  /// At its end, in the caller's order of time. May set status, error and result.
  std::function<void(Operation&)> finish;
};

class Operations {
 public:
  Operation& start(Operation operation);
  /// Ends what is due, the earlier first.
  void catch_up(std::int64_t now_millis);
  [[nodiscard]] Operation* find(const std::string& name);
  /// One that still runs on this resource; nullptr when there is none.
  [[nodiscard]] Operation* running_on(std::string_view resource);
  /// Ends at once as Canceled; false when it has ended already.
  bool cancel(const std::string& name, std::int64_t now_millis);
  [[nodiscard]] json world() const;

 private:
  void end(Operation& operation);
  std::map<std::string, Operation> by_name_;
};

/// The body of GET Azure-AsyncOperation.
[[nodiscard]] json operation_body(const Operation& operation, const std::string& id,
                                  std::int64_t now_millis);

}  // namespace twinlake::simulator
