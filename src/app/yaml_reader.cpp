#include "app/yaml_reader.h"

#include <algorithm>
#include <charconv>

#include "app/suggest.h"

namespace twinlake::app {

namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "`" : ", `") + word + "`";
  return text;
}

std::string_view name_of(const YAML::Node& node) {
  switch (node.Type()) {
    case YAML::NodeType::Undefined: return "nothing";
    case YAML::NodeType::Null: return "nothing";
    case YAML::NodeType::Scalar: return "a text";
    case YAML::NodeType::Sequence: return "a list";
    case YAML::NodeType::Map: return "a mapping";
  }
  return "nothing";
}

std::string in_ticks(std::string_view what) { return "`" + std::string(what) + "`"; }

}  // namespace

void YamlReader::fail_at(const YAML::Mark& mark, const std::string& message,
                         const std::string& remedy) const {
  const std::string place =
      file_ + ":" + std::to_string(mark.line + 1) + ":" + std::to_string(mark.column + 1);
  throw ConfigProblem{Error(Fault::config, place + ": " + message, remedy)};
}

std::vector<YamlReader::Member> YamlReader::members(const YAML::Node& node,
                                                    std::string_view what) const {
  if (!node.IsMap())
    fail_at(node, in_ticks(what) + " must be a mapping, not " + std::string(name_of(node)),
            "Write `key: value` lines below it, indented");
  std::vector<Member> found;
  for (const auto& entry : node) {
    Member member{text(entry.first, "a key"), entry.first, entry.second};
    const bool twice = std::any_of(found.begin(), found.end(),
                                   [&](const Member& m) { return m.key == member.key; });
    if (twice)
      fail_at(entry.first,
              (quoting_ == Quoting::keys ? in_ticks(member.key) : std::string("a key")) +
                  " is there twice in " + in_ticks(what),
              "Keep one of them");
    found.push_back(std::move(member));
  }
  return found;
}

std::vector<YamlReader::Member> YamlReader::members(const YAML::Node& node, std::string_view what,
                                                    const std::vector<std::string>& known) const {
  std::vector<Member> found = members(node, what);
  for (const Member& member : found) {
    if (std::find(known.begin(), known.end(), member.key) != known.end()) continue;
    const std::string meant = nearest(member.key, known);
    fail_at(member.key_node,
            in_ticks(what) + (quoting_ == Quoting::keys ? " has no key " + in_ticks(member.key)
                                                        : std::string(" has no such key")),
            meant.empty() ? "It knows " + joined(known) : "Did you mean `" + meant + "`?");
  }
  return found;
}

std::string YamlReader::text(const YAML::Node& node, std::string_view what) const {
  if (!node.IsScalar())
    fail_at(node, in_ticks(what) + " must be a text, not " + std::string(name_of(node)),
            "Give one value");
  if (node.Scalar().empty())
    fail_at(node, in_ticks(what) + " is empty", "Give a value, or leave the key out");
  return node.Scalar();
}

bool YamlReader::truth(const YAML::Node& node, std::string_view what) const {
  const std::string value = node.IsScalar() ? node.Scalar() : std::string(name_of(node));
  // Only the two words of YAML 1.2: `no` and `off` mean different things to different readers.
  if (node.IsScalar() && node.Tag() != "!" && (value == "true" || value == "false"))
    return value == "true";
  fail_at(node, in_ticks(what) + " must be true or false, not " + in_ticks(value),
          "Write `true` or `false`");
}

std::int64_t YamlReader::count(const YAML::Node& node, std::string_view what) const {
  const std::string value = node.IsScalar() ? node.Scalar() : std::string(name_of(node));
  std::int64_t number = 0;
  const char* const end = value.data() + value.size();
  const auto parsed = std::from_chars(value.data(), end, number);
  if (node.IsScalar() && node.Tag() != "!" && parsed.ec == std::errc() && parsed.ptr == end &&
      number >= 0)
    return number;
  fail_at(node, in_ticks(what) + " must be a whole number of 0 or more, not " + in_ticks(value),
          "Write digits only");
}

std::vector<YAML::Node> YamlReader::list(const YAML::Node& node, std::string_view what) const {
  if (!node.IsSequence())
    fail_at(node, in_ticks(what) + " must be a list, not " + std::string(name_of(node)),
            "Write one `- entry` line for each");
  std::vector<YAML::Node> nodes;
  for (const auto& entry : node) nodes.push_back(entry);
  return nodes;
}

}  // namespace twinlake::app
