#include "simulator/sql/storage.h"

#include <array>

#include "simulator/body.h"

namespace twinlake::simulator {

namespace {
constexpr std::array<std::string_view, 5> cloud_schemes{"abfss://", "abfs://", "wasbs://",
                                                        "wasb://", "adl://"};
}  // namespace

std::string SqlStorage::canonical(std::string location) {
  if (location.starts_with("dbfs:///"))
    location.erase(5, 2);
  else if (location.starts_with('/'))
    location.insert(0, "dbfs:");
  while (location.size() > 1 && location.ends_with('/')) location.pop_back();
  return location;
}

bool SqlStorage::is_valid(const std::string& location) {
  const std::string place = canonical(location);
  if (place.starts_with("dbfs:/")) return place.size() > 6;
  for (const std::string_view scheme : cloud_schemes) {
    if (!place.starts_with(scheme)) continue;
    const std::size_t host_end = place.find('/', scheme.size());
    const std::string host = place.substr(scheme.size(), host_end - scheme.size());
    const std::size_t at = host.find('@');
    return scheme == "adl://" ? !host.empty()
                              : at != std::string::npos && at > 0 && host.size() > at + 1;
  }
  return false;
}

StoredData* SqlStorage::find(const std::string& location) {
  const auto found = data_.find(location);
  return found == data_.end() ? nullptr : &found->second;
}

std::optional<std::string> SqlStorage::refusal(const std::string& location) const {
  for (const auto& [prefix, message] : forbidden_)
    if (location.starts_with(prefix)) return message;
  return std::nullopt;
}

nlohmann::json SqlStorage::world() const {
  json all = json::object();
  for (const auto& [location, data] : data_) {
    json row = json::object();
    row["provider"] = data.provider;
    row["columns"] = json::array();
    for (const SqlColumnDefinition& column : data.columns)
      row["columns"].push_back(json::object({{"name", column.name}, {"type", column.type}}));
    row["partitioned_by"] = data.partitioned_by;
    row["properties"] = data.properties;
    row["partitions"] = data.partitions;
    all[location] = std::move(row);
  }
  return all;
}

std::string partition_path(const SqlPartition& partition) {
  constexpr std::string_view special = "\"#%'*/:=?\\{}[]^\x7f";
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string path;
  const auto put = [&](const std::string& text) {
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      if (byte >= ' ' && special.find(c) == std::string_view::npos) {
        path += c;
        continue;
      }
      path += '%';
      path += digits[byte >> 4U];
      path += digits[byte & 15U];
    }
  };
  for (const auto& [column, value] : partition) {
    if (!path.empty()) path += '/';
    put(column);
    path += '=';
    put(value);
  }
  return path;
}

}  // namespace twinlake::simulator
