#pragma once
// The result of a statement as the API gives it: a manifest and the rows in chunks.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "simulator/sql/answer.h"

namespace twinlake::simulator {

struct ResultLimits {
  std::optional<std::int64_t> rows;
  std::optional<std::int64_t> bytes;
  std::size_t rows_per_chunk = 5000;
};

class StatementResult {
 public:
  StatementResult() = default;
  StatementResult(SqlRows rows, const ResultLimits& limits);

  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  [[nodiscard]] std::size_t chunk_count() const { return chunks_.size(); }
  [[nodiscard]] nlohmann::json manifest(const std::string& format) const;
  /// The rows themselves, and where the next ones are.
  [[nodiscard]] nlohmann::json inline_chunk(const std::string& statement_id,
                                            std::size_t index) const;
  /// Only where they can be fetched, and until when.
  [[nodiscard]] nlohmann::json linked_chunk(const std::string& statement_id, std::size_t index,
                                            std::int64_t now_millis) const;
  /// What lies behind such a link.
  [[nodiscard]] nlohmann::json rows_of(std::size_t index) const;

 private:
  struct Chunk {
    std::size_t from = 0;
    std::size_t to = 0;
    std::size_t bytes = 0;
  };
  [[nodiscard]] nlohmann::json place(std::size_t index) const;
  void add_next(nlohmann::json& chunk, const std::string& statement_id, std::size_t index) const;

  SqlRows rows_;
  std::vector<Chunk> chunks_;
  std::size_t bytes_ = 0;
  bool truncated_ = false;
};

}  // namespace twinlake::simulator
