// What nearly every file includes, and what nearly every file does with JSON: its templates are
// instantiated here once instead of in each file. The headers are the expensive ones of others, never
// our own: a change of ours must not rebuild everything.
#pragma once
#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <coroutine>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include <nlohmann/json.hpp>
#include <tl/expected.hpp>

extern template class nlohmann::basic_json<>;

namespace twinlake::precompiled {

using nlohmann::json;

// Never called.
inline bool read_json(const json& from, const std::string& name, std::string_view text) {
  bool any = from.contains("a") || from.contains(name) || from.find("a") != from.end() ||
             from.find(name) != from.end() || from.contains(json::json_pointer(name));
  any = any || from.value("a", false) || from.value("a", "").empty() || from.value("a", 0) > 1 ||
        from.value("a", std::int64_t{0}) > 1 || from.value("a", 0.0) > 1 ||
        from.value("a", std::string()).empty() || from.value("a", json()).empty();
  any = any || from.get<std::string>().empty() || from.get<bool>() || from.get<int>() > 1 ||
        from.get<std::int64_t>() > 1 || from.get<double>() > 1 || from.get<std::size_t>() > 1 ||
        from.get<std::vector<std::string>>().empty() ||
        from.get_ref<const std::string&>().empty();
  any = any || from == json() || from != json() || from == "a" || from == name;
  any = any || from.at("a").is_null() || from.at(name).is_null() || from.at(0).is_null() ||
        from["a"].is_null() || from.at(json::json_pointer(name)).is_null();
  any = any || std::find(from.begin(), from.end(), json()) != from.end();
  for (const auto& [member, value] : from.items()) any = any || member == name || value.is_null();
  return any || json::parse(name, nullptr, false).is_discarded() || json::parse(text).is_null() ||
         from.dump().empty() || from.dump(2).empty();
}

inline json make_json(const json& from, const std::string& name, std::string_view text) {
  json made = json::object({{"a", name}, {"b", 1}, {"c", from}, {"d", "x"}, {"e", true},
                            {"f", json::array({1, "a"})}, {"g", {{"h", 1}}}});
  made["a"] = name;
  made["b"] = 1;
  made["c"] = true;
  made["d"] = std::int64_t{1};
  made["e"] = std::size_t{1};
  made["f"] = "x";
  made["g"] = nullptr;
  made["h"] = std::vector<std::string>{};
  made["i"] = std::map<std::string, std::string>{};
  made[name] = from;
  made[json::json_pointer(name)] = json(text);
  made.emplace("j", from);
  for (const json& element : from) made.push_back(element);
  for (json& element : made) element = json(name);
  made.erase("a");
  made.erase(name);
  std::vector<json> list{from};
  list.push_back(std::move(made));
  std::erase_if(list, [](const json& element) { return element.is_null(); });
  const auto shared = std::make_shared<const json>(list);
  std::map<std::string, json> by_name;
  by_name[name] = *shared;
  tl::expected<json, std::string> result(std::move(list));
  const std::optional<json> maybe(*result);
  return *maybe;
}

}  // namespace twinlake::precompiled
