#include "base/json_path.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/hash.h"

namespace twinlake {
namespace {

using nlohmann::json;

std::vector<std::string> places(const json& document, std::string_view path) {
  std::vector<std::string> found;
  JsonPath(path).visit(document, [&](const json&, const std::string& pointer) { found.push_back(pointer); });
  return found;
}

const json job = json::parse(R"({"tasks":[{"id":1,"for_each_task":{"task":{"id":2}}},{"id":3}],"a/b":{"~":4}})");

TEST(JsonPath, StarVisitsEachElement) {
  EXPECT_EQ(places(job, "/tasks/*/id"), (std::vector<std::string>{"/tasks/0/id", "/tasks/1/id"}));
}
TEST(JsonPath, DoubleStarVisitsEveryDepth) {
  EXPECT_EQ(places(job, "/**/id"),
            (std::vector<std::string>{"/tasks/0/id", "/tasks/0/for_each_task/task/id", "/tasks/1/id"}));
}
TEST(JsonPath, EscapesAreUnderstoodAndWritten) {
  EXPECT_EQ(places(job, "/a~1b/~0"), (std::vector<std::string>{"/a~1b/~0"}));
  EXPECT_EQ(text_at(job, "/a~1b/~0"), "4");
}
TEST(JsonPath, EmptyPathIsTheDocument) { EXPECT_EQ(places(job, ""), (std::vector<std::string>{""})); }
TEST(JsonPath, AMissingPlaceIsNoPlace) {
  EXPECT_TRUE(places(job, "/tasks/7/id").empty());
  EXPECT_TRUE(places(job, "/tasks/x").empty());
  EXPECT_EQ(find_at(job, "/nothing/here"), nullptr);
}
TEST(JsonPath, ErasingClosesArraysUp) {
  json list = json::parse(R"({"a":[{"x":1},{"y":2},{"x":3}]})");
  JsonPath("/a/*/x").erase_from(list);
  EXPECT_EQ(list, json::parse(R"({"a":[{},{"y":2},{}]})"));
  JsonPath("/a/*").erase_from(list);
  EXPECT_EQ(list, json::parse(R"({"a":[]})"));
}
TEST(JsonPath, ErasingManyPlacesMindsThatArraysCloseUp) {
  json list = json::object();
  for (int i = 0; i < 12; ++i) list["a"].push_back(i);
  erase_all(list, {"/a/9", "/a/10", "/a/9", "/a/2"});
  EXPECT_EQ(list["a"], json::parse("[0,1,3,4,5,6,7,8,11]"));
}
TEST(JsonPath, BigIdsSurviveAsText) {
  EXPECT_EQ(text_at(json::parse(R"({"id":8805553062219703830})"), "/id"), "8805553062219703830");
}
TEST(JsonText, InvalidUtf8IsReplacedNotThrown) { EXPECT_FALSE(to_text(json(std::string("\xff\xfe"))).empty()); }

TEST(Hash, KnownVectors) {
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hmac_sha256_hex("key", "The quick brown fox jumps over the lazy dog"),
            "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8");
}
TEST(Hash, UuidDependsOnTextOnly) {
  EXPECT_EQ(uuid_from("a"), uuid_from("a"));
  EXPECT_NE(uuid_from("a"), uuid_from("b"));
  EXPECT_EQ(uuid_from("a").size(), 36U);
}
TEST(Hash, Base64RoundTripsAllBytes) {
  std::string bytes;
  for (int i = 0; i < 259; ++i) bytes += static_cast<char>(i);
  EXPECT_EQ(base64_decode(base64_encode(bytes)), bytes);
  EXPECT_EQ(base64_encode("hi"), "aGk=");
  EXPECT_EQ(base64_decode("aG\nk="), "hi");
}

}  // namespace
}  // namespace twinlake
