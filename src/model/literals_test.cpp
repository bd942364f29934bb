#include "model/literals.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "model/canonical.h"

namespace twinlake::model {
namespace {

using nlohmann::json;

constexpr std::string_view gadget_sensitive[] = {"/conf/*"};
constexpr std::string_view gadget_settings[] = {"/params/*", "/arguments/*", "/parameters/*/default", "/rules/*/*"};

Kind gadget() {
  Kind kind;
  kind.name = "widget";
  kind.sensitive = gadget_sensitive;
  kind.settings = gadget_settings;
  return kind;
}

std::string gadget_shown(const json& definition, const LiteralRules& rules = {}) {
  return Secrecy(gadget(), definition, rules).shown("", definition);
}

TEST(Literals, OfSensitivePlacesAreHiddenWhateverTheyLookLikeButNotReferences) {
  EXPECT_EQ(gadget_shown({{"conf", {{"a", "plain"}, {"b", "{{secrets/s/k}}"}}}, {"other", "plain"}}),
            R"j({"conf":{"a":"(hidden)","b":"{{secrets/s/k}}"},"other":"plain"})j");
}

TEST(Literals, AreFoundByTheNameOfASettingAndNotByThatOfAField) {
  EXPECT_EQ(gadget_shown({{"params", {{"password", "x"}, {"date", "x"}}}, {"password", "a field of the API"}}),
            R"j({"params":{"date":"x","password":"(hidden)"},"password":"a field of the API"})j");
  EXPECT_EQ(gadget_shown(json::parse(R"j({"parameters":[{"name":"api_token","default":"x"},{"name":"day","default":"x"}]})j")),
            R"j({"parameters":[{"default":"(hidden)","name":"api_token"},{"default":"x","name":"day"}]})j");
  EXPECT_EQ(gadget_shown(json::parse(R"j({"rules":{"spark_env_vars.DB_PASSWORD":{"type":"fixed","value":"x"}}})j")),
            R"j({"rules":{"spark_env_vars.DB_PASSWORD":{"type":"fixed","value":"(hidden)"}}})j");
}

TEST(Literals, AreFoundAfterAnOption) {
  EXPECT_EQ(gadget_shown(json::parse(R"j({"arguments":["--password","x","--day","y","--token=z"]})j")),
            R"j({"arguments":["--password","(hidden)","--day","y","--token=(hidden)"]})j");
}

TEST(Literals, OfASecretShapeAreHiddenWhereverTheyStand) {
  EXPECT_EQ(gadget_shown({{"deep", json::array({{{"repo", "https://u:pw1@pypi.example/simple"}}})}}),
            R"j({"deep":[{"repo":"https://u:(hidden)@pypi.example/simple"}]})j");
}

TEST(Literals, AreWhatTheConfigurationSays) {
  LiteralRules rules;
  rules.is_secret_name = [](std::string_view name) { return name == "licence"; };
  rules.places = {{"widget", "/plan/*/pin"}, {"other", "/date"}};
  EXPECT_EQ(gadget_shown(json::parse(R"j({"licence":"x","date":"y","plan":[{"pin":1234}]})j"), rules),
            R"j({"date":"y","licence":"(hidden)","plan":[{"pin":"(hidden)"}]})j");
}

TEST(Literals, AreHiddenInsideOfWhatCameOrWentAsAWhole) {
  const json without = {{"name", "a"}};
  const json with = {{"name", "a"}, {"conf", {{"key", "pl4nted"}}}, {"params", {{"password", "pl4nted"}}}};
  for (const auto& changes : {differences(gadget(), without, with), differences(gadget(), with, without)}) {
    ASSERT_EQ(changes.size(), 2U);
    for (const Change& change : changes) EXPECT_EQ((change.before + change.after).find("pl4nted"), std::string::npos) << change.pointer;
  }
}

TEST(Literals, AreTakenOutOfWhatAServiceSays) {
  const json definition = {{"conf", {{"a", "hunter22"}, {"b", "x"}}}, {"url", "https://u:pa55word@h/"}};
  const auto literals = Secrecy(gadget(), definition, {}).literals();
  EXPECT_EQ(without_literals("invalid value hunter22 or pa55word at x", literals), "invalid value [secret] or [secret] at x");
  EXPECT_EQ(without_literals("a message that was cut: hunte...", literals), "a message that was cut: [secret]...");
  EXPECT_EQ(without_literals("nothing of it", literals), "nothing of it");
}

}  // namespace
}  // namespace twinlake::model
