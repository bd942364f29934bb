#pragma once
// What a view's query reads and what it gives: its tables, and the names of its columns. Nothing of
// it is computed; expressions are taken as they are.
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "simulator/sql/lexer.h"

namespace twinlake::simulator {

using SqlName = std::vector<std::string>;  ///< parts of a name, outermost first

struct SqlQuery;

struct SqlRelation {
  SqlName table;              ///< empty: a subquery, or something that is no table
  std::string alias;          ///< what columns are qualified with; may be empty
  std::vector<SqlQuery> sub;  ///< none or one
};

struct SqlItem {
  bool star = false;
  std::string qualifier;  ///< of `t.*` and of `t.column`
  std::string column;     ///< a plain column; else empty
  std::string name;       ///< of the resulting column
  std::string type;       ///< where the expression tells it, else empty
};

struct SqlQuery {
  std::vector<SqlItem> items;
  std::vector<SqlRelation> from;
  std::vector<SqlName> tables;  ///< of the whole query, each once; those of WITH are left out
};

/// The query from token `at` on, up to the end or the parenthesis that closes it. The tokens end
/// with the end token.
[[nodiscard]] SqlResult<SqlQuery> read_query(std::string_view statement,
                                             const std::vector<SqlToken>& tokens, std::size_t& at);

}  // namespace twinlake::simulator
