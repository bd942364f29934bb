#pragma once
// Unity Catalog connections.
#include "simulator/collection.h"

namespace twinlake::simulator {

class Connections : public Collection {
 public:
  explicit Connections(Region& region);

 private:
  http::Response list_connections(Call& call);
  http::Response create(Call& call);
  http::Response patch(Call& call);
  [[nodiscard]] json shown(const json& item) override;
  [[nodiscard]] http::Response missing(const std::string& name) const override;
};

}  // namespace twinlake::simulator
