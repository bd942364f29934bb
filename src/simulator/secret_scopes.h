#pragma once
// Secret scopes, as references need them. Their secrets and grants are not here.
#include "simulator/collection.h"

namespace twinlake::simulator {

class SecretScopes : public Collection {
 public:
  explicit SecretScopes(Region& region);

 private:
  http::Response create(Call& call);
  http::Response remove(Call& call);
  http::Response list_scopes();
};

}  // namespace twinlake::simulator
