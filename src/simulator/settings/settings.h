#pragma once
// The settings of a workspace: each type has one object, guarded by an etag. The newer API shows
// the same settings by name, without etags.
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "simulator/body.h"
#include "simulator/service.h"

namespace twinlake::simulator {

struct SettingType;

class Settings : public Service {
 public:
  explicit Settings(Region& region);
  [[nodiscard]] json world() const override;  ///< only what somebody set

 private:
  struct Setting {
    json payload;  ///< null while nobody has set it
    std::int64_t version = 0;
  };
  // Version one: /api/2.0/settings/types/{type}/names/default
  http::Response get(Call& call, const SettingType& type) const;
  http::Response patch(Call& call, const SettingType& type);
  http::Response remove(Call& call, const SettingType& type);
  [[nodiscard]] Refusal check_etag(const SettingType& type, const std::string& etag) const;
  [[nodiscard]] std::string etag_of(const SettingType& type) const;
  [[nodiscard]] Refusal check_value(const SettingType& type, const json& payload) const;
  [[nodiscard]] json shown(const SettingType& type) const;
  // Version two: /api/2.1/settings/{name}
  void add_newer_routes();
  http::Response list_names(Call& call) const;
  http::Response get_newer(const SettingType& type) const;
  http::Response patch_newer(Call& call, const SettingType& type);

  [[nodiscard]] const Setting& setting(const SettingType& type) const;
  void change(const SettingType& type, json payload);

  Region& region_;
  std::map<std::string, Setting, std::less<>> settings_;  ///< by type
};

}  // namespace twinlake::simulator
