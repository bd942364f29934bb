#include "workspace/ini.h"

#include <algorithm>

#include "base/text.h"

namespace twinlake::workspace {

namespace {

tl::unexpected<Error> wrong(int line, std::string_view what) {
  return fail(Fault::config, "line " + std::to_string(line) + ": " + std::string(what));
}

IniSection& section_of(IniFile& file, std::string_view name) {
  const auto found = std::find_if(file.sections.begin(), file.sections.end(),
                                  [&](const IniSection& section) { return section.name == name; });
  if (found != file.sections.end()) return *found;
  file.sections.push_back(IniSection{std::string(name), {}});
  return file.sections.back();
}

/// Tokens may contain '#': it begins a comment only after a blank.
std::string_view without_comment(std::string_view value) {
  for (std::size_t i = 1; i < value.size(); ++i)
    if (value[i] == '#' && (value[i - 1] == ' ' || value[i - 1] == '\t'))
      return trimmed(value.substr(0, i));
  return value.starts_with('#') ? std::string_view{} : value;
}

/// Inside quotes nothing is a comment.
std::string_view value_of(std::string_view text) {
  if (!text.empty() && (text[0] == '"' || text[0] == '\'' || text[0] == '`')) {
    const std::size_t close = text.find(text[0], 1);
    if (close != std::string_view::npos && without_comment(trimmed(text.substr(close + 1))).empty())
      return text.substr(1, close - 1);
  }
  return without_comment(text);
}

Result<void> take_line(IniFile& file, std::string& section, std::string_view line, int number) {
  if (line.empty() || line.front() == '#' || line.front() == ';') return {};
  if (line.front() == '[') {
    const std::size_t close = line.find(']');
    if (close == std::string_view::npos) return wrong(number, "a section header without ]");
    if (!without_comment(trimmed(line.substr(close + 1))).empty())
      return wrong(number, "text after a section header");
    section = trimmed(line.substr(1, close - 1));
    if (section.empty()) return wrong(number, "a section without a name");
    section_of(file, section);
    return {};
  }
  const std::size_t delimiter = line.find_first_of("=:");
  if (delimiter == std::string_view::npos)
    return wrong(number, "neither a section nor `name = value`");
  const std::string_view key = trimmed(line.substr(0, delimiter));
  if (key.empty()) return wrong(number, "a value without a name");
  auto& values = section_of(file, section).values;
  const std::string_view value = value_of(trimmed(line.substr(delimiter + 1)));
  const auto same = std::find_if(values.begin(), values.end(),
                                 [&](const auto& pair) { return pair.first == key; });
  if (same != values.end())
    same->second = value;  // the last one counts, as with the official readers
  else
    values.emplace_back(key, value);
  return {};
}

}  // namespace

const std::string* IniSection::find(std::string_view key) const {
  for (const auto& [name_here, value] : values)
    if (name_here == key) return &value;
  return nullptr;
}

const IniSection* IniFile::find(std::string_view name) const {
  for (const IniSection& section : sections)
    if (section.name == name) return &section;
  return nullptr;
}

Result<IniFile> parse_ini(std::string_view text) {
  IniFile file;
  std::string section = "DEFAULT";
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  for (int number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    CHECK(take_line(file, section, trimmed(text.substr(0, end)), number));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return file;
}

}  // namespace twinlake::workspace
