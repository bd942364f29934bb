#include "workspace/sql_text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <set>

namespace twinlake::workspace {

namespace {

bool is_letter(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_' || (c & 0x80) != 0;
}
bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }

char escaped(char c) {
  switch (c) {
    case 'n': return '\n';
    case 't': return '\t';
    case 'r': return '\r';
    case 'b': return '\b';
    case '0': return '\0';
    default: return c;
  }
}

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  Result<std::vector<SqlToken>> run() {
    std::vector<SqlToken> tokens;
    for (skip_blanks(); !done(); skip_blanks()) {
      SqlToken token;
      token.from = at_;
      if (!read(token))
        return fail(Fault::bad_answer,
                    "SQL that is never closed, at character " + std::to_string(token.from));
      token.to = at_;
      tokens.push_back(std::move(token));
    }
    SqlToken end;
    end.from = end.to = at_;
    tokens.push_back(std::move(end));
    return tokens;
  }

 private:
  [[nodiscard]] bool done() const { return at_ >= text_.size(); }
  [[nodiscard]] char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  void skip_blanks() {
    while (!done()) {
      if (std::isspace(static_cast<unsigned char>(peek())) != 0) {
        ++at_;
      } else if (peek() == '-' && peek(1) == '-') {
        while (!done() && peek() != '\n') ++at_;
      } else if (peek() == '/' && peek(1) == '*') {
        skip_bracketed();
      } else {
        return;
      }
    }
  }

  /// They may stand inside each other.
  void skip_bracketed() {
    int depth = 0;
    while (!done()) {
      const bool opens = peek() == '/' && peek(1) == '*';
      const bool closes = peek() == '*' && peek(1) == '/';
      at_ += opens || closes ? 2 : 1;
      depth += opens ? 1 : closes ? -1 : 0;
      if (depth == 0) return;
    }
  }

  bool read(SqlToken& token) {
    const char c = peek();
    if (c == '`' || c == '\'' || c == '"') return read_quoted(token, c);
    if (is_letter(c)) {
      token.type = SqlToken::Type::word;
      while (!done() && (is_letter(peek()) || is_digit(peek()))) token.value += text_[at_++];
    } else if (is_digit(c)) {
      token.type = SqlToken::Type::number;
      while (!done() && (is_letter(peek()) || is_digit(peek()) || peek() == '.'))
        token.value += text_[at_++];
    } else {
      token.type = SqlToken::Type::sign;
      token.value = text_[at_++];
    }
    return true;
  }

  /// A back-tick inside a name is written twice; in texts a backslash escapes.
  bool read_quoted(SqlToken& token, char quote) {
    token.type = quote == '`' ? SqlToken::Type::name : SqlToken::Type::text;
    for (++at_; !done(); ++at_) {
      if (peek() == quote) {
        if (quote != '`' || peek(1) != '`') {
          ++at_;
          return true;
        }
        ++at_;
      } else if (peek() == '\\' && quote != '`' && at_ + 1 < text_.size()) {
        token.value += escaped(text_[++at_]);
        continue;
      }
      token.value += peek();
    }
    return false;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

/// What ends a list of tables.
bool ends_from(const SqlToken& token) {
  static constexpr std::array<std::string_view, 11> words{
      "WHERE",  "GROUP",     "ORDER",  "HAVING",  "LIMIT", "UNION",
      "EXCEPT", "INTERSECT", "SELECT", "QUALIFY", "WINDOW"};
  return std::ranges::any_of(words, [&](std::string_view word) { return token.is_word(word); });
}

/// Walks through a query and notes where the name of a table must stand.
class TableSearch {
 public:
  explicit TableSearch(const std::vector<SqlToken>& tokens) : tokens_(tokens) { find_own_names(); }

  std::vector<std::vector<std::string>> run() {
    for (at_ = 0; at_ + 1 < tokens_.size(); ++at_) step();
    return std::move(found_);
  }

 private:
  void find_own_names() {
    for (std::size_t i = 0; i + 2 < tokens_.size(); ++i)
      if (tokens_[i].is_name() && tokens_[i + 1].is_word("AS") && tokens_[i + 2].is_sign('('))
        own_.insert(lower_case(tokens_[i].value));
  }

  void step() {
    const SqlToken& token = tokens_[at_];
    if (token.is_sign('(')) {
      in_list_.push_back(false);
    } else if (token.is_sign(')')) {
      if (in_list_.size() > 1) in_list_.pop_back();
      expected_ = false;
    } else if (token.is_sign(',')) {
      expected_ = in_list_.back();
    } else if (token.is_word("FROM") || token.is_word("JOIN")) {
      expected_ = in_list_.back() = true;
    } else if (ends_from(token)) {
      expected_ = in_list_.back() = false;
    } else if (expected_ && token.is_name()) {
      expected_ = false;
      take();
    }
  }

  void take() {
    std::vector<std::string> parts{lower_case(tokens_[at_].value)};
    while (at_ + 2 < tokens_.size() && tokens_[at_ + 1].is_sign('.') &&
           tokens_[at_ + 2].is_name()) {
      at_ += 2;
      parts.push_back(lower_case(tokens_[at_].value));
    }
    const bool is_call = tokens_[at_ + 1].is_sign('(');
    const bool is_own = parts.size() == 1 && own_.contains(parts.front());
    if (!is_call && !is_own) found_.push_back(std::move(parts));
  }

  const std::vector<SqlToken>& tokens_;
  std::size_t at_ = 0;
  bool expected_ = false;
  std::vector<char> in_list_{0};  ///< by depth of parentheses
  std::set<std::string> own_;
  std::vector<std::vector<std::string>> found_;
};

}  // namespace

std::string lower_case(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

std::string sql_name(std::string_view name) {
  std::string out = "`";
  for (const char c : name) out += c == '`' ? std::string("``") : std::string(1, c);
  return out + "`";
}

std::string sql_path(std::string_view dotted) {
  std::string out;
  for (std::size_t start = 0; start <= dotted.size();) {
    const std::size_t end = std::min(dotted.find('.', start), dotted.size());
    out += (out.empty() ? "" : ".") + sql_name(dotted.substr(start, end - start));
    start = end + 1;
  }
  return out;
}

std::string sql_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\0') {
      out += "\\0";
    } else {
      out += c;
    }
  }
  return out + "'";
}

bool SqlToken::is_word(std::string_view upper_case) const {
  return type == SqlToken::Type::word && value.size() == upper_case.size() &&
         std::ranges::equal(value, upper_case,
                            [](unsigned char a, unsigned char b) { return std::toupper(a) == b; });
}

Result<std::vector<SqlToken>> sql_tokens(std::string_view text) { return Lexer(text).run(); }

std::vector<std::vector<std::string>> tables_named_in(std::string_view query) {
  const auto tokens = sql_tokens(query);
  return tokens ? TableSearch(*tokens).run() : std::vector<std::vector<std::string>>();
}

}  // namespace twinlake::workspace
