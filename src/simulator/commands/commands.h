#pragma once
// Command execution, API 1.2: contexts on a running cluster and the commands in them. Python is run
// by a real interpreter, SQL by an engine that is plugged in, Scala and R not at all.
//
// POST /sim/commands changes limits and what the documentation leaves open, see CommandSettings.
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "simulator/body.h"
#include "simulator/commands/dbutils.h"
#include "simulator/commands/python_process.h"
#include "simulator/service.h"

namespace twinlake::simulator {

struct Cluster;

struct CommandSettings {
  std::size_t output_limit = 20971520;  ///< text beyond it is left out in the middle
  std::size_t contexts_per_cluster = 145;
  std::int64_t context_start_millis = 1000;
  std::int64_t command_millis = 300;  ///< of the region's clock, whatever the command does
  int error_status = 400;             ///< of {"error": ...}; no source says which
  bool numbered_values = false;       ///< "Out[1]: " before the last expression's value
  std::string python = "python3";
  std::chrono::milliseconds patience{60'000};  ///< real time after which a command hangs
};

/// What a SQL command gave: a table, or why there is none.
struct SqlOutcome {
  std::vector<std::pair<std::string, std::string>> columns;  ///< names and types
  json rows = json::array();                                 ///< arrays of values
  std::optional<std::string> problem;
};
using SqlEngine =
    std::function<SqlOutcome(const std::string& caller, const std::string& statement)>;

class Commands : public Service {
 public:
  explicit Commands(Region& region);
  /// Open contexts by cluster: nobody may leave one behind.
  [[nodiscard]] json world() const override;

  void use_sql(SqlEngine engine) { sql_ = std::move(engine); }
  void use_secrets(SecretsAccess secrets) { dbutils_.use_secrets(std::move(secrets)); }
  [[nodiscard]] CommandSettings& settings() { return settings_; }

 private:
  struct Command {
    std::string id, language, text;
    std::optional<std::int64_t> ended_at;  ///< run; its end by the region's clock
    bool hangs = false;                    ///< waits for an answer that does not come
    bool endless = false;                  ///< the same, because of its own code
    std::optional<std::int64_t> cancelled_at;
    bool broken = false;  ///< the command itself could not be run: status Error
    json results;
  };
  struct Context {
    std::string id, cluster, language;
    Notebook notebook;
    std::int64_t cluster_session = 0;
    std::int64_t ready_at = 0;
    json configuration = json::object();
    std::vector<Command> commands;
    std::unique_ptr<PythonProcess> python;
  };

  // commands.cpp: contexts and the life of a command
  void add_routes();
  http::Response create_context(Call& call);
  http::Response context_status(Call& call);
  http::Response destroy_context(Call& call);
  http::Response execute(Call& call);
  http::Response command_status(Call& call);
  http::Response cancel(Call& call);
  http::Response change_settings(Call& call);
  [[nodiscard]] http::Response problem(const std::string& text) const;
  Refusal check_cluster(const std::string& id, const std::string& caller, Cluster*& cluster) const;
  [[nodiscard]] bool alive(const Context& context) const;
  [[nodiscard]] Context* find_context(const std::string& cluster, const std::string& id,
                                      const std::string& caller, Refusal& refusal);
  [[nodiscard]] static Command* find_command(Context& context, const std::string& id);
  [[nodiscard]] std::string status_of(const Command& command) const;
  [[nodiscard]] json spark_configuration(const Cluster& cluster, Notebook& notebook);
  void advance(Context& context);

  // command_runs.cpp: what a command does
  void run(Context& context, Command& command);
  void run_python(Context& context, Command& command);
  void run_sql(Context& context, Command& command);
  void follow(Context& context, Command& command);
  void abort(Context& context, Command& command);
  void finish(const Notebook& notebook, Command& command, const json& outcome) const;
  [[nodiscard]] std::string shortened(const std::string& text) const;

  Region& region_;
  CommandSettings settings_;
  Dbutils dbutils_;
  SqlEngine sql_;
  std::map<std::string, Context> contexts_;  ///< by id
};

}  // namespace twinlake::simulator
