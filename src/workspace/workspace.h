#pragma once
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "base/loop.h"
#include "base/result.h"
#include "base/task.h"
#include "http/message.h"
#include "http/transport.h"
#include "model/side.h"

namespace twinlake::workspace {

/// The principal that our token stands for.
struct Self {
  std::string scim_id;
  std::string name;          ///< user name, or the application id of a service principal
  bool is_service_principal = false;
  bool is_admin = false;
  bool has_entra_token = false;     ///< logged in by Entra ID, which some calls demand
  bool has_personal_token = false;  ///< logged in by a token that the workspace may forbid
  std::string workspace_id;  ///< numeric, from the answer's header; empty when it was not sent
  [[nodiscard]] std::set<std::string, std::less<>> names() const { return {scim_id, name}; }
};

/// Small contents kept between planning and applying, so that what was read to compare is not read
/// again to copy. Oldest go first.
class ContentCache {
 public:
  explicit ContentCache(std::size_t budget_bytes) : budget_(budget_bytes) {}
  /// Nothing will be copied from this side: nothing is kept from now on.
  void close() { budget_ = 0; }
  void put(const std::string& id, std::string content);
  [[nodiscard]] std::shared_ptr<const std::string> find(const std::string& id) const;

 private:
  std::size_t budget_;
  std::size_t used_ = 0;
  std::list<std::string> order_;
  std::unordered_map<std::string, std::shared_ptr<const std::string>> contents_;
};

struct Given;
class ContentSource;
class ContentWitness;
class HelperCluster;
class SqlRunner;

/// What only running something on a side could tell, as of the last time that was done.
struct Observation {
  Time taken;  ///< epoch: never
  std::vector<nlohmann::json> items;
  std::optional<Error> error;  ///< why nothing may be concluded from the items
};

/// One side: who we are there and how to reach it.
class Workspace {
 public:
  Workspace(Loop& loop, model::Side side, http::Transport& transport, Self self,
            std::string spool_folder);
  ~Workspace();

  /// The answer as it came, any status.
  [[nodiscard]] Task<Result<http::Response>> send(http::Request request) { return transport_.send(std::move(request)); }
  /// The parsed body of a success; everything else as a classified error.
  [[nodiscard]] Task<Result<nlohmann::json>> call(http::Request request);

  [[nodiscard]] Loop& loop() { return loop_; }
  [[nodiscard]] model::Side side() const { return side_; }
  [[nodiscard]] const Self& self() const { return self_; }
  [[nodiscard]] http::Transport& transport() { return transport_; }
  /// Where bodies too large for memory wait.
  [[nodiscard]] const std::string& spool_folder() const { return spool_folder_; }
  [[nodiscard]] ContentCache& contents() { return contents_; }
  /// Who looks at content on its way; nullptr: nobody.
  void use_content_witness(ContentWitness* witness) { witness_ = witness; }
  [[nodiscard]] ContentWitness* content_witness() const { return witness_; }
  /// Who gives content in place of this side; nullptr: it does itself.
  void use_content_source(ContentSource* source) { source_ = source; }
  [[nodiscard]] ContentSource* content_source() const { return source_; }
  /// One permit for each large content on its way through memory, so that many of them need no
  /// more.
  [[nodiscard]] Semaphore& large_contents() { return large_contents_; }
  /// What stands for content that may be secret, wherever it is kept or shown. The key is the
  /// state's; it is the same on both sides, so that equal content gives equal fingerprints.
  void use_fingerprint_key(std::string key) { fingerprint_key_ = std::move(key); }
  [[nodiscard]] std::string fingerprint(std::string_view content) const;
  void give(Given given);
  [[nodiscard]] const Given& given() const { return *given_; }
  /// Where commands may run on this side; nullptr: nowhere.
  void use_helper(HelperCluster* helper) { helper_ = helper; }
  [[nodiscard]] HelperCluster* helper() const { return helper_; }
  /// Where SQL statements may run on this side; nullptr: nowhere.
  void use_sql(SqlRunner* sql) { sql_ = sql; }
  [[nodiscard]] SqlRunner* sql() const { return sql_; }
  /// By name of the kind.
  [[nodiscard]] std::map<std::string, Observation, std::less<>>& observations() {
    return observations_;
  }
  /// nullptr: nothing was ever observed of it.
  [[nodiscard]] const Observation* observation_of(std::string_view kind) const;

 private:
  Loop& loop_;
  model::Side side_;
  http::Transport& transport_;
  Self self_;
  std::string spool_folder_;
  ContentCache contents_{4 << 20};
  Semaphore large_contents_{loop_, 4};
  ContentWitness* witness_ = nullptr;
  ContentSource* source_ = nullptr;
  std::string fingerprint_key_;
  std::unique_ptr<const Given> given_;
  HelperCluster* helper_ = nullptr;
  SqlRunner* sql_ = nullptr;
  std::map<std::string, Observation, std::less<>> observations_;
};

/// Asks the service who the token belongs to. The first call of every command: it proves the host,
/// the token and the rights before anything else happens.
[[nodiscard]] Task<Result<Self>> who_am_i(http::Transport& transport);

}  // namespace twinlake::workspace
