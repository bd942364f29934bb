// Reading error answers in all their forms.
#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>

#include "base/secret_text.h"
#include "http/classify.h"

namespace twinlake::http {

namespace {

using nlohmann::json;

std::string member_text(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// "3.5s" of a protobuf duration.
std::optional<Micros> duration_of(std::string_view text) {
  if (text.empty() || text.back() != 's') return std::nullopt;
  double seconds = 0;
  const char* const end = text.data() + text.size() - 1;
  const auto [stop, error] = std::from_chars(text.data(), end, seconds);
  if (error != std::errc() || stop != end || !(seconds >= 0) || seconds > 86'400)
    return std::nullopt;
  return Micros(static_cast<std::int64_t>(seconds * 1e6));
}

void read_details(const json& body, ErrorBody& facts) {
  const auto details = body.find("details");
  if (details == body.end() || !details->is_array()) return;
  for (const json& detail : *details) {
    if (!detail.is_object()) continue;
    const std::string type = member_text(detail, "@type");
    if (type.ends_with("RequestInfo")) facts.request_id = member_text(detail, "request_id");
    if (type.ends_with("RetryInfo"))
      facts.retry_delay = duration_of(member_text(detail, "retry_delay"));
  }
}

/// API 1.2 and OAuth have a text under "error", ARM an object.
void read_error_key(const json& body, ErrorBody& facts) {
  const auto error = body.find("error");
  if (error == body.end()) return;
  if (error->is_object()) {
    facts.code = member_text(*error, "code");
    facts.message = member_text(*error, "message");
  } else if (error->is_string()) {
    facts.message = error->get<std::string>();
    const std::string description = member_text(body, "error_description");
    // Entra appends ids and a timestamp that hide the reason.
    if (!description.empty())
      facts.message += ": " + description.substr(0, description.find(" Trace ID"));
  }
}

bool read_json(const json& body, ErrorBody& facts) {
  if (!body.is_object()) return false;
  // On legacy endpoints error_code is a number, which means nothing: the status decides then.
  facts.code = member_text(body, "error_code");
  facts.message = member_text(body, "message");
  read_details(body, facts);
  if (body.contains("error_code") || !facts.message.empty()) return true;
  const std::string detail = member_text(body, "detail");
  if (body.contains("schemas") || !detail.empty()) {
    const auto status = body.find("status");
    if (status != body.end())
      facts.code = "SCIM_" + (status->is_string() ? status->get<std::string>() : status->dump());
    const std::string type = member_text(body, "scimType");
    facts.message = detail.empty() || detail == "null" ? "SCIM error without detail" : detail;
    if (!type.empty()) facts.message += " (" + type + ")";
    return true;
  }
  read_error_key(body, facts);
  return true;
}

/// "MALFORMED_REQUEST: reason".
bool read_plain(std::string_view body, ErrorBody& facts) {
  const std::size_t colon = body.find(": ");
  if (colon == std::string_view::npos || colon < 3 || colon > 60) return false;
  const std::string_view code = body.substr(0, colon);
  if (code.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != std::string_view::npos)
    return false;
  facts.code = code;
  facts.message = body.substr(colon + 2);
  return true;
}

/// The words of an HTML page: of its <pre> or <title> when there is one.
std::string words_of_html(std::string_view body) {
  for (const auto& [open, close] :
       {std::pair<std::string_view, std::string_view>{"<pre>", "</pre>"},
        {"<title>", "</title>"}}) {
    const std::size_t begin = body.find(open);
    if (begin == std::string_view::npos) continue;
    const std::size_t end = body.find(close, begin);
    if (end != std::string_view::npos)
      return std::string(body.substr(begin + open.size(), end - begin - open.size()));
  }
  return "an HTML page";
}

bool is_token_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-' || c == '+' || c == '/' || c == '=' || c == '~' || c == '%';
}

/// Blacks out what follows `mark` when it is long enough to be a credential.
void black_out(std::string& text, std::string_view mark, std::size_t shortest) {
  for (std::size_t at = text.find(mark); at != std::string::npos;
       at = text.find(mark, at + mark.size())) {
    const std::size_t begin = at + mark.size();
    std::size_t end = begin;
    while (end < text.size() && is_token_character(text[end])) ++end;
    if (end - begin >= shortest) text.replace(begin, end - begin, "***");
  }
}

}  // namespace

std::string tidy_message(std::string_view text, std::size_t limit) {
  std::string out;
  // What is blacked out is found in the whole text: a cut could hide the beginning of a
  // credential's end.
  for (const char c : text.substr(0, 64 * 1024)) {
    const auto byte = static_cast<unsigned char>(c);
    const bool blank = byte <= 0x20 || byte == 0x7f;
    if (!blank)
      out += c;
    else if (!out.empty() && out.back() != ' ')
      out += ' ';
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  black_out(out, "dapi", 16);
  black_out(out, "dose", 24);
  black_out(out, "eyJ", 20);
  black_out(out, "Bearer ", 8);
  black_out(out, "client_secret=", 1);
  black_out(out, "sig=", 8);
  out = hide_secrets(out);
  if (out.size() > limit) {
    std::size_t end = limit;
    // Not in the middle of a character.
    while (end > 0 && (static_cast<unsigned char>(out[end]) & 0xC0U) == 0x80U) --end;
    out.resize(end);
    out += "...";
  }
  return out;
}

ErrorBody read_error(const Response& response) {
  ErrorBody facts;
  const std::string& text = response.body;
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string::npos) {
    facts.message = "an answer without content";
  } else if (text[first] == '{' && read_json(json::parse(text, nullptr, false), facts)) {
    if (facts.message.empty()) facts.message = "an error without a message";
  } else if (text[first] == '<') {
    facts.message = words_of_html(text);
  } else if (!read_plain(text, facts)) {
    facts.message = text;
  }
  facts.message = tidy_message(facts.message);
  facts.code = tidy_message(facts.code, 80);
  for (const char* header : {"x-databricks-request-id", "x-request-id", "x-ms-request-id"}) {
    if (!facts.request_id.empty()) break;
    if (const std::string* id = find_header(response.headers, header)) facts.request_id = *id;
  }
  facts.request_id = tidy_message(facts.request_id, 120);
  return facts;
}

}  // namespace twinlake::http
