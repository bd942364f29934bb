// What expressions come to, row by row and group by group.
#include <algorithm>
#include <functional>
#include <map>

#include <nlohmann/json.hpp>

#include "base/loop.h"
#include "simulator/body.h"
#include "simulator/sql/expression.h"

namespace twinlake::simulator {

namespace {

using nlohmann::json;
using Type = SqlExpression::Type;
using Group = std::vector<const json*>;

bool is_aggregate(const std::string& call) {
  return call == "max" || call == "min" || call == "count";
}

bool has_aggregate(const SqlExpression& expression) {
  if (expression.type == Type::call && is_aggregate(expression.text)) return true;
  return std::ranges::any_of(expression.parts, has_aggregate);
}

SqlFailure no_such_column(const SqlName& name) {
  std::string written;
  for (const std::string& part : name) written += (written.empty() ? "" : ".") + in_ticks(part);
  return sql_failure(
      "UNRESOLVED_COLUMN.WITH_SUGGESTION", "42703",
      "A column, variable, or function parameter with name " + written + " cannot be resolved.");
}

/// Thrown inside this file, where an expression has so many ways to be wrong.
struct Wrong {
  SqlFailure failure;
};

class Evaluation {
 public:
  Evaluation(const json& blank, const std::vector<std::string>& maps)
      : blank_(blank), maps_(maps) {}

  /// Names and functions, whether there are rows or not.
  void check(const SqlExpression& expression, bool may_aggregate) const {
    if (expression.type == Type::column) check_column(expression.name);
    if (expression.type == Type::call) check_call(expression, may_aggregate);
    for (const SqlExpression& part : expression.parts) check(part, may_aggregate);
  }

  /// `group`: what aggregates look at; its first row gives the columns.
  [[nodiscard]] json value(const SqlExpression& expression, const Group& group) const {
    switch (expression.type) {
      case Type::text:
      case Type::date:
      case Type::timestamp: return expression.text;
      case Type::number: return std::stoll(expression.text);
      case Type::null: return nullptr;
      case Type::star: return true;
      case Type::column: return column(expression.name, *group.front());
      case Type::call: break;
    }
    if (is_aggregate(expression.text)) return aggregate(expression, group);
    std::vector<json> values;
    for (const SqlExpression& part : expression.parts) values.push_back(value(part, group));
    return functions().at(expression.text).second(values);
  }

 private:
  using Values = std::vector<json>;
  using Function = std::function<json(const Values&)>;

  [[nodiscard]] bool is_map(const std::string& name) const {
    return std::ranges::find(maps_, name) != maps_.end();
  }

  void check_column(const SqlName& name) const {
    const auto found = blank_.find(lower(name.front()));
    const bool is_known = found != blank_.end() && name.size() <= 2 &&
                          (name.size() == 1 || is_map(lower(name.front())) ||
                           (found->is_object() && found->contains(lower(name.back()))));
    if (!is_known) throw Wrong{no_such_column(name)};
  }

  static void check_call(const SqlExpression& call, bool may_aggregate) {
    const std::size_t count = call.parts.size();
    if (is_aggregate(call.text)) {
      if (!may_aggregate)
        throw Wrong{sql_failure("INVALID_WHERE_CONDITION", "42903",
                                "The WHERE condition contains an aggregate function.")};
      if (count == 1 && (call.text == "count" || call.parts[0].type != Type::star)) return;
    } else if (const auto known = functions().find(call.text); known == functions().end()) {
      throw Wrong{sql_failure("UNRESOLVED_ROUTINE", "42883",
                              "Cannot resolve routine " + in_ticks(call.text) + ".")};
    } else if (known->second.first == 0 ? count > 0 : known->second.first == count) {
      return;
    }
    throw Wrong{sql_failure("WRONG_NUM_ARGS.WITHOUT_SUGGESTION", "42605",
                            "The " + in_ticks(call.text) + " has a wrong number of parameters.")};
  }

  [[nodiscard]] json column(const SqlName& name, const json& row) const {
    const json& whole = row.at(lower(name.front()));
    if (name.size() == 1) return whole;
    const std::string member = is_map(lower(name.front())) ? name.back() : lower(name.back());
    const auto found = whole.find(member);
    return found == whole.end() ? json() : *found;
  }

  [[nodiscard]] json aggregate(const SqlExpression& call, const Group& group) const {
    std::int64_t count = 0;
    json best;
    for (const json* row : group) {
      json one = value(call.parts.front(), {row});
      if (one.is_null()) continue;
      ++count;
      const bool is_better = best.is_null() || (call.text == "max" ? best < one : one < best);
      if (is_better) best = std::move(one);
    }
    return call.text == "count" ? json(count) : best;
  }

  /// Null when one of both is.
  static json compared(const Values& values, const std::function<bool(int)>& holds) {
    if (values[0].is_null() || values[1].is_null()) return nullptr;
    if (values[0].type() != values[1].type())
      throw Wrong{sql_failure("DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES", "42K09",
                              "The left and right operands have incompatible types.")};
    return holds(values[0] < values[1] ? -1 : values[1] < values[0] ? 1 : 0);
  }

  static json is_in(const Values& values) {
    bool has_null = values[0].is_null();
    for (auto one = std::next(values.begin()); one != values.end() && !values[0].is_null(); ++one) {
      const json equal = compared({values[0], *one}, [](int order) { return order == 0; });
      if (equal == true) return true;
      has_null = has_null || equal.is_null();
    }
    return has_null ? json() : json(false);
  }

  static json negated(const json& value) { return value.is_null() ? json() : json(value != true); }

