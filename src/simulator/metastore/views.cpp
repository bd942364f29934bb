// CREATE VIEW: what it reads must be there, and its columns come from there.
#include <algorithm>

#include "simulator/body.h"
#include "simulator/metastore/run.h"

namespace twinlake::simulator {

namespace {
using Columns = std::vector<SqlColumnDefinition>;

/// Is this a file that is read by path, such as delta.`/mnt/x`?
bool is_path(const SqlName& name) {
  return name.size() == 2 && name[1].find('/') != std::string::npos;
}

const SqlColumnDefinition* find_column(const Columns& columns, const std::string& name) {
  const auto found = std::find_if(columns.begin(), columns.end(), [&](const auto& column) {
    return lower(column.name) == lower(name);
  });
  return found == columns.end() ? nullptr : &*found;
}

SqlFailure no_such_column(const std::string& name) {
  return sql_failure("UNRESOLVED_COLUMN.WITH_SUGGESTION", "42703",
                     "A column, variable, or function parameter with name " + in_ticks(name) +
                         " cannot be resolved.");
}

/// A relation of a query with what it offers.
struct Source {
  std::string alias;
  Columns columns;
  bool open = false;  ///< nobody knows its columns
};

/// A column of the result; nothing when no source has it.
std::optional<SqlColumnDefinition> resolve(const SqlItem& item,
                                           const std::vector<Source>& sources) {
  SqlColumnDefinition made;
  made.name = item.name;
  made.type = item.type.empty() ? "string" : item.type;
  if (item.column.empty() || sources.empty()) return made;
  bool open = false, qualified = false;
  for (const Source& source : sources) {
    open = open || source.open;
    if (!item.qualifier.empty() && lower(source.alias) != lower(item.qualifier)) continue;
    qualified = true;
    if (const SqlColumnDefinition* column = find_column(source.columns, item.column)) {
      made.type = column->type;
      return made;
    }
  }
  // `a.b` where no relation is called `a` is a field inside a column.
  if (open || (!item.qualifier.empty() && !qualified)) return made;
  return std::nullopt;
}
}  // namespace

SqlResult<std::vector<SqlColumnDefinition>> MetastoreRun::columns_of(const SqlQuery& query) const {
  std::vector<Source> sources;
  for (const SqlRelation& relation : query.from) {
    Source source;
    source.alias = relation.alias;
    if (!relation.sub.empty()) {
      auto inner = columns_of(relation.sub.front());
      if (!inner) return inner;
      source.open = inner->empty();
      source.columns = std::move(*inner);
    } else if (relation.table.empty() || is_path(relation.table)) {
      source.open = true;
    } else {
      auto found = table(relation.table);
      if (!found) return SqlFailed(std::move(found.error()));
      source.columns = (*found)->columns;
    }
    sources.push_back(std::move(source));
  }
  Columns columns;
  for (const SqlItem& item : query.items) {
    if (!item.star) {
      auto made = resolve(item, sources);
      if (!made) return SqlFailed(no_such_column(item.column));
      columns.push_back(std::move(*made));
      continue;
    }
    for (const Source& source : sources)
      if (item.qualifier.empty() || lower(source.alias) == lower(item.qualifier))
        for (const SqlColumnDefinition& column : source.columns) {
          columns.push_back({column.name, column.type, "", true});
        }
  }
  return columns;
}

/// Does a view read another one, itself or through others?
bool MetastoreRun::reads(const MetaPlace& reader, const MetaPlace& wanted) const {
  std::vector<MetaPlace> open{reader};
  std::set<MetaPlace> seen;
  while (!open.empty()) {
    const MetaPlace one = open.back();
    open.pop_back();
    if (one == wanted) return true;
    const MetaTable* found = find_table(one);
    if (found == nullptr || !seen.insert(one).second) continue;
    open.insert(open.end(), found->view_reads.begin(), found->view_reads.end());
  }
  return false;
}

MetastoreRun::Problem MetastoreRun::resolve_view(const CreateView& statement,
                                                 MetaTable& view) const {
  for (const SqlName& name : statement.query.tables) {
    if (is_path(name)) {
      if (auto problem = need("SELECT", {SqlSecurable::Type::any_file, {}}, "")) return problem;
      if (state_.storage.find(SqlStorage::canonical(name[1])) == nullptr)
        return no_such_table(name);
      continue;
    }
    auto where = place(name);
    const MetaTable* found = where ? find_table(*where) : nullptr;
    if (found == nullptr) return no_such_table(name);
    if (auto problem = need("SELECT", GrantKey::table(*where), found->owner)) return problem;
    view.view_reads.push_back(*where);
  }
  auto columns = columns_of(statement.query);
  if (!columns) return std::move(columns.error());
  view.columns = std::move(*columns);
  if (!statement.columns.empty()) {
    if (statement.columns.size() != view.columns.size() && !view.columns.empty())
      return sql_failure("CREATE_VIEW_COLUMN_ARITY_MISMATCH", "21S01",
                         "Cannot create view " + in_ticks(view.name) +
                             ", the number of columns does not match those of the query.");
    view.columns.resize(statement.columns.size());
    for (std::size_t i = 0; i < view.columns.size(); ++i) {
      view.columns[i].name = statement.columns[i].name;
      view.columns[i].comment = statement.columns[i].comment;
      if (view.columns[i].type.empty()) view.columns[i].type = "string";
    }
  }
  view.provider.clear();
  return check_columns(view);
}

SqlAnswer MetastoreRun::operator()(const CreateView& statement) {
  auto where = place(statement.name);
  if (!where) return SqlFailed(std::move(where.error()));
  auto in = schema_for(*where);
  if (!in) return SqlFailed(std::move(in.error()));
  if (auto problem = need("CREATE", GrantKey::schema(where->schema), (*in)->owner))
    return SqlFailed(std::move(*problem));
  const MetaTable* old = find_table(*where);
  if (old != nullptr) {
    if (statement.if_there == IfThere::keep) return empty_rows();
    if (!old->is_view()) return SqlFailed(wrong_type(true, in_ticks(where->name)));
    if (statement.if_there == IfThere::fail)
      return SqlFailed(sql_failure("TABLE_OR_VIEW_ALREADY_EXISTS", "42P07",
                                   "Cannot create table or view " + in_ticks(where->schema) + "." +
                                       in_ticks(where->name) + " because it already exists."));
    if (auto problem = need_owner(GrantKey::table(*where), old->owner))
      return SqlFailed(std::move(*problem));
  }
  MetaTable view;
  view.name = where->name;
  view.type = MetaTable::Type::view;
  view.comment = statement.comment;
  view.properties = {statement.properties.begin(), statement.properties.end()};
  view.owner = view.created_by = session_.caller;
  view.created_millis = region_.now_millis();
  view.view_text = statement.text;
  view.view_catalog = session_.catalog;
  view.view_schema = session_.schema;
  if (auto problem = resolve_view(statement, view)) return SqlFailed(std::move(*problem));
  for (const MetaPlace& read : view.view_reads)
    if (reads(read, *where))
      return SqlFailed(sql_failure("RECURSIVE_VIEW", "42K0H",
                                   "Recursive view " + in_ticks(view.name) + " detected."));
  if (old != nullptr && !state_.settings.replaced_views_keep_grants)
    state_.grants.remove(GrantKey::table(*where));
  (*in)->tables.insert_or_assign(view.name, std::move(view));
  return empty_rows();
}

}  // namespace twinlake::simulator
