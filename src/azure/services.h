#pragma once
// Services of Azure that a workspace's definitions name, and by what they are recognised in a text:
// a host, or a resource id. Pure.
#include <string>
#include <string_view>
#include <vector>

#include "azure/resource_id.h"

namespace twinlake::azure {

/// What stands around a workspace (facts, azure 8, 9, 10 and 16).
enum class Service {
  storage,
  data_lake_gen1,  ///< retired by Azure
  key_vault,
  sql,
  mysql,
  mariadb,  ///< retired by Azure
  postgresql,
  hdinsight,
  event_hubs,
  cosmos,
  synapse,
  log_analytics,
  container_registry,
  cognitive,  ///< OpenAI too
  other,      ///< a resource id of any other type
};

/// "storage account", "key vault", ...: in messages.
[[nodiscard]] std::string_view name_of(Service service);
/// "storage", "key_vault", ...: for machines.
[[nodiscard]] std::string_view word_of(Service service);
/// "Microsoft.Storage/storageAccounts"; empty where there is none any more.
[[nodiscard]] std::string_view resource_type_of(Service service);

/// One thing that a text names.
struct Named {
  Service service = Service::other;
  std::string name;  ///< of the account, vault, server, ...; in lower case
  std::string host;  ///< as far as the service is concerned, in lower case; empty for a resource id
  std::string resource_id;  ///< as it is written; empty for a host
  std::string part;         ///< container or database; empty: the text names none
  auto operator<=>(const Named&) const = default;
};

struct NamedInText {
  std::vector<Named> things;  ///< in the order of the text
  /// Services whose hosts the text puts together when it runs (`{account}.dfs.core.windows.net`):
  /// nobody can tell which ones they are.
  std::vector<Service> built;
};

/// Looks through a text of any length: a URL, the name of a setting, a script, a notebook. Nothing
/// of the text but such names comes out, so a secret beside them does not.
[[nodiscard]] NamedInText names_in(std::string_view text);

}  // namespace twinlake::azure
