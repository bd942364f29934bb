#pragma once
// IP access lists: from where the API of the workspace may be called.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/body.h"
#include "simulator/service.h"
#include "simulator/shelf.h"

namespace twinlake::simulator {

class IpAccessLists : public Service {
 public:
  explicit IpAccessLists(Region& region);
  [[nodiscard]] json world() const override;

  /// The answer to every call from where the region's caller is, when the lists are on
  /// (enableIpAccessLists) and shut it out.
  [[nodiscard]] Refusal refuse_caller() const;

 private:
  http::Response list(Call& call) const;
  http::Response get(Call& call) const;
  http::Response create(Call& call);
  http::Response replace(Call& call);
  http::Response patch(Call& call);
  http::Response remove(Call& call);
  [[nodiscard]] bool are_on() const;
  /// May `wanted` stand where `id` stands (nowhere yet when empty; nothing wanted: it goes)?
  [[nodiscard]] Refusal check(const std::string& id, const json* wanted) const;
  void stamp(json& item, const Call& call, std::string_view moment) const;
  http::Response store(Call& call, json changed);

  Region& region_;
  Shelf<json> lists_;
};

}  // namespace twinlake::simulator
