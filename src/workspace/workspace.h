#pragma once
#include <list>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>

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

/// One side: who we are there and how to reach it.
class Workspace {
 public:
  Workspace(Loop& loop, model::Side side, http::Transport& transport, Self self, std::string spool_folder)
      : loop_(loop), side_(side), transport_(transport), self_(std::move(self)), spool_folder_(std::move(spool_folder)) {}

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

 private:
  Loop& loop_;
  model::Side side_;
  http::Transport& transport_;
  Self self_;
  std::string spool_folder_;
  ContentCache contents_{4 << 20};
};

/// Asks the service who the token belongs to. The first call of every command: it proves the host,
/// the token and the rights before anything else happens.
[[nodiscard]] Task<Result<Self>> who_am_i(http::Transport& transport);

}  // namespace twinlake::workspace
