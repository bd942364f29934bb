#pragma once
// Libraries of clusters.
#include <map>
#include <string>

#include "simulator/body.h"
#include "simulator/region.h"

namespace twinlake::simulator {

class Clusters;

class Libraries {
 public:
  explicit Libraries(Region& region);
  /// The clusters are made after the libraries, and each knows the other.
  void watch(Clusters& clusters) { clusters_ = &clusters; }
  [[nodiscard]] json world() const;

  void copy(const std::string& from_cluster, const std::string& to_cluster);
  /// What was uninstalled from a running cluster goes when that stops.
  void restarted(const std::string& cluster);

 private:
  http::Response install(Call& call);
  http::Response uninstall(Call& call);
  http::Response cluster_status(Call& call);
  http::Response all_statuses();
  [[nodiscard]] json statuses_of(const std::string& cluster);

  struct Entry {
    json library;
    bool leaving = false;  ///< uninstalled, still there until the restart
  };
  Clusters* clusters_ = nullptr;
  std::map<std::string, std::vector<Entry>>
      entries_;  ///< kept after the cluster is gone, as the service does
};

}  // namespace twinlake::simulator
