#include "app/history_rules.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "app/config.h"
#include "app/settings.h"
#include "base/hash.h"
#include "state/testing.h"

namespace twinlake::app {
namespace {

using state::TemporaryFolder;

Result<Config> configured(const std::string& history) {
  return parse_config("groups:\n  main:\n    primary: a\n    secondary: b\n    " + history + "\n",
                      "/etc/twinlake.yml", kind_names());
}

HistoryRules history_rules_from(const std::string& history) {
  const auto config = configured(history);
  if (!config) throw std::runtime_error(describe(config.error()));
  return config->groups.front().history;
}

TEST(HistoryRules, AreKeptUnlessSaidOtherwise) {
  EXPECT_TRUE(history_rules_from("scope: {}").is_kept);
  EXPECT_FALSE(history_rules_from("history: false").is_kept);
  const HistoryRules rules =
      history_rules_from("history: {max_file_mb: 3, keep: {last: 7, weekly: 2}, key: keys/h}");
  EXPECT_EQ(rules.max_file, 3U << 20U);
  EXPECT_EQ(rules.keep.last, 7);
  EXPECT_EQ(rules.keep.daily, 0) << "what is not said is not kept";
  EXPECT_EQ(rules.keep.weekly, 2);
  EXPECT_EQ(rules.key, "/etc/keys/h");
  EXPECT_EQ(history_rules_from("history: {key: \"env:KEY\"}").key, "env:KEY");
}

TEST(HistoryRules, AKeyInTheConfigurationIsRefused) {
  for (const std::string& key : {std::string(64, 'a'), base64_encode(std::string(32, 'k'))}) {
    const auto config = configured("history: {key: \"" + key + "\"}");
    ASSERT_FALSE(config);
    EXPECT_EQ(config.error().message.find(key), std::string::npos);
    EXPECT_NE(config.error().hint.find("env:NAME"), std::string::npos);
  }
}

workspace::Environment environment_of(std::map<std::string, std::string> values) {
  return [values = std::move(values)](std::string_view name) -> std::optional<std::string> {
    const auto found = values.find(std::string(name));
    return found == values.end() ? std::nullopt : std::optional(found->second);
  };
}

TEST(HistoryKey, IsReadFromFilesCredentialsAndVariables) {
  const TemporaryFolder folder;
  const std::string bytes = "0123456789abcdef0123456789ABCDEF";
  std::string hex;
  for (const char c : bytes) hex += fmt::format("{:02X}", c);
  for (const std::string& text : {bytes, hex + "\n", base64_encode(bytes) + "\n"}) {
    const std::string file = folder.file("key");
    std::ofstream(file, std::ios::binary | std::ios::trunc) << text;
    ASSERT_EQ(chmod(file.c_str(), 0600), 0);
    const auto environment =
        environment_of({{"KEY", text}, {"CREDENTIALS_DIRECTORY", folder.path()}});
    for (const std::string& place : {file, std::string("env:KEY"), std::string("credential:key")}) {
      const auto key = read_history_key(place, environment);
      ASSERT_TRUE(key) << place << ": " << describe(key.error());
      EXPECT_EQ(key->reveal(), bytes) << place;
    }
  }
  EXPECT_TRUE(read_history_key("", environment_of({}))->empty());
}

TEST(HistoryKey, WhatIsNoneIsRefusedWithARemedy) {
  const TemporaryFolder folder;
  const std::string file = folder.file("key");
  std::ofstream(file) << "too short";
  ASSERT_EQ(chmod(file.c_str(), 0600), 0);
  const auto environment = environment_of({{"KEY", std::string(63, 'a')}});
  for (const std::string& place : {file, std::string("env:KEY"), std::string("env:NONE"),
                                   std::string("credential:x"), folder.file("none")}) {
    const auto key = read_history_key(place, environment);
    ASSERT_FALSE(key) << place;
    EXPECT_EQ(key.error().fault, Fault::config);
    EXPECT_FALSE(key.error().hint.empty()) << place;
  }
  ASSERT_EQ(chmod(file.c_str(), 0640), 0);
  EXPECT_NE(read_history_key(file, environment).error().message.find("can be read by others"),
            std::string::npos);
}

}  // namespace
}  // namespace twinlake::app
