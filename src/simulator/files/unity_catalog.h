#pragma once
// Unity Catalog as far as volumes need it: catalogs, schemas and volumes. Names are kept in lower
// case, as the service does.
//
// POST /sim/volumes {"full_name", "storage_location"} makes a volume and what it stands in; without
// a location it is a managed one.
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/collection.h"
#include "simulator/service.h"

namespace twinlake::simulator {

class UnityCatalog;

/// The common part of the three kinds.
class Securables : public Collection {
 public:
  Securables(Region& region, Shape shape, std::string word);
  /// Unknown parents, taken names and the like; else the object as it is to be kept.
  Refusal create(json wanted, const std::string& caller, json& made);
  /// Removes what a name prefix covers, e.g. all schemas of a catalog.
  void erase_below(const std::string& full_name);
  [[nodiscard]] bool any_below(const std::string& full_name) const;
  using Collection::erase;

 protected:
  [[nodiscard]] http::Response missing(const std::string& full_name) const override;
  /// Fields that only one kind has; refuses what it does not allow.
  virtual Refusal complete(json& item) = 0;
  [[nodiscard]] virtual std::string parent_of(const json& item) const = 0;
  http::Response list_securables(Call& call);
  http::Response get_securable(Call& call);

 private:
  std::string word_;  ///< "CATALOG": in codes and messages
};

class UnityCatalog : public Service {
 public:
  explicit UnityCatalog(Region& region);
  [[nodiscard]] json world() const override;

  /// Makes a volume "main.raw.files", with its catalog and schema when they are missing.
  Refusal plant_volume(const std::string& full_name, const std::string& storage_location = "");
  [[nodiscard]] const json* catalog(std::string_view name) const;
  [[nodiscard]] const json* schema(std::string_view full_name) const;
  [[nodiscard]] const json* volume(std::string_view full_name) const;
  /// Names of all volumes, in order.
  [[nodiscard]] std::vector<std::string> volume_names() const;

 private:
  http::Response create_catalog(Call& call);
  http::Response create_schema(Call& call);
  http::Response create_volume(Call& call);
  http::Response remove(Call& call, Securables& kind, Securables* children);

  Region& region_;
  std::unique_ptr<Securables> catalogs_, schemas_, volumes_;
};

}  // namespace twinlake::simulator
