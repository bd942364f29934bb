#pragma once
// Parses the statements that reading and rebuilding a legacy metastore needs. Whatever else is
// refused as a syntax error: nothing is ever passed over in silence.
#include <map>
#include <optional>
#include <string>

#include "simulator/sql/statements.h"

namespace twinlake::simulator {

/// Values of `:name`; nothing stands for NULL.
using SqlParameters = std::map<std::string, std::optional<std::string>>;

[[nodiscard]] SqlResult<SqlStatement> parse_sql(const std::string& statement,
                                                const SqlParameters& parameters = {});
/// A name by itself, as IDENTIFIER() takes it: "hive_metastore.`a b`.t".
[[nodiscard]] SqlResult<SqlName> parse_name(const std::string& text);

}  // namespace twinlake::simulator
