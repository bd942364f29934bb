#include "simulator/files/unity_catalog.h"

#include <algorithm>

namespace twinlake::simulator {

namespace {
const std::string root = "/api/2.1/unity-catalog/";
constexpr std::string_view forbidden = "./ \t";

Collection::Shape shape_of(const std::string& kind, const std::string& plural) {
  return {.kind = kind,
          .world_key = plural,
          .route = root + plural,
          .list_key = plural,
          .id_field = "full_name",
          .size_parameter = "max_results",
          .page = 1000,
          .largest_page = 10000};
}

bool matches(const json& item, const Call& call) {
  for (const char* key : {"catalog_name", "schema_name"})
    if (const std::string wanted = lower(call.query(key));
        !wanted.empty() && item.contains(key) && item.at(key) != wanted)
      return false;
  return true;
}

std::string without_slash(std::string text) {
  while (text.ends_with('/')) text.pop_back();
  return text;
}

class Catalogs : public Securables {
 public:
  explicit Catalogs(Region& region)
      : Securables(region, shape_of("catalog", "catalogs"), "CATALOG") {}

 private:
  Refusal complete(json& item) override {
    item["catalog_type"] = "MANAGED_CATALOG";
    item["isolation_mode"] = "OPEN";
    return std::nullopt;
  }
  [[nodiscard]] std::string parent_of(const json&) const override { return ""; }
};

class Schemas : public Securables {
 public:
  explicit Schemas(Region& region) : Securables(region, shape_of("schema", "schemas"), "SCHEMA") {}

 private:
  Refusal complete(json& item) override {
    item["schema_id"] = region_.ids().uuid();
    return std::nullopt;
  }
  [[nodiscard]] std::string parent_of(const json& item) const override {
    return lower(text_of(item, "catalog_name"));
  }
};

class Volumes : public Securables {
 public:
  explicit Volumes(Region& region) : Securables(region, shape_of("volume", "volumes"), "VOLUME") {}

