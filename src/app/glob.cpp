#include "app/glob.h"

#include <vector>

namespace twinlake::app {

namespace {

struct Token {
  enum class Kind { literal, one, within_level, any_depth } kind;
  char letter;
};

std::vector<Token> tokens_of(std::string_view pattern, GlobStyle style) {
  std::vector<Token> tokens;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c == '*') {
      const bool is_double = i + 1 < pattern.size() && pattern[i + 1] == '*';
      if (is_double) ++i;
      const bool deep = is_double || style == GlobStyle::name;
      tokens.push_back({deep ? Token::Kind::any_depth : Token::Kind::within_level, c});
    } else {
      tokens.push_back({c == '?' ? Token::Kind::one : Token::Kind::literal, c});
    }
  }
  return tokens;
}

bool takes(const Token& token, char c, GlobStyle style) {
  switch (token.kind) {
    case Token::Kind::literal: return token.letter == c;
    case Token::Kind::one:
    case Token::Kind::within_level: return c != '/' || style == GlobStyle::name;
    case Token::Kind::any_depth: return true;
  }
  return false;
}

bool is_star(const Token& token) {
  return token.kind == Token::Kind::within_level || token.kind == Token::Kind::any_depth;
}

/// All places of the pattern at once, so that no pattern can make it slow.
bool matches_whole(std::string_view pattern, std::string_view text, GlobStyle style) {
  const std::vector<Token> tokens = tokens_of(pattern, style);
  std::vector<char> at(tokens.size() + 1, 0);
  const auto skip_stars = [&] {
    for (std::size_t i = 0; i < tokens.size(); ++i)
      if (at[i] != 0 && is_star(tokens[i])) at[i + 1] = 1;
  };
  at[0] = 1;
  skip_stars();
  for (const char c : text) {
    std::vector<char> next(tokens.size() + 1, 0);
    for (std::size_t i = 0; i < tokens.size(); ++i)
      if (at[i] != 0 && takes(tokens[i], c, style)) next[is_star(tokens[i]) ? i : i + 1] = 1;
    at.swap(next);
    skip_stars();
  }
  return at.back() != 0;
}

}  // namespace

bool glob_matches(std::string_view pattern, std::string_view text, GlobStyle style) {
  if (matches_whole(pattern, text, style)) return true;
  const bool whole_folder =
      style == GlobStyle::path && pattern.size() > 3 && pattern.ends_with("/**");
  return whole_folder && matches_whole(pattern.substr(0, pattern.size() - 3), text, style);
}

std::string_view literal_folder(std::string_view pattern) {
  const std::size_t wild = pattern.find_first_of("*?");
  if (wild == std::string_view::npos) return pattern;
  const std::size_t slash = pattern.substr(0, wild).rfind('/');
  return slash == std::string_view::npos ? std::string_view() : pattern.substr(0, slash);
}

}  // namespace twinlake::app
