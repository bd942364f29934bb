#include "simulator/collection.h"

#include "simulator/identity/permissions.h"

namespace twinlake::simulator {

Collection::Collection(Region& region, Shape shape) : region_(region), shape_(std::move(shape)) {
  if (!shape_.permission_type.empty())
    region_.get<Permissions>().register_type(shape_.permission_type,
                                             [this](const std::string& id) { return exists(id); });
}

void Collection::add_list_route() {
  region_.router().add(http::Method::get, shape_.route, [this](Call& call) { return list(call); });
}
void Collection::add_get_route() {
  region_.router().add(http::Method::get, shape_.route + "/{id}",
                       [this](Call& call) { return get(call); });
}
void Collection::add_delete_route() {
  region_.router().add(http::Method::del, shape_.route + "/{id}", [this](Call& call) {
    const std::string& id = call.arguments.at("id");
    if (!exists(id)) return missing(id);
    erase(id);
    return done();
  });
}

http::Response Collection::missing(const std::string& id) const {
  return absent("The " + shape_.kind + " with id " + id + " does not exist.");
}

json& Collection::add(json item, const std::string& creator) {
  std::string id = text_of(item, shape_.id_field);
  if (id.empty()) id = new_id();
  item[shape_.id_field] = id;
  json& added = items_.add(id, std::move(item));
  if (!shape_.permission_type.empty())
    region_.get<Permissions>().created(shape_.permission_type, id, creator);
  return added;
}

void Collection::erase(const std::string& id) {
  items_.erase(id);
  if (!shape_.permission_type.empty())
    region_.get<Permissions>().removed(shape_.permission_type, id);
}

json Collection::plant(const json& body, const std::string& creator) {
  json item = body.is_object() ? body : json::object();
  return shown(add(std::move(item), creator));
}

http::Response Collection::list(Call& call) {
  Refusal refusal;
  const PageWish wish =
      page_wish(call, shape_.size_parameter, shape_.page, shape_.largest_page, refusal);
  if (refusal) return *refusal;
  const auto page = items_.page(wish, Shelf<json>::Order::oldest_first);
  json body = json::object();
  for (const json* item : page.items) {
    json row = shown(*item);
    for (const std::string& name : shape_.not_in_list) row.erase(name);
    body[shape_.list_key].push_back(std::move(row));
  }
  if (!page.next.empty()) body["next_page_token"] = page.next;
  return answer(body);
}

http::Response Collection::get(Call& call) {
  const std::string& id = call.arguments.at("id");
  const json* item = items_.find(id);
  return item == nullptr ? missing(id) : answer(shown(*item));
}

json Collection::world() {
  json all = json::array();
  for (json* item : items_.all()) {
    (void)shown(*item);  // lets the states that follow the clock catch up
    all.push_back(*item);
  }
  return json::object({{shape_.world_key, std::move(all)}});
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == separator)
      parts.emplace_back();
    else
      parts.back() += c;
  }
  return parts;
}

void apply_mask(json& item, const json& changes, const std::string& mask) {
  if (mask == "*") {
    if (changes.is_object()) item.update(changes);
    return;
  }
  for (const std::string& name : split(mask, ',')) {
    json::json_pointer place;
    for (const std::string& step : split(name, '.')) place /= step;
    if (changes.contains(place))
      item[place] = changes.at(place);
    else if (item.contains(place))
      item[place.parent_pointer()].erase(place.back());
  }
}

}  // namespace twinlake::simulator
