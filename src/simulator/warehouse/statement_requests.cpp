// What a request to run a statement may say, and the history of those that were run.
#include <algorithm>
#include <array>
#include <charconv>

#include "simulator/collection.h"
#include "simulator/identity/permissions.h"
#include "simulator/warehouse/lookups.h"
#include "simulator/warehouse/statements.h"

namespace twinlake::simulator {

namespace {
constexpr std::size_t longest_statement = 16U << 20U;
constexpr std::size_t most_tags = 20;

/// "0s", or "5s" to "50s"; milliseconds.
std::optional<std::int64_t> wait_from(const std::string& text) {
  std::int64_t seconds = 0;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, seconds);
  if (read.ec != std::errc() || read.ptr + 1 != end || *read.ptr != 's') return std::nullopt;
  if (seconds != 0 && (seconds < 5 || seconds > 50)) return std::nullopt;
  return seconds * 1000;
}

Refusal read_parameters(const json& body, SqlParameters& parameters) {
  for (const json& each : list_of(body, "parameters")) {
    const std::string name = text_of(each, "name");
    if (name.empty()) return invalid("Missing required field: parameters.name");
    const json* value = field(each, "value");
    if (value != nullptr && !value->is_string())
      return invalid("The value of parameter " + name + " must be a string.");
    parameters[name] = value == nullptr ? std::nullopt : std::optional(value->get<std::string>());
  }
  return std::nullopt;
}

Refusal read_limit(const json& body, const char* key, std::optional<std::int64_t>& limit) {
  limit = integer_of(body, key);
  if (limit && *limit < 1) return invalid(std::string(key) + " must be positive.");
  return std::nullopt;
}

std::string history_status(const std::string& state) {
  if (state == "PENDING") return "QUEUED";
  return state == "SUCCEEDED" || state == "CLOSED" ? "FINISHED" : state;
}

/// Values of a filter: repeated, or separated by commas.
std::vector<std::string> filter_of(const Call& call, const std::string& name) {
  std::vector<std::string> values;
  for (const std::string& given : call.queries("filter_by." + name))
    for (std::string& one : split(given, ',')) values.push_back(std::move(one));
  return values;
}

bool is_wanted(const std::vector<std::string>& filter, const std::string& value) {
  return filter.empty() || std::find(filter.begin(), filter.end(), value) != filter.end();
}
}  // namespace

Refusal Statements::read_request(const json& body, Statement& statement) const {
  statement.text = text_of(body, "statement");
  statement.warehouse = text_of(body, "warehouse_id");
  if (statement.warehouse.empty()) return invalid("Missing required field: warehouse_id");
  if (statement.text.empty()) return invalid("Missing required field: statement");
  if (statement.text.size() > longest_statement)
    return invalid("The statement is longer than 16 MiB.");
  if (const auto wait = wait_from(text_of(body, "wait_timeout", "10s")))
    statement.wait_millis = *wait;
  else
    return invalid("wait_timeout must be 0s, or between 5s and 50s.");
  const std::string late = text_of(body, "on_wait_timeout", "CONTINUE");
  if (late != "CONTINUE" && late != "CANCEL")
    return invalid("on_wait_timeout must be CONTINUE or CANCEL.");
  statement.cancel_when_late = late == "CANCEL";
  const std::string disposition = text_of(body, "disposition", "INLINE");
  if (disposition != "INLINE" && disposition != "EXTERNAL_LINKS")
    return invalid("disposition must be INLINE or EXTERNAL_LINKS.");
  statement.external = disposition == "EXTERNAL_LINKS";
  statement.format = text_of(body, "format", "JSON_ARRAY");
  if (statement.format == "ARROW_STREAM" || statement.format == "CSV") {
    if (!statement.external)
      return invalid("With disposition INLINE only the format JSON_ARRAY is supported.");
    return error(501, "NOT_IMPLEMENTED", "This simulator writes only JSON_ARRAY.");
  }
  if (statement.format != "JSON_ARRAY")
    return invalid("format must be JSON_ARRAY, ARROW_STREAM or CSV.");
  if (count_of(body, "query_tags") > most_tags) return invalid("At most 20 query tags.");
  if (const std::string catalog = text_of(body, "catalog"); !catalog.empty())
    statement.session.catalog = lower(catalog);
  if (const std::string schema = text_of(body, "schema"); !schema.empty())
    statement.session.schema = lower(schema);
  if (auto refusal = read_limit(body, "row_limit", statement.limits.rows)) return refusal;
  if (auto refusal = read_limit(body, "byte_limit", statement.limits.bytes)) return refusal;
  return read_parameters(body, statement.parameters);
}

Refusal Statements::check_warehouse(const Statement& statement) const {
  const std::string& id = statement.warehouse;
  if (!region_.get<Lookups>().exists("warehouse", id))
    return absent("The warehouse with id " + id + " does not exist.");
  const std::string level =
      region_.get<Permissions>().level_of("warehouses", id, statement.session.caller);
  if (level.empty() || level == "CAN_VIEW")
    return error(403, "PERMISSION_DENIED",
                 "You do not have permission to use the SQL warehouse " + id + ".");
  return std::nullopt;
}

/// Newest first: here one looks for a statement whose answer was lost.
http::Response Statements::history(Call& call) {
  settle();
  Refusal refusal;
  const PageWish wish = page_wish(call, "max_results", 100, 1000, refusal);
  if (refusal) return *refusal;
  const auto warehouses = filter_of(call, "warehouse_ids");
  const auto ids = filter_of(call, "statement_ids");
  const auto statuses = filter_of(call, "statuses");
  const std::int64_t now = region_.now_millis();
  const auto page =
      statements_.page(wish, Shelf<Statement>::Order::newest_first, [&](const Statement& each) {
        const bool visible =
            each.session.caller == call.caller ||
            region_.get<Permissions>().can_manage("warehouses", each.warehouse, call.caller);
        return visible && is_wanted(warehouses, each.warehouse) && is_wanted(ids, each.id) &&
               is_wanted(statuses, history_status(state_of(each, now)));
      });
  json body = json::object({{"has_next_page", !page.next.empty()}});
  for (const Statement* each : page.items) {
    json row = json::object({{"query_id", each->id},
                             {"status", history_status(state_of(*each, now))},
                             {"query_text", each->text},
                             {"warehouse_id", each->warehouse},
                             {"user_name", each->session.caller},
                             {"query_start_time_ms", each->created}});
    if (each->ended != 0) row["query_end_time_ms"] = each->ended;
    if (!each->failure.message.empty()) row["error_message"] = each->failure.message;
    body["res"].push_back(std::move(row));
  }
  if (!page.next.empty()) body["next_page_token"] = page.next;
  return answer(body);
}

/// A link carries its own right; whoever sends a token with it is refused by the storage.
http::Response Statements::linked_rows(Call& call) {
  for (const auto& [name, value] : call.request.headers)
    if (lower(name) == "authorization")
      return error(400, "InvalidAuthenticationInfo",
                   "Authentication information is not given in the correct format.");
  settle();
  const Statement* found = statements_.find(call.arguments.at("id"));
  const json wanted = json::object({{"index", call.arguments.at("index")}});
  const auto index = integer_of(wanted, "index");
  if (found == nullptr || !found->external || !index || *index < 0 ||
      state_of(*found, region_.now_millis()) != "SUCCEEDED")
    return error(404, "BlobNotFound", "The specified blob does not exist.");
  return answer(found->result.rows_of(static_cast<std::size_t>(*index)));
}

}  // namespace twinlake::simulator
