#pragma once
// One statement being run; shared by the files that say how, nobody else includes it.
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "simulator/metastore/metastore.h"

namespace twinlake::simulator {

class Identity;

class MetastoreRun {
 public:
  MetastoreRun(Region& region, MetastoreState& state, SqlSession& session);

  // metastore_lists.cpp
  SqlAnswer operator()(const ShowList& statement);
  SqlAnswer operator()(const ShowProperties& statement);
  SqlAnswer operator()(const ShowPartitions& statement);
  // metastore_describe.cpp
  SqlAnswer operator()(const DescribeSchema& statement);
  SqlAnswer operator()(const DescribeTable& statement);
  SqlAnswer operator()(const DescribeFunction& statement);
  // metastore_ddl.cpp
  SqlAnswer operator()(const ShowCreateTable& statement);
  // metastore_create.cpp
  SqlAnswer operator()(const CreateSchema& statement);
  SqlAnswer operator()(const CreateTable& statement);
  SqlAnswer operator()(const CreateFunction& statement);
  // metastore_views.cpp
  SqlAnswer operator()(const CreateView& statement);
  // metastore_change.cpp
  SqlAnswer operator()(const AlterOwner& statement);
  SqlAnswer operator()(const AlterProperties& statement);
  SqlAnswer operator()(const AlterSchema& statement);
  SqlAnswer operator()(const AddPartitions& statement);
  SqlAnswer operator()(const Drop& statement);
  SqlAnswer operator()(const RepairTable& statement);
  // metastore_access.cpp
  SqlAnswer operator()(const ShowGrants& statement);
  SqlAnswer operator()(const ChangeGrants& statement);
  // metastore.cpp
  SqlAnswer operator()(const UsePlace& statement);
  SqlAnswer operator()(const SelectValues& statement);
  SqlAnswer operator()(const SelectFrom& statement);

 private:
  using Problem = std::optional<SqlFailure>;

  // metastore_names.cpp
  [[nodiscard]] Problem check_catalog(const std::string& catalog) const;
  [[nodiscard]] SqlResult<std::string> schema_name(const SqlName& name) const;
  [[nodiscard]] SqlResult<MetaPlace> place(const SqlName& name) const;
  [[nodiscard]] SqlResult<MetaSchema*> schema(const SqlName& name) const;
  [[nodiscard]] SqlResult<MetaTable*> table(const SqlName& name) const;
  [[nodiscard]] MetaTable* find_table(const MetaPlace& place) const;
  [[nodiscard]] static Problem check_new_name(const std::string& name);
  [[nodiscard]] SqlResult<MetaSchema*> schema_for(const MetaPlace& place) const;
  [[nodiscard]] std::string shown_name(const MetaPlace& place) const;

  // metastore_access.cpp
  [[nodiscard]] bool unrestricted() const;
  [[nodiscard]] bool owns(const std::string& owner) const;
  [[nodiscard]] Problem need(const std::string& privilege, const GrantKey& key,
                             const std::string& owner) const;
  [[nodiscard]] Problem need_owner(const GrantKey& key, const std::string& owner) const;
  /// SELECT or READ_METADATA, and USAGE of the schema.
  [[nodiscard]] Problem need_look(const MetaPlace& place, const std::string& owner) const;
  [[nodiscard]] bool sees(const GrantKey& key, const std::string& owner) const;
  [[nodiscard]] bool sees_schema(const MetaSchema& schema) const;
  struct Object {
    GrantKey key;
    std::string owner;
  };
  [[nodiscard]] SqlResult<Object> object(const SqlSecurable& securable) const;
  [[nodiscard]] SqlResult<std::string> principal_for(const std::string& name) const;

  // metastore_lists.cpp
  [[nodiscard]] SqlAnswer show_schemas(const ShowList& statement);

  // metastore_create.cpp
  [[nodiscard]] Problem check_new_table(const CreateTable& statement, MetaTable& table) const;
  [[nodiscard]] Problem fit_delta(const CreateTable& statement, MetaTable& table) const;
  [[nodiscard]] Problem fit_files(MetaTable& table) const;
  [[nodiscard]] Problem check_columns(const MetaTable& table) const;
  [[nodiscard]] Problem set_location(const CreateTable& statement, const MetaSchema& schema,
                                     MetaTable& table) const;

  // metastore_change.cpp
  void drop_table(MetaSchema& schema, const std::string& name);
  SqlAnswer drop_schema(MetaSchema& schema, bool cascade);

  // metastore_views.cpp
  [[nodiscard]] Problem resolve_view(const CreateView& statement, MetaTable& view) const;
  [[nodiscard]] SqlResult<std::vector<SqlColumnDefinition>> columns_of(const SqlQuery& query) const;
  [[nodiscard]] bool reads(const MetaPlace& reader, const MetaPlace& wanted) const;

  // metastore_describe.cpp
  [[nodiscard]] Problem check_readable(const MetaTable& table) const;
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> details(
      const MetaPlace& place, const MetaTable& table) const;
  [[nodiscard]] std::map<std::string, std::string> properties_of(const MetaTable& table) const;

  Region& region_;
  MetastoreState& state_;
  SqlSession& session_;
  std::set<std::string> principals_;  ///< the caller and all its groups
  bool admin_ = false;
};

[[nodiscard]] SqlRows empty_rows();
[[nodiscard]] SqlRow sql_row(std::initializer_list<std::string> values);
[[nodiscard]] std::string joined(const std::map<std::string, std::string>& properties);
[[nodiscard]] SqlFailure no_such_table(const SqlName& name);
[[nodiscard]] SqlFailure no_such_function(const MetaPlace& place);
[[nodiscard]] SqlFailure wrong_type(bool wanted_view, const std::string& name);

}  // namespace twinlake::simulator
