#pragma once
// A statement in words, names, texts, numbers and signs. Comments and white space are gone.
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/sql/answer.h"

namespace twinlake::simulator {

struct SqlToken {
  enum class Kind {
    word,         ///< a keyword or a name without back-ticks, as it was written
    quoted_name,  ///< without its back-ticks
    text,         ///< without its quotes, escapes resolved
    number,
    sign,       ///< one character
    parameter,  ///< `:name`, without the colon
    end,
  };
  Kind kind = Kind::end;
  std::string text;
  std::size_t from = 0;  ///< place in the statement
  std::size_t to = 0;

  [[nodiscard]] bool is_sign(char sign) const {
    return kind == Kind::sign && text.size() == 1 && text[0] == sign;
  }
  /// The keyword, in any case; a name in back-ticks is none.
  [[nodiscard]] bool is_word(std::string_view keyword) const;
};

/// The last token is always the end.
[[nodiscard]] SqlResult<std::vector<SqlToken>> sql_tokens(std::string_view statement);

}  // namespace twinlake::simulator
