#include "simulator/router.h"

#include <gtest/gtest.h>

namespace twinlake::simulator {
namespace {
using http::Method;

http::Response nothing(Call&) { return answer(json::object()); }

Router example() {
  Router router;
  router.add(Method::get, "/api/2.0/permissions/{type}/{id}", nothing);
  router.add(Method::get, "/api/2.0/permissions/sql/{id}", nothing);
  router.add(Method::get, "/api/2.0/fs/files/{path...}", nothing);
  return router;
}

TEST(Router, FillsNamesAndDecodesThem) {
  const Router router = example();
  const auto match = router.find(Method::get, "/api/2.0/permissions/jobs/a%2Fb%20c");
  ASSERT_NE(match.handler, nullptr);
  EXPECT_EQ(match.route, "/api/2.0/permissions/{type}/{id}");
  EXPECT_EQ(match.arguments.at("type"), "jobs");
  EXPECT_EQ(match.arguments.at("id"), "a/b c");
}

TEST(Router, TheRestOfAPathKeepsItsSlashes) {
  const Router router = example();
  const auto match = router.find(Method::get, "/api/2.0/fs/files/Volumes/main/a%20b.csv");
  ASSERT_NE(match.handler, nullptr);
  EXPECT_EQ(match.arguments.at("path"), "Volumes/main/a b.csv");
}

TEST(Router, LiteralsWinOverNames) {
  const Router router = example();
  EXPECT_EQ(router.find(Method::get, "/api/2.0/permissions/sql/1").route,
            "/api/2.0/permissions/sql/{id}");
}

TEST(Router, OtherMethodsLengthsAndEmptyNamesDoNotFit) {
  const Router router = example();
  for (const char* path :
       {"/api/2.0/permissions/jobs", "/api/2.0/permissions/jobs/", "/api/2.0/permissions",
        "/api/2.0/permissions/jobs/1/2", "/api/2.1/permissions/jobs/1", "", "/"})
    EXPECT_EQ(router.find(Method::get, path).handler, nullptr) << path;
  EXPECT_EQ(router.find(Method::put, "/api/2.0/permissions/jobs/1").handler, nullptr);
}

}  // namespace
}  // namespace twinlake::simulator
