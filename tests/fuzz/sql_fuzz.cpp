// SQL from anybody, run on a metastore that has a little of everything: rows or a failure, and what
// SHOW CREATE TABLE says is a statement again.
#include <cstdlib>

#include "input.h"
#include "simulator/metastore/metastore.h"
#include "simulator/sql/parser.h"

namespace {
using namespace twinlake::simulator;

constexpr const char* beginning[] = {
    "CREATE SCHEMA s",
    "CREATE TABLE s.t (a INT, b STRING, `c d` STRING) USING csv",
    "CREATE TABLE s.d (a INT, day DATE) PARTITIONED BY (day) LOCATION '/mnt/d'",
    "CREATE TABLE s.p (a INT, day STRING) USING parquet PARTITIONED BY (day)",
    "CREATE VIEW s.v AS SELECT a, b FROM s.t",
    "CREATE FUNCTION s.f AS 'a.B' USING JAR '/x.jar'",
};

void make_again(Metastore& metastore, SqlSession& session) {
  for (const char* name : {"s.t", "s.d", "s.p", "s.v"}) {
    const SqlAnswer shown = metastore.run(std::string("SHOW CREATE TABLE ") + name, session);
    if (!shown) continue;  // the input has removed it
    if (!parse_sql(*shown->rows.at(0).at(0))) std::abort();
  }
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  Input input(data, size);
  Region region{RegionOptions{}};
  auto& metastore = region.get<Metastore>();
  SqlSession session;
  session.caller = region.options().admin;
  for (const char* statement : beginning)
    if (!metastore.run(statement, session)) std::abort();
  session.schema = "s";
  while (!input.empty()) {
    const SqlAnswer answered = metastore.run(input.piece(), session, {{"p", "s.t"}, {"n", {}}});
    if (!answered && answered.error().message.empty()) std::abort();
    if (answered)
      for (const SqlRow& row : answered->rows)
        if (row.size() != answered->columns.size()) std::abort();
  }
  make_again(metastore, session);
  (void)region.world();
  return 0;
}
