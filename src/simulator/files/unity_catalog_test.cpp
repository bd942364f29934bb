#include "simulator/files/unity_catalog.h"

#include <gtest/gtest.h>

#include "simulator/probe.h"

namespace twinlake::simulator {
namespace {

const std::string unity = "/api/2.1/unity-catalog/";

class UnityCatalogTest : public testing::Test {
 protected:
  http::Response catalog(const std::string& name) {
    return probe.post(unity + "catalogs", json::object({{"name", name}}));
  }
  http::Response schema(const std::string& parent, const std::string& name) {
    return probe.post(unity + "schemas", json::object({{"name", name}, {"catalog_name", parent}}));
  }
  http::Response volume(const std::string& name, json more) {
    more.update(json::object({{"name", name}, {"catalog_name", "main"}, {"schema_name", "raw"}}));
    return probe.post(unity + "volumes", more);
  }
  http::Response managed(const std::string& name) {
    return volume(name, json::object({{"volume_type", "MANAGED"}}));
  }
  std::vector<std::string> names(const std::string& target, const char* key) {
    std::vector<std::string> found;
    std::string token;
    do {
      const std::string mark = target.find('?') == std::string::npos ? "?" : "&";
      const json page =
          body_of(probe.get(unity + target + (token.empty() ? "" : mark + "page_token=" + token)));
      for (const json& item : list_of(page, key)) found.push_back(text_of(item, "full_name"));
      token = http::percent_encode(text_of(page, "next_page_token"));
    } while (!token.empty());
    return found;
  }
  Probe probe;
};

using Names = std::vector<std::string>;

TEST_F(UnityCatalogTest, VolumesStandInSchemasOfCatalogs) {
  EXPECT_EQ(code_of(schema("main", "raw")), "CATALOG_DOES_NOT_EXIST");
  ASSERT_EQ(catalog("Main").status, 200);
  EXPECT_EQ(names("schemas?catalog_name=main&max_results=0", "schemas"),
            (Names{"main.default", "main.information_schema"}));
  EXPECT_EQ(code_of(managed("files")), "SCHEMA_DOES_NOT_EXIST");
  ASSERT_EQ(schema("main", "raw").status, 200);
  const json made = body_of(managed("Files"));
  EXPECT_EQ(made.at("full_name"), "main.raw.files") << "names are kept in lower case";
  EXPECT_EQ(made.at("owner"), "replicator@twinlake.example");
  EXPECT_EQ(body_of(probe.get(unity + "volumes/Main.raw.Files")), made);
  EXPECT_EQ(names("catalogs", "catalogs"), Names{"main"});
  EXPECT_EQ(body_of(probe.get(unity + "schemas/main.raw")).at("catalog_name"), "main");
  EXPECT_EQ(code_of(catalog("MAIN")), "CATALOG_ALREADY_EXISTS");
  EXPECT_EQ(code_of(schema("main", "RAW")), "SCHEMA_ALREADY_EXISTS");
  EXPECT_EQ(managed("files").status, 409);
  EXPECT_EQ(code_of(managed("files")), "ALREADY_EXISTS");
}

TEST_F(UnityCatalogTest, VolumesAreRefusedForTheDocumentedReasons) {
  catalog("main");
  schema("main", "raw");
  const std::string place = "abfss://raw@stprimary.dfs.core.windows.net/files/";
  EXPECT_EQ(message_of(volume(
                "v", json::object({{"volume_type", "MANAGED"}, {"storage_location", place}}))),
            "CreateVolume storage_location can not be provided.");
  EXPECT_EQ(volume("v", json::object({{"volume_type", "EXTERNAL"}})).status, 400);
  EXPECT_EQ(volume("v", json::object()).status, 400);
  EXPECT_EQ(managed("").status, 400);
  EXPECT_EQ(managed("a.b").status, 400);
  EXPECT_EQ(volume("v", json::object({{"volume_type", "MANAGED"}, {"owner", "x"}})).status, 400);
  const json made = body_of(
      volume("v", json::object({{"volume_type", "EXTERNAL"}, {"storage_location", place}})));
  EXPECT_EQ(made.at("storage_location"), place.substr(0, place.size() - 1))
      << "without the slash at the end";
}

TEST_F(UnityCatalogTest, ListsAreFilteredAndPaged) {
  for (const char* name : {"main.a.1", "main.a.2", "main.a.3", "main.b.4", "other.a.5"})
    ASSERT_FALSE(probe.region().get<UnityCatalog>().plant_volume(name)) << name;
  EXPECT_EQ(names("volumes?catalog_name=main&schema_name=a&max_results=2", "volumes"),
            (Names{"main.a.1", "main.a.2", "main.a.3"}));
  EXPECT_EQ(names("volumes?catalog_name=main&schema_name=b&max_results=0", "volumes"),
            Names{"main.b.4"});
  EXPECT_EQ(names("volumes", "volumes").size(), 5U);
  EXPECT_EQ(body_of(probe.get(unity + "volumes?catalog_name=none&schema_name=a&max_results=0")),
            json::object());
  EXPECT_EQ(probe.get(unity + "volumes?max_results=10001").status, 400);
  EXPECT_EQ(probe.post("/sim/volumes", json::object({{"full_name", "too.short"}})).status, 400);
}

TEST_F(UnityCatalogTest, WhatIsNotEmptyIsRemovedOnlyByForce) {
  probe.post("/sim/volumes", json::object({{"full_name", "main.raw.files"}}));
  EXPECT_EQ(code_of(probe.del(unity + "catalogs/main")), "CATALOG_NOT_EMPTY");
  EXPECT_EQ(code_of(probe.del(unity + "schemas/main.raw")), "SCHEMA_NOT_EMPTY");
  ASSERT_EQ(probe.del(unity + "volumes/main.raw.files").status, 200);
  EXPECT_EQ(code_of(probe.get(unity + "volumes/main.raw.files")), "VOLUME_DOES_NOT_EXIST");
  ASSERT_EQ(probe.del(unity + "schemas/main.raw").status, 200);
  probe.post("/sim/volumes", json::object({{"full_name", "main.raw.files"}}));
  ASSERT_EQ(probe.del(unity + "catalogs/main?force=true").status, 200);
  for (const char* kind : {"catalogs", "schemas", "volumes"})
    EXPECT_EQ(count_of(probe.region().world(), kind), 0U) << kind;
  EXPECT_EQ(probe.del(unity + "catalogs/main").status, 404);
}

}  // namespace
}  // namespace twinlake::simulator
