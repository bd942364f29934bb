// What a plan refuses before anything is asked, because our login or the operator's word does not
// allow it.
#include <gtest/gtest.h>

#include <algorithm>

#include "base/hash.h"
#include "kinds/test_rows.h"
#include "kinds/test_side.h"
#include "model/kind.h"
#include "workspace/given.h"

namespace twinlake::kinds {
namespace {

using nlohmann::json;

class CannotWrite : public testing::Test {
 protected:
  /// Why it is refused; empty: it is not.
  std::string refusal(std::string_view kind, const json& definition) {
    workspace::Workspace to(loop, model::Side::away, region.transport, self, "/tmp");
    to.give(given);
    const auto refused = kind_named(kind).cannot_write(definition, to);
    if (!refused) return {};
    EXPECT_FALSE(refused->hint.empty()) << "a refusal says what to do";
    return refused->message;
  }

  Loop loop{Loop::Clock::virtual_time, 1};
  TestSide region{loop, model::Side::away, {}};
  workspace::Self self;
  workspace::Given given;
};

TEST_F(CannotWrite, AVaultWithoutALoginOfEntra) {
  const json vault = {{"scope", "kv"}, {"scope_backend_type", "AZURE_KEYVAULT"}};
  EXPECT_NE(refusal("secret_scope", vault), "");
  EXPECT_EQ(refusal("secret_scope", {{"scope", "own"}, {"scope_backend_type", "DATABRICKS"}}), "");
  self.has_entra_token = true;
  EXPECT_EQ(refusal("secret_scope", vault), "");
}

TEST_F(CannotWrite, TheEndOfOurOwnToken) {
  const json off = {{"name", "enableTokensConfig"}, {"value", "false"}};
  EXPECT_EQ(refusal("workspace_conf", off), "") << "another login does not care";
  self.has_personal_token = true;
  EXPECT_NE(refusal("workspace_conf", off), "");
  EXPECT_EQ(refusal("workspace_conf", {{"name", "enableTokensConfig"}, {"value", "true"}}), "");
}

TEST_F(CannotWrite, AListThatBlocksTheOperator) {
  const json block = {
      {"label", "l"}, {"list_type", "BLOCK"}, {"ip_addresses", json::array({"198.51.100.0/24"})}};
  EXPECT_EQ(refusal("ip_access_list", block), "") << "nobody said from where they come";
  given.own_addresses = {"203.0.113.5"};
  EXPECT_EQ(refusal("ip_access_list", block), "");
  given.own_addresses = {"203.0.113.5", "198.51.100.77"};
  EXPECT_NE(refusal("ip_access_list", block).find("198.51.100.77"), std::string::npos);
  json off = block;
  off["enabled"] = false;
  EXPECT_NE(refusal("ip_access_list", off), "") << "it counts for a moment after it was created";
  given.own_addresses = {"198.51.0.0/16"};
  EXPECT_NE(refusal("ip_access_list", block), "") << "a part of our network is enough";
}

TEST_F(CannotWrite, TheSwitchWithoutAnAddress) {
  EXPECT_NE(refusal("ip_access_switch", {{"value", "true"}}), "");
  EXPECT_EQ(refusal("ip_access_switch", {{"value", "false"}}), "");
  given.own_addresses = {"2001:db8::/32"};
  EXPECT_EQ(refusal("ip_access_switch", {{"value", "true"}}), "");
}

TEST_F(CannotWrite, AWebhookWithoutItsKeys) {
  const json hook = {{"display_name", "hook"}, {"destination_type", "WEBHOOK"}};
  EXPECT_NE(refusal("notification_destination", hook), "");
  EXPECT_EQ(refusal("notification_destination",
                    {{"display_name", "mail"}, {"destination_type", "EMAIL"}}),
            "");
  given.destinations.emplace("hook", Secret(std::string("{}")));
  EXPECT_EQ(refusal("notification_destination", hook), "");
}

TEST_F(CannotWrite, AGitFolderWithoutARemote) {
  EXPECT_NE(refusal("git_folder", {{"path", "/Repos/a/b"}}), "");
  EXPECT_EQ(refusal("git_folder", {{"path", "/Repos/a/b"}, {"url", "https://github.com/a/b"}}), "");
}

TEST_F(CannotWrite, AScriptThatIsTooLong) {
  const std::string most(std::size_t{64} * 1024, 'x');
  EXPECT_EQ(refusal("global_init_script", {{"name", "s"}, {"script", most}}), "");
  EXPECT_NE(
      refusal("global_init_script", {{"name", "s"}, {"script", most + "x"}}).find("65537 bytes"),
      std::string::npos);
  EXPECT_EQ(refusal("global_init_script", {{"name", "s"}, {"script_base64", base64_encode(most)}}),
            "");
  EXPECT_NE(
      refusal("global_init_script", {{"name", "s"}, {"script_base64", base64_encode(most + "x")}}),
      "");
}

}  // namespace
}  // namespace twinlake::kinds
