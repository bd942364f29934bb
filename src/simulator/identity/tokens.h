#pragma once
// Personal access tokens as users make them, and as admins see them. Their values are shown once,
// when they are made; the tokens themselves are kept by Auth.
#include <cstdint>
#include <string>

#include "simulator/body.h"
#include "simulator/service.h"
#include "simulator/shelf.h"

namespace twinlake::simulator {

class Tokens : public Service {
 public:
  explicit Tokens(Region& region);
  [[nodiscard]] json world() const override;  ///< without their values

 private:
  struct Token {
    std::string value;
    json info;  ///< as token management shows it
  };
  http::Response create(Call& call);
  http::Response create_on_behalf(Call& call);
  http::Response list_own(Call& call) const;
  http::Response remove_own(Call& call);
  http::Response list_all(Call& call) const;
  http::Response get(Call& call) const;
  http::Response patch(Call& call, bool own);
  http::Response remove(Call& call);
  [[nodiscard]] Refusal check(const Call& call, const std::string& owner) const;
  /// Seconds until a new token of this request ends; the refusal when it asks for too many.
  [[nodiscard]] std::int64_t lifetime(const json& body, Refusal& refusal) const;
  http::Response make(const json& body, const std::string& owner, const std::string& creator);
  void revoke(const std::string& id);

  Region& region_;
  Shelf<Token> tokens_;
};

}  // namespace twinlake::simulator
