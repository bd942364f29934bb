#include "simulator/azure/resource_id.h"

#include "simulator/body.h"

namespace twinlake::simulator {

namespace {
std::vector<std::string> words_of(std::string_view path) {
  std::vector<std::string> out;
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    if (slash != 0) out.emplace_back(path.substr(0, slash));
    if (slash == std::string_view::npos) break;
    path.remove_prefix(slash + 1);
  }
  return out;
}

/// "a/{}/b": every second word is a name.
std::string without_names(const std::vector<std::string>& words) {
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) out += '/';
    out += i % 2 == 0 ? lower(words[i]) : "{}";
  }
  return out;
}
}  // namespace

ResourceId ResourceId::parse(std::string_view path) {
  while (path.ends_with('/')) path.remove_suffix(1);
  ResourceId id;
  id.text = path;
  const std::string small = lower(path);
  const std::size_t mark = small.rfind("/providers/");
  id.scope = id.text.substr(0, mark == std::string::npos ? id.text.size() : mark);
  const std::vector<std::string> outer = words_of(id.scope);
  if (outer.size() > 1 && lower(outer[0]) == "subscriptions") id.subscription = outer[1];
  if (outer.size() > 3 && lower(outer[2]) == "resourcegroups") id.group = outer[3];
  if (mark == std::string::npos) {
    id.words = outer;
    return id;
  }
  id.words = words_of(std::string_view(id.text).substr(mark + 11));
  if (id.words.empty()) return id;
  id.provider = id.words.front();
  id.words.erase(id.words.begin());
  return id;
}

std::string ResourceId::route() const {
  std::string inner = without_names(words);
  if (provider.empty()) return inner;
  return lower(provider) + (inner.empty() ? "" : "/") + inner;
}

std::string ResourceId::type() const {
  std::string out = provider.empty() ? "Microsoft.Resources" : provider;
  for (std::size_t i = 0; i < words.size(); i += 2) out += "/" + words[i];
  return out;
}

std::string ResourceId::name() const {
  if (words.size() < 2) return {};
  return words[words.size() - (names_one() ? 1 : 2)];
}

std::string ResourceId::group_id() const {
  if (group.empty()) return {};
  return "/subscriptions/" + subscription + "/resourceGroups/" + group;
}

std::string ResourceId::parent() const {
  std::size_t drop = names_one() ? 2 : 1;
  if (!provider.empty() && words.size() <= drop) return scope;
  std::string_view rest = text;
  for (; drop > 0; --drop) rest = rest.substr(0, rest.rfind('/'));
  return std::string(rest);
}

}  // namespace twinlake::simulator
