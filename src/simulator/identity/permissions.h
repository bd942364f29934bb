#pragma once
// Who may do what with an object: /api/2.0/permissions/{type}/{id}.
// Types are those of the URL: "jobs", "clusters", "notebooks", "directories", "warehouses", ...
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "simulator/body.h"
#include "simulator/service.h"

namespace twinlake::simulator {

class Permissions : public Service {
 public:
  explicit Permissions(Region& region);
  [[nodiscard]] json world() const override;

  /// A place that hands its permissions down. Nearest first; the root ("/") last.
  struct Ancestor {
    std::string type;  ///< "directories"
    std::string id;
    std::string path;  ///< "/Users/ana@contoso.example"; "/" for the root
  };
  struct TypeHooks {
    std::function<bool(const std::string& id)> exists;
    std::function<std::vector<Ancestor>(const std::string& id)> ancestors = {};  ///< may be empty
    /// Own path, for directories: the home folder and /Shared are special.
    std::function<std::string(const std::string& id)> path = {};
    /// Another answer than 404 for some ids, e.g. a cluster that was purged.
    std::function<std::optional<http::Response>(const std::string& id)> refuse = {};
  };
  /// Tells how to find objects of a type. Types that nobody registered answer 404 for every id.
  void register_type(const std::string& type, TypeHooks hooks);
  void register_type(const std::string& type, std::function<bool(const std::string&)> exists,
                     std::function<std::vector<Ancestor>(const std::string&)> ancestors = {});

  /// Tell it of every object made: the creator becomes owner (jobs, pipelines, warehouses) or
  /// manager (clusters, pools, ...) or nothing (folders, notebooks, policies).
  void created(const std::string& type, const std::string& id, const std::string& creator);
  /// `access_control_list` of a create request: refused, or stored as the initial list.
  /// Call it after created(); when it refuses, call removed() and give its answer.
  [[nodiscard]] std::optional<http::Response> set_initial(const std::string& type,
                                                          const std::string& id,
                                                          const json& access_control_list);
  void removed(const std::string& type, const std::string& id);

  /// The highest level that a caller has, direct, inherited or through groups; "" when none.
  [[nodiscard]] std::string level_of(const std::string& type, const std::string& id,
                                     const std::string& caller) const;
  [[nodiscard]] bool can_manage(const std::string& type, const std::string& id,
                                const std::string& caller) const;
  /// Name of the owner as the service writes it; "" when there is none.
  [[nodiscard]] std::string owner_of(const std::string& type, const std::string& id) const;

 private:
  using Levels = std::map<std::string, std::string>;  ///< principal id to direct level
  struct Record {
    Levels direct;
    std::int64_t removed_at = 0;  ///< milliseconds; 0: not removed
  };
  struct Inherited {
    std::string principal_id;
    std::string level;
    std::string from;  ///< "/directories/77"
  };
  using Key = std::pair<std::string, std::string>;

  void add_routes();
  void add_routes(const std::string& route, const std::string& type_prefix);
  http::Response get(Call& call, const std::string& type) const;
  http::Response change(Call& call, const std::string& type, bool replace);
  http::Response levels(const std::string& type, const std::string& id) const;
  [[nodiscard]] Refusal missing(const std::string& type, const std::string& id) const;
  [[nodiscard]] Refusal read_list(const std::string& type, const json& list, Levels& wanted) const;
  [[nodiscard]] Refusal check(Call& call, const std::string& type, const std::string& id,
                              const Levels& old, Levels& wanted) const;
  [[nodiscard]] Refusal check_owner(const std::string& type, const std::string& id,
                                    const Levels& old, Levels& wanted) const;
  [[nodiscard]] Levels direct_of(const std::string& type, const std::string& id) const;
  [[nodiscard]] std::vector<Inherited> inherited_of(const std::string& type,
                                                    const std::string& id) const;
  [[nodiscard]] std::string path_of(const std::string& type, const std::string& id) const;
  [[nodiscard]] json render(const std::string& type, const std::string& id) const;

  Region& region_;
  std::map<std::string, TypeHooks> hooks_;
  std::map<Key, Record> records_;
};

}  // namespace twinlake::simulator
