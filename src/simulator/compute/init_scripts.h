#pragma once
// Global init scripts: what every cluster of the workspace runs when it starts, in order.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "simulator/body.h"
#include "simulator/service.h"

namespace twinlake::simulator {

class InitScripts : public Service {
 public:
  explicit InitScripts(Region& region);
  [[nodiscard]] json world() const override;

 private:
  struct Script {
    std::string id;
    std::string name;
    std::string content;
    bool enabled = false;
    std::string created_by, updated_by;
    std::int64_t created_at = 0, updated_at = 0;
  };
  http::Response list(Call& call) const;
  http::Response get(Call& call) const;
  http::Response create(Call& call);
  http::Response patch(Call& call);
  http::Response remove(Call& call);
  [[nodiscard]] std::size_t place_of(const std::string& id) const;  ///< their number: not there
  [[nodiscard]] json shown(std::size_t place) const;                ///< without its content
  /// Others make room: those at the place and after it move on by one.
  void insert(Script script, std::int64_t position);

  Region& region_;
  std::vector<Script> scripts_;  ///< in the order in which they run
};

}  // namespace twinlake::simulator
