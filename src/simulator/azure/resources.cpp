#include "simulator/azure/resources.h"

#include "simulator/body.h"

namespace twinlake::simulator {

bool same_id(std::string_view left, std::string_view right) { return lower(left) == lower(right); }

json* Resources::find(std::string_view id) {
  const auto found = by_id_.find(lower(id));
  return found == by_id_.end() ? nullptr : &found->second;
}

const json* Resources::find(std::string_view id) const {
  const auto found = by_id_.find(lower(id));
  return found == by_id_.end() ? nullptr : &found->second;
}

json& Resources::put(json resource) {
  const std::string text = resource.at("id").get<std::string>();
  const ResourceId id = ResourceId::parse(text);
  if (!resource.contains("name")) resource["name"] = id.name();
  if (!resource.contains("type")) resource["type"] = id.type();
  if (!resource.contains("properties")) resource["properties"] = json::object();
  return by_id_.insert_or_assign(lower(text), std::move(resource)).first->second;
}

bool Resources::remove(std::string_view id) {
  const std::string key = lower(id);
  const std::string inside = key + "/";
  std::erase_if(by_id_, [&](const auto& entry) { return entry.first.starts_with(inside); });
  return by_id_.erase(key) > 0;
}

std::vector<const json*> Resources::of_type(std::string_view type, std::string_view below) const {
  const std::string inside = lower(below) + "/";
  std::vector<const json*> out;
  for (const auto& [id, resource] : by_id_)
    if (id.starts_with(inside) && same_id(text_of(resource, "type"), type))
      out.push_back(&resource);
  return out;
}

std::vector<const json*> Resources::below(std::string_view id) const {
  const std::string inside = lower(id) + "/";
  std::vector<const json*> out;
  for (const auto& [key, resource] : by_id_)
    if (key.starts_with(inside)) out.push_back(&resource);
  return out;
}

}  // namespace twinlake::simulator
