// Who may do what, and the statements about it. Workspace admins may do everything.
#include <algorithm>
#include <array>

#include "simulator/body.h"
#include "simulator/identity/identity.h"
#include "simulator/metastore/run.h"

namespace twinlake::simulator {

namespace {
using Type = SqlSecurable::Type;
constexpr std::array<std::string_view, 8> privileges{
    "SELECT", "MODIFY",         "CREATE",          "READ_METADATA", "CREATE_NAMED_FUNCTION",
    "USAGE",  "ALL_PRIVILEGES", "MODIFY_CLASSPATH"};
/// Privileges of places in which objects are, not of the objects.
constexpr std::array<std::string_view, 4> of_places{"CREATE", "CREATE_NAMED_FUNCTION", "USAGE",
                                                    "MODIFY_CLASSPATH"};

template <std::size_t N>
bool contains(const std::array<std::string_view, N>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

SqlFailure no_access_control() {
  return sql_failure("", "", "Table Access Control is not enabled on this cluster.");
}

/// ALL PRIVILEGES one by one, as far as the object has them.
std::vector<std::string> expanded(const std::vector<std::string>& given, Type type) {
  std::vector<std::string> out;
  const bool is_place = type == Type::catalog || type == Type::schema;
  for (const std::string& one : given) {
    if (one != "ALL_PRIVILEGES") {
      out.push_back(one);
      continue;
    }
    for (const std::string_view each : privileges)
      if (each != "ALL_PRIVILEGES" && each != "MODIFY_CLASSPATH" &&
          (is_place || !contains(of_places, std::string(each))))
        out.emplace_back(each);
  }
  return out;
}
}  // namespace

MetastoreRun::MetastoreRun(Region& region, MetastoreState& state, SqlSession& session)
    : region_(region), state_(state), session_(session) {
  const auto& identity = region.get<Identity>();
  principals_ = identity.groups_of(session.caller);
  principals_.insert(session.caller);
  admin_ = identity.is_admin(session.caller);
}

bool MetastoreRun::unrestricted() const {
  return admin_ || session_.table_acls == SqlSession::TableAcls::absent;
}

bool MetastoreRun::owns(const std::string& owner) const {
  return unrestricted() || principals_.contains(owner);
}

MetastoreRun::Problem MetastoreRun::need(const std::string& privilege, const GrantKey& key,
                                         const std::string& owner) const {
  if (owns(owner) || state_.grants.allows(key, principals_, privilege)) return std::nullopt;
  std::string what = lower(key.object_type());
  if (key.type == Type::any_file) what = "any file";
  if (key.type == Type::catalog) what = "catalog";
  const std::string name = key.object_key();
  return sql_failure("INSUFFICIENT_PERMISSIONS", "42501",
                     "Insufficient privileges: User does not have permission " + privilege +
                         " on " + what + (name.empty() ? "" : " " + name) + ".");
}

MetastoreRun::Problem MetastoreRun::need_owner(const GrantKey& key,
                                               const std::string& owner) const {
  if (owns(owner)) return std::nullopt;
  return sql_failure("INSUFFICIENT_PERMISSIONS", "42501",
                     "Insufficient privileges: User does not own " + lower(key.object_type()) +
                         " " + key.object_key() + ".");
}

MetastoreRun::Problem MetastoreRun::need_look(const MetaPlace& place,
                                              const std::string& owner) const {
  const MetaSchema& schema = state_.schemas.at(place.schema);
  if (auto problem = need("USAGE", GrantKey::schema(place.schema), schema.owner)) return problem;
  const GrantKey key = GrantKey::table(place);
  if (!need("SELECT", key, owner)) return std::nullopt;
  return need("READ_METADATA", key, owner);
}

bool MetastoreRun::sees(const GrantKey& key, const std::string& owner) const {
  return owns(owner) || state_.grants.shows(key, principals_);
}

bool MetastoreRun::sees_schema(const MetaSchema& schema) const {
  if (sees(GrantKey::schema(schema.name), schema.owner)) return true;
  return std::any_of(schema.tables.begin(), schema.tables.end(), [&](const auto& entry) {
    return sees(GrantKey::table({schema.name, entry.first}), entry.second.owner);
  });
}

SqlResult<MetastoreRun::Object> MetastoreRun::object(const SqlSecurable& securable) const {
  switch (securable.type) {
    case Type::any_file:
    case Type::anonymous_function: return Object{{securable.type, {}}, ""};
    case Type::catalog:
      if (auto problem =
              check_catalog(securable.name.empty() ? session_.catalog : securable.name.back()))
        return SqlFailed(std::move(*problem));
      return Object{GrantKey::catalog(), ""};
    case Type::schema: {
      auto found = schema(securable.name);
      if (!found) return SqlFailed(std::move(found.error()));
      return Object{GrantKey::schema((*found)->name), (*found)->owner};
    }
    case Type::table:
    case Type::view: {
      auto found = table(securable.name);
      if (!found) return SqlFailed(std::move(found.error()));
      return Object{GrantKey::table(*place(securable.name)), (*found)->owner};
    }
    case Type::function: break;
  }
  auto where = place(securable.name);
  if (!where) return SqlFailed(std::move(where.error()));
  const auto in = state_.schemas.find(where->schema);
  if (in == state_.schemas.end() || !in->second.functions.contains(where->name))
    return SqlFailed(no_such_function(*where));
  return Object{GrantKey::function(*where), in->second.functions.at(where->name).owner};
}

/// A user, an application id or a group of the workspace, as the workspace writes it.
SqlResult<std::string> MetastoreRun::principal_for(const std::string& name) const {
  const auto& identity = region_.get<Identity>();
  if (identity.principal_exists(name)) return identity.canonical(name);
  if (!state_.settings.refuse_unknown_principals) return name;
  return SqlFailed(sql_failure("PRINCIPAL_DOES_NOT_EXIST", "",
                               "Could not find principal with name " + name + "."));
}

SqlAnswer MetastoreRun::operator()(const ChangeGrants& statement) {
  if (session_.table_acls == SqlSession::TableAcls::absent) return SqlFailed(no_access_control());
  auto found = object(statement.on);
  if (!found) return SqlFailed(std::move(found.error()));
  if (auto problem = need_owner(found->key, found->owner)) return SqlFailed(std::move(*problem));
  const Type type = found->key.type;
  const bool is_place = type == Type::catalog || type == Type::schema;
  for (const std::string& privilege : statement.privileges) {
    if (!contains(privileges, privilege)) return SqlFailed(syntax_failure(privilege));
    if (!is_place && contains(of_places, privilege))
      return SqlFailed(sql_failure(
          "", "",
          "Privilege " + privilege + " is not applicable to " + found->key.object_type() + "."));
  }
  auto principal = principal_for(statement.principal);
  // What was granted to somebody who has left can be taken back.
  if (!principal && statement.verb != ChangeGrants::Verb::revoke)
    return SqlFailed(std::move(principal.error()));
  const auto wanted = state_.settings.expand_all_privileges ? expanded(statement.privileges, type)
                                                            : statement.privileges;
  state_.grants.change(statement.verb, found->key, principal.value_or(statement.principal), wanted);
  return empty_rows();
}

/// Rows of the object and of everything above it, each with its own type and key.
SqlAnswer MetastoreRun::operator()(const ShowGrants& statement) {
  if (session_.table_acls == SqlSession::TableAcls::absent) return SqlFailed(no_access_control());
  auto found = object(statement.on);
  if (!found) return SqlFailed(std::move(found.error()));
  const bool own = statement.principal && principals_.contains(*statement.principal);
  if (!own)
    if (auto problem = need_owner(found->key, found->owner)) return SqlFailed(std::move(*problem));
  SqlRows rows;
  rows.columns = {{"Principal"}, {"ActionType"}, {"ObjectType"}, {"ObjectKey"}};
  for (const GrantKey& key : found->key.chain()) {
    const std::string type =
        key.type == Type::schema ? state_.settings.schema_object_type : key.object_type();
    const auto add = [&](const std::string& principal, const std::string& action) {
      if (!statement.principal || *statement.principal == principal)
        rows.rows.push_back(sql_row({principal, action, type, key.object_key()}));
    };
    for (const auto& [principal, actions] : state_.grants.of(key))
      for (const std::string& action : actions) add(principal, action);
    const std::string owner = key == found->key          ? found->owner
                              : key.type == Type::schema ? state_.schemas.at(key.place.schema).owner
                                                         : "";
    if (!owner.empty() && owner != metastore_itself) add(owner, "OWN");
  }
  return rows;
}

}  // namespace twinlake::simulator
