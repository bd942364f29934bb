#pragma once
// Cluster policies and policy families.
#include <string>
#include <string_view>

#include "simulator/compute/pools.h"
#include "simulator/region.h"
#include "simulator/shelf.h"

namespace twinlake::simulator {

constexpr std::size_t tag_limit = 45;  ///< custom_tags of a cluster or a pool

class Policies {
 public:
  Policies(Region& region, const Pools& pools);
  [[nodiscard]] json world() const;
  [[nodiscard]] bool exists(std::string_view id) const { return policies_.find(id) != nullptr; }

 private:
  http::Response create(Call& call);
  http::Response edit(Call& call);
  http::Response remove(Call& call);
  http::Response get(Call& call) const;
  http::Response list(Call& call) const;
  http::Response list_families(Call& call) const;
  http::Response get_family(Call& call) const;
  void add_default(const std::string& name, const std::string& family);
  [[nodiscard]] Refusal check(const json& body, std::string_view own_id) const;
  [[nodiscard]] Refusal check_definition(const json& body, std::string_view key) const;
  [[nodiscard]] json shown(const json& policy) const;

  Region& region_;
  const Pools& pools_;
  Shelf<json> policies_;  ///< as they were sent, with the server's fields
};

}  // namespace twinlake::simulator
