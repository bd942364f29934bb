#pragma once
// Notification destinations. What is secret goes in and never comes out.
#include "simulator/collection.h"

namespace twinlake::simulator {

class Destinations : public Collection {
 public:
  explicit Destinations(Region& region);
  json plant(const json& body, const std::string& creator) override;

 private:
  http::Response get_one(Call& call);
  http::Response create(Call& call);
  http::Response patch(Call& call);
  http::Response remove(Call& call);
  [[nodiscard]] json shown(const json& item) override;
};

}  // namespace twinlake::simulator
