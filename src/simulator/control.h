#pragma once
// The remote control of a region: /sim/*. It needs no token and works during an outage.
#include "simulator/service.h"

namespace twinlake::simulator {

class Control : public Service {
 public:
  explicit Control(Region& region);
  [[nodiscard]] json world() const override { return json::object(); }
};

}  // namespace twinlake::simulator
