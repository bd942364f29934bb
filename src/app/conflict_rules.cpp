#include "app/conflict_rules.h"

#include <algorithm>

#include "app/glob.h"
#include "app/suggest.h"
#include "model/object.h"

namespace twinlake::app {

using engine::OnConflict;

namespace {

OnConflict policy_named(const YamlReader& yaml, const YAML::Node& node, const std::string& key) {
  const std::string text = yaml.text(node, key);
  for (const OnConflict policy : {OnConflict::primary, OnConflict::keep, OnConflict::ask})
    if (text == engine::name_of(policy)) return policy;
  yaml.fail_at(node, "`" + text + "` says not what becomes of a conflict",
               "Write `primary` (it is written over the secondary's), `keep` (the secondary's "
               "stays) or `ask` (it stays until you say --take)");
}

}  // namespace

ConflictRules read_conflict_rules(const YamlReader& yaml, const YAML::Node& node,
                                  const std::set<std::string, std::less<>>& kinds) {
  ConflictRules rules;
  for (const auto& [key, key_node, value] : yaml.members(node, "conflicts")) {
    const OnConflict policy = policy_named(yaml, value, key);
    if (key == "default") {
      rules.otherwise = policy;
    } else if (kinds.contains(key)) {
      rules.by_kind[key] = policy;
    } else {
      const std::string meant = nearest(key, {kinds.begin(), kinds.end()});
      yaml.fail_at(key_node, "there is no kind `" + key + "`",
                   meant.empty() ? "Write `default` or a kind; `twinlake kinds` lists them"
                                 : "Did you mean `" + meant + "`?");
    }
  }
  return rules;
}

OnConflict policy_for(const ConflictRules& rules, const model::Kind& kind, const std::string& key) {
  const auto answer = rules.answered.empty()
                          ? rules.answered.end()
                          : rules.answered.find(model::address_of(kind.name, key));
  if (answer != rules.answered.end()) return answer->second;
  const auto found = rules.by_kind.find(kind.name);
  const OnConflict policy = found == rules.by_kind.end() ? rules.otherwise : found->second;
  if (policy == OnConflict::primary || rules.take.empty()) return policy;
  const std::string address = model::address_of(kind.name, key);
  const bool is_taken = std::ranges::any_of(rules.take, [&](const std::string& glob) {
    return glob_matches(glob, address, GlobStyle::name);
  });
  return is_taken ? OnConflict::primary : policy;
}

}  // namespace twinlake::app
