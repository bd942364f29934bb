#pragma once
// SQL warehouses. Creating one starts it, and so does editing one that is stopped.
#include <functional>

#include "simulator/collection.h"

namespace twinlake::simulator {

class Warehouses : public Collection {
 public:
  explicit Warehouses(Region& region);
  json plant(const json& body, const std::string& creator) override;

  /// A statement wants to run: starts the warehouse when it does not run, and tells the moment
  /// (milliseconds) from which on it runs. The warehouse exists.
  std::int64_t wake(const std::string& id, std::int64_t start_millis);
  /// It is not idle before that moment.
  void busy_until(const std::string& id, std::int64_t millis);
  /// Called with the id of a warehouse that is being stopped.
  void when_stopped(std::function<void(const std::string&)> hook) {
    when_stopped_ = std::move(hook);
  }

 private:
  http::Response create(Call& call);
  http::Response edit(Call& call);
  http::Response start(Call& call);
  http::Response stop(Call& call);
  http::Response data_sources();
  [[nodiscard]] Refusal check(const json& body, std::string_view own_id) const;
  [[nodiscard]] json shown(const json& item) override;
  [[nodiscard]] std::string new_id() override { return region_.ids().hex(16); }
  json complete(json body, const std::string& creator);
  void enter(json& item, std::string_view state, std::string_view next);
  void settle(json& item);
  std::function<void(const std::string&)> when_stopped_;
};

}  // namespace twinlake::simulator
