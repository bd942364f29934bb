#pragma once
// The mount table of a workspace. There is no REST API for it: commands on a cluster see and change
// it, and DBFS finds with it what is below a mount point.
//
// POST /sim/mounts {"mount_point", "source", "configs": [{"key", "from_secret"}]} puts a mount
// there unchecked.
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "simulator/body.h"
#include "simulator/service.h"

namespace twinlake::simulator {

struct Mount {
  std::string point;   ///< "/mnt/raw"
  std::string source;  ///< as it was given: "abfss://raw@stprimary.dfs.core.windows.net/"
  std::string encryption_type;
  /// The credentials themselves are kept by nobody: names only, and whether a secret gave the
  /// value.
  struct ConfigKey {
    std::string name;
    bool from_secret = false;
  };
  std::vector<ConfigKey> configs;
};

class Mounts : public Service {
 public:
  explicit Mounts(Region& region);
  [[nodiscard]] json world() const override;

  /// Puts a mount there without any check, also over one that is there.
  void plant(Mount mount);
  void remove(std::string_view point) { mounts_.erase(canonical(point)); }
  /// By mount point.
  [[nodiscard]] const std::map<std::string, Mount>& all() const { return mounts_; }
  [[nodiscard]] const Mount* find(std::string_view point) const;
  /// The mount at or above a path; nullptr when it is none of a mount's.
  [[nodiscard]] const Mount* covering(const std::string& path) const;
  /// Is this a mount point, or a folder that only mount points make?
  [[nodiscard]] bool leads_to_a_mount(const std::string& path) const;
  /// Names in a folder that mount points make: "raw" in "/mnt".
  [[nodiscard]] std::vector<std::string> names_in(const std::string& folder) const;

  /// "dbfs:/mnt/raw/" is "/mnt/raw". Empty when it is no absolute path.
  [[nodiscard]] static std::string canonical(std::string_view path);

 private:
  std::map<std::string, Mount> mounts_;  ///< by mount point
};

/// Is `path` the folder itself or something in it? Both are canonical.
[[nodiscard]] bool is_within(std::string_view path, std::string_view folder);

}  // namespace twinlake::simulator
