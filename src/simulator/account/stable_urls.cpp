#include "simulator/account/stable_urls.h"

#include <algorithm>

namespace twinlake::simulator {

std::string AccountCall::query(std::string_view name) const {
  for (const auto& [key, value] : request.query)
    if (key == name) return value;
  return {};
}

http::Response account_page(const AccountCall& call, std::string_view member, const json& all) {
  std::size_t from = 0;
  if (const std::string token = call.query("page_token"); !token.empty()) {
    const auto position = position_of(token);
    if (!position || *position < 0) return invalid("The page_token is not valid.");
    from = static_cast<std::size_t>(*position);
  }
  std::size_t size = call.page_size;
  const json asked = json::object({{"size", call.query("page_size")}});
  if (const auto wanted = integer_of(asked, "size"); wanted && *wanted > 0)
    size = std::min(size, static_cast<std::size_t>(*wanted));
  json body = json::object();
  for (std::size_t i = from; i < std::min(all.size(), from + size); ++i)
    body[member].push_back(all[i]);
  if (from + size < all.size())
    body["next_page_token"] = token_for(static_cast<std::int64_t>(from + size));
  return answer(body);
}

http::Response StableUrls::serve(const AccountCall& call) {
  using http::Method;
  const Method method = call.request.method;
  if (call.words.size() == 1 && method == Method::post) return create(call);
  if (call.words.size() == 1 && method == Method::get) return list(call);
  const std::string name =
      call.account + "/stable-urls/" + (call.words.size() > 1 ? call.words[1] : "");
  if (call.words.size() == 2 && method == Method::get)
    return exists(name) ? answer(urls_.at(name)) : absent(name + " does not exist.");
  if (call.words.size() == 2 && method == Method::del) return remove(name);
  return error(404, "ENDPOINT_NOT_FOUND", "No API found for '" + call.request.path + "'");
}

http::Response StableUrls::create(const AccountCall& call) {
  const std::string id = call.query("stable_url_id");
  if (id.empty()) return invalid("Missing required field: stable_url_id");
  const std::string name = call.account + "/stable-urls/" + id;
  // Status and code of a name that is taken are not told by any source.
  if (exists(name)) return error(409, "RESOURCE_ALREADY_EXISTS", name + " already exists.");
  const std::string workspace = text_of(call.body, "initial_workspace_id");
  if (!workspaces_.contains(workspace))
    return invalid("initial_workspace_id is no workspace of this account: " + workspace);
  const json made = json::object({{"name", name},
                                  {"url", "https://spog.azuredatabricks.net/?w=" + ids_.digits(16)},
                                  {"stable_workspace_id", ids_.digits(16)},
                                  {"effective_workspace_id", workspace}});
  if (!call.only_validates()) urls_[name] = made;
  return answer(made);
}

http::Response StableUrls::list(const AccountCall& call) const {
  json all = json::array();
  for (const auto& [name, url] : urls_) all.push_back(url);
  return account_page(call, "stable_urls", all);
}

http::Response StableUrls::remove(const std::string& name) {
  if (!exists(name)) return absent(name + " does not exist.");
  // Derived: a group names only such as exist.
  if (const std::string group = text_of(urls_[name], "failover_group_name"); !group.empty())
    return invalid_state(name + " is used by " + group + ".");
  urls_.erase(name);
  return done();
}

void StableUrls::attach(const std::string& name, const std::string& group,
                        const std::string& workspace) {
  urls_.at(name)["failover_group_name"] = group;
  urls_.at(name)["effective_workspace_id"] = workspace;
}

void StableUrls::detach_from(const std::string& group) {
  for (auto& [name, url] : urls_)
    if (text_of(url, "failover_group_name") == group) url.erase("failover_group_name");
}

json StableUrls::world() const {
  json all = json::array();
  for (const auto& [name, url] : urls_) all.push_back(url);
  return all;
}

}  // namespace twinlake::simulator
