#pragma once
// Alerts (version 2): each has its own schedule, and shows as a file in the workspace tree.
#include "simulator/collection.h"

namespace twinlake::simulator {

class Alerts : public Collection {
 public:
  explicit Alerts(Region& region);
  json plant(const json& body, const std::string& creator) override;

 private:
  http::Response create(Call& call);
  http::Response patch(Call& call);
  http::Response remove(Call& call);
  [[nodiscard]] Refusal check(const json& alert) const;
  [[nodiscard]] static std::string file_of(const json& alert);
};

}  // namespace twinlake::simulator
