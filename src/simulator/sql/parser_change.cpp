// ALTER, DROP, MSCK and privileges.
#include "simulator/body.h"
#include "simulator/sql/parser_parts.h"

namespace twinlake::simulator {

SqlStatement SqlParser::alter() {
  using Type = SqlSecurable::Type;
  const bool schema = accept_schema_word();
  if (schema || accept("FUNCTION")) {
    AlterOwner owner;
    owner.object = {schema ? Type::schema : Type::function, name()};
    if (schema && (accept({"SET", "DBPROPERTIES"}) || accept({"SET", "PROPERTIES"})))
      return AlterSchema{std::move(owner.object.name), properties(), std::nullopt};
    accept("SET");
    expect({"OWNER", "TO"});
    owner.principal = principal();
    return owner;
  }
  if (accept("TABLE")) return alter_table(false);
  if (accept("VIEW")) return alter_table(true);
  fail();
  return {};
}

/// Of schemas only: the comment of a table is changed in other ways too.
SqlStatement SqlParser::comment_on() {
  expect("ON");
  if (!accept_schema_word()) fail();
  AlterSchema change;
  change.schema = name();
  expect("IS");
  change.comment = accept("NULL") ? "" : text();
  return change;
}

SqlStatement SqlParser::alter_table(bool view) {
  using Type = SqlSecurable::Type;
  SqlName table = name();
  if (accept({"OWNER", "TO"}) || accept({"SET", "OWNER", "TO"}))
    return AlterOwner{{view ? Type::view : Type::table, std::move(table)}, principal()};
  AlterProperties change;
  change.view = view;
  if (accept({"SET", "TBLPROPERTIES"})) {
    change.table = std::move(table);
    change.set = properties();
    return change;
  }
  if (accept({"UNSET", "TBLPROPERTIES"})) {
    change.table = std::move(table);
    change.if_exists = accept({"IF", "EXISTS"});
    expect_sign('(');
    do {
      change.unset.push_back(text());
    } while (ok() && accept_sign(','));
    expect_sign(')');
    return change;
  }
  if (!view && accept("ADD")) return add_partitions(std::move(table));
  fail();
  return {};
}

SqlStatement SqlParser::add_partitions(SqlName table) {
  AddPartitions added;
  added.table = std::move(table);
  added.if_not_exists = accept({"IF", "NOT", "EXISTS"});
  if (!now().is_word("PARTITION")) fail();
  while (accept("PARTITION")) {
    SqlPartition one = partition();
    std::string location = accept("LOCATION") ? text() : "";
    added.partitions.emplace_back(std::move(one), std::move(location));
  }
  return added;
}

SqlStatement SqlParser::drop() {
  using Type = SqlSecurable::Type;
  Drop dropped;
  if (accept_schema_word())
    dropped.object.type = Type::schema;
  else if (accept("TABLE"))
    dropped.object.type = Type::table;
  else if (accept("VIEW"))
    dropped.object.type = Type::view;
  else if (accept("FUNCTION"))
    dropped.object.type = Type::function;
  else
    fail();
  dropped.if_exists = accept({"IF", "EXISTS"});
  dropped.object.name = name();
  if (dropped.object.type == Type::schema) {
    dropped.cascade = accept("CASCADE");
    if (!dropped.cascade) accept("RESTRICT");
  }
  return dropped;
}

SqlStatement SqlParser::repair() {
  expect({"REPAIR", "TABLE"});
  RepairTable repaired{name()};
  if (accept("ADD")) expect("PARTITIONS");
  return repaired;
}

/// "SELECT", "ALL PRIVILEGES", "READ METADATA" or `READ_METADATA`: a bare word with an underscore
/// is no privilege.
std::string SqlParser::privilege() {
  if (now().kind == Kind::quoted_name) return upper(identifier());
  if (accept({"ALL", "PRIVILEGES"})) return "ALL_PRIVILEGES";
  if (accept({"READ", "METADATA"})) return "READ_METADATA";
  if (accept({"CREATE", "NAMED", "FUNCTION"})) return "CREATE_NAMED_FUNCTION";
  if (accept({"MODIFY", "CLASSPATH"})) return "MODIFY_CLASSPATH";
  for (const char* word : {"SELECT", "MODIFY", "CREATE", "USAGE"})
    if (accept(word)) return word;
  fail();
  return "";
}

SqlStatement SqlParser::grants(ChangeGrants::Verb verb) {
  ChangeGrants change;
  change.verb = verb;
  do {
    change.privileges.push_back(privilege());
  } while (ok() && accept_sign(','));
  expect("ON");
  change.on = securable();
  expect(verb == ChangeGrants::Verb::revoke ? "FROM" : "TO");
  change.principal = principal();
  return change;
}

}  // namespace twinlake::simulator
