#include "simulator/compute/init_scripts.h"

#include <algorithm>

#include "simulator/identity/identity.h"

namespace twinlake::simulator {

namespace {
constexpr std::size_t script_limit = 64UL * 1024;
constexpr const char* route = "/api/2.0/global-init-scripts";

http::Response no_script(const std::string& id) {
  return absent("The global init script with id " + id + " does not exist.");
}

/// Name and content of a request; both must be there, also in a change.
Refusal read(const json& body, std::string& name, std::string& content) {
  name = text_of(body, "name");
  if (name.empty()) return invalid("Missing required field: name");
  const std::string encoded = text_of(body, "script");
  if (encoded.empty()) return invalid("Missing required field: script");
  auto decoded = base64_decode(encoded);
  if (!decoded) return invalid("The script is not base64.");
  if (decoded->size() > script_limit) return invalid("A script may have at most 64 KB.");
  if (const auto position = integer_of(body, "position"); position && *position < 0)
    return invalid("The position must not be negative.");
  content = std::move(*decoded);
  return std::nullopt;
}
}  // namespace

InitScripts::InitScripts(Region& region) : region_(region) {
  using http::Method;
  Router& router = region.router();
  const auto admin = [](auto handler) {
    return [handler](Call& call) {
      if (auto refusal = admins_only(call)) return *refusal;
      return handler(call);
    };
  };
  const std::string root = route;
  router.add(Method::get, root, admin([this](Call& call) { return list(call); }));
  router.add(Method::post, root, admin([this](Call& call) { return create(call); }));
  router.add(Method::get, root + "/{id}", admin([this](Call& call) { return get(call); }));
  router.add(Method::patch, root + "/{id}", admin([this](Call& call) { return patch(call); }));
  router.add(Method::del, root + "/{id}", admin([this](Call& call) { return remove(call); }));
}

std::size_t InitScripts::place_of(const std::string& id) const {
  const auto found = std::find_if(scripts_.begin(), scripts_.end(),
                                  [&](const Script& script) { return script.id == id; });
  return static_cast<std::size_t>(found - scripts_.begin());
}

json InitScripts::shown(std::size_t place) const {
  const Script& script = scripts_[place];
  return json::object({{"script_id", script.id},
                       {"name", script.name},
                       {"position", place},
                       {"enabled", script.enabled},
                       {"created_by", script.created_by},
                       {"created_at", script.created_at},
                       {"updated_by", script.updated_by},
                       {"updated_at", script.updated_at}});
}

void InitScripts::insert(Script script, std::int64_t position) {
  const auto place = std::min<std::int64_t>(position, static_cast<std::int64_t>(scripts_.size()));
  scripts_.insert(scripts_.begin() + place, std::move(script));
}

http::Response InitScripts::list(Call&) const {
  json body = json::object();
  for (std::size_t place = 0; place < scripts_.size(); ++place)
    body["scripts"].push_back(shown(place));
  return answer(body);
}

http::Response InitScripts::get(Call& call) const {
  const std::string& id = call.arguments.at("id");
  const std::size_t place = place_of(id);
  if (place == scripts_.size()) return no_script(id);
  json body = shown(place);
  body["script"] = base64_encode(scripts_[place].content);
  return answer(body);
}

http::Response InitScripts::create(Call& call) {
  Script script;
  if (auto refusal = read(call.body, script.name, script.content)) return *refusal;
  script.id = region_.ids().upper_hex(16);
  script.enabled = flag_of(call.body, "enabled");
  script.created_by = script.updated_by = call.caller;
  script.created_at = script.updated_at = region_.now_millis();
  const std::string id = script.id;
  const auto last = static_cast<std::int64_t>(scripts_.size());
  insert(std::move(script), integer_of(call.body, "position").value_or(last));
  return answer(json::object({{"script_id", id}}));
}

http::Response InitScripts::patch(Call& call) {
  const std::string& id = call.arguments.at("id");
  const std::size_t place = place_of(id);
  if (place == scripts_.size()) return no_script(id);
  Script changed = scripts_[place];
  if (auto refusal = read(call.body, changed.name, changed.content)) return *refusal;
  changed.enabled = flag_of(call.body, "enabled", changed.enabled);
  changed.updated_by = call.caller;
  changed.updated_at = region_.now_millis();
  const auto here = static_cast<std::int64_t>(place);
  scripts_.erase(scripts_.begin() + here);
  insert(std::move(changed), integer_of(call.body, "position").value_or(here));
  return done();
}

http::Response InitScripts::remove(Call& call) {
  const std::string& id = call.arguments.at("id");
  const std::size_t place = place_of(id);
  if (place == scripts_.size()) return no_script(id);
  scripts_.erase(scripts_.begin() + static_cast<std::int64_t>(place));
  return done();
}

json InitScripts::world() const {
  json all = json::array();
  for (std::size_t place = 0; place < scripts_.size(); ++place) {
    json row = shown(place);
    row["script"] = base64_encode(scripts_[place].content);
    all.push_back(std::move(row));
  }
  return json::object({{"global_init_scripts", std::move(all)}});
}

}  // namespace twinlake::simulator
