#include "app/drill_rules.h"

#include "app/glob.h"

namespace twinlake::app {

namespace {

std::map<std::string, std::string> parameters_in(const YamlReader& yaml, const YAML::Node& node) {
  std::map<std::string, std::string> parameters;
  for (const auto& [key, key_node, value] : yaml.members(node, "parameters"))
    parameters[key] = yaml.text(value, key);
  return parameters;
}

failover::SmokeRun smoke_run(const YamlReader& yaml, const YAML::Node& node) {
  failover::SmokeRun run;
  if (node.IsScalar()) {
    run.job = yaml.text(node, "run");
    return run;
  }
  for (const auto& [key, key_node, value] :
       yaml.members(node, "run", {"job", "result", "within_minutes", "output", "parameters"})) {
    if (key == "job") run.job = yaml.text(value, key);
    if (key == "result") run.result = yaml.text(value, key);
    if (key == "within_minutes") run.within = std::chrono::minutes(yaml.count(value, key));
    if (key == "output") run.output = yaml.text(value, key);
    if (key == "parameters") run.parameters = parameters_in(yaml, value);
  }
  if (run.job.empty())
    yaml.fail_at(node, "an entry of `run` names no job", "Add `job: NAME`; a glob is fine");
  return run;
}

}  // namespace

DrillRules read_drill_rules(const YamlReader& yaml, const YAML::Node& node) {
  DrillRules rules;
  for (const auto& [key, key_node, value] :
       yaml.members(node, "drill", {"run", "copy", "folders"})) {
    for (const YAML::Node& entry : yaml.list(value, key)) {
      if (key == "run") rules.run.push_back(smoke_run(yaml, entry));
      if (key == "copy") rules.copy.push_back(yaml.text(entry, key));
      if (key != "folders") continue;
      rules.folders.push_back(yaml.text(entry, key));
      if (!rules.folders.back().starts_with('/') || rules.folders.back() == "/")
        yaml.fail_at(entry, "`" + rules.folders.back() + "` is not a folder that can be copied",
                     "Write a path of the workspace, for example /Shared/lib");
    }
  }
  return rules;
}

failover::DrillOptions drill_options(const DrillRules& rules) {
  failover::DrillOptions options;
  options.run = rules.run;
  options.copy = rules.copy;
  options.folders = rules.folders;
  options.matches = [](std::string_view glob, std::string_view text) {
    return glob_matches(glob, text, GlobStyle::name);
  };
  return options;
}

}  // namespace twinlake::app
