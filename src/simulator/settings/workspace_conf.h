#pragma once
// The old switches of a workspace: texts under known keys, which nobody can enumerate.
#include <map>
#include <string>
#include <string_view>

#include "simulator/body.h"
#include "simulator/service.h"

namespace twinlake::simulator {

class WorkspaceConf : public Service {
 public:
  explicit WorkspaceConf(Region& region);
  [[nodiscard]] json world() const override;  ///< only what somebody set

  /// "" while nobody has set it.
  [[nodiscard]] std::string value(std::string_view key) const;

 private:
  http::Response get(Call& call) const;
  http::Response patch(Call& call);

  std::map<std::string, std::string, std::less<>> values_;
};

}  // namespace twinlake::simulator
