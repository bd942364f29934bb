#pragma once
// What lies in the storage under the tables, as far as a metastore notices it: Delta logs, folders
// of partitions, and places that cannot be read. Every region has its own: whether an account is
// replicated is nothing that a workspace knows.
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "simulator/metastore/objects.h"

namespace twinlake::simulator {

struct StoredData {
  std::string provider;  ///< "delta": there is a log
  std::vector<SqlColumnDefinition> columns;
  std::vector<std::string> partitioned_by;
  std::map<std::string, std::string> properties;  ///< of the Delta log
  std::vector<std::string> partitions;            ///< folders: "day=2026-01-01"
};

class SqlStorage {
 public:
  /// One way to write a place: with a scheme, without a slash at the end.
  [[nodiscard]] static std::string canonical(std::string location);
  /// Is it a place at all? "abfss://container@account.dfs.core.windows.net/x", "dbfs:/x", "/x".
  [[nodiscard]] static bool is_valid(const std::string& location);

  [[nodiscard]] StoredData* find(const std::string& location);
  void put(const std::string& location, StoredData data) { data_[location] = std::move(data); }
  void erase(const std::string& location) { data_.erase(location); }

  /// Reading below this place fails with that text, as when a key was revoked.
  void forbid(const std::string& prefix, const std::string& message) {
    forbidden_[prefix] = message;
  }
  void allow(const std::string& prefix) { forbidden_.erase(prefix); }
  [[nodiscard]] std::optional<std::string> refusal(const std::string& location) const;

  [[nodiscard]] nlohmann::json world() const;

 private:
  std::map<std::string, StoredData> data_;
  std::map<std::string, std::string> forbidden_;
};

}  // namespace twinlake::simulator
