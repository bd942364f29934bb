#pragma once
// Results go to standard output; everything that is only for a person who watches to standard
// error.
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "app/command_line.h"
#include "app/terminal.h"
#include "base/result.h"

namespace twinlake::app {

void print(std::string_view text);
[[nodiscard]] std::string json_text(const nlohmann::json& document);  ///< as print_json() prints it
void print_json(const nlohmann::json& document);
/// The same with one more member, a list of which only one element is made at a time.
void print_json(const nlohmann::json& document, std::string_view list, std::size_t size,
                const std::function<nlohmann::json(std::size_t)>& element);
void say(std::string_view text);  ///< to standard error
void warn(const Style& style, const std::string& message, const std::string& what_to_do);

[[nodiscard]] nlohmann::json error_json(const Error& error);
/// In sentences on standard error; with `json` as an object on standard output too.
void print_error(const Error& error, bool json, const Style& style);
[[nodiscard]] ExitCode exit_code_of(const Error& error);
/// False when standard output could not be written, on a full disk for example.
[[nodiscard]] bool finish_output();
/// Standard output is a pipe, and nobody reads from it any more.
[[nodiscard]] bool reader_is_gone();

}  // namespace twinlake::app
