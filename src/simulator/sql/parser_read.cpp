// Statements that only look.
#include "simulator/body.h"
#include "simulator/sql/parser_parts.h"

namespace twinlake::simulator {

SqlStatement SqlParser::show_list(ShowList::What what) {
  ShowList list{what, {}, {}};
  if (accept("IN") || accept("FROM")) list.in = name();
  const bool like = accept("LIKE");
  if (like || now().kind == Kind::text) list.pattern = text();
  if (what == ShowList::What::tables_extended && !list.pattern) fail();
  return list;
}

SqlStatement SqlParser::show() {
  using What = ShowList::What;
  if (accept("SCHEMAS") || accept("DATABASES")) return show_list(What::schemas);
  if (accept({"TABLE", "EXTENDED"})) return show_list(What::tables_extended);
  if (accept("TABLES")) return show_list(What::tables);
  if (accept("VIEWS")) return show_list(What::views);
  if (accept({"USER", "FUNCTIONS"})) return show_list(What::user_functions);
  if (accept({"CREATE", "TABLE"})) {
    ShowCreateTable shown{name(), false};
    shown.as_serde = accept({"AS", "SERDE"});
    return shown;
  }
  if (accept("TBLPROPERTIES")) {
    ShowProperties shown{name(), {}};
    if (accept_sign('(')) {
      shown.key = text();
      expect_sign(')');
    }
    return shown;
  }
  if (accept("PARTITIONS")) return ShowPartitions{name()};
  if (accept("GRANTS") || accept("GRANT")) {
    ShowGrants shown;
    if (!now().is_word("ON")) shown.principal = principal();
    expect("ON");
    shown.on = securable();
    return shown;
  }
  fail();
  return {};
}

SqlStatement SqlParser::describe() {
  if (accept_schema_word()) {
    const bool extended = accept("EXTENDED");
    return DescribeSchema{name(), extended};
  }
  if (accept("FUNCTION")) {
    const bool extended = accept("EXTENDED");
    return DescribeFunction{name(), extended};
  }
  DescribeTable table;
  accept("TABLE");
  table.extended = accept("EXTENDED") || accept("FORMATTED");
  table.table = name();
  if (accept("PARTITION")) table.partition = partition();
  return table;
}

/// From a table, or values only, such as `SELECT 1 AS x`: what clients ask to see whether anybody is
/// there.
SqlStatement SqlParser::select() {
  if (selects_from()) return select_from();
  SelectValues values;
  SqlRow row;
  do {
    SqlColumn column;
    column.name = now().text;
    const bool number = now().kind == Kind::number || now().is_sign('-');
    const bool boolean = now().is_word("TRUE") || now().is_word("FALSE");
    column.type = number ? "INT" : boolean ? "BOOLEAN" : "STRING";
    if (now().kind == Kind::word && after().is_sign('(') && after(2).is_sign(')')) {
      values.calls.push_back(lower(identifier()));
      column.name = values.calls.back() + "()";
      at_ += 2;
      row.emplace_back();
    } else {
      values.calls.emplace_back();
      row.push_back(literal());
    }
    if (accept("AS")) column.name = identifier();
    values.rows.columns.push_back(std::move(column));
  } while (ok() && accept_sign(','));
  values.rows.rows.push_back(std::move(row));
  return values;
}

SqlStatement SqlParser::use() {
  if (accept("CATALOG")) return UsePlace{name(), true};
  accept_schema_word();
  return UsePlace{name(), false};
}

}  // namespace twinlake::simulator
