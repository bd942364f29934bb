// ALTER, DROP and MSCK.
#include <algorithm>

#include "simulator/body.h"
#include "simulator/metastore/run.h"

namespace twinlake::simulator {

namespace {
/// "day=2026-01-01/region=eu" as pairs.
SqlPartition partition_of(const std::string& folder) {
  SqlPartition partition;
  std::size_t at = 0;
  while (at <= folder.size()) {
    const std::size_t end = std::min(folder.find('/', at), folder.size());
    const std::string part = folder.substr(at, end - at);
    const std::size_t equals = part.find('=');
    if (equals != std::string::npos)
      partition.emplace_back(part.substr(0, equals), http::percent_decode(part.substr(equals + 1)));
    at = end + 1;
  }
  return partition;
}

bool has_partition(const MetaTable& table, const SqlPartition& wanted) {
  return std::any_of(table.partitions.begin(), table.partitions.end(), [&](const auto& partition) {
    return lower(partition_path(partition.values)) == lower(partition_path(wanted));
  });
}

SqlFailure not_for_delta(const std::string& what) {
  return sql_failure("DELTA_OPERATION_NOT_ALLOWED", "0AKDC",
                     "Operation not allowed: `" + what + "` is not supported for Delta tables");
}
}  // namespace

SqlAnswer MetastoreRun::operator()(const AlterOwner& statement) {
  using Type = SqlSecurable::Type;
  auto found = object(statement.object);
  if (!found) return SqlFailed(std::move(found.error()));
  if (auto problem = need_owner(found->key, found->owner)) return SqlFailed(std::move(*problem));
  const MetaPlace& where = found->key.place;
  const Type type = statement.object.type;
  if (type == Type::table || type == Type::view) {
    const bool view = type == Type::view;
    if (find_table(where)->is_view() != view)
      return SqlFailed(wrong_type(view, in_ticks(where.name)));
  }
  auto owner = principal_for(statement.principal);
  if (!owner) return SqlFailed(std::move(owner.error()));
  MetaSchema& schema = state_.schemas.at(where.schema);
  if (type == Type::schema)
    schema.owner = *owner;
  else if (type == Type::function)
    schema.functions.at(where.name).owner = *owner;
  else
    schema.tables.at(where.name).owner = *owner;
  return empty_rows();
}

SqlAnswer MetastoreRun::operator()(const AlterProperties& statement) {
  auto found = table(statement.table);
  if (!found) return SqlFailed(std::move(found.error()));
  MetaTable& changed = **found;
  const GrantKey key = GrantKey::table(*place(statement.table));
  if (!owns(changed.owner))
    if (auto problem = need("MODIFY", key, changed.owner)) return SqlFailed(std::move(*problem));
  if (changed.is_view() != statement.view)
    return SqlFailed(wrong_type(statement.view, in_ticks(changed.name)));
  if (auto problem = check_readable(changed)) return SqlFailed(std::move(*problem));
  auto& properties =
      changed.is_delta() ? state_.storage.find(changed.location)->properties : changed.properties;
  for (const std::string& name : statement.unset)
    if (properties.erase(name) == 0 && !statement.if_exists)
      return SqlFailed(sql_failure("UNSET_NONEXISTENT_PROPERTIES", "42K0J",
                                   "Attempted to unset non-existent properties [" + in_ticks(name) +
                                       "] in table " + in_ticks(changed.name) + "."));
  for (const auto& [name, value] : statement.set) properties[name] = value;
  return empty_rows();
}

SqlAnswer MetastoreRun::operator()(const AlterSchema& statement) {
  auto found = schema(statement.schema);
  if (!found) return SqlFailed(std::move(found.error()));
  MetaSchema& changed = **found;
  if (auto problem = need_owner(GrantKey::schema(changed.name), changed.owner))
    return SqlFailed(std::move(*problem));
  for (const auto& [name, value] : statement.set) changed.properties[name] = value;
  if (statement.comment) changed.comment = *statement.comment;
  return empty_rows();
}

SqlAnswer MetastoreRun::operator()(const AddPartitions& statement) {
  auto found = table(statement.table);
  if (!found) return SqlFailed(std::move(found.error()));
  MetaTable& changed = **found;
  const GrantKey key = GrantKey::table(*place(statement.table));
  if (auto problem = need("MODIFY", key, changed.owner)) return SqlFailed(std::move(*problem));
  if (changed.is_view()) return SqlFailed(wrong_type(false, in_ticks(changed.name)));
  if (changed.is_delta()) return SqlFailed(not_for_delta("ALTER TABLE ADD PARTITION"));
  for (const auto& [partition, location] : statement.partitions) {
    const bool fits = std::equal(
        partition.begin(), partition.end(), changed.partitioned_by.begin(),
        changed.partitioned_by.end(),
        [](const auto& pair, const std::string& name) { return lower(pair.first) == lower(name); });
    if (!fits)
      return SqlFailed(sql_failure("", "42601",
                                   "Partition spec is invalid. The spec must match the partition "
                                   "columns of table " +
                                       in_ticks(changed.name) + "."));
    if (has_partition(changed, partition)) {
      if (statement.if_not_exists) continue;
      return SqlFailed(sql_failure("PARTITIONS_ALREADY_EXIST", "428FT",
                                   "Cannot ADD or RENAME TO partition(s) PARTITION (" +
                                       partition_path(partition) + ") in table " +
                                       in_ticks(changed.name) + " because they already exist."));
    }
    const std::string folder = partition_path(partition);
    if (StoredData* data = state_.storage.find(changed.location); data && location.empty())
      data->partitions.push_back(folder);
    changed.partitions.push_back({partition, location.empty() ? changed.location + "/" + folder
                                                              : SqlStorage::canonical(location)});
  }
  return empty_rows();
}

SqlAnswer MetastoreRun::operator()(const RepairTable& statement) {
  auto found = table(statement.table);
  if (!found) return SqlFailed(std::move(found.error()));
  MetaTable& repaired = **found;
  const GrantKey key = GrantKey::table(*place(statement.table));
  if (auto problem = need("MODIFY", key, repaired.owner)) return SqlFailed(std::move(*problem));
  if (repaired.is_view()) return SqlFailed(wrong_type(false, in_ticks(repaired.name)));
  if (repaired.is_delta()) return SqlFailed(not_for_delta("MSCK REPAIR TABLE"));
  if (repaired.partitioned_by.empty())
    return SqlFailed(sql_failure("NOT_A_PARTITIONED_TABLE", "42809",
                                 "Operation MSCK REPAIR TABLE is not allowed for " +
                                     in_ticks(repaired.name) +
                                     " because it is not a partitioned table."));
  if (const auto why = state_.storage.refusal(repaired.location))
    return SqlFailed(sql_failure("", "", *why));
  // It finds the folders below the table; partitions that lie elsewhere are not found.
  if (const StoredData* data = state_.storage.find(repaired.location))
    for (const std::string& folder : data->partitions)
      if (SqlPartition partition = partition_of(folder); !has_partition(repaired, partition))
        repaired.partitions.push_back({std::move(partition), repaired.location + "/" + folder});
  return empty_rows();
}

SqlAnswer MetastoreRun::operator()(const Drop& statement) {
  using Type = SqlSecurable::Type;
  auto found = object(statement.object);
  if (!found) {
    const std::string& error = found.error().error_class;
    const bool absent = error.ends_with("_NOT_FOUND");
    if (absent && statement.if_exists) return empty_rows();
    return SqlFailed(std::move(found.error()));
  }
  if (auto problem = need_owner(found->key, found->owner)) return SqlFailed(std::move(*problem));
  const MetaPlace where = found->key.place;
  MetaSchema& schema = state_.schemas.at(where.schema);
  if (statement.object.type == Type::function) {
    schema.functions.erase(where.name);
    state_.grants.remove(found->key);
    return empty_rows();
  }
  if (statement.object.type == Type::schema) return drop_schema(schema, statement.cascade);
  const MetaTable& dropped = schema.tables.at(where.name);
  const bool view = statement.object.type == Type::view;
  if (dropped.is_view() != view) return SqlFailed(wrong_type(view, in_ticks(where.name)));
  drop_table(schema, where.name);
  return empty_rows();
}

/// What is managed takes its data with it.
void MetastoreRun::drop_table(MetaSchema& schema, const std::string& name) {
  const MetaTable& dropped = schema.tables.at(name);
  if (dropped.type == MetaTable::Type::managed) state_.storage.erase(dropped.location);
  state_.grants.remove(GrantKey::table({schema.name, name}));
  schema.tables.erase(name);
}

SqlAnswer MetastoreRun::drop_schema(MetaSchema& schema, bool cascade) {
  if (schema.name == "default")
    return SqlFailed(unsupported("Cannot drop the default schema `default`."));
  if (!cascade && (!schema.tables.empty() || !schema.functions.empty()))
    return SqlFailed(sql_failure("SCHEMA_NOT_EMPTY", "2BP01",
                                 "Cannot drop a schema " + in_ticks(schema.name) +
                                     " because it contains objects. Use DROP SCHEMA ... CASCADE to "
                                     "drop the schema and all its objects."));
  while (!schema.tables.empty()) drop_table(schema, schema.tables.begin()->first);
  for (const auto& [name, function] : schema.functions)
    state_.grants.remove(GrantKey::function({schema.name, name}));
  state_.grants.remove(GrantKey::schema(schema.name));
  state_.schemas.erase(std::string(schema.name));
  return empty_rows();
}

}  // namespace twinlake::simulator
