#include "base/secret_text.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace twinlake {

namespace {

bool is_letter_or_digit(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }
bool is_space(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }
bool is_base64(char c) { return is_letter_or_digit(c) || c == '+' || c == '/'; }
bool is_of_token(char c) { return is_letter_or_digit(c) || c == '_' || c == '-'; }
bool is_of_name(char c) { return is_of_token(c) || c == '.'; }
bool is_quote(char c) { return c == '"' || c == '\''; }

char lower(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }

/// "clientSecret", "CLIENT_SECRET" and "client.secret" are the same two words.
std::vector<std::string> words_of(std::string_view name) {
  std::vector<std::string> words;
  bool begins = true;
  char before = 0;
  for (const char c : name) {
    const bool is_upper = std::isupper(static_cast<unsigned char>(c)) != 0;
    const bool was_lower = std::islower(static_cast<unsigned char>(before)) != 0;
    before = c;
    if (!is_letter_or_digit(c)) {
      begins = true;
      continue;
    }
    if (begins || (is_upper && was_lower)) words.emplace_back();
    begins = false;
    words.back() += lower(c);
  }
  return words;
}

/// Names that leave no doubt. Some are found within longer words too: PGPASSWORD.
bool surely_names_secret(const std::vector<std::string>& words) {
  static constexpr std::array<std::string_view, 13> anywhere{
      "password", "passwd",    "passphrase",     "secret",     "credential",
      "apikey",   "accesskey", "accountkey",     "privatekey", "connectionstring",
      "connstr",  "sharedkey", "accesssignature"};
  static constexpr std::array<std::string_view, 5> alone{"pwd", "token", "sas", "sig", "pass"};
  std::string squeezed;
  for (const std::string& word : words) squeezed += word;
  const auto within = [&](std::string_view part) {
    return squeezed.find(part) != std::string::npos;
  };
  if (std::ranges::any_of(anywhere, within)) return true;
  return std::ranges::any_of(words, [](const std::string& word) {
    return std::find(alone.begin(), alone.end(), word) != alone.end();
  });
}

/// `key` is a secret as often as it is a column: these say that it is none.
bool names_key(const std::vector<std::string>& words) {
  static constexpr std::array<std::string_view, 14> harmless{
      "partition", "sort", "primary",  "foreign",   "task",    "cluster", "environment",
      "public",    "join", "business", "surrogate", "natural", "merge",   "group"};
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] != "key") continue;
    if (i == 0 || std::find(harmless.begin(), harmless.end(), words[i - 1]) == harmless.end())
      return true;
  }
  return false;
}

/// What a value begins with when it stands for something that is elsewhere.
bool is_placeholder(std::string_view value) {
  // Of what is hidden already a value ends before the last sign.
  static constexpr std::array<std::string_view, 8> starts{"{{",       "$",   "%",   "<",
                                                          "dbutils.", "***", "os.", "(hidden"};
  return value.empty() || value == "true" || value == "false" || value == "null" ||
         value == "None" || std::ranges::any_of(starts, [&](std::string_view start) {
           return value.starts_with(start);
         });
}

using Parts = std::vector<SecretPart>;

std::size_t end_while(std::string_view text, std::size_t at, bool (*belongs)(char)) {
  while (at < text.size() && belongs(text[at])) ++at;
  return at;
}

// Texts may be long and hostile: what was looked at once is not looked at again.

/// Tokens that begin with a mark of their issuer.
void add_marked(std::string_view text, Parts& parts) {
  struct Mark {
    std::string_view start;
    std::size_t shortest;
  };
  static constexpr std::array<Mark, 6> marks{{{"dapi", 32},
                                              {"dose", 32},
                                              {"ghp_", 30},
                                              {"github_pat_", 30},
                                              {"glpat-", 20},
                                              {"xoxb-", 20}}};
  for (const Mark& mark : marks)
    for (std::size_t at = text.find(mark.start), next = 0; at != std::string_view::npos;
         at = text.find(mark.start, next)) {
      next = at + 1;
      if (at > 0 && is_letter_or_digit(text[at - 1])) continue;
      next = end_while(text, at + mark.start.size(), is_of_token);
      if (next - at >= mark.start.size() + mark.shortest) parts.push_back({at, next});
    }
}

/// header.claims.signature, each in base64 of URLs; the header begins with `{"`.
void add_web_tokens(std::string_view text, Parts& parts) {
  constexpr std::string_view start = "eyJ";
  for (std::size_t at = text.find(start), next = 0; at != std::string_view::npos;
       at = text.find(start, next)) {
    next = at + 1;
    if (at > 0 && is_of_token(text[at - 1])) continue;
    next = end_while(text, at + start.size(), is_of_name);
    const std::string_view token = text.substr(at, next - at);
    if (token.size() >= 30 && token.find('.') != std::string_view::npos)
      parts.push_back({at, next});
  }
}

/// The 64 bytes of a storage account's key.
void add_storage_keys(std::string_view text, Parts& parts) {
  constexpr std::size_t length = 88;
  for (std::size_t at = 0; at + length <= text.size();) {
    if (!is_base64(text[at])) {
      ++at;
      continue;
    }
    const std::size_t end = end_while(text, at, is_base64);
    if (end - at == length - 2 && text.substr(end, 2) == "==") parts.push_back({at, end + 2});
    at = end + 1;
  }
}

