#pragma once
// Queries and the older alerts: wrapped in a member when they are sent, trashed when deleted.
#include "simulator/collection.h"

namespace twinlake::simulator {

class SqlObjects : public Collection {
 public:
  json plant(const json& body, const std::string& creator) override;

 protected:
  /// `wrapper` is the member that holds the object in requests: "query", "alert".
  SqlObjects(Region& region, Shape shape, std::string wrapper);
  [[nodiscard]] virtual Refusal check(const json& item) const = 0;

 private:
  http::Response create(Call& call);
  http::Response patch(Call& call);
  http::Response trash(Call& call);
  Refusal settle_name(json& item, bool auto_resolve, std::string_view own_id) const;
  std::string wrapper_;
};

class Queries : public SqlObjects {
 public:
  explicit Queries(Region& region);

 private:
  [[nodiscard]] Refusal check(const json& item) const override;
};

class LegacyAlerts : public SqlObjects {
 public:
  explicit LegacyAlerts(Region& region);

 private:
  [[nodiscard]] Refusal check(const json& item) const override;
};

/// The folder an object is put into: there, or refused. Given back without "/Workspace".
[[nodiscard]] Refusal check_parent(Region& region, const std::string& parent_path);
/// Home folder of a caller, the default parent.
[[nodiscard]] std::string home_of(const std::string& caller);

}  // namespace twinlake::simulator
