#pragma once
// Expressions over the rows of a table: what a SELECT of the audit log needs, and no more.
#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "simulator/sql/answer.h"
#include "simulator/sql/query.h"

namespace twinlake::simulator {

struct SqlExpression {
  enum class Type {
    text,    ///< a literal
    number,  ///< an integer
    null,
    date,       ///< DATE '2026-01-31'
    timestamp,  ///< TIMESTAMP '2026-01-31T10:00:00Z', as the table keeps them
    column,     ///< `name` has its parts: "response", "status_code"
    call,       ///< a function or an operator: "max", "and", "in", "between", "cast string"
    star,       ///< of count(*)
  };
  Type type = Type::null;
  std::string text;  ///< of a literal, or what is called, in lower case
  SqlName name;
  std::vector<SqlExpression> parts;  ///< what is called with
};

/// SELECT expressions FROM one table WHERE ... GROUP BY 1, 2.
struct SelectFrom {
  struct Item {
    SqlExpression value;
    std::string name;  ///< of the column
  };
  std::vector<Item> items;
  SqlName table;
  SqlExpression where;                ///< null: all rows
  std::vector<std::size_t> group_by;  ///< positions of items, from 0
};

/// Carries it out on these rows. A row is an object with every column of the table: a struct as an
/// object, a map as an object whose name is in `maps`. `blank` has no values, but all columns.
[[nodiscard]] SqlAnswer select_rows(const SelectFrom& wanted, const nlohmann::json& blank,
                                    const std::vector<std::string>& maps,
                                    const std::vector<const nlohmann::json*>& rows);

/// How a table keeps moments: texts that sort as they follow each other.
[[nodiscard]] std::string sql_timestamp(std::int64_t micros);

}  // namespace twinlake::simulator
