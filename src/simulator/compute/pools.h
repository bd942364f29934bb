#pragma once
// Instance pools.
#include <string>
#include <string_view>

#include "simulator/region.h"
#include "simulator/shelf.h"

namespace twinlake::simulator {

class Pools {
 public:
  explicit Pools(Region& region);
  [[nodiscard]] json world() const;
  [[nodiscard]] bool exists(std::string_view id) const { return pools_.find(id) != nullptr; }

 private:
  http::Response create(Call& call);
  http::Response edit(Call& call);
  http::Response remove(Call& call);
  http::Response get(Call& call) const;
  http::Response list() const;
  [[nodiscard]] Refusal check(const json& body, std::string_view own_id) const;
  [[nodiscard]] static json shown(const json& pool);

  Region& region_;
  Shelf<json> pools_;
};

/// "0412-091500" of a moment, as the ids of clusters and pools begin.
[[nodiscard]] std::string id_stamp(std::int64_t millis);

}  // namespace twinlake::simulator
