#include "workspace/metastore_grants.h"

#include <gtest/gtest.h>

namespace twinlake::workspace {
namespace {

using nlohmann::json;

json entries(std::initializer_list<std::pair<const char*, const char*>> rows) {
  json all = json::array();
  for (const auto& [principal, action] : rows) {
    json entry = json::object();
    entry["principal"] = principal;
    entry["action"] = action;
    all.push_back(std::move(entry));
  }
  return all;
}

std::vector<std::string> texts(const std::string& type, const std::string& name,
                               const json& current, const json& wanted) {
  std::vector<std::string> all;
  for (const GrantStatement& each : grant_statements(type, name, current, wanted, "us"))
    all.push_back(each.text);
  return all;
}

constexpr const char* orders = "hive_metastore.sales.orders";
constexpr const char* on_orders = "TABLE `hive_metastore`.`sales`.`orders`";

TEST(MetastoreGrants, TheOwnerComesLast) {
  EXPECT_EQ(texts("table", orders, json::array(),
                  entries({{"ana", "OWN"}, {"bo", "SELECT"}, {"zoe", "DENIED_MODIFY"}})),
            (std::vector<std::string>{std::string("GRANT `SELECT` ON ") + on_orders + " TO `bo`",
                                      std::string("DENY `MODIFY` ON ") + on_orders + " TO `zoe`",
                                      std::string("ALTER ") + on_orders + " OWNER TO `ana`"}));
}

/// REVOKE takes back what is granted and what is denied alike.
TEST(MetastoreGrants, WhatStaysIsSaidAgainAfterTakingBack) {
  EXPECT_EQ(
      texts("table", orders, entries({{"bo", "SELECT"}, {"bo", "DENIED_SELECT"}, {"bo", "MODIFY"}}),
            entries({{"bo", "SELECT"}})),
      (std::vector<std::string>{
          std::string("REVOKE `MODIFY`, `SELECT` ON ") + on_orders + " FROM `bo`",
          std::string("GRANT `SELECT` ON ") + on_orders + " TO `bo`"}));
}

TEST(MetastoreGrants, EqualOnesNeedNothing) {
  const json same = entries({{"bo", "SELECT"}, {"ana", "OWN"}, {"zoe", "DENIED_MODIFY"}});
  EXPECT_TRUE(texts("view", orders, same, same).empty());
}

TEST(MetastoreGrants, AnOwnerThatNobodyWantsIsReplacedByUs) {
  EXPECT_EQ(texts("schema", "hive_metastore.sales", entries({{"gone", "OWN"}}), json::array()),
            (std::vector<std::string>{"ALTER SCHEMA `hive_metastore`.`sales` OWNER TO `us`"}));
}

TEST(MetastoreGrants, RootsHaveNoNameAndNoOwner) {
  EXPECT_EQ(texts("root", "any file", json::array(), entries({{"bo", "SELECT"}})),
            (std::vector<std::string>{"GRANT `SELECT` ON ANY FILE TO `bo`"}));
  EXPECT_EQ(texts("root", "hive_metastore", json::array(), entries({{"bo", "USAGE"}})),
            (std::vector<std::string>{"GRANT `USAGE` ON CATALOG `hive_metastore` TO `bo`"}));
}

}  // namespace
}  // namespace twinlake::workspace
