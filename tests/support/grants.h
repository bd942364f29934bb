#pragma once
// Folders with grants of their own, which no listing shows the changes of: for tests of what is read when.
#include <algorithm>
#include <stdexcept>
#include <string>

#include "support/lab.h"

namespace twinlake::test::grants {

using nlohmann::json;

inline constexpr int folders = 120;

inline std::int64_t grants_read(const Wire& wire) {
  std::int64_t all = 0;
  for (const auto& [line, times] : wire.log.by_route)
    if (line.starts_with("GET /api/2.0/permissions/")) all += times;
  return all;
}

inline std::string path_of(int folder) { return "/Shared/team " + std::to_string(folder); }

inline std::string id_of(Lab& lab, const std::string& path, bool on_primary = true) {
  std::string asked = path;
  std::replace(asked.begin(), asked.end(), ' ', '+');
  const std::string question = "/api/2.0/workspace/get-status?path=" + asked;
  const json status = on_primary ? lab.primary("GET", question) : lab.secondary("GET", question);
  return std::to_string(status["object_id"].get<std::int64_t>());
}

inline json grants_of(const std::string& who, const std::string& level) {
  json entry = {{"group_name", who}, {"permission_level", level}};
  json body = json::object();
  body["access_control_list"] = json::array({entry});
  return body;
}

inline void grant(Lab& lab, const std::string& path, const std::string& who, const std::string& level, bool on_primary = true) {
  const std::string list = "/api/2.0/permissions/directories/" + id_of(lab, path, on_primary);
  on_primary ? lab.primary("PUT", list, grants_of(who, level)) : lab.secondary("PUT", list, grants_of(who, level));
}

inline void fill(Lab& lab) {
  lab.primary("POST", "/api/2.0/preview/scim/v2/Groups", {{"displayName", "readers"}});
  for (int i = 0; i < folders; ++i) {
    lab.primary("POST", "/api/2.0/workspace/mkdirs", {{"path", path_of(i)}});
    grant(lab, path_of(i), "readers", "CAN_READ");
  }
}

inline void pause(Lab& lab, Micros how_long) {
  lab.loop().run([](Loop* loop, Micros wait) -> Task<void> { co_await loop->sleep(wait); }(&lab.loop(), how_long));
}

inline engine::SyncReport sync_after(Lab& lab, Micros how_long) {
  pause(lab, how_long);
  lab.reset_logs();
  auto report = lab.sync();
  if (!report) throw std::runtime_error(describe(report.error()));
  return std::move(*report);
}

}  // namespace twinlake::test::grants
