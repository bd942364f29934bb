#include "workspace/sql_runner.h"

#include <nlohmann/json.hpp>

#include "base/json_path.h"
#include "http/pager.h"

namespace twinlake::workspace {

using nlohmann::json;

namespace {

constexpr const char* warehouses = "/api/2.0/sql/warehouses";
constexpr int at_once = 8;

Result<json> chosen(const std::vector<json>& all, const std::string& wanted) {
  std::string names;
  for (const json& warehouse : all) {
    if (text_at(warehouse, "/id") == wanted || text_at(warehouse, "/name") == wanted)
      return warehouse;
    names += (names.empty() ? "" : ", ") + text_at(warehouse, "/name");
  }
  return fail(Fault::blocked, "there is no SQL warehouse `" + wanted + "`",
              "Name another one as `metastore` in twinlake.yml; there are: " +
                  (names.empty() ? "none" : names));
}

}  // namespace

SqlRunner::SqlRunner(Workspace& side, WarehouseOptions options, WarehouseJournal journal)
    : side_(side),
      options_(std::move(options)),
      journal_(std::move(journal)),
      turn_(side.loop(), 1),
      statements_(side.loop(), at_once) {}

std::string describe(const WarehouseOptions& options) {
  return "the warehouse " + options.warehouse;
}

std::string cost_of(const WarehouseOptions& options) {
  return options.afterwards == WarehouseOptions::Afterwards::stop
             ? "It is started when it does not run, and then stopped again at the end of the run"
             : "It is started when it does not run, and stops by its own time-out";
}

Task<Result<void>> stop_warehouse(Workspace& side, std::string id) {
  auto stopped = co_await side.call(http::Request::send_json(
      http::Method::post, std::string(warehouses) + "/" + http::percent_encode(id) + "/stop", "{}",
      http::Effect::executes, http::Repeat::safe));
  if (!stopped && stopped.error().fault != Fault::not_found)
    co_return fail(std::move(stopped).error());
  co_return Result<void>{};
}

Task<Result<SqlRows>> SqlRunner::run(Statement statement) {
  const auto permit = co_await statements_.acquire();
  CO_TRY(std::string warehouse, co_await ready());
  auto rows = co_await run_statement(side_, std::move(warehouse), std::move(statement));
  // A warehouse that is gone is nothing that a statement asked for.
  if (!rows && rows.error().fault == Fault::not_found && rows.error().status == 404)
    rows.error().fault = Fault::unavailable;
  co_return rows;
}

Task<Result<std::string>> SqlRunner::ready() {
  const auto turn = co_await turn_.acquire();
  if (!warehouse_) {
    auto found = co_await find();
    warehouse_.emplace(std::move(found));
  }
  co_return *warehouse_;
}

Task<Result<std::string>> SqlRunner::find() {
  http::Request request = http::Request::get(warehouses);
  request.with_query("page_size", "100");
  CO_TRY(const std::vector<json> all,
         co_await http::list_all(side_.transport(), std::move(request), http::PageStyle::token,
                                 "/warehouses"));
  CO_TRY(const json warehouse, chosen(all, options_.warehouse));
  std::string id = text_at(warehouse, "/id");
  const std::string state = text_at(warehouse, "/state");
  if (state == "RUNNING" || state == "STARTING") co_return id;
  if (options_.afterwards == WarehouseOptions::Afterwards::stop) {
    journal_.starting(id);
    started_ = id;
  } else if (warehouse.value("auto_stop_mins", 0) == 0) {
    co_return fail(
        Fault::blocked,
        "the warehouse " + options_.warehouse +
            " does not run, and once started it would never stop by itself",
        "Start it, give it a time-out, or name another one as `metastore` in twinlake.yml");
  }
  co_return id;
}

Task<Result<void>> SqlRunner::close() {
  warehouse_.reset();
  if (started_.empty()) co_return Result<void>{};
  CO_CHECK(co_await stop_warehouse(side_, started_));
  started_.clear();
  journal_.stopped();
  co_return Result<void>{};
}

}  // namespace twinlake::workspace
