#include "app/waves.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "app/glob.h"
#include "base/json_path.h"
#include "base/text.h"
#include "workspace/profile.h"

namespace twinlake::app {

namespace {

constexpr std::string_view tag_prefix = "tag=";

std::vector<std::string> parts_of(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    const std::string_view part = trimmed(text.substr(0, end));
    if (!part.empty() && part.front() != '#') parts.emplace_back(part);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

/// One thing that a wave takes.
struct Part {
  std::string name;  ///< glob; empty: a tag
  std::string key;
  std::string value;

  [[nodiscard]] bool takes(const model::Kind& kind, const std::string& of,
                           const nlohmann::json& definition) const {
    if (!name.empty()) return glob_matches(name, of, GlobStyle::name);
    if (kind.tags_at.empty()) return false;
    const nlohmann::json* tags = find_at(definition, kind.tags_at);
    return tags != nullptr && tags->is_object() && tags->contains(key) &&
           text_at(*tags, "/" + pointer_segment(key)) == value;
  }
};

Result<Part> part_from(const std::string& text) {
  if (!text.starts_with(tag_prefix)) return Part{text, {}, {}};
  const std::string pair = text.substr(tag_prefix.size());
  const std::size_t colon = pair.find(':');
  if (colon == std::string::npos || colon == 0)
    return fail(Fault::config, "`" + text + "` names no tag",
                "Write tag=KEY:VALUE, for example tag=tier:gold");
  return Part{{}, pair.substr(0, colon), pair.substr(colon + 1)};
}

}  // namespace

Result<failover::Wave> wave_of(const std::vector<std::string>& parts) {
  failover::Wave wave;
  std::vector<Part> taken;
  for (const std::string& text : parts) {
    TRY(Part part, part_from(text));
    taken.push_back(std::move(part));
    wave.described += (wave.described.empty() ? "" : ", ") + text;
  }
  wave.takes = [taken = std::move(taken)](const model::Kind& kind, const std::string& key,
                                          const nlohmann::json& definition) {
    return std::ranges::any_of(taken,
                               [&](const Part& part) { return part.takes(kind, key, definition); });
  };
  return wave;
}

Result<failover::Wave> wave_from(const std::string& text) {
  // A tag may have a comma in it, and a file may have the name of a job.
  if (text.starts_with(tag_prefix)) return wave_of({text});
  TRY(const std::optional<std::string> file, workspace::disk_reader()(text));
  const std::vector<std::string> parts = file ? parts_of(*file, '\n') : parts_of(text, ',');
  if (parts.empty())
    return fail(Fault::config, "the wave `" + text + "` names nothing",
                "Name jobs, patterns of names, or a file with one of them in each line");
  return wave_of(parts);
}

Result<failover::RecoveryPlan> plan_of_waves(const std::string& group,
                                             const std::vector<std::string>& waves,
                                             const std::string& canary,
                                             std::int64_t canary_minutes) {
  failover::RecoveryPlan plan;
  plan.name = group;
  if (!canary.empty()) {
    failover::PlanAction action;
    action.name = "canary";
    action.type = failover::ActionType::canary;
    action.job = canary;
    action.timeout = std::chrono::minutes(canary_minutes);
    plan.groups.push_back({action.name, {action}});
  }
  int number = 0;
  for (const std::string& text : waves) {
    failover::PlanAction action;
    action.name = "wave " + std::to_string(++number);
    action.type = failover::ActionType::release;
    action.timeout = std::chrono::minutes(30);
    TRY(action.wave, wave_from(text));
    plan.groups.push_back({action.name, {action}});
  }
  return plan;
}

}  // namespace twinlake::app
