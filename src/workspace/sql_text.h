#pragma once
// SQL as text: names and values written so that they stay what they are, and words read one by one.
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace twinlake::workspace {

/// In back-ticks, whatever characters it has.
[[nodiscard]] std::string sql_name(std::string_view name);
/// "hive_metastore.sales.orders" with each part in back-ticks. Names of the metastore have no dots.
[[nodiscard]] std::string sql_path(std::string_view dotted);
/// In single quotes, with escapes.
[[nodiscard]] std::string sql_quoted(std::string_view text);

struct SqlToken {
  enum class Type { word, name, text, number, sign, end };
  Type type = Type::end;
  std::string value;     ///< of names and texts without their quotes
  std::size_t from = 0;  ///< place in the text
  std::size_t to = 0;
  [[nodiscard]] bool is_word(std::string_view upper_case) const;
  [[nodiscard]] bool is_sign(char sign) const { return type == Type::sign && value[0] == sign; }
  /// A name, with or without back-ticks.
  [[nodiscard]] bool is_name() const { return type == Type::word || type == Type::name; }
};

/// The last one is always the end. Comments are left out. What is never closed is an error.
[[nodiscard]] Result<std::vector<SqlToken>> sql_tokens(std::string_view text);

/// Names after FROM and JOIN, each in its parts and in lower case. A name that the query gives to a
/// part of itself (WITH) is none. It may be a few too many: whoever asks knows which of them exist.
[[nodiscard]] std::vector<std::vector<std::string>> tables_named_in(std::string_view query);

[[nodiscard]] std::string lower_case(std::string_view text);

}  // namespace twinlake::workspace
