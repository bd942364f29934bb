#include <gtest/gtest.h>

#include <algorithm>

#include "simulator/estate/filled.h"
#include "simulator/metastore/metastore.h"

namespace twinlake::simulator {
namespace {

EstateSize with_metastore() {
  EstateSize size = small_estate();
  size.metastore = true;
  return size;
}

TEST(EstateMetastore, IsThereOnlyWhenAsked) {
  const Filled filled(small_estate());
  EXPECT_EQ(filled.primary.world().at("hive_metastore").at("schemas").size(), 1U);
  EXPECT_TRUE(filled.primary.world().at("sql_statements").empty());
}

TEST(EstateMetastore, HasEachSortOfObject) {
  Filled filled(with_metastore());
  const json world = filled.primary.world().at("hive_metastore");
  EXPECT_EQ(world.at("schemas").size(), 5U);
  EXPECT_EQ(world.at("tables").size(), 15U);
  EXPECT_EQ(world.at("views").size(), 5U);
  EXPECT_EQ(world.at("functions").size(), 2U);
  EXPECT_GE(world.at("grants").size(), 15U);
  const auto tables = [&](const char* key, const std::string& start) {
    return std::count_if(world.at("tables").begin(), world.at("tables").end(), [&](const json& t) {
      return t.at(key).get<std::string>().starts_with(start);
    });
  };
  EXPECT_EQ(tables("type", "MANAGED"), 4);
  EXPECT_GE(tables("location", "dbfs:/mnt/"), 4);
  EXPECT_GE(tables("location", "abfss://"), 7);
  for (const char* provider : {"delta", "parquet", "csv", "json", "hive"})
    EXPECT_GE(tables("provider", provider), 1) << provider;
  const json whole = filled.primary.world();
  for (const json& warehouse : whole.at("warehouses"))
    EXPECT_EQ(warehouse.at("state"), "STOPPED") << warehouse.at("name");
}

TEST(EstateMetastore, TheOtherSideHasTheDataAndNoTables) {
  Filled filled(with_metastore());
  const json world = filled.secondary.world().at("hive_metastore");
  EXPECT_TRUE(world.at("tables").empty());
  EXPECT_TRUE(
      world.at("storage").contains("abfss://lake@stlakedr.dfs.core.windows.net/sales/orders"));
  SqlSession session;
  session.caller = filled.secondary.options().admin;
  auto& metastore = filled.secondary.get<Metastore>();
  EXPECT_TRUE(metastore.run("CREATE SCHEMA sales", session));
  const auto made = metastore.run(
      "CREATE TABLE sales.orders LOCATION "
      "'abfss://lake@stlakedr.dfs.core.windows.net/sales/orders'",
      session);
  EXPECT_TRUE(made) << made.error().message;
}

}  // namespace
}  // namespace twinlake::simulator
