#pragma once
// Secret scopes, as references need them. What is in a scope, and who may read it, is in secrets.h.
#include "simulator/collection.h"

namespace twinlake::simulator {

class SecretScopes : public Collection {
 public:
  explicit SecretScopes(Region& region);
  json plant(const json& body, const std::string& creator) override;

 private:
  http::Response create(Call& call);
  http::Response remove(Call& call);
  http::Response list_scopes();
  [[nodiscard]] const json* find_named(const std::string& name) const;  ///< ignores case
  json& keep(json scope, const std::string& manager);
};

}  // namespace twinlake::simulator
