#include "app/glob.h"

#include <gtest/gtest.h>

#include <string>

namespace twinlake::app {
namespace {

struct GlobCase {
  const char* pattern;
  const char* text;
  bool matches;
};

class PathGlob : public testing::TestWithParam<GlobCase> {};

TEST_P(PathGlob, MatchesAsWritten) {
  EXPECT_EQ(glob_matches(GetParam().pattern, GetParam().text, GlobStyle::path), GetParam().matches);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, PathGlob,
    testing::Values(
        GlobCase{"/a", "/a", true}, GlobCase{"/a", "/a/b", false}, GlobCase{"/a/*", "/a/b", true},
        GlobCase{"/a/*", "/a/b/c", false}, GlobCase{"/a/**", "/a/b/c", true},
        GlobCase{"/a/**", "/a", true}, GlobCase{"/a/**", "/ab", false},
        GlobCase{"/Users/*/Trash/**", "/Users/x@y/Trash", true},
        GlobCase{"/Users/*/Trash/**", "/Users/x/deep/Trash/f", false},
        GlobCase{"**/.ide/**", "/.ide", true}, GlobCase{"**/.ide/**", "/a/b/.ide/x", true},
        GlobCase{"**/.ide/**", "/a/b.ide/x", false}, GlobCase{"/a?c", "/abc", true},
        GlobCase{"/a?c", "/a/c", false}, GlobCase{"", "", true}, GlobCase{"**", "/x/y", true},
        GlobCase{"/a/*.py", "/a/.py", true}, GlobCase{"/[a]", "/a", false}));

TEST(NameGlob, AStarCrossesSlashes) {
  EXPECT_TRUE(glob_matches("etl*", "etl/nightly", GlobStyle::name));
  EXPECT_TRUE(glob_matches("*", "", GlobStyle::name));
  EXPECT_FALSE(glob_matches("etl", "etl nightly", GlobStyle::name));
}

TEST(PathGlob, NoPatternIsSlow) {
  std::string pattern;
  for (int i = 0; i < 60; ++i) pattern += "**a";
  EXPECT_FALSE(glob_matches(pattern + "b", std::string(5000, 'a'), GlobStyle::path));
}

TEST(LiteralFolder, EndsBeforeTheFirstWildcard) {
  EXPECT_EQ(literal_folder("/Shared/etl/x*"), "/Shared/etl");
  EXPECT_EQ(literal_folder("/Shared/**"), "/Shared");
  EXPECT_EQ(literal_folder("/Shared/etl"), "/Shared/etl");
  EXPECT_EQ(literal_folder("**/x"), "");
}

}  // namespace
}  // namespace twinlake::app
