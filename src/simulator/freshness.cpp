#include "simulator/freshness.h"

namespace twinlake::simulator {

namespace {
/// A statement is no object: whoever sent it can ask for it at once.
bool is_id_key(const std::string& key) {
  return key == "id" || (key.ends_with("_id") && key != "statement_id");
}

std::string text_of(const json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_integer()) return value.dump();
  return {};
}
}  // namespace

void Freshness::created(const http::Request& request, const http::Response& response) {
  if (request.method != http::Method::post || !response.ok()) return;
  const json made = json::parse(response.body, nullptr, false);
  if (made.is_object())
    for (const auto& [key, value] : made.items())
      if (is_id_key(key) && !text_of(value).empty()) fresh_.insert(text_of(value));
  if (!request.path.ends_with("/import") && !request.path.ends_with("/mkdirs")) return;
  const json asked = json::parse(request.body, nullptr, false);
  if (asked.is_object() && asked.contains("path")) fresh_.insert(text_of(asked["path"]));
}

bool Freshness::hides(const http::Request& request) {
  if (request.method != http::Method::get || fresh_.empty()) return false;
  const std::size_t slash = request.path.rfind('/');
  if (fresh_.erase(http::percent_decode(request.path.substr(slash + 1))) > 0) return true;
  for (const auto& [name, value] : request.query)
    if ((is_id_key(name) || name == "path") && fresh_.erase(value) > 0) return true;
  return false;
}

}  // namespace twinlake::simulator
