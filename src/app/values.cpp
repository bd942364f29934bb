#include "app/values.h"

#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "app/yaml_reader.h"
#include "base/hash.h"
#include "base/json_path.h"
#include "workspace/profile.h"

namespace twinlake::app {

using nlohmann::json;

namespace {

class ValuesReader {
 public:
  explicit ValuesReader(const std::string& file) : yaml_(file, Quoting::nothing) {}

  workspace::Given read(const YAML::Node& document) {
    for (const auto& part :
         yaml_.members(document, "the file of values", {"secrets", "notification_destinations"})) {
      if (part.key == "secrets")
        for (const auto& scope : yaml_.members(part.value, part.key)) read_scope(scope);
      if (part.key == "notification_destinations")
        for (const auto& destination : yaml_.members(part.value, part.key)) {
          std::string text = to_text(as_json(destination.value));
          given_.destinations.insert_or_assign(destination.key, Secret(std::move(text)));
        }
    }
    return std::move(given_);
  }

 private:
  void read_scope(const YamlReader::Member& scope) {
    for (const auto& [key, key_node, value] : yaml_.members(scope.value, "a scope"))
      given_.secrets.insert_or_assign(scope.key + "/" + key, secret(value));
  }

  Secret secret(const YAML::Node& node) const {
    if (node.IsScalar()) return Secret(std::string(node.Scalar()));
    std::string bytes;
    for (const auto& member : yaml_.members(node, "a secret", {"base64"}))
      bytes = base64_decode(yaml_.text(member.value, member.key));
    return Secret(std::move(bytes));
  }

  /// An anchor may lead back to itself, or be named so often that nothing ends.
  json as_json(const YAML::Node& node, int depth = 0) {
    constexpr int deepest = 16;
    constexpr int most = 10'000;
    if (depth > deepest || ++parts_ > most)
      yaml_.fail_at(node, "a config is nested too deeply or too large",
                    "Write it out, without anchors");
    if (node.IsMap()) {
      json object = json::object();
      for (const auto& member : yaml_.members(node, "a config"))
        object[member.key] = as_json(member.value, depth + 1);
      return object;
    }
    if (node.IsSequence()) {
      json array = json::array();
      for (const auto& element : node) array.push_back(as_json(element, depth + 1));
      return array;
    }
    return node.IsScalar() ? json(node.Scalar()) : json(nullptr);
  }

  YamlReader yaml_;
  workspace::Given given_;
  int parts_ = 0;  ///< of all configs
};

}  // namespace

Result<workspace::Given> parse_values(const std::string& text, const std::string& file) {
  try {
    return ValuesReader(file).read(YAML::Load(text));
  } catch (const ConfigProblem& problem) {
    return fail(problem.error);
  } catch (const YAML::Exception& problem) {
    // The library's own text could quote what stands there.
    return fail(Fault::config,
                file + ":" + std::to_string(problem.mark.line + 1) + ":" +
                    std::to_string(problem.mark.column + 1) + ": it is not YAML",
                "Check indentation (spaces, no tabs), colons and quotes near that place");
  }
}

Result<workspace::Given> read_values(const std::string& file) {
  struct stat facts{};
  if (stat(file.c_str(), &facts) == 0 && (facts.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    return fail(Fault::config, file + " holds secrets and can be read by others than its owner",
                "chmod 600 " + file);
  TRY(std::optional<std::string> text, workspace::disk_reader()(file));
  if (!text)
    return fail(Fault::config, "there is no file " + file, "Check `values` in twinlake.yml");
  auto given = parse_values(*text, file);
  wipe(*text);
  return given;
}

}  // namespace twinlake::app
