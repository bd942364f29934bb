#pragma once
// One kind of object that is kept as raw JSON under an id: the common part of the lookup services.
#include <string>
#include <string_view>
#include <vector>

#include "simulator/region.h"
#include "simulator/shelf.h"

namespace twinlake::simulator {

class Collection {
 public:
  struct Shape {
    std::string kind;       ///< "warehouse": the name for exists() and /sim/lookups/{kind}
    std::string world_key;  ///< "warehouses": the key in /sim/world
    std::string route;      ///< of the list
    std::string list_key;   ///< the array in the answer of the list
    std::string id_field;
    std::string size_parameter = "page_size";
    std::int64_t page = 20;
    std::int64_t largest_page = 100;
    std::string permission_type = {};  ///< empty: the permissions API does not know the kind
    std::vector<std::string> not_in_list = {};  ///< fields that only a GET of one object shows
  };

  Collection(Region& region, Shape shape);
  virtual ~Collection() = default;
  Collection(const Collection&) = delete;
  Collection& operator=(const Collection&) = delete;

  [[nodiscard]] const Shape& shape() const { return shape_; }
  [[nodiscard]] bool exists(std::string_view id) const { return items_.find(id) != nullptr; }
  [[nodiscard]] const json* find(std::string_view id) const { return items_.find(id); }
  /// Puts an object there without any check, for tests; its id is invented when it has none.
  virtual json plant(const json& body, const std::string& creator);
  /// Content for /sim/world, brought up to now.
  [[nodiscard]] virtual json world();

 protected:
  /// What a GET shows of an object.
  [[nodiscard]] virtual json shown(const json& item) { return item; }
  [[nodiscard]] virtual std::string new_id() { return region_.ids().uuid(); }
  [[nodiscard]] virtual http::Response missing(const std::string& id) const;

  void add_list_route();
  void add_get_route();
  void add_delete_route();
  json& add(json item, const std::string& creator);
  void erase(const std::string& id);
  [[nodiscard]] json* find(std::string_view id) { return items_.find(id); }
  http::Response list(Call& call);
  http::Response get(Call& call);

  Region& region_;
  Shape shape_;
  Shelf<json> items_;
};

/// Takes the fields of an update mask ("a,b" or "*") from `changes` into `item`.
void apply_mask(json& item, const json& changes, const std::string& mask);
[[nodiscard]] std::vector<std::string> split(const std::string& text, char separator);

}  // namespace twinlake::simulator
