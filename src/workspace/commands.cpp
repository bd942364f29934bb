#include "workspace/commands.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/hash.h"
#include "base/json_path.h"

namespace twinlake::workspace {

using nlohmann::json;

namespace {

http::Request request_to(const char* name, const json& body, http::Repeat repeat) {
  return http::Request::send_json(http::Method::post, std::string("/api/1.2/") + name,
                                  to_text(body), http::Effect::executes, repeat);
}

struct Context {
  std::string cluster;
  std::string id;
};

json body_of(const Context& context) {
  json body = json::object();
  body["clusterId"] = context.cluster;
  body["contextId"] = context.id;
  return body;
}

http::Request status_of(const char* name, const Context& context) {
  http::Request request = http::Request::get(std::string("/api/1.2/") + name);
  request.with_query("clusterId", context.cluster).with_query("contextId", context.id);
  return request;
}

/// Short at first, then longer: most commands end within a second.
Micros pause_after(int looks) {
  return std::min<Micros>(Millis(100) * (1 << std::min(looks, 5)), Millis(2000));
}

Task<Result<Context>> open_context(Workspace& side, std::string cluster) {
  json body = json::object();
  body["clusterId"] = cluster;
  body["language"] = "python";
  CO_TRY(const json made, co_await side.call(request_to("contexts/create", body, http::Repeat::unsafe)));
  co_return Context{.cluster = std::move(cluster), .id = text_at(made, "/id")};
}

Task<Result<void>> wait_until_ready(Workspace& side, Context context, Time due) {
  for (int looks = 0;; ++looks) {
    CO_TRY(const json state, co_await side.call(status_of("contexts/status", context)));
    const std::string status = text_at(state, "/status");
    if (status == "Running") co_return Result<void>{};
    if (status == "Error" || side.loop().now() >= due)
      co_return fail(Fault::unavailable, "the cluster gives no place to run a command in",
                     "Look at the cluster's event log, then run the command again");
    co_await side.loop().sleep(pause_after(looks));
  }
}

Task<void> close_context(Workspace& side, Context context) {
  // Nobody is helped by an error here: what remains ends with its cluster.
  (void)co_await side.call(request_to("contexts/destroy", body_of(context), http::Repeat::safe));
}

Task<void> cancel(Workspace& side, Context context, std::string command) {
  json body = body_of(context);
  body["commandId"] = std::move(command);
  (void)co_await side.call(request_to("commands/cancel", body, http::Repeat::safe));
}

/// The last line of a stack trace says what went wrong.
std::string last_line(const std::string& text) {
  const std::size_t end = text.find_last_not_of(" \n\r\t");
  if (end == std::string::npos) return {};
  const std::size_t start = text.find_last_of('\n', end);
  return text.substr(start == std::string::npos ? 0 : start + 1,
                     std::min<std::size_t>(end - start, 300));
}

Result<std::string> output_of(const json& state) {
  const std::string status = text_at(state, "/status");
  const std::string type = text_at(state, "/results/resultType");
  if (status == "Finished" && type != "error") return text_at(state, "/results/data");
  std::string why = last_line(text_at(state, "/results/cause"));
  if (why.empty())
    why = status == "Finished" ? "the command failed" : "the command ended as " + status;
  return fail(Fault::invalid, std::move(why));
}

Task<Result<std::string>> execute(Workspace& side, Context context, std::string code, Time due) {
  CO_CHECK(co_await wait_until_ready(side, context, due));
  json body = body_of(context);
  body["language"] = "python";
  body["command"] = std::move(code);
  CO_TRY(const json made, co_await side.call(request_to("commands/execute", body, http::Repeat::unsafe)));
  const std::string command = text_at(made, "/id");
  for (int looks = 0;; ++looks) {
    http::Request request = status_of("commands/status", context);
    request.with_query("commandId", command);
    CO_TRY(const json state, co_await side.call(std::move(request)));
    const std::string status = text_at(state, "/status");
    if (status == "Finished" || status == "Error" || status == "Cancelled")
      co_return output_of(state);
    if (side.loop().now() >= due) {
      co_await cancel(side, context, command);
      co_return fail(Fault::unavailable, "the command did not end in time and was cancelled",
                     "What it reached for may be dead; try it in a notebook of that workspace");
    }
    co_await side.loop().sleep(pause_after(looks));
  }
}

}  // namespace

Task<Result<std::string>> run_python(Workspace& side, std::string cluster_id, std::string code,
                                     Micros deadline) {
  const Time due = side.loop().now() + deadline;
  for (int attempt = 1;; ++attempt) {
    CO_TRY(const Context context, co_await open_context(side, cluster_id));
    auto output = co_await execute(side, context, code, due);
    co_await close_context(side, context);
    if (output || output.error().fault != Fault::in_doubt || attempt == 3) co_return output;
  }
}

std::string python_text(std::string_view text) {
  return "__import__('base64').b64decode('" + base64_encode(text) + "').decode()";
}

}  // namespace twinlake::workspace
