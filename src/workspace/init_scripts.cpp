#include "workspace/init_scripts.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/json_path.h"
#include "http/message.h"
#include "http/pager.h"
#include "workspace/rows.h"

namespace twinlake::workspace {

using nlohmann::json;

namespace {

constexpr std::string_view route = "/api/2.0/global-init-scripts";

Task<Result<std::vector<json>>> list_in_order(Workspace& side) {
  CO_TRY(std::vector<json> scripts,
         co_await http::list_all(side.transport(), http::Request::get(std::string(route)),
                                 http::PageStyle::none, "/scripts"));
  const auto position = [](const json& script) { return script.value("position", 0); };
  std::stable_sort(scripts.begin(), scripts.end(),
                   [&](const json& a, const json& b) { return position(a) < position(b); });
  co_return scripts;
}

std::vector<std::string> ids_of(const std::vector<json>& scripts) {
  std::vector<std::string> ids;
  for (const json& script : scripts) ids.push_back(text_at(script, "/script_id"));
  return ids;
}

/// A change takes name and content too, whatever it changes (facts, core 34).
Task<Result<void>> move_to(Workspace& side, std::string id, std::size_t position) {
  const std::string path = std::string(route) + "/" + http::percent_encode(id);
  const auto ask = [&] { return side.call(http::Request::get(path)); };
  CO_TRY(const json script, co_await ask_for_shown(side, ask));
  json body = json::object();
  for (const char* field : {"name", "script", "enabled"})
    if (const auto found = script.find(field); found != script.end()) body[field] = *found;
  body["position"] = position;
  CO_CHECK(co_await side.call(http::Request::send_json(http::Method::patch, path, to_text(body),
                                                       http::Effect::writes, http::Repeat::safe)));
  co_return Result<void>{};
}

}  // namespace

Task<Result<std::vector<json>>> list_init_scripts(Workspace& side) {
  CO_TRY(std::vector<json> items, co_await list_in_order(side));
  json order = json::object();
  order["object"] = "ORDER";
  order["name"] = "order of the scripts";
  order["order"] = ids_of(items);
  for (json& script : items) script["object"] = "SCRIPT";
  items.push_back(std::move(order));
  co_return items;
}

Task<Result<void>> order_init_scripts(Workspace& side, std::vector<std::string> wanted) {
  CO_TRY(const std::vector<json> scripts, co_await list_in_order(side));
  std::vector<std::string> ids = ids_of(scripts);
  const auto place = [&](const std::string& id) { return std::find(ids.begin(), ids.end(), id); };
  std::erase_if(wanted, [&](const std::string& id) { return place(id) == ids.end(); });
  for (std::size_t i = 1; i < wanted.size(); ++i) {
    if (place(wanted[i]) > place(wanted[i - 1])) continue;
    ids.erase(place(wanted[i]));
    const auto after = ids.insert(std::next(place(wanted[i - 1])), wanted[i]);
    const auto position = static_cast<std::size_t>(after - ids.begin());
    CO_CHECK(co_await move_to(side, wanted[i], position));
  }
  co_return Result<void>{};
}

}  // namespace twinlake::workspace
