#pragma once
// What the operator gave for a side because its API does not tell it.
#include <map>
#include <string>
#include <vector>

#include "base/secret.h"

namespace twinlake::workspace {

struct Given {
  std::map<std::string, Secret, std::less<>> secrets;  ///< values by "scope/key"
  /// What a notification destination is made with, as JSON text of its `config`, by its name.
  std::map<std::string, Secret, std::less<>> destinations;
  /// Addresses or networks from which the operator and this program reach the workspace.
  std::vector<std::string> own_addresses;
  /// Folders of the DBFS root that are copied as a whole.
  std::vector<std::string> dbfs_roots = {"/FileStore/jars", "/databricks/init"};
};

}  // namespace twinlake::workspace
