#include "workspace/statements.h"

#include <algorithm>
#include <array>
#include <cctype>

#include <nlohmann/json.hpp>

#include "base/json_path.h"
#include "http/classify.h"

namespace twinlake::workspace {

using nlohmann::json;

namespace {

constexpr const char* statements = "/api/2.0/sql/statements";
/// How often one that the service could not serve is tried in all.
constexpr int most_attempts = 4;

http::Request statement_request(std::string path, const json& body, http::Repeat repeat) {
  return http::Request::send_json(http::Method::post, std::move(path), to_text(body),
                                  http::Effect::executes, repeat);
}

std::string path_of(const std::string& id) {
  return std::string(statements) + "/" + http::percent_encode(id);
}

/// Short at first, then longer: most statements end within a second, a clone takes hours.
Micros pause_after(int looks) {
  return std::min<Micros>(Millis(200) * (1 << std::min(looks, 8)), Millis(30'000));
}

json body_of(const std::string& warehouse_id, const Statement& statement) {
  json body = json::object();
  body["warehouse_id"] = warehouse_id;
  body["statement"] = statement.text;
  body["catalog"] = statement.catalog;
  if (!statement.schema.empty()) body["schema"] = statement.schema;
  body["wait_timeout"] = "10s";
  body["on_wait_timeout"] = "CONTINUE";
  body["disposition"] = "INLINE";
  body["format"] = "JSON_ARRAY";
  return body;
}

bool is_over(const std::string& state) {
  static constexpr std::array<std::string_view, 4> ends{"SUCCEEDED", "FAILED", "CANCELED",
                                                        "CLOSED"};
  return std::ranges::find(ends, state) != ends.end();
}

Fault fault_of(const std::string& code, const std::string& error_class) {
  static constexpr std::array<std::string_view, 7> later{"DEADLINE_EXCEEDED",
                                                         "IO_ERROR",
                                                         "RESOURCE_EXHAUSTED",
                                                         "SERVICE_UNDER_MAINTENANCE",
                                                         "TEMPORARILY_UNAVAILABLE",
                                                         "WORKSPACE_TEMPORARILY_UNAVAILABLE",
                                                         "ABORTED"};
  if (std::ranges::find(later, code) != later.end()) return Fault::unavailable;
  // A workspace without a legacy metastore, or one that has switched it off.
  if (error_class.starts_with("NO_SUCH_CATALOG") || error_class == "CATALOG_NOT_FOUND" ||
      error_class == "UC_HIVE_METASTORE_DISABLED_EXCEPTION")
    return Fault::disabled;
  if (error_class.ends_with("_NOT_FOUND") || code == "NOT_FOUND") return Fault::not_found;
  if (error_class.ends_with("_ALREADY_EXISTS") || code == "ALREADY_EXISTS")
    return Fault::already_exists;
  if (error_class.starts_with("INSUFFICIENT_PERMISSIONS") || code == "UNAUTHENTICATED")
    return Fault::forbidden;
  return Fault::invalid;
}

Error error_of(const json& answer) {
  const std::string state = text_at(answer, "/status/state");
  if (state != "FAILED")
    return Error(Fault::unavailable, "the statement ended as " + state,
                 "The warehouse may have been stopped meanwhile; run again");
  const std::string code = text_at(answer, "/status/error/error_code");
  const std::string message = text_at(answer, "/status/error/message");
  const std::string error_class = error_class_of(message);
  Error error(fault_of(code, error_class), http::tidy_message(message));
  if (error.message.empty()) error.message = "the statement failed without saying why";
  error.service_code = error_class.empty() ? code : error_class;
  return error;
}

void take_rows(const json& chunk, SqlRows& into) {
  const json* rows = find_at(chunk, "/data_array");
  if (rows == nullptr || !rows->is_array()) return;
  for (const json& row : *rows) {
    std::vector<std::string>& values = into.rows.emplace_back();
    for (const json& value : row)
      values.push_back(value.is_null()     ? std::string()
                       : value.is_string() ? value.get<std::string>()
                                           : to_text(value));
  }
}

Task<Result<SqlRows>> read_rows(Workspace& side, std::string id, json answer) {
  SqlRows result;
  if (const json* columns = find_at(answer, "/manifest/schema/columns"); columns != nullptr)
    for (const json& column : *columns) result.columns.push_back(text_at(column, "/name"));
  json chunk = answer.value("result", json::object());
  for (;;) {
    take_rows(chunk, result);
    const std::string next = text_at(chunk, "/next_chunk_index");
    if (next.empty()) co_return result;
    CO_TRY(chunk, co_await side.call(http::Request::get(path_of(id) + "/result/chunks/" + next)));
  }
}

/// Cancelling is answered at once and may have no effect: somebody looks once more, and nobody
/// waits for ever.
Task<Error> give_up(Workspace& side, std::string id) {
  (void)co_await side.call(statement_request(path_of(id) + "/cancel", json::object(), http::Repeat::safe));
  std::string state;
  for (int looks = 0; looks < 5 && !is_over(state); ++looks) {
    co_await side.loop().sleep(pause_after(looks));
    const auto answer = co_await side.call(http::Request::get(path_of(id)));
    if (answer) state = text_at(*answer, "/status/state");
  }
  Error error(is_over(state) ? Fault::unavailable : Fault::in_doubt,
              is_over(state) ? "the statement did not end in time and was cancelled"
                             : "the statement did not end in time, and cancelling had no effect",
              "Look at it in the query history of that warehouse");
  co_return error;
}

Task<Result<SqlRows>> run_once(Workspace& side, std::string warehouse_id, Statement statement,
                               Time due) {
  CO_TRY(json answer,
         co_await side.call(statement_request(statements, body_of(warehouse_id, statement), statement.repeat)));
  const std::string id = text_at(answer, "/statement_id");
  for (int looks = 0; !is_over(text_at(answer, "/status/state")); ++looks) {
    if (id.empty())
      co_return fail(Fault::in_doubt, "the service did not say the id of a statement it began");
    if (side.loop().now() >= due) co_return fail(co_await give_up(side, id));
    co_await side.loop().sleep(pause_after(looks));
    auto polled = co_await side.call(http::Request::get(path_of(id)));
    if (!polled) {
      // It was begun, and goes on without us.
      if (statement.repeat == http::Repeat::unsafe) polled.error().fault = Fault::in_doubt;
      co_return fail(std::move(polled).error());
    }
    answer = std::move(*polled);
  }
  if (text_at(answer, "/status/state") != "SUCCEEDED") co_return fail(error_of(answer));
  co_return co_await read_rows(side, id, std::move(answer));
}

}  // namespace

std::string error_class_of(std::string_view message) {
  const std::size_t open = message.find('[');
  const std::size_t close = message.find(']', open == std::string_view::npos ? 0 : open);
  if (open == std::string_view::npos || close == std::string_view::npos) return {};
  const std::string_view found = message.substr(open + 1, close - open - 1);
  const auto fits = [](unsigned char c) {
    return std::isupper(c) != 0 || std::isdigit(c) != 0 || c == '_' || c == '.';
  };
  return !found.empty() && std::ranges::all_of(found, fits) ? std::string(found) : std::string();
}

Task<Result<SqlRows>> run_statement(Workspace& side, std::string warehouse_id,
                                    Statement statement) {
  const Time due = side.loop().now() + statement.deadline;
  for (int attempt = 1;; ++attempt) {
    auto rows = co_await run_once(side, warehouse_id, statement, due);
    const bool again = !rows && rows.error().fault == Fault::unavailable &&
                       statement.repeat == http::Repeat::safe && attempt < most_attempts &&
                       side.loop().now() < due;
    if (!again) {
      if (!rows && rows.error().attempts < attempt) rows.error().attempts = attempt;
      co_return rows;
    }
    co_await side.loop().sleep(std::chrono::seconds(1 << attempt));
  }
}

}  // namespace twinlake::workspace
