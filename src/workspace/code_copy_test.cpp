#include "workspace/code_copy.h"

#include <gtest/gtest.h>

namespace twinlake::workspace {
namespace {

using Paths = std::vector<std::string>;

TEST(RelativeUses, AreFoundInSourcesAndInJupyter) {
  EXPECT_EQ(relative_uses("# Databricks notebook source\n# MAGIC %run ./common\nprint(1)", "/Shared/etl"),
            Paths{"/Shared/etl/common"});
  EXPECT_EQ(relative_uses("# MAGIC %run ../lib/dates\n", "/Shared/etl"), Paths{"/Shared/lib/dates"});
  EXPECT_EQ(relative_uses("%run \"./with space\"", "/a"), Paths{"/a/with space"});
  EXPECT_EQ(relative_uses(R"x(x = dbutils.notebook.run("clean", 60, {"a": "/b"}))x", "/Shared/etl"), Paths{"/Shared/etl/clean"});
  EXPECT_EQ(relative_uses(R"x({"cells":[{"source":["%run ./common\n","dbutils.notebook.run(\"./two\", 1)"]}]})x", "/a"),
            (Paths{"/a/common", "/a/two"}));
}

TEST(RelativeUses, WhatIsAbsoluteComputedOrOutsideIsNone) {
  EXPECT_EQ(relative_uses("# MAGIC %run /Shared/common\n", "/a"), Paths{});
  EXPECT_EQ(relative_uses("# MAGIC %run $path\n", "/a"), Paths{});
  EXPECT_EQ(relative_uses("# MAGIC %run ../../../x\n", "/a"), Paths{});
  EXPECT_EQ(relative_uses("%run", "/a"), Paths{});
  EXPECT_EQ(relative_uses("%run    ", "/a"), Paths{});
}

TEST(RelativeUses, ComeOnceEach) {
  EXPECT_EQ(relative_uses("%run ./x\n%run ./x\n%run ./y/../x\n", "/a"), Paths{"/a/x"});
}

}  // namespace
}  // namespace twinlake::workspace
