#include "model/sensitive.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace twinlake::model {
namespace {

using nlohmann::json;

std::string told(const std::string& message, const json& value) {
  Error error(Fault::invalid, message, "look at " + message);
  hide_texts(value, error);
  EXPECT_EQ(error.hint, "look at " + error.message);
  return error.message;
}

TEST(HideTexts, TakesOutEveryTextAtAnyDepthAndNothingElse) {
  const json definition = {{"conf", {{"key", "hunter22"}}}, {"login", {{"password", "swordfish"}}}};
  EXPECT_EQ(told("a name: hunter22 and swordfish", definition), "a name: [secret] and [secret]");
}

TEST(HideTexts, LeavesReferencesToSecrets) {
  const json definition = {{"conf", {{"key", "{{secrets/a/b}}"}}}};
  EXPECT_EQ(told("{{secrets/a/b}} does not exist", definition), "{{secrets/a/b}} does not exist");
}

}  // namespace
}  // namespace twinlake::model
