#pragma once
// What the tests of the history share.
#include <memory>
#include <stdexcept>
#include <string>

#include "base/hash.h"
#include "history/history.h"
#include "state/testing.h"

namespace twinlake::history {

using state::TemporaryFolder;

inline Secret key_of(char fill) { return Secret(std::string(32, fill)); }
inline const Secret no_key;

inline std::unique_ptr<History> opened(const TemporaryFolder& folder, const Secret& key = no_key) {
  auto history = History::open(folder.path(), "prod", key);
  if (!history) throw std::runtime_error(describe(history.error()));
  return std::move(*history);
}

inline Fate all_there(const Entry&) { return Fate::there; }

inline void put(History& history, const std::string& content) {
  history.put_content(sha256_hex(content), content.size(),
                      [&](const History::Take& take) { take(content); });
}

inline Observed job(const std::string& name, const std::string& form) {
  return Observed{.uuid = "uuid of " + name, .kind = "job", .key = name, .form = form, .mark = "1"};
}

inline Observed notebook(History& history, const std::string& path, const std::string& source) {
  put(history, source);
  return Observed{.uuid = "uuid of " + path,
                  .kind = "notebook",
                  .key = path,
                  .form = "{\"path\":\"" + path + "\"}",
                  .content = sha256_hex(source),
                  .mark = "2"};
}

inline Point at(int minute) {
  Point point;
  point.moment = time_from_rfc3339("2026-11-27T12:00:00Z") + std::chrono::minutes(minute);
  point.run = minute;
  point.workspace_id = "1111";
  return point;
}

inline std::string read(History& history, std::int64_t content) {
  std::string bytes;
  const auto done = history.read_content(content, [&](std::string_view piece) { bytes += piece; });
  return done ? bytes : "damaged: " + done.error().message;
}

inline std::string joined_damage(const Checked& checked) {
  std::string all;
  for (const std::string& one : checked.damage) all += one + "\n";
  return all;
}

inline std::string keys_of(const std::vector<Entry>& entries) {
  std::string all;
  for (const Entry& entry : entries) all += entry.key + " ";
  return all;
}

}  // namespace twinlake::history
