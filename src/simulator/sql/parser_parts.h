#pragma once
// The parser itself, shared by the files that hold its rules; nobody else includes it.
//
// The first failure sticks: from then on nothing is accepted and every rule returns what it has.
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "simulator/sql/parser.h"

namespace twinlake::simulator {

class SqlParser {
 public:
  SqlParser(const std::string& statement, const SqlParameters& parameters,
            std::vector<SqlToken> tokens)
      : statement_(statement), parameters_(parameters), tokens_(std::move(tokens)) {}

  SqlResult<SqlStatement> statement();
  SqlResult<SqlName> only_a_name();

 private:
  using Kind = SqlToken::Kind;

  // sql_parser.cpp: tokens, names and values
  [[nodiscard]] const SqlToken& now() const { return tokens_[at_]; }
  [[nodiscard]] const SqlToken& after(std::size_t steps = 1) const;
  [[nodiscard]] bool ok() const { return !failure_; }
  void fail();
  void fail_with(SqlFailure failure);
  bool accept(std::string_view word);
  bool accept(std::initializer_list<std::string_view> words);  ///< all of them, in that order
  bool accept_sign(char sign);
  void expect(std::string_view word);
  void expect(std::initializer_list<std::string_view> words);
  void expect_sign(char sign);
  bool accept_schema_word() { return accept("SCHEMA") || accept("DATABASE"); }
  std::string identifier();
  SqlName name();
  std::string text();                    ///< a text, or a parameter that stands for one
  std::string principal();               ///< with or without back-ticks
  std::string parameter_value();         ///< of the parameter that stands here
  std::optional<std::string> literal();  ///< a text, a number, true or false, NULL
  SqlProperties properties();            ///< ('a' = 'b', c.d 'e')
  SqlPartition partition();              ///< (day = '2026-01-01')
  SqlSecurable securable();
  SqlStatement dispatch();

  // sql_parser_read.cpp
  SqlStatement show();
  SqlStatement show_list(ShowList::What what);
  SqlStatement describe();
  SqlStatement select();
  SqlStatement use();

  // sql_parser_select.cpp
  static constexpr int deepest_expression = 60;
  [[nodiscard]] bool selects_from() const;
  SqlStatement select_from();
  SqlExpression expression();
  SqlExpression conjunction();
  SqlExpression comparison();
  SqlExpression operand();
  SqlExpression moment(bool is_date);
  SqlExpression integer();
  SqlExpression cast();
  std::vector<SqlExpression> expressions_in_parentheses();
  std::size_t position(std::size_t count);  ///< of a column of SELECT, from 0

  // sql_parser_create.cpp
  SqlStatement create();
  IfThere if_not_exists(bool replace);
  SqlStatement create_schema();
  SqlStatement create_table(bool external);
  void table_clause(CreateTable& table);
  void row_format(CreateTable& table);
  void stored_as(CreateTable& table);
  std::vector<SqlColumnDefinition> columns();
  SqlColumnDefinition column();
  std::string type(int depth = 0);
  std::string struct_type(int depth);
  std::vector<std::string> names_in_parentheses();
  SqlStatement create_view(bool replace);
  SqlStatement create_function(bool replace);

  // sql_parser_change.cpp
  SqlStatement alter();
  SqlStatement comment_on();
  SqlStatement alter_table(bool view);
  SqlStatement add_partitions(SqlName table);
  SqlStatement drop();
  SqlStatement repair();
  SqlStatement grants(ChangeGrants::Verb verb);
  std::string privilege();

  const std::string& statement_;
  const SqlParameters& parameters_;
  std::vector<SqlToken> tokens_;
  std::size_t at_ = 0;
  int depth_ = 0;  ///< of expressions inside each other
  std::optional<SqlFailure> failure_;
};

}  // namespace twinlake::simulator
