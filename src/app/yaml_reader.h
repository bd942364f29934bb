#pragma once
// Strict reading of YAML: every wrong thing is told with its place and a remedy. Internal to
// config.
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <yaml-cpp/yaml.h>

#include "base/result.h"

namespace twinlake::app {

/// Thrown while a document is read and caught in parse_config: a tree has so many ways to be wrong
/// that a Result for each value would hide what is read.
struct ConfigProblem {
  Error error;
};

/// What errors may repeat of a file. In one that holds secrets a wrong indentation makes a key of a
/// value, so there it is nothing: the place has to do.
enum class Quoting { keys, nothing };

class YamlReader {
 public:
  explicit YamlReader(std::string file, Quoting quoting = Quoting::keys)
      : file_(std::move(file)), quoting_(quoting) {}

  [[noreturn]] void fail_at(const YAML::Mark& mark, const std::string& message,
                            const std::string& remedy) const;
  [[noreturn]] void fail_at(const YAML::Node& node, const std::string& message,
                            const std::string& remedy) const {
    fail_at(node.Mark(), message, remedy);
  }

  struct Member {
    std::string key;
    YAML::Node key_node;
    YAML::Node value;
  };
  /// The members of a mapping. No key may appear twice.
  [[nodiscard]] std::vector<Member> members(const YAML::Node& node, std::string_view what) const;
  /// The same, and every key must be one of these.
  [[nodiscard]] std::vector<Member> members(const YAML::Node& node, std::string_view what,
                                            const std::vector<std::string>& known) const;
  [[nodiscard]] std::string text(const YAML::Node& node, std::string_view what) const;
  [[nodiscard]] bool truth(const YAML::Node& node, std::string_view what) const;
  [[nodiscard]] std::int64_t count(const YAML::Node& node, std::string_view what) const;
  [[nodiscard]] std::vector<YAML::Node> list(const YAML::Node& node, std::string_view what) const;

 private:
  std::string file_;
  Quoting quoting_;
};

}  // namespace twinlake::app
