#include "simulator/azure/operations.h"

#include <algorithm>

#include "simulator/azure/resources.h"
#include "simulator/body.h"

namespace twinlake::simulator {

Operation& Operations::start(Operation operation) {
  const std::string name = operation.name;
  return by_name_.insert_or_assign(name, std::move(operation)).first->second;
}

void Operations::end(Operation& operation) {
  operation.status = "Succeeded";
  // Moved out first: it ends once, and what it holds may go.
  const auto finish = std::move(operation.finish);
  operation.finish = nullptr;
  if (finish) finish(operation);
}

void Operations::catch_up(std::int64_t now_millis) {
  std::vector<Operation*> due;
  for (auto& [name, operation] : by_name_)
    if (operation.status == "Running" && operation.due <= now_millis) due.push_back(&operation);
  std::stable_sort(due.begin(), due.end(), [](const Operation* left, const Operation* right) {
    return left->due < right->due;
  });
  for (Operation* operation : due) end(*operation);
}

Operation* Operations::find(const std::string& name) {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : &found->second;
}

Operation* Operations::running_on(std::string_view resource) {
  for (auto& [name, operation] : by_name_)
    if (operation.status == "Running" && same_id(operation.resource, resource)) return &operation;
  return nullptr;
}

bool Operations::cancel(const std::string& name, std::int64_t now_millis) {
  Operation* operation = find(name);
  if (operation == nullptr || operation->status != "Running") return false;
  const auto finish = std::move(operation->finish);
  operation->finish = nullptr;
  operation->due = now_millis;
  operation->status = "Canceled";
  operation->error = json::object(
      {{"code", "OperationCanceled"}, {"message", "The operation was canceled by its owner."}});
  if (finish) finish(*operation);
  return true;
}

json Operations::world() const {
  json out = json::array();
  for (const auto& [name, operation] : by_name_)
    out.push_back(json::object({{"name", name},
                                {"resource", operation.resource},
                                {"status", operation.status},
                                {"polls", operation.polls}}));
  return out;
}

json operation_body(const Operation& operation, const std::string& id, std::int64_t now_millis) {
  json body = json::object({{"id", id}, {"name", operation.name}, {"status", operation.status}});
  body["startTime"] = instant(operation.started);
  if (operation.status == "Running") {
    const auto whole =
        static_cast<double>(std::max<std::int64_t>(1, operation.due - operation.started));
    const auto part = static_cast<double>(now_millis - operation.started);
    body["percentComplete"] = std::clamp(100.0 * part / whole, 0.0, 99.0);
    return body;
  }
  body["endTime"] = instant(operation.due);
  body["percentComplete"] = 100.0;
  if (!operation.error.is_null()) body["error"] = operation.error;
  return body;
}

}  // namespace twinlake::simulator
