#pragma once
// The Hive metastore of a workspace. No API knows it: it is read and made by SQL (facts, more 20).
//
// Everything in it is an item {"type", "name", "schema", "grants"} with the fields of its type;
// names are "hive_metastore.sales.orders". One that could not be described carries why as
// {"problem"}, and the others are unaffected.
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "base/result.h"
#include "base/task.h"
#include "workspace/statements.h"
#include "workspace/workspace.h"

namespace twinlake::workspace {

inline constexpr const char* metastore_root = "hive_metastore";

/// All of it. Fault::disabled: this workspace has none.
[[nodiscard]] Task<Result<std::vector<nlohmann::json>>> observe_metastore(Workspace& side);

/// One object as it is now; null when it is not there.
[[nodiscard]] Task<Result<nlohmann::json>> read_metastore_object(Workspace& side, std::string type,
                                                                 std::string name);

/// Reads an object again and puts what it is now in the place of what was observed of it. `kind` is
/// under which name that is kept. For whoever has just changed it.
[[nodiscard]] Task<Result<void>> look_again(Workspace& side, std::string kind, std::string type,
                                            std::string name);

/// One statement on the side's warehouse.
[[nodiscard]] Task<Result<SqlRows>> run_sql(Workspace& side, Statement statement);
/// The same where nothing is to be told, and a second time changes nothing.
[[nodiscard]] Task<Result<void>> run_again_safely(Workspace& side, std::string text,
                                                  std::string schema);
/// What must not be repeated: the answer may get lost, then it is in doubt.
[[nodiscard]] Task<Result<void>> run_once_only(Workspace& side, std::string text);

/// "orders" of "hive_metastore.sales.orders"; "hive_metastore.sales" of it.
[[nodiscard]] std::string last_part(std::string_view name);
[[nodiscard]] std::string schema_of(std::string_view name);

/// The folder that the service gives a schema by itself.
[[nodiscard]] std::string default_location(std::string_view schema);

/// Where a table's location leads to: {"location"} in storage, {"mounted"} below a mount, or
/// {"in_workspace"} in the storage that only this workspace can read. Rewrites are meant for the
/// first.
void set_place(nlohmann::json& item, const std::string& location);
/// The location as SQL wants it, by one of these.
[[nodiscard]] std::string location_of(const nlohmann::json& item);

}  // namespace twinlake::workspace
