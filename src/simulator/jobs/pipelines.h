#pragma once
// Pipelines. A continuous one runs from the moment it is created.
#include "simulator/collection.h"

namespace twinlake::simulator {

class Pipelines : public Collection {
 public:
  explicit Pipelines(Region& region);
  json plant(const json& body, const std::string& creator) override;

 private:
  http::Response create(Call& call);
  http::Response replace(Call& call);
  http::Response list_pipelines(Call& call);
  http::Response start_update(Call& call);
  http::Response stop(Call& call);
  [[nodiscard]] Refusal check(const json& body, std::string_view own_id) const;
  [[nodiscard]] http::Response missing(const std::string& id) const override;
  void put(json& pipeline, const json& body, const std::string& caller);
};

}  // namespace twinlake::simulator
