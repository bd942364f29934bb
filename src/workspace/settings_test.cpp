#include "workspace/settings.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/json_path.h"
#include "http/scripted_transport.h"

namespace twinlake::workspace {
namespace {

using http::Request;
using http::Response;
using nlohmann::json;

/// A workspace whose newer API knows two settings that this program does not.
Result<Response> newer_service(const Request& request) {
  if (request.path == "/api/2.1/settings-metadata")
    return Response(
        200,
        R"({"settings_metadata":[{"name":"restrict_workspace_admins"},{"name":"future"},{"name":"untouched"}]})");
  if (request.path == "/api/2.1/settings/future")
    return Response(
        200, R"({"name":"future","integer_val":{"value":7},"effective_integer_val":{"value":7}})");
  if (request.path == "/api/2.1/settings/untouched")
    return Response(200, R"({"name":"untouched","effective_boolean_val":{"value":true}})");
  if (request.path == "/api/2.0/settings/types/restrict_workspace_admins/names/default")
    return Response(200, R"({"etag":"e","restrict_workspace_admins":{"status":"ALLOW_ALL"}})");
  return Response(404, R"({"error_code":"NOT_FOUND","message":"never set"})");
}

/// One whose newer API is not there yet.
Result<Response> older_service(const Request& request) {
  if (request.path == "/api/2.1/settings-metadata")
    return Response(404, R"({"error_code":"ENDPOINT_NOT_FOUND","message":"no API"})");
  return newer_service(request);
}

class Settings : public testing::Test {
 protected:
  Result<std::vector<json>> list(Result<Response> (*service)(const Request&)) {
    wire.always(service);
    return loop.run(list_guarded_settings(side));
  }
  static std::map<std::string, std::string> told(const Result<std::vector<json>>& items) {
    std::map<std::string, std::string> found;
    for (const json& item : *items) found[text_at(item, "/name")] = text_at(item, "/because");
    return found;
  }
  Loop loop{Loop::Clock::virtual_time};
  http::ScriptedTransport wire{loop};
  Workspace side{loop, model::Side::home, wire, Self{}, "/tmp"};
};

TEST_F(Settings, ThatNeedAPersonAreNamedWithTheirValueWhereSomebodySetThem) {
  const auto items = list(newer_service);
  ASSERT_TRUE(items) << describe(items.error());
  const auto found = told(items);
  ASSERT_EQ(found.size(), 2U) << "neither those that nobody set nor those that are copied";
  EXPECT_EQ(found.at("restrict_workspace_admins").find(R"(is set to {"status":"ALLOW_ALL"})"), 0U);
  EXPECT_EQ(found.at("future").find(R"(is set to {"integer_val":{"value":7}})"), 0U);
}

TEST_F(Settings, OfAServiceWithoutTheNewerApiAreFoundAllTheSame) {
  const auto items = list(older_service);
  ASSERT_TRUE(items) << describe(items.error());
  EXPECT_EQ(told(items).size(), 1U);
}

TEST_F(Settings, ThatCannotBeListedAreNotNone) {
  EXPECT_FALSE(list([](const Request& request) -> Result<Response> {
    if (request.path != "/api/2.1/settings-metadata") return newer_service(request);
    return Response(403, R"({"error_code":"PERMISSION_DENIED","message":"no"})");
  }));
}

}  // namespace
}  // namespace twinlake::workspace
