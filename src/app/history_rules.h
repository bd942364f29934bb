#pragma once
// `history` of twinlake.yml: whether recovery points are kept, how many, and with which key.
#include <cstdint>
#include <string>

#include "app/yaml_reader.h"
#include "base/secret.h"
#include "engine/recorder.h"
#include "history/points.h"
#include "workspace/profile.h"

namespace twinlake::app {

struct HistoryRules {
  bool is_kept = true;
  std::string
      key;  ///< where it is: a file, env:NAME or credential:NAME; empty: nothing is encrypted
  std::uint64_t max_file = engine::RecorderOptions().max_file;  ///< bytes
  history::Retention keep;
};

[[nodiscard]] HistoryRules read_history_rules(const YamlReader& yaml, const YAML::Node& node);

/// The 32 bytes that such a place holds: as they are, in hex or in base64. Empty for an empty
/// place. A file that others can read is refused.
[[nodiscard]] Result<Secret> read_history_key(const std::string& place,
                                              const workspace::Environment& environment);

}  // namespace twinlake::app