void add_urls_with_password(std::string_view text, Parts& parts) {
  for (std::size_t at = text.find("://"); at != std::string_view::npos;
       at = text.find("://", at + 1)) {
    const std::size_t start = at + 3;
    std::size_t end = start;
    while (end < text.size() && text[end] != '/' && text[end] != '?' && !is_space(text[end]) &&
           !is_quote(text[end]))
      ++end;
    const std::string_view authority = text.substr(start, end - start);
    const std::size_t sign = authority.rfind('@');
    const std::size_t colon = authority.find(':');
    if (sign == std::string_view::npos || colon == std::string_view::npos || colon + 1 >= sign)
      continue;
    if (!is_placeholder(authority.substr(colon + 1)))
      parts.push_back({start + colon + 1, start + sign});
  }
}

void add_private_keys(std::string_view text, Parts& parts) {
  constexpr std::string_view begin = "-----BEGIN ";
  for (std::size_t at = text.find(begin), next = 0; at != std::string_view::npos;
       at = text.find(begin, next)) {
    next = text.find("-----", at + begin.size());
    if (next == std::string_view::npos) return;
    if (text.substr(at, next - at).find("PRIVATE KEY") == std::string_view::npos) continue;
    const std::size_t last = text.find("-----END ", next);
    const std::size_t end = last == std::string_view::npos ? last : text.find("-----", last + 9);
    next = end == std::string_view::npos ? text.size() : end + 5;
    parts.push_back({at, next});
  }
}

/// Where the value of an assignment ends: at its quote, else where the next word or setting begins.
std::size_t end_of_value(std::string_view text, std::size_t begin, char quote) {
  std::size_t end = begin;
  const auto goes_on = [&](char c) {
    return quote != 0
               ? c != quote
               : !is_space(c) && c != ';' && c != '&' && c != ',' && !is_quote(c) && c != ')';
  };
  while (end < text.size() && goes_on(text[end])) ++end;
  return end;
}

/// name=value, and "name": "value".
void add_assignments(std::string_view text, Parts& parts) {
  for (std::size_t at = 1; at + 1 < text.size(); ++at) {
    if (text[at] != '=' && text[at] != ':') continue;
    std::size_t name_end = at;
    while (name_end > 0 && text[name_end - 1] == ' ') --name_end;
    const bool is_quoted = name_end > 0 && is_quote(text[name_end - 1]);
    if (is_quoted) --name_end;
    std::size_t name_begin = name_end;
    while (name_begin > 0 && (is_of_name(text[name_begin - 1]))) --name_begin;
    std::size_t begin = at + 1;
    while (begin < text.size() && text[begin] == ' ') ++begin;
    if (begin == text.size()) return;
    const char quote = is_quote(text[begin]) ? text[begin] : '\0';
    if (text[at] == ':' && (!is_quoted || quote == 0)) continue;
    // `x = y` is prose or code; of code only what is quoted is written out.
    if (begin > at + 1 && quote == 0) continue;
    if (quote != 0) ++begin;
    const auto words = words_of(text.substr(name_begin, name_end - name_begin));
    const bool is_sure = surely_names_secret(words);
    if (!is_sure && !names_key(words)) continue;
    const std::size_t end = end_of_value(text, begin, quote);
    const bool is_long_enough = end - begin >= (is_sure ? 1U : 16U);
    if (is_long_enough && !is_placeholder(text.substr(begin, end - begin)))
      parts.push_back({begin, end});
    at = std::max(at, end - 1);  // what lies within is looked at once
  }
}

/// `Bearer x`, and `-u user:password` of curl.
void add_words_after(std::string_view text, std::string_view mark, bool after_colon, Parts& parts) {
  for (std::size_t at = text.find(mark); at != std::string_view::npos;
       at = text.find(mark, at + 1)) {
    if (!after_colon && at > 0 && is_letter_or_digit(text[at - 1])) continue;
    std::size_t begin = at + mark.size();
    const char quote = begin < text.size() && is_quote(text[begin]) ? text[begin++] : '\0';
    const std::size_t end = end_of_value(text, begin, quote);
    if (after_colon) {
      const std::size_t colon = text.substr(0, end).find(':', begin);
      if (colon == std::string_view::npos) continue;
      begin = colon + 1;
    }
    if (end - begin >= (after_colon ? 1U : 16U) && !is_placeholder(text.substr(begin, end - begin)))
      parts.push_back({begin, end});
  }
}

}  // namespace

std::vector<SecretPart> secret_parts(std::string_view text) {
  Parts found;
  add_marked(text, found);
  add_web_tokens(text, found);
  add_storage_keys(text, found);
  add_urls_with_password(text, found);
  add_private_keys(text, found);
  add_assignments(text, found);
  add_words_after(text, "Bearer ", false, found);
  for (const std::string_view option : {" -u ", " --user "})
    add_words_after(text, option, true, found);
  std::ranges::sort(found,
                    [](const SecretPart& a, const SecretPart& b) { return a.begin < b.begin; });
  Parts parts;
  for (const SecretPart& part : found) {
    if (parts.empty() || part.begin >= parts.back().end) {
      parts.push_back(part);
    } else {
      parts.back().end = std::max(parts.back().end, part.end);
    }
  }
  return parts;
}

bool holds_secret(std::string_view text) { return !secret_parts(text).empty(); }

std::string hide_secrets(std::string_view text) {
  std::string out;
  std::size_t at = 0;
  for (const SecretPart& part : secret_parts(text)) {
    out.append(text.substr(at, part.begin - at)).append(hidden_text);
    at = part.end;
  }
  return out.append(text.substr(at));
}

bool names_secret(std::string_view name) {
  const auto words = words_of(name);
  return surely_names_secret(words) || names_key(words);
}

bool is_secret_reference(std::string_view text) {
  constexpr std::string_view opening = "{{secrets/";
  return text.starts_with(opening) && text.ends_with("}}") && text.find("}}") == text.size() - 2;
}

}  // namespace twinlake
