#include "app/output.h"

#include <poll.h>
#include <unistd.h>

#include <cstdio>

#include <nlohmann/json.hpp>

#include "base/json_path.h"

namespace twinlake::app {

using nlohmann::json;

void print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

namespace {
std::string indented(const json& document, std::string_view margin) {
  std::string text;
  for (const char c : document.dump(2, ' ', false, json::error_handler_t::replace)) {
    text += c;
    if (c == '\n') text += margin;
  }
  return text;
}
}  // namespace

std::string json_text(const json& document) { return indented(document, "") + "\n"; }

void print_json(const json& document) { print(json_text(document)); }

void print_json(const json& document, std::string_view list, std::size_t size,
                const std::function<json(std::size_t)>& element) {
  std::string head = indented(document, "");
  head.resize(head.rfind('}'));
  while (!head.empty() && head.back() == '\n') head.pop_back();
  print(head + (document.empty() ? "\n" : ",\n") + "  \"" + std::string(list) + "\": [");
  for (std::size_t i = 0; i < size; ++i)
    print((i == 0 ? "\n    " : ",\n    ") + indented(element(i), "    "));
  print(size == 0 ? "]\n}\n" : "\n  ]\n}\n");
}

void say(std::string_view text) {
  std::fflush(stdout);
  std::fwrite(text.data(), 1, text.size(), stderr);
}

void warn(const Style& style, const std::string& message, const std::string& what_to_do) {
  say(style(Tone::warn, "warning") + ": " + printable(message) + "\n");
  if (!what_to_do.empty()) say(wrapped(printable(what_to_do), 2, style.columns()));
}

json error_json(const Error& error) {
  json facts = json::object();
  facts["fault"] = name_of(error.fault);
  facts["message"] = error.message;
  facts["hint"] = error.hint;
  if (!error.address.empty()) facts["address"] = error.address;
  if (!error.method.empty()) facts["method"] = error.method;
  if (!error.path.empty()) facts["path"] = error.path;
  if (error.status != 0) facts["status"] = error.status;
  if (!error.service_code.empty()) facts["service_code"] = error.service_code;
  if (!error.request_id.empty()) facts["request_id"] = error.request_id;
  if (error.attempts > 0) facts["attempts"] = error.attempts;
  json document = json::object();
  document["error"] = std::move(facts);
  return document;
}

void print_error(const Error& error, bool json, const Style& style) {
  Error bare = error;
  bare.hint.clear();
  say(style(Tone::bad, "twinlake: ") + printable(describe(bare)) + "\n");
  if (!error.hint.empty()) say(wrapped("What to do: " + printable(error.hint), 2, style.columns()));
  if (json) print_json(error_json(error));
}

ExitCode exit_code_of(const Error& error) {
  return error.fault == Fault::refused ? ExitCode::refused : ExitCode::fatal;
}

bool reader_is_gone() {
  pollfd out{STDOUT_FILENO, POLLOUT, 0};
  return poll(&out, 1, 0) == 1 && (out.revents & POLLERR) != 0;
}

bool finish_output() { return std::fflush(stdout) == 0 && std::ferror(stdout) == 0; }

}  // namespace twinlake::app