 private:
  Refusal complete(json& item) override {
    const std::string type = text_of(item, "volume_type");
    const std::string location = without_slash(text_of(item, "storage_location"));
    if (type != "MANAGED" && type != "EXTERNAL")
      return invalid("Missing or unknown field: volume_type");
    if (type == "MANAGED" && !location.empty())
      return invalid("CreateVolume storage_location can not be provided.");
    if (type == "EXTERNAL" && location.empty())
      return invalid("CreateVolume storage_location must be provided.");
    const std::string id = region_.ids().uuid();
    item["volume_id"] = id;
    item["storage_location"] = type == "EXTERNAL"
                                   ? location
                                   : "abfss://unity@stuc" + region_.options().name +
                                         ".dfs.core.windows.net/__unitystorage/volumes/" + id;
    return std::nullopt;
  }
  [[nodiscard]] std::string parent_of(const json& item) const override {
    return lower(text_of(item, "catalog_name") + "." + text_of(item, "schema_name"));
  }
};
}  // namespace

Securables::Securables(Region& region, Shape shape, std::string word)
    : Collection(region, std::move(shape)), word_(std::move(word)) {
  region.router().add(http::Method::get, shape_.route,
                      [this](Call& call) { return list_securables(call); });
  region.router().add(http::Method::get, shape_.route + "/{id}",
                      [this](Call& call) { return get_securable(call); });
}

http::Response Securables::missing(const std::string& full_name) const {
  return error(
      404, word_ + "_DOES_NOT_EXIST",
      upper(word_.substr(0, 1)) + lower(word_.substr(1)) + " '" + full_name + "' does not exist.");
}

http::Response Securables::list_securables(Call& call) {
  // Without max_results the old unpaged answer comes; with 0 the server chooses the size.
  PageWish wish;
  wish.limit = items_.size();
  Refusal refusal;
  if (!call.query("max_results").empty())
    wish = page_wish(call, shape_.size_parameter, shape_.page, shape_.largest_page, refusal);
  if (refusal) return *refusal;
  const auto page = items_.page(wish, Shelf<json>::Order::oldest_first,
                                [&](const json& item) { return matches(item, call); });
  json body = json::object();
  for (const json* item : page.items) body[shape_.list_key].push_back(*item);
  if (!page.next.empty()) body["next_page_token"] = page.next;
  return answer(body);
}

http::Response Securables::get_securable(Call& call) {
  const std::string id = lower(call.arguments.at("id"));
  const json* item = find(id);
  return item == nullptr ? missing(id) : answer(*item);
}

Refusal Securables::create(json wanted, const std::string& caller, json& made) {
  const std::string name = lower(text_of(wanted, "name"));
  if (name.empty() || name.find_first_of(forbidden) != std::string::npos)
    return invalid("Missing or invalid field: name");
  if (field(wanted, "owner") != nullptr) return invalid("The owner cannot be set when creating.");
  const std::string parent = parent_of(wanted);
  const std::string full_name = parent.empty() ? name : parent + "." + name;
  if (exists(full_name))
    return error(409, word_ == "VOLUME" ? "ALREADY_EXISTS" : word_ + "_ALREADY_EXISTS",
                 word_ + " '" + full_name + "' already exists");
  json item = std::move(wanted);
  if (auto refusal = complete(item)) return refusal;
  item["name"] = name;
  for (const char* key : {"catalog_name", "schema_name"})
    if (item.contains(key)) item[key] = lower(text_of(item, key));
  item["full_name"] = full_name;
  item["securable_type"] = word_;
  item["metastore_id"] = uuid_from("metastore of " + region_.options().name);
  item["owner"] = caller;
  for (const char* key : {"created_by", "updated_by"}) item[key] = caller;
  for (const char* key : {"created_at", "updated_at"}) item[key] = region_.now_millis();
  made = add(std::move(item), caller);
  return std::nullopt;
}

bool Securables::any_below(const std::string& full_name) const {
  const std::string prefix = full_name + ".";
  return std::ranges::any_of(items_.all(), [&](const json* item) {
    // Nobody made that one, so nobody has to remove it.
    return text_of(*item, "full_name").starts_with(prefix) &&
           text_of(*item, "name") != "information_schema";
  });
}

void Securables::erase_below(const std::string& full_name) {
  std::vector<std::string> names;
  for (const json* item : items_.all()) names.push_back(text_of(*item, "full_name"));
  for (const std::string& name : names)
    if (name.starts_with(full_name + ".")) erase(name);
}

UnityCatalog::UnityCatalog(Region& region)
    : region_(region),
      catalogs_(std::make_unique<Catalogs>(region)),
      schemas_(std::make_unique<Schemas>(region)),
      volumes_(std::make_unique<Volumes>(region)) {
  using http::Method;
  Router& router = region.router();
  router.add(Method::post, root + "catalogs", [this](Call& call) { return create_catalog(call); });
  router.add(Method::post, root + "schemas", [this](Call& call) { return create_schema(call); });
  router.add(Method::post, root + "volumes", [this](Call& call) { return create_volume(call); });
  router.add(Method::del, root + "catalogs/{id}",
             [this](Call& call) { return remove(call, *catalogs_, schemas_.get()); });
  router.add(Method::del, root + "schemas/{id}",
             [this](Call& call) { return remove(call, *schemas_, volumes_.get()); });
  router.add(Method::del, root + "volumes/{id}",
             [this](Call& call) { return remove(call, *volumes_, nullptr); });
  router.add(Method::post, "/sim/volumes", [this](Call& call) {
    const auto refusal =
        plant_volume(text_of(call.body, "full_name"), text_of(call.body, "storage_location"));
    return refusal ? *refusal : done();
  });
}

http::Response UnityCatalog::create_catalog(Call& call) {
  json made;
  if (auto refusal = catalogs_->create(call.body, call.caller, made)) return *refusal;
  for (const char* name : {"default", "information_schema"}) {
    json ignored;
    (void)schemas_->create(json::object({{"name", name}, {"catalog_name", text_of(made, "name")}}),
                           call.caller, ignored);
  }
  return answer(made);
}

http::Response UnityCatalog::create_schema(Call& call) {
  const std::string parent = lower(text_of(call.body, "catalog_name"));
  if (catalog(parent) == nullptr)
    return error(404, "CATALOG_DOES_NOT_EXIST", "Catalog '" + parent + "' does not exist.");
  json made;
  const auto refusal = schemas_->create(call.body, call.caller, made);
  return refusal ? *refusal : answer(made);
}

http::Response UnityCatalog::create_volume(Call& call) {
  const std::string parent =
      lower(text_of(call.body, "catalog_name") + "." + text_of(call.body, "schema_name"));
  if (schema(parent) == nullptr)
    return error(404, "SCHEMA_DOES_NOT_EXIST", "Schema '" + parent + "' does not exist.");
  json made;
  const auto refusal = volumes_->create(call.body, call.caller, made);
  return refusal ? *refusal : answer(made);
}

http::Response UnityCatalog::remove(Call& call, Securables& kind, Securables* children) {
  const std::string id = lower(call.arguments.at("id"));
  if (!kind.exists(id))
    return error(404, upper(kind.shape().kind) + "_DOES_NOT_EXIST",
                 kind.shape().kind + " '" + id + "' does not exist.");
  const bool force = call.query("force") == "true";
  if (!force && children != nullptr && children->any_below(id))
    return error(400, upper(kind.shape().kind) + "_NOT_EMPTY",
                 kind.shape().kind + " '" + id + "' is not empty.");
  for (Securables* below : {schemas_.get(), volumes_.get()}) below->erase_below(id);
  kind.erase(id);
  return done();
}

const json* UnityCatalog::catalog(std::string_view name) const {
  return std::as_const(*catalogs_).find(name);
}
const json* UnityCatalog::schema(std::string_view full_name) const {
  return std::as_const(*schemas_).find(full_name);
}
const json* UnityCatalog::volume(std::string_view full_name) const {
  return std::as_const(*volumes_).find(full_name);
}

Refusal UnityCatalog::plant_volume(const std::string& full_name,
                                   const std::string& storage_location) {
  const std::vector<std::string> parts = split(lower(full_name), '.');
  if (parts.size() != 3) return invalid("A volume is named catalog.schema.volume.");
  const std::string& admin = region_.options().admin;
  json made;
  if (catalog(parts[0]) == nullptr)
    (void)catalogs_->create(json::object({{"name", parts[0]}}), admin, made);
  if (schema(parts[0] + "." + parts[1]) == nullptr)
    (void)schemas_->create(json::object({{"name", parts[1]}, {"catalog_name", parts[0]}}), admin,
                           made);
  json wanted = json::object({{"name", parts[2]},
                              {"catalog_name", parts[0]},
                              {"schema_name", parts[1]},
                              {"volume_type", storage_location.empty() ? "MANAGED" : "EXTERNAL"}});
  if (!storage_location.empty()) wanted["storage_location"] = storage_location;
  return volumes_->create(std::move(wanted), admin, made);
}

std::vector<std::string> UnityCatalog::volume_names() const {
  std::vector<std::string> names;
  const json world = volumes_->world();
  for (const json& item : list_of(world, "volumes")) names.push_back(text_of(item, "full_name"));
  std::ranges::sort(names);
  return names;
}

json UnityCatalog::world() const {
  json all = catalogs_->world();
  all.update(schemas_->world());
  all.update(volumes_->world());
  return all;
}

}  // namespace twinlake::simulator
