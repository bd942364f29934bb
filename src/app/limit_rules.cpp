#include "app/limit_rules.h"

#include <charconv>
#include <filesystem>
#include <system_error>

#include "app/files.h"

namespace twinlake::app {

namespace {
double factor(const YamlReader& yaml, const YAML::Node& node) {
  const std::string text = yaml.text(node, "most");
  double number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_whole = parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
  // Written so that what is no number at all fails too.
  if (!is_whole || !(number >= 0.05 && number <= 20))
    yaml.fail_at(node, "`" + text + "` of `most` is no factor",
                 "Write how many times the published rates may be asked for, from 0.05 to 20");
  return number;
}
}  // namespace

LimitRules read_limit_rules(const YamlReader& yaml, const YAML::Node& node) {
  LimitRules rules;
  for (const auto& [key, key_node, value] : yaml.members(node, "limits", {"most", "budget"})) {
    if (key == "most") rules.most = factor(yaml, value);
    if (key != "budget") continue;
    rules.budget = expand_home(yaml.text(value, key));
    rules.is_alone = rules.budget == "none";
    if (!rules.is_alone && !rules.budget.starts_with('/'))
      yaml.fail_at(value, "`" + rules.budget + "` of `budget` is no whole path",
                   "Begin with '/' or '~', or write none");
  }
  return rules;
}

std::string budget_folder(const LimitRules& rules, const std::string& state_folder) {
  if (rules.is_alone) return {};
  const std::string folder = rules.budget.empty() ? state_folder : rules.budget;
  std::error_code problem;
  if (std::filesystem::create_directories(folder, problem))
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, problem);
  return folder;
}

}  // namespace twinlake::app
