#pragma once
// SQL warehouses. Creating one starts it, and so does editing one that is stopped.
#include "simulator/collection.h"

namespace twinlake::simulator {

class Warehouses : public Collection {
 public:
  explicit Warehouses(Region& region);
  json plant(const json& body, const std::string& creator) override;

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
};

}  // namespace twinlake::simulator
