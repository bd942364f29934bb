#include "engine/left_out.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace twinlake::engine {
namespace {

using nlohmann::json;

constexpr std::string_view sensitive[] = {"/env/*"};
constexpr std::string_view settings[] = {"/parameters/*/default"};
constexpr model::Unordered unordered[] = {{"/parameters", "/name"}};
constexpr model::Kind kind{.name = "thing", .plural = "things", .unordered = unordered, .sensitive = sensitive, .settings = settings};

json with_secrets() {
  return json::parse(R"({"name": "load", "env": {"A": "1", "B": "{{secrets/s/k}}"},
                         "url": "https://st.blob.core.windows.net/x?sv=2022-11-02&sig=aGVsbG8gd29ybGQgaGVsbG8gd29ybGQgaGVsbG8%3D",
                         "parameters": [{"name": "password", "default": "hunter2"}, {"name": "day", "default": "7"}],
                         "cluster": {"$ref": "u-1"}})");
}

TEST(LeftOut, NothingSecretStaysAndTheRestDoes) {
  json form = with_secrets();
  leave_out_secrets(kind, form, {});
  EXPECT_EQ(form.dump().find("hunter2"), std::string::npos);
  EXPECT_EQ(form.dump().find("aGVsbG8"), std::string::npos);
  EXPECT_TRUE(form["env"]["A"].contains("$left_out"));
  EXPECT_EQ(form["parameters"][1]["default"], "7");
  EXPECT_EQ(form["cluster"]["$ref"], "u-1");
  EXPECT_EQ(form["name"], "load");
}

TEST(LeftOut, ComesBackAsWhatIsThereOrIsNamed) {
  json form = with_secrets();
  leave_out_secrets(kind, form, {});
  json there = with_secrets();
  there["env"]["A"] = "another";
  there["name"] = "changed";
  json filled = form;
  EXPECT_TRUE(fill_left_out(kind, filled, &there).empty());
  EXPECT_EQ(filled["env"]["A"], "another");
  EXPECT_EQ(filled["name"], "load");
  const std::vector<std::string> unfilled = fill_left_out(kind, form, nullptr);
  EXPECT_NE(std::ranges::find(unfilled, "/env/A"), unfilled.end());
  EXPECT_EQ(form.dump().find("$left_out"), std::string::npos);
  EXPECT_FALSE(form["env"].contains("A"));
}

TEST(LeftOut, ASecretNeverComesToAnotherElement) {
  json form = with_secrets();
  leave_out_secrets(kind, form, {});
  json there = with_secrets();
  there["parameters"] = json::parse(R"([{"name": "first", "default": "another"}, {"name": "password", "default": "now"}])");
  json filled = form;
  EXPECT_TRUE(fill_left_out(kind, filled, &there).empty());
  EXPECT_EQ(filled["parameters"][0]["default"], "now");
  there["parameters"][1]["name"] = "renamed";
  EXPECT_EQ(fill_left_out(kind, form, &there), std::vector<std::string>{"/parameters/0/default"});
}

}  // namespace
}  // namespace twinlake::engine
