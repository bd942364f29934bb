#include "simulator/commands/mounts.h"

#include <algorithm>
#include <set>

#include "simulator/body.h"

namespace twinlake::simulator {

bool is_within(std::string_view path, std::string_view folder) {
  if (folder == "/") return path.starts_with('/');
  return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

Mounts::Mounts(Region& region) {
  region.router().add(http::Method::post, "/sim/mounts", [this](Call& call) {
    Mount mount;
    mount.point = canonical(text_of(call.body, "mount_point"));
    mount.source = text_of(call.body, "source");
    if (mount.point.size() < 2 || mount.source.empty())
      return invalid("A mount needs a mount_point, which is an absolute path, and a source.");
    for (const json& config : list_of(call.body, "configs"))
      mount.configs.push_back({text_of(config, "key"), flag_of(config, "from_secret")});
    plant(std::move(mount));
    return done();
  });
}

std::string Mounts::canonical(std::string_view path) {
  if (path.starts_with("dbfs:")) path.remove_prefix(std::string_view("dbfs:").size());
  if (path.empty() || path.front() != '/') return "";
  std::string out;
  for (const char c : path)
    if (c != '/' || out.empty() || out.back() != '/') out += c;
  if (out.size() > 1 && out.back() == '/') out.pop_back();
  return out;
}

void Mounts::plant(Mount mount) {
  const std::string point = mount.point;
  mounts_.insert_or_assign(point, std::move(mount));
}

const Mount* Mounts::find(std::string_view point) const {
  const auto found = mounts_.find(canonical(point));
  return found == mounts_.end() ? nullptr : &found->second;
}

const Mount* Mounts::covering(const std::string& path) const {
  const Mount* best = nullptr;
  for (const auto& [point, mount] : mounts_)  // a longer one comes after its beginning
    if (is_within(path, point)) best = &mount;
  return best;
}

bool Mounts::leads_to_a_mount(const std::string& path) const {
  for (const auto& [point, mount] : mounts_)
    if (is_within(point, path)) return true;
  return false;
}

std::vector<std::string> Mounts::names_in(const std::string& folder) const {
  std::set<std::string> names;
  const std::string prefix = folder == "/" ? "/" : folder + "/";
  for (const auto& [point, mount] : mounts_) {
    if (!point.starts_with(prefix) || point.size() == prefix.size()) continue;
    std::string name = point.substr(prefix.size());
    name.resize(std::min(name.size(), name.find('/')));
    names.insert(std::move(name));
  }
  return {names.begin(), names.end()};
}

json Mounts::world() const {
  json all = json::array();
  for (const auto& [point, mount] : mounts_) {
    json configs = json::array();
    for (const Mount::ConfigKey& key : mount.configs)
      configs.push_back(json::object({{"key", key.name}, {"from_secret", key.from_secret}}));
    all.push_back(json::object({{"mount_point", point},
                                {"source", mount.source},
                                {"encryption_type", mount.encryption_type},
                                {"configs", std::move(configs)}}));
  }
  return json::object({{"mounts", std::move(all)}});
}

}  // namespace twinlake::simulator
