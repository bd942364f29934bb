#pragma once
// Everything of Azure that the definitions and the code of a workspace name, each with the places
// that name it. Pure.
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "azure/services.h"
#include "workspace/inventory.h"

namespace twinlake::azure {

/// Where a name stands.
struct Place {
  std::string address;  ///< of the object
  std::string pointer;  ///< within its definition; empty: in its content
  auto operator<=>(const Place&) const = default;
};

/// One account, vault, server or resource that something names.
struct Used {
  Service service = Service::other;
  std::string name;
  std::set<std::string> hosts;
  std::set<std::string> parts;         ///< containers or databases
  std::set<std::string> resource_ids;  ///< as they are written
  std::set<Place> primary;             ///< where the primary names it
  std::set<Place> standby;             ///< where the standby does
};

/// A Hive metastore that is a database of one's own (facts, azure 10.1).
struct ExternalMetastore {
  Place place;
  bool on_standby = false;
  std::string host;  ///< empty: the address is a secret
  std::string database;
  std::set<std::string>
      secrets;  ///< "scope/key" that hold its address or login; their values are not read
  std::string version;
  std::string jars;  ///< where its libraries come from: those of a folder have to be copied too
};

struct EstateUses {
  /// By service and name. A resource of another type is called by its id.
  std::map<std::pair<Service, std::string>, Used> things;
  std::vector<ExternalMetastore> metastores;
  /// Places of code that puts hosts together when it runs: nobody can tell which.
  std::map<Service, std::set<Place>> built;
  std::size_t texts_of_code = 0;  ///< notebooks and files that were looked through
};

enum class Of { primary, standby };

void add_use(EstateUses& uses, Of side, const Named& named, const Place& place);
/// Notebooks and files of the primary that name it themselves: no rewrite reaches what is in them.
[[nodiscard]] std::size_t uses_in_code(const Used& used);

/// Looks through one definition in canonical form, names of members included, or any other JSON.
void look_at_definition(EstateUses& uses, Of side, const std::string& address,
                        const nlohmann::json& definition);
/// Looks through the text of a notebook or file.
void look_at_code(EstateUses& uses, Of side, const std::string& address, std::string_view text);

/// All that was listed and read of one side.
void look_at_inventory(EstateUses& uses, Of side, const workspace::Inventory& inventory);

/// Of one service, in the order of their names.
[[nodiscard]] std::vector<const Used*> of_service(const EstateUses& uses, Service service);

}  // namespace twinlake::azure