  /// The value that decides, else null where one is unknown.
  static json combined(const Values& values, bool decides) {
    for (const json& one : values)
      if (one == decides) return decides;
    for (const json& one : values)
      if (one.is_null()) return nullptr;
    return !decides;
  }

  static json element(const Values& values) {
    if (!values[0].is_object() || !values[1].is_string()) return nullptr;
    const auto found = values[0].find(values[1].get<std::string>());
    return found == values[0].end() ? json() : *found;
  }

  static json micros(const Values& values) {
    if (!values[0].is_string()) return nullptr;
    return time_from_rfc3339(values[0].get<std::string>()).time_since_epoch().count();
  }

  static json first_known(const Values& values) {
    const auto found = std::ranges::find_if(values, [](const json& one) { return !one.is_null(); });
    return found == values.end() ? json() : *found;
  }

  static json text(const Values& values) {
    return values[0].is_null() || values[0].is_string() ? values[0] : json(values[0].dump());
  }

  static json between(const Values& values) {
    const auto at_least = [](int order) { return order >= 0; };
    return combined(
        {compared({values[0], values[1]}, at_least), compared({values[2], values[0]}, at_least)},
        false);
  }

  static Function comparison(bool (*holds)(int)) {
    return [holds](const Values& values) { return compared(values, holds); };
  }

  /// With how many parameters each is called; 0: any number, at least one.
  static const std::map<std::string, std::pair<std::size_t, Function>>& functions() {
    static const std::map<std::string, std::pair<std::size_t, Function>> all{
        {"=", {2, comparison([](int order) { return order == 0; })}},
        {">=", {2, comparison([](int order) { return order >= 0; })}},
        {"<=", {2, comparison([](int order) { return order <= 0; })}},
        {">", {2, comparison([](int order) { return order > 0; })}},
        {"<", {2, comparison([](int order) { return order < 0; })}},
        {"in", {0, is_in}},
        {"not in", {0, [](const Values& values) { return negated(is_in(values)); }}},
        {"between", {3, between}},
        {"and", {2, [](const Values& values) { return combined(values, false); }}},
        {"or", {2, [](const Values& values) { return combined(values, true); }}},
        {"cast string", {1, text}},
        {"coalesce", {0, first_known}},
        {"try_element_at", {2, element}},
        {"unix_micros", {1, micros}}};
    return all;
  }

  const json& blank_;
  const std::vector<std::string>& maps_;
};

std::optional<std::string> shown(const json& value) {
  if (value.is_null()) return std::nullopt;
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string type_of(const SqlExpression& value) {
  const bool is_number =
      value.type == Type::number || value.text == "unix_micros" || value.text == "count";
  return is_number && value.type != Type::text ? "BIGINT" : "STRING";
}

void check(const SelectFrom& wanted, const Evaluation& evaluation, bool is_grouped) {
  evaluation.check(wanted.where, false);
  for (std::size_t i = 0; i < wanted.items.size(); ++i) {
    const SqlExpression& value = wanted.items[i].value;
    evaluation.check(value, true);
    const bool is_key = std::ranges::find(wanted.group_by, i) != wanted.group_by.end();
    if (is_key && has_aggregate(value))
      throw Wrong{
          sql_failure("GROUP_BY_POS_AGGREGATE", "42903", "GROUP BY refers to an aggregate.")};
    if (is_grouped && !is_key && !has_aggregate(value) && value.type == Type::column)
      throw Wrong{sql_failure("MISSING_AGGREGATION", "42803",
                              "A non-aggregating expression is based on columns which are not "
                              "participating in the GROUP BY clause.")};
  }
}

/// In the order of their keys; without GROUP BY each row is one, or all of them together.
std::vector<Group> grouped(const SelectFrom& wanted, const Evaluation& evaluation,
                           const Group& rows, bool is_grouped) {
  std::map<json, Group> by_key;
  for (const json* row : rows) {
    if (wanted.where.type != Type::null && evaluation.value(wanted.where, {row}) != true) continue;
    json key = json::array();
    for (const std::size_t at : wanted.group_by)
      key.push_back(evaluation.value(wanted.items[at].value, {row}));
    if (!is_grouped) key.push_back(by_key.size());
    by_key[std::move(key)].push_back(row);
  }
  std::vector<Group> groups;
  for (auto& [key, group] : by_key) groups.push_back(std::move(group));
  return groups;
}

}  // namespace

std::string sql_timestamp(std::int64_t micros) {
  std::string text = to_rfc3339(Time(Micros(micros)));
  const std::string rest = std::to_string(1000 + micros % 1000).substr(1);
  return text.insert(text.size() - 1, rest);
}

SqlAnswer select_rows(const SelectFrom& wanted, const json& blank,
                      const std::vector<std::string>& maps, const std::vector<const json*>& rows) {
  const Evaluation evaluation(blank, maps);
  const bool is_grouped =
      !wanted.group_by.empty() ||
      std::ranges::any_of(wanted.items, [](const auto& item) { return has_aggregate(item.value); });
  SqlRows answer;
  try {
    check(wanted, evaluation, is_grouped);
    for (const SelectFrom::Item& item : wanted.items)
      answer.columns.push_back({item.name, type_of(item.value)});
    for (const Group& group : grouped(wanted, evaluation, rows, is_grouped)) {
      SqlRow& row = answer.rows.emplace_back();
      for (const SelectFrom::Item& item : wanted.items)
        row.push_back(shown(evaluation.value(item.value, group)));
    }
  } catch (const Wrong& wrong) {
    return SqlFailed(wrong.failure);
  }
  return answer;
}

}  // namespace twinlake::simulator
