// Contexts, and how far a command is by the region's clock.
#include "simulator/commands/commands.h"

#include "simulator/compute/clusters.h"
#include "simulator/compute/compute.h"
#include "simulator/identity/identity.h"
#include "simulator/identity/permissions.h"

namespace twinlake::simulator {

namespace {
constexpr std::int64_t cancel_millis = 100;
constexpr const char* languages[] = {"python", "scala", "sql", "r"};

bool is_shared(const std::string& mode) {
  return mode == "USER_ISOLATION" || mode == "DATA_SECURITY_MODE_STANDARD";
}
bool is_single_user(const std::string& mode) {
  return mode == "SINGLE_USER" || mode == "DATA_SECURITY_MODE_DEDICATED";
}
bool takes_commands(const Cluster& cluster) {
  return cluster.state == "RUNNING" || cluster.state == "RESIZING";
}
}  // namespace

Commands::Commands(Region& region) : region_(region), dbutils_(region) { add_routes(); }

void Commands::add_routes() {
  using http::Method;
  Router& router = region_.router();
  const auto add = [&](Method method, const char* name,
                       http::Response (Commands::*handler)(Call&)) {
    router.add(method, std::string("/api/1.2/") + name,
               [this, handler](Call& call) { return (this->*handler)(call); });
  };
  add(Method::post, "contexts/create", &Commands::create_context);
  add(Method::get, "contexts/status", &Commands::context_status);
  add(Method::post, "contexts/destroy", &Commands::destroy_context);
  add(Method::post, "commands/execute", &Commands::execute);
  add(Method::get, "commands/status", &Commands::command_status);
  add(Method::post, "commands/cancel", &Commands::cancel);
  router.add(Method::post, "/sim/commands", [this](Call& call) { return change_settings(call); });
}

/// Errors of this old API have a form of their own.
http::Response Commands::problem(const std::string& text) const {
  http::Response response = answer(json::object({{"error", text}}));
  response.status = settings_.error_status;
  return response;
}

Refusal Commands::check_cluster(const std::string& id, const std::string& caller,
                                Cluster*& cluster) const {
  cluster = region_.get<Compute>().clusters().find(id);
  if (cluster == nullptr) return problem("ClusterNotFoundException: Cluster not found: " + id);
  const std::string mode = text_of(cluster->attributes, "data_security_mode");
  const std::string user = text_of(cluster->attributes, "single_user_name");
  const bool allowed = region_.get<Identity>().is_admin(caller) ||
                       !region_.get<Permissions>().level_of("clusters", id, caller).empty();
  if (!allowed || (is_single_user(mode) && !user.empty() && user != caller)) {
    auto refusal =
        problem("PermissionDenied: " + caller + " may not attach to cluster " + id + ".");
    refusal.status = 403;
    return refusal;
  }
  if (!takes_commands(*cluster))
    return problem("ClusterNotReadyException: Cluster " + id + " is in unexpected state " +
                   cluster->state + ".");
  cluster->last_activity = region_.now_millis();
  return std::nullopt;
}

/// Contexts end with the Spark session in which they were made.
bool Commands::alive(const Context& context) const {
  const Cluster* cluster = region_.get<Compute>().clusters().find(context.cluster);
  return cluster != nullptr && takes_commands(*cluster) &&
         cluster->session == context.cluster_session;
}

json Commands::spark_configuration(const Cluster& cluster, Notebook& notebook) {
  json values = json::object();
  values["spark.databricks.passthrough.adls.gen2.tokenProviderClassName"] =
      "com.databricks.backend.daemon.data.client.adl.AdlGen2UpgradeableTokenProvider";
  if (const json* given = field(cluster.attributes, "spark_conf"); given != nullptr)
    for (const auto& [name, value] : given->items())
      values[name] = dbutils_.resolved(text_of(*given, name), notebook);
  return values;
}

http::Response Commands::create_context(Call& call) {
  std::erase_if(contexts_, [this](const auto& entry) { return !alive(entry.second); });
  const std::string id = text_of(call.body, "clusterId");
  const std::string language = text_of(call.body, "language");
  Cluster* cluster = nullptr;
  if (auto refusal = check_cluster(id, call.caller, cluster)) return *refusal;
  const bool known = std::ranges::find(languages, language) != std::end(languages);
  if (!known) return problem("IllegalArgumentException: Unsupported language: " + language);
  Context context;
  context.notebook.security_mode = text_of(cluster->attributes, "data_security_mode");
  if (is_shared(context.notebook.security_mode) && (language == "scala" || language == "r"))
    return problem("IllegalArgumentException: Language " + language +
                   " is not allowed on this cluster.");
  const auto open = std::ranges::count_if(
      contexts_, [&](const auto& entry) { return entry.second.cluster == id; });
  if (static_cast<std::size_t>(open) >= settings_.contexts_per_cluster)
    return problem(
        "ContextLimitExceeded: Too many execution contexts are open right now. (Limit "
        "set to " +
        std::to_string(settings_.contexts_per_cluster) + ")");
  context.id = region_.ids().digits(19);
  context.cluster = id;
  context.language = language;
  context.notebook.caller = call.caller;
  context.cluster_session = cluster->session;
  context.ready_at = region_.now_millis() + settings_.context_start_millis;
  context.configuration = spark_configuration(*cluster, context.notebook);
  const std::string made = context.id;
  contexts_.emplace(made, std::move(context));
  return answer(json::object({{"id", made}}));
}

Commands::Context* Commands::find_context(const std::string& cluster_id, const std::string& id,
                                          const std::string& caller, Refusal& refusal) {
  std::erase_if(contexts_, [this](const auto& entry) { return !alive(entry.second); });
  Cluster* cluster = nullptr;
  refusal = check_cluster(cluster_id, caller, cluster);
  if (refusal) return nullptr;
  const auto found = contexts_.find(id);
  if (found != contexts_.end() && found->second.cluster == cluster_id) return &found->second;
  refusal = problem("ContextNotFound: " + id);
  return nullptr;
}

http::Response Commands::context_status(Call& call) {
  Refusal refusal;
  const std::string id = call.query("contextId");
  const Context* context = find_context(call.query("clusterId"), id, call.caller, refusal);
  if (context == nullptr) return *refusal;
  const bool ready = region_.now_millis() >= context->ready_at;
  return answer(json::object({{"id", id}, {"status", ready ? "Running" : "Pending"}}));
}

http::Response Commands::destroy_context(Call& call) {
  Refusal refusal;
  const std::string id = text_of(call.body, "contextId");
  if (find_context(text_of(call.body, "clusterId"), id, call.caller, refusal) == nullptr)
    return *refusal;
  contexts_.erase(id);
  return answer(json::object({{"id", id}}));
}

http::Response Commands::execute(Call& call) {
  Refusal refusal;
  Context* context = find_context(text_of(call.body, "clusterId"), text_of(call.body, "contextId"),
                                  call.caller, refusal);
  if (context == nullptr) return *refusal;
  Command command;
  command.id = region_.ids().hex(32);
  command.language = text_of(call.body, "language", context->language);
  command.text = text_of(call.body, "command");
  const std::string id = command.id;
  context->commands.push_back(std::move(command));
  advance(*context);
  return answer(json::object({{"id", id}}));
}

/// Commands of a context run one after the other, the next one when the last one has ended.
void Commands::advance(Context& context) {
  const std::int64_t now = region_.now_millis();
  if (now < context.ready_at) return;
  for (Command& command : context.commands) {
    if (command.cancelled_at) continue;
    if (!command.ended_at && !command.hangs) run(context, command);
    if (command.hangs || now < *command.ended_at) return;
  }
}

std::string Commands::status_of(const Command& command) const {
  const std::int64_t now = region_.now_millis();
  if (command.cancelled_at)
    return now < *command.cancelled_at + cancel_millis ? "Cancelling" : "Cancelled";
  if (command.hangs) return "Running";
  if (!command.ended_at) return "Queued";
  if (now < *command.ended_at) return "Running";
  return command.broken ? "Error" : "Finished";
}

Commands::Command* Commands::find_command(Context& context, const std::string& id) {
  const auto found = std::ranges::find(context.commands, id, &Command::id);
  return found == context.commands.end() ? nullptr : &*found;
}

http::Response Commands::command_status(Call& call) {
  Refusal refusal;
  Context* context =
      find_context(call.query("clusterId"), call.query("contextId"), call.caller, refusal);
  if (context == nullptr) return *refusal;
  const std::string id = call.query("commandId");
  const Command* command = find_command(*context, id);
  if (command == nullptr) return problem("CommandNotFound: " + id);
  advance(*context);
  const std::string status = status_of(*command);
  const bool ended = status == "Finished" || status == "Error";
  return answer(json::object(
      {{"id", id}, {"status", status}, {"results", ended ? command->results : json()}}));
}

http::Response Commands::cancel(Call& call) {
  Refusal refusal;
  Context* context = find_context(text_of(call.body, "clusterId"), text_of(call.body, "contextId"),
                                  call.caller, refusal);
  if (context == nullptr) return *refusal;
  const std::string id = text_of(call.body, "commandId");
  Command* command = find_command(*context, id);
  if (command == nullptr) return problem("CommandNotFound: " + id);
  advance(*context);
  const std::string status = status_of(*command);
  if (status == "Queued" || status == "Running") {
    if (command->hangs) abort(*context, *command);
    command->cancelled_at = region_.now_millis();
  }
  return answer(json::object({{"id", id}}));
}

http::Response Commands::change_settings(Call& call) {
  const auto number = [&](const char* name, auto& setting) {
    if (const auto wanted = integer_of(call.body, name); wanted && *wanted >= 0)
      setting = static_cast<std::remove_reference_t<decltype(setting)>>(*wanted);
  };
  number("output_limit", settings_.output_limit);
  number("contexts_per_cluster", settings_.contexts_per_cluster);
  number("context_start_millis", settings_.context_start_millis);
  number("command_millis", settings_.command_millis);
  number("error_status", settings_.error_status);
  settings_.numbered_values = flag_of(call.body, "numbered_values", settings_.numbered_values);
  settings_.python = text_of(call.body, "python", settings_.python);
  return done();
}

json Commands::world() const {
  std::map<std::pair<std::string, std::string>, int> open;
  for (const auto& [id, context] : contexts_)
    if (alive(context)) ++open[{context.cluster, context.language}];
  json all = json::array();
  for (const auto& [where, count] : open)
    all.push_back(json::object(
        {{"cluster_id", where.first}, {"language", where.second}, {"contexts", count}}));
  return json::object({{"command_contexts", std::move(all)}});
}

}  // namespace twinlake::simulator
