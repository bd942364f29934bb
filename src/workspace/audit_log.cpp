#include "workspace/audit_log.h"

#include <algorithm>
#include <charconv>

#include <nlohmann/json.hpp>

#include "base/json_path.h"
#include "http/pager.h"
#include "workspace/sql_text.h"
#include "workspace/statements.h"

namespace twinlake::workspace {

using nlohmann::json;

namespace {

constexpr Micros longest_wait = std::chrono::minutes(2);
/// A warehouse may take a little longer to stop than it says.
constexpr Micros stopping = std::chrono::minutes(1);

std::string quoted_list(const std::vector<std::string>& texts) {
  std::string list;
  for (const std::string& text : texts) list += (list.empty() ? "" : ", ") + sql_quoted(text);
  return "(" + list + ")";
}

std::int64_t number_in(const std::string& text) {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

/// In the words of who has to do something.
Error explained(Error error) {
  if (error.status != 0) return error;
  if (error.fault == Fault::not_found || error.fault == Fault::disabled) {
    error.fault = Fault::not_found;
    error.message = "the table system.access.audit is not there: " + error.message;
    error.hint =
        "An admin of the account enables the schema `access` of the metastore's system tables; "
        "without it say `audit: off`";
  } else if (error.fault == Fault::forbidden) {
    error.hint =
        "Grant the replicator USE CATALOG on `system`, USE SCHEMA on `system.access` and SELECT on "
        "`system.access.audit`, or say `audit: off`";
  }
  return error;
}

/// The columns of audit_statement().
AuditRow row_of(const std::vector<std::string>& values, std::size_t parameters) {
  AuditRow row;
  row.service = SqlRows::value(values, 0);
  row.action = SqlRows::value(values, 1);
  for (std::size_t i = 0; i < parameters; ++i) row.values.push_back(SqlRows::value(values, 2 + i));
  row.last = Time(Micros(number_in(SqlRows::value(values, 2 + parameters))));
  row.events = number_in(SqlRows::value(values, 3 + parameters));
  return row;
}

}  // namespace

std::string audit_statement(const AuditQuestion& question, const std::string& workspace_id) {
  std::string columns = "service_name, action_name";
  std::string positions = "1, 2";
  for (std::size_t i = 0; i < question.parameters.size(); ++i) {
    // An index would fail on runtimes for which a key that is not there is an error.
    columns += ", try_element_at(request_params, " + sql_quoted(question.parameters[i]) + ")";
    positions += ", " + std::to_string(3 + i);
  }
  const std::string since = to_rfc3339(question.since);
  std::string text =
      "SELECT " + columns + ", unix_micros(max(event_time)), count(*) FROM system.access.audit" +
      " WHERE event_date >= DATE " + sql_quoted(since.substr(0, std::string("2026-01-31").size())) +
      " AND event_time >= TIMESTAMP " + sql_quoted(since) +
      " AND CAST(workspace_id AS STRING) IN " + quoted_list({workspace_id, "0"}) +
      " AND service_name IN " + quoted_list(question.services) + " AND action_name IN " +
      quoted_list(question.actions) +
      " AND coalesce(response.status_code, 200) BETWEEN 200 AND 299";
  if (!question.not_by.empty())
    text += " AND coalesce(user_identity.email, '') NOT IN " + quoted_list(question.not_by);
  return text + " GROUP BY " + positions;
}

Task<Result<std::vector<AuditRow>>> read_audit_log(Workspace& side, std::string warehouse_id,
                                                   AuditQuestion question) {
  Statement statement;
  statement.text = audit_statement(question, side.self().workspace_id);
  statement.catalog = "system";
  statement.schema = "access";
  statement.repeat = http::Repeat::safe;
  statement.deadline = longest_wait;
  auto answer = co_await run_statement(side, std::move(warehouse_id), std::move(statement));
  if (!answer) co_return fail(explained(std::move(answer).error()));
  std::vector<AuditRow> rows;
  for (const auto& values : answer->rows)
    rows.push_back(row_of(values, question.parameters.size()));
  co_return rows;
}

Task<Result<std::vector<RunningWarehouse>>> running_warehouses(Workspace& side) {
  http::Request request = http::Request::get("/api/2.0/sql/warehouses");
  request.with_query("page_size", "100");
  CO_TRY(const std::vector<json> all,
         co_await http::list_all(side.transport(), std::move(request), http::PageStyle::token,
                                 "/warehouses"));
  std::vector<RunningWarehouse> running;
  for (const json& warehouse : all)
    if (text_at(warehouse, "/state") == "RUNNING")
      running.push_back({text_at(warehouse, "/id"), text_at(warehouse, "/name"),
                         std::chrono::minutes(number_in(text_at(warehouse, "/auto_stop_mins")))});
  co_return running;
}

WarehouseChoice choose_warehouse(const std::vector<RunningWarehouse>& running,
                                 const AuditPlace& where, std::optional<Time> asked, Time now) {
  WarehouseChoice choice;
  std::optional<Time> next;
  for (const RunningWarehouse& one : running) {
    const bool is_named = one.id == where.warehouse || one.name == where.warehouse;
    if (!where.warehouse.empty() && !is_named) continue;
    const bool never_stops = one.stops_after <= Micros(0);
    const Time may_ask =
        asked && !is_named && !never_stops ? *asked + one.stops_after + stopping : now;
    if (may_ask <= now && (!choice.one || never_stops)) choice.one = one;
    next = std::min(next.value_or(may_ask), may_ask);
  }
  if (choice.one) return choice;
  if (next) {
    choice.why_not =
        "asked again from " + to_rfc3339(*next) + " on, so that no warehouse is kept running by it";
  } else {
    choice.why_not = where.warehouse.empty() ? "no SQL warehouse runs there"
                                             : "the warehouse " + where.warehouse + " does not run";
    choice.what_to_do = "Nothing: none is started for this; grants are read in their turn";
  }
  return choice;
}

}  // namespace twinlake::workspace
