#include "simulator/warehouse/statements.h"

#include <algorithm>
#include <chrono>

#include "simulator/identity/permissions.h"
#include "simulator/warehouse/lookups.h"
#include "simulator/warehouse/warehouses.h"

namespace twinlake::simulator {

namespace {
constexpr std::int64_t minute = 60'000;
constexpr std::int64_t result_kept = 60 * minute;
constexpr std::int64_t statement_kept = 12 * 60 * minute;
constexpr std::int64_t unattended = 15 * minute;  ///< without a poll the service may drop it
constexpr std::size_t at_once = 10;               ///< statements of a warehouse

http::Response no_statement(const std::string& id) {
  return absent("The statement " + id + " was not found.");
}
}  // namespace

Statements::Statements(Region& region) : region_(region) {
  using http::Method;
  Router& router = region.router();
  const std::string root = "/api/2.0/sql/statements";
  router.add(Method::post, root, [this](Call& call) { return execute(call); });
  router.add(Method::get, root + "/{id}", [this](Call& call) { return get(call); });
  router.add(Method::get, root + "/{id}/result/chunks/{index}",
             [this](Call& call) { return chunk(call); });
  router.add(Method::post, root + "/{id}/cancel", [this](Call& call) { return cancel(call); });
  router.add(Method::get, "/api/2.0/sql/history/queries",
             [this](Call& call) { return history(call); });
  router.add(Method::get, "/sim/results/{id}/{index}",
             [this](Call& call) { return linked_rows(call); });
  router.add(Method::post, "/sim/statements",
             [this](Call& call) { return change_settings(call.body); });
  region.get<Lookups>().warehouses().when_stopped(
      [this](const std::string& id) { stop_all_of(id); });
}

json Statements::world() const {
  region_.get<Statements>().settle();  // what is due has happened, whether somebody asked or not
  json all = json::array();
  for (const Statement* each : statements_.all())
    all.push_back(json::object({{"statement_id", each->id},
                                {"warehouse_id", each->warehouse},
                                {"caller", each->session.caller},
                                {"statement", each->text},
                                {"state", state_of(*each, region_.now_millis())}}));
  return json::object({{"sql_statements", std::move(all)}});
}

http::Response Statements::change_settings(const json& body) {
  const std::map<std::string, std::int64_t*> numbers{
      {"start_millis", &settings_.start_millis},
      {"execution_millis", &settings_.execution_millis},
      {"inline_bytes", &settings_.inline_bytes},
      {"rows_per_chunk", &settings_.rows_per_chunk}};
  for (const auto& [key, value] : body.items()) {
    const auto number = numbers.find(key);
    if (number != numbers.end())
      *number->second = std::max<std::int64_t>(value.get<std::int64_t>(), 0);
    else if (key == "cancel_works")
      settings_.cancel_works = value.get<bool>();
    else if (key == "catalog")
      settings_.catalog = value.get<std::string>();
    else
      return invalid("Statements have no setting " + key + ".");
  }
  return done();
}

/// Starts the warehouse, and finds the moment at which it has room.
void Statements::queue(Statement& statement) {
  auto& warehouses = region_.get<Lookups>().warehouses();
  statement.created = statement.last_poll = region_.now_millis();
  statement.begins = warehouses.wake(statement.warehouse, settings_.start_millis);
  std::vector<std::int64_t> others;
  for (const Statement* other : statements_.all())
    if (other->warehouse == statement.warehouse && other->state == Statement::State::waiting &&
        other->due > statement.begins)
      others.push_back(other->due);
  if (others.size() >= at_once) {
    std::sort(others.begin(), others.end());
    statement.begins = others[others.size() - at_once];
  }
  statement.due = statement.begins + settings_.execution_millis;
  warehouses.busy_until(statement.warehouse, statement.due);
}

void Statements::run(Statement& statement) {
  if (!region_.get<Lookups>().exists("warehouse", statement.warehouse))
    return stop(statement, statement.due);
  auto answered =
      region_.get<Metastore>().run(statement.text, statement.session, statement.parameters);
  statement.ended = statement.due;
  statement.state = Statement::State::failed;
  if (!answered) {
    statement.failure = std::move(answered.error());
    return;
  }
  statement.result = StatementResult(std::move(*answered), statement.limits);
  if (!statement.external &&
      static_cast<std::int64_t>(statement.result.bytes()) > settings_.inline_bytes) {
    statement.result = {};
    statement.failure.message =
        "Inline byte limit exceeded. Statements executed with disposition=INLINE can have a result "
        "size of at most " +
        std::to_string(settings_.inline_bytes) +
        " bytes. Please execute the statement with disposition=EXTERNAL_LINKS if you want to "
        "download the full result.";
    return;
  }
  statement.state = Statement::State::succeeded;
}

void Statements::stop(Statement& statement, std::int64_t when) {
  statement.state = Statement::State::canceled;
  statement.ended = when;
}

void Statements::stop_all_of(const std::string& warehouse) {
  settle();
  for (Statement* each : statements_.all())
    if (each->warehouse == warehouse && each->state == Statement::State::waiting)
      stop(*each, region_.now_millis());
}

void Statements::settle(std::int64_t until) {
  if (settling_) return;  // a statement is running, and asks its metastore
  settling_ = true;
  std::vector<Statement*> due;
  std::vector<std::string> old;
  for (Statement* each : statements_.all()) {
    if (each->created + statement_kept <= until && each->state != Statement::State::waiting)
      old.push_back(each->id);
    if (each->state != Statement::State::waiting) continue;
    const std::int64_t dropped = each->last_poll + unattended;
    if (dropped < each->due && dropped <= until)
      stop(*each, dropped);
    else if (each->due <= until)
      due.push_back(each);
  }
  std::stable_sort(due.begin(), due.end(),
                   [](const Statement* a, const Statement* b) { return a->due < b->due; });
  for (Statement* each : due) run(*each);
  for (const std::string& id : old) statements_.erase(id);
  settling_ = false;
}

http::Response Statements::execute(Call& call) {
  Statement wanted;
  wanted.session.caller = call.caller;
  wanted.session.catalog = settings_.catalog;
  wanted.limits.rows_per_chunk =
      std::max<std::size_t>(static_cast<std::size_t>(settings_.rows_per_chunk), 1);
  if (auto refusal = read_request(call.body, wanted)) return *refusal;
  if (auto refusal = check_warehouse(wanted)) return *refusal;
  settle();
  wanted.id = "01f0" + region_.ids().uuid().substr(4);
  queue(wanted);
  const std::string id = wanted.id;
  Statement& statement = statements_.add(id, std::move(wanted));
  const std::int64_t now = region_.now_millis();
  // The client waits; what it is told is how things are when it has waited.
  const std::int64_t told = std::min(statement.due, now + statement.wait_millis);
  if (statement.wait_millis > 0) {
    settle(told);
    if (statement.state == Statement::State::waiting && statement.cancel_when_late)
      stop(statement, told);
    region_.hold_answer(std::chrono::milliseconds(told - now));
  }
  return answer(shown(statement, statement.wait_millis > 0 ? told : now));
}

/// Of the caller; others do not see it, admins do.
Statements::Statement* Statements::find(const Call& call) {
  settle();
  Statement* found = statements_.find(call.arguments.at("id"));
  if (found == nullptr || found->session.caller == call.caller) return found;
  return region_.get<Permissions>().can_manage("warehouses", found->warehouse, call.caller)
             ? found
             : nullptr;
}

http::Response Statements::get(Call& call) {
  Statement* found = find(call);
  if (found == nullptr) return no_statement(call.arguments.at("id"));
  found->last_poll = region_.now_millis();
  return answer(shown(*found, region_.now_millis()));
}

http::Response Statements::chunk(Call& call) {
  const Statement* found = find(call);
  if (found == nullptr) return no_statement(call.arguments.at("id"));
  const std::string state = state_of(*found, region_.now_millis());
  if (state != "SUCCEEDED")
    return invalid_state("The statement " + found->id + " has no result: it is " + state + ".");
  const json wanted = json::object({{"index", call.arguments.at("index")}});
  const auto index = integer_of(wanted, "index");
  if (!index || *index < 0 || static_cast<std::size_t>(*index) >= found->result.chunk_count())
    return invalid("There is no chunk " + call.arguments.at("index") + ".");
  return answer(result_of(*found, static_cast<std::size_t>(*index), region_.now_millis()));
}

/// Answered at once; whether it had an effect shows the state.
http::Response Statements::cancel(Call& call) {
  Statement* found = find(call);
  if (found == nullptr) return no_statement(call.arguments.at("id"));
  if (settings_.cancel_works && found->state == Statement::State::waiting)
    stop(*found, region_.now_millis());
  return done();
}

std::string Statements::state_of(const Statement& statement, std::int64_t at) {
  switch (statement.state) {
    case Statement::State::waiting: return at < statement.begins ? "PENDING" : "RUNNING";
    case Statement::State::failed: return "FAILED";
    case Statement::State::canceled: return "CANCELED";
    case Statement::State::succeeded: break;
  }
  return at < statement.ended + result_kept ? "SUCCEEDED" : "CLOSED";
}

json Statements::result_of(const Statement& statement, std::size_t index, std::int64_t at) {
  return statement.external ? statement.result.linked_chunk(statement.id, index, at)
                            : statement.result.inline_chunk(statement.id, index);
}

json Statements::shown(const Statement& statement, std::int64_t at) {
  json out = json::object();
  out["statement_id"] = statement.id;
  json& status = out["status"];
  status["state"] = state_of(statement, at);
  if (statement.state == Statement::State::failed) {
    status["error"] = json::object(
        {{"error_code", statement.failure.error_code}, {"message", statement.failure.message}});
    if (!statement.failure.sql_state.empty()) status["sql_state"] = statement.failure.sql_state;
  }
  if (status.at("state") != "SUCCEEDED") return out;
  out["manifest"] = statement.result.manifest(statement.format);
  out["result"] = result_of(statement, 0, at);
  return out;
}

}  // namespace twinlake::simulator
