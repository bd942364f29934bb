#pragma once
// How a twin is put together, property by property. Internal to twin.cpp and its parts.
#include <string>
#include <string_view>

#include "azure/provider.h"
#include "azure/twin.h"

namespace twinlake::azure {

class TwinBuilder {
 public:
  TwinBuilder(const nlohmann::json& primary, const TwinSettings& settings, const Regions& regions,
              const std::optional<nlohmann::json>& existing, int salt);
  [[nodiscard]] Result<Twin> build();

 private:
  // twin.cpp
  [[nodiscard]] Result<void> name_it();
  void choose_region();
  void judge_region(const std::string& remedy);
  void take_top();
  void take_properties();
  void take_rest();

  // twin_parameters.cpp
  void take_parameters();
  void take_network();
  void take_own_network(const std::string& from);
  void plan_network();
  void take_load_balancer();
  void take_storage();
  void check_redundancy(const std::string& sku);

  // twin_security.cpp
  void take_connector();
  void take_firewall();
  void take_keys();
  void take_root_key();
  void take_compliance();
  void take_private_endpoints();
  void tell_of_surroundings();

  void set(std::string_view place, nlohmann::json value, Fate fate);
  void skip(std::string_view place, Fate fate);
  void tell(Level level, std::string_view about, std::string message, std::string remedy = {});
  /// Of the primary; null when it is absent. `place`: "properties.encryption.entities".
  [[nodiscard]] const nlohmann::json& from(std::string_view place) const;
  /// A parameter's value, null when absent.
  [[nodiscard]] const nlohmann::json& parameter(std::string_view name) const;
  [[nodiscard]] std::string text_parameter(std::string_view name) const;
  [[nodiscard]] const nlohmann::json& existing_at(std::string_view place) const;
  void set_parameter(std::string_view name, nlohmann::json value, Fate fate);
  [[nodiscard]] std::string suffix() const;  ///< the same for the same twin
  [[nodiscard]] bool is_serverless() const;

  const nlohmann::json& primary_;
  const TwinSettings& settings_;
  const Regions& regions_;
  const std::optional<nlohmann::json>& existing_;
  int salt_;
  ResourceId primary_id_;
  std::string primary_region_;
  Twin twin_;
};

/// "azure.secondary.region"
[[nodiscard]] std::string setting(std::string_view name);
[[nodiscard]] const nlohmann::json& at_dotted(const nlohmann::json& object, std::string_view place);
/// The text there; empty when there is none.
[[nodiscard]] std::string dotted_text(const nlohmann::json& object, std::string_view place);
void put_dotted(nlohmann::json& object, std::string_view place, nlohmann::json value);

}  // namespace twinlake::azure
