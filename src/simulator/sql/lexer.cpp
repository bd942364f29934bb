#include "simulator/sql/lexer.h"

#include <algorithm>

#include "simulator/body.h"

namespace twinlake::simulator {

namespace {
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;  // letters of other alphabets
}
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }

/// What stands for itself after a backslash, except for these.
char escaped(char c) {
  switch (c) {
    case 'n': return '\n';
    case 't': return '\t';
    case 'r': return '\r';
    case 'b': return '\b';
    case '0': return '\0';
    case 'Z': return '\x1a';
    default: return c;
  }
}

class Lexer {
 public:
  explicit Lexer(std::string_view statement) : text_(statement) {}

  SqlResult<std::vector<SqlToken>> tokens() {
    std::vector<SqlToken> found;
    for (;;) {
      if (!skip_blanks())
        return SqlFailed(sql_failure("UNCLOSED_BRACKETED_COMMENT", "42601",
                                     "Found an unclosed bracketed comment."));
      SqlToken token;
      token.from = at_;
      if (!done() && !read(token)) return SqlFailed(syntax_failure(rest()));
      token.to = at_;
      found.push_back(std::move(token));
      if (found.back().kind == SqlToken::Kind::end) return found;
    }
  }

 private:
  using Kind = SqlToken::Kind;
  [[nodiscard]] bool done() const { return at_ >= text_.size(); }
  [[nodiscard]] char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  [[nodiscard]] std::string rest() const { return std::string(text_.substr(at_, 20)); }

  /// False when a comment does not end. Bracketed comments stand inside each other.
  bool skip_blanks() {
    for (;;) {
      if (!done() && is_space(peek())) {
        ++at_;
      } else if (peek() == '-' && peek(1) == '-') {
        while (!done() && peek() != '\n') ++at_;
      } else if (peek() == '/' && peek(1) == '*') {
        if (!skip_bracketed()) return false;
      } else {
        return true;
      }
    }
  }

  bool skip_bracketed() {
    int depth = 0;
    while (!done()) {
      if (peek() == '/' && peek(1) == '*') {
        ++depth;
        at_ += 2;
      } else if (peek() == '*' && peek(1) == '/') {
        at_ += 2;
        if (--depth == 0) return true;
      } else {
        ++at_;
      }
    }
    return false;
  }

  bool read(SqlToken& token) {
    const char c = peek();
    if (c == '`') return read_name(token);
    if (c == '\'' || c == '"') return read_text(token, c, false);
    if ((c == 'r' || c == 'R') && (peek(1) == '\'' || peek(1) == '"')) {
      ++at_;
      return read_text(token, peek(), true);
    }
    if (c == ':' && is_letter(peek(1))) {
      ++at_;
      token.kind = Kind::parameter;
      take_word(token.text);
    } else if (is_letter(c)) {
      token.kind = Kind::word;
      take_word(token.text);
    } else if (is_digit(c) || (c == '.' && is_digit(peek(1)) && !after_name_)) {
      read_number(token);
    } else if (static_cast<unsigned char>(c) < ' ') {
      return false;
    } else {
      token.kind = Kind::sign;
      token.text = c;
      ++at_;
    }
    after_name_ = token.kind == Kind::word;
    return true;
  }

  void take_word(std::string& into) {
    while (!done() && (is_letter(peek()) || is_digit(peek()))) into += text_[at_++];
  }

  /// A back-tick inside is written twice.
  bool read_name(SqlToken& token) {
    token.kind = Kind::quoted_name;
    const std::size_t start = at_++;
    for (; !done(); ++at_) {
      if (peek() == '`') {
        if (peek(1) != '`') break;
        ++at_;
      }
      token.text += peek();
    }
    if (done() || token.text.empty()) {
      at_ = start;
      return false;
    }
    ++at_;
    after_name_ = true;
    return true;
  }

  bool read_text(SqlToken& token, char quote, bool raw) {
    token.kind = Kind::text;
    const std::size_t start = at_++;
    for (; !done() && peek() != quote; ++at_) {
      if (peek() == '\\' && !raw && at_ + 1 < text_.size()) {
        ++at_;
        // Kept for LIKE, where they mean something.
        if (peek() == '%' || peek() == '_') token.text += '\\';
        token.text += escaped(peek());
      } else {
        token.text += peek();
      }
    }
    if (done()) {
      at_ = start;
      return false;
    }
    ++at_;
    after_name_ = false;
    return true;
  }

  void read_number(SqlToken& token) {
    token.kind = Kind::number;
    while (!done() && (is_digit(peek()) || peek() == '.' || is_letter(peek())))
      token.text += text_[at_++];
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool after_name_ = false;  ///< "a.1" is a name and a part of it, ".1" is a number
};
}  // namespace

bool SqlToken::is_word(std::string_view keyword) const {
  return kind == Kind::word && text.size() == keyword.size() && upper(text) == keyword;
}

SqlResult<std::vector<SqlToken>> sql_tokens(std::string_view statement) {
  return Lexer(statement).tokens();
}

SqlFailure sql_failure(std::string error_class, std::string sql_state, const std::string& text) {
  SqlFailure failure;
  failure.message = error_class.empty() ? text : "[" + error_class + "] " + text;
  if (!sql_state.empty()) failure.message += " SQLSTATE: " + sql_state;
  failure.error_class = std::move(error_class);
  failure.sql_state = std::move(sql_state);
  return failure;
}

SqlFailure syntax_failure(const std::string& near) {
  return sql_failure("PARSE_SYNTAX_ERROR", "42601",
                     near.empty() ? "Syntax error at or near end of input."
                                  : "Syntax error at or near '" + near + "'.");
}

SqlFailure unsupported(const std::string& text) {
  return sql_failure("UNSUPPORTED_FEATURE", "0A000", text);
}

std::string in_ticks(const std::string& name) {
  std::string out = "`";
  for (const char c : name) out += c == '`' ? std::string("``") : std::string(1, c);
  return out + "`";
}

std::string in_ticks_if_needed(const std::string& name) {
  const bool plain =
      !name.empty() && !is_digit(name[0]) && std::all_of(name.begin(), name.end(), [](char c) {
        return (is_letter(c) || is_digit(c)) && static_cast<unsigned char>(c) < 0x80;
      });
  return plain ? name : in_ticks(name);
}

std::string sql_text(const std::string& value) {
  std::string out = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;  // a line break stays one
  }
  return out + "'";
}

}  // namespace twinlake::simulator
