#pragma once
// Git credentials: each principal has its own, and what is secret in them never comes out.
#include <cstdint>
#include <string>

#include "simulator/region.h"
#include "simulator/shelf.h"

namespace twinlake::simulator {

class GitCredentials {
 public:
  explicit GitCredentials(Region& region);
  /// With their tokens: the simulator is the witness of what arrived.
  [[nodiscard]] json world() const;
  [[nodiscard]] bool has(const std::string& principal, const std::string& provider) const;
  /// Is this a credential of that principal?
  [[nodiscard]] bool owns(const std::string& principal, std::int64_t credential_id) const;

 private:
  http::Response list(Call& call) const;
  http::Response create(Call& call);
  http::Response get(Call& call) const;
  http::Response patch(Call& call);
  http::Response remove(Call& call);
  /// Whose credentials a request is about: the caller's or those of a service principal it manages.
  [[nodiscard]] std::string owner_of(const Call& call, const std::string& principal_id,
                                     Refusal& refusal) const;
  /// The credential of a request's path; nullptr when it is not for this caller to see.
  [[nodiscard]] const json* seen(const Call& call) const;

  Region& region_;
  Shelf<json> credentials_;
};

}  // namespace twinlake::simulator
