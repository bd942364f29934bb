#include "simulator/warehouse/statement_results.h"

#include "simulator/body.h"

namespace twinlake::simulator {

namespace {
constexpr std::size_t largest_chunk_bytes = 4U << 20U;
constexpr std::int64_t link_millis = 15 * 60'000;

/// About what a row takes as JSON.
std::size_t size_of(const SqlRow& row) {
  std::size_t bytes = 2;
  for (const auto& value : row) bytes += value ? value->size() + 3 : 5;
  return bytes;
}

/// "DECIMAL(10,2)" is a DECIMAL.
std::string type_name(const std::string& type) { return type.substr(0, type.find_first_of("(<")); }
}  // namespace

StatementResult::StatementResult(SqlRows rows, const ResultLimits& limits)
    : rows_(std::move(rows)) {
  std::size_t kept = 0;
  for (const SqlRow& row : rows_.rows) {
    const std::size_t bytes = size_of(row);
    const bool full = (limits.rows && static_cast<std::int64_t>(kept) >= *limits.rows) ||
                      (limits.bytes && static_cast<std::int64_t>(bytes_ + bytes) > *limits.bytes);
    if (full) {
      truncated_ = true;
      break;
    }
    if (chunks_.empty() || chunks_.back().to - chunks_.back().from >= limits.rows_per_chunk ||
        chunks_.back().bytes + bytes > largest_chunk_bytes)
      chunks_.push_back({kept, kept, 0});
    chunks_.back().to = ++kept;
    chunks_.back().bytes += bytes;
    bytes_ += bytes;
  }
  rows_.rows.resize(kept);
}

json StatementResult::place(std::size_t index) const {
  const Chunk chunk = index < chunks_.size() ? chunks_[index] : Chunk{};
  return json::object(
      {{"chunk_index", index}, {"row_offset", chunk.from}, {"row_count", chunk.to - chunk.from}});
}

json StatementResult::manifest(const std::string& format) const {
  json columns = json::array();
  for (std::size_t i = 0; i < rows_.columns.size(); ++i)
    columns.push_back(json::object({{"name", rows_.columns[i].name},
                                    {"type_text", rows_.columns[i].type},
                                    {"type_name", type_name(rows_.columns[i].type)},
                                    {"position", i}}));
  json schema = json::object({{"column_count", columns.size()}});
  if (!columns.empty()) schema["columns"] = std::move(columns);
  json manifest = json::object({{"format", format},
                                {"schema", std::move(schema)},
                                {"total_chunk_count", chunks_.size()},
                                {"total_row_count", rows_.rows.size()},
                                {"total_byte_count", bytes_},
                                {"truncated", truncated_}});
  for (std::size_t i = 0; i < chunks_.size(); ++i) {
    json chunk = place(i);
    chunk["byte_count"] = chunks_[i].bytes;
    manifest["chunks"].push_back(std::move(chunk));
  }
  return manifest;
}

void StatementResult::add_next(json& chunk, const std::string& statement_id,
                               std::size_t index) const {
  if (index + 1 >= chunks_.size()) return;
  chunk["next_chunk_index"] = index + 1;
  chunk["next_chunk_internal_link"] = "/api/2.0/sql/statements/" + statement_id +
                                      "/result/chunks/" + std::to_string(index + 1) +
                                      "?row_offset=" + std::to_string(chunks_[index + 1].from);
}

json StatementResult::rows_of(std::size_t index) const {
  json rows = json::array();
  if (index >= chunks_.size()) return rows;
  for (std::size_t i = chunks_[index].from; i < chunks_[index].to; ++i) {
    json row = json::array();
    for (const auto& value : rows_.rows[i]) row.push_back(value ? json(*value) : json());
    rows.push_back(std::move(row));
  }
  return rows;
}

json StatementResult::inline_chunk(const std::string& statement_id, std::size_t index) const {
  json chunk = place(index);
  if (json rows = rows_of(index); !rows.empty()) chunk["data_array"] = std::move(rows);
  add_next(chunk, statement_id, index);
  return chunk;
}

json StatementResult::linked_chunk(const std::string& statement_id, std::size_t index,
                                   std::int64_t now_millis) const {
  json link = place(index);
  link["byte_count"] = index < chunks_.size() ? chunks_[index].bytes : 0;
  link["external_link"] = "https://results.blob.core.windows.net/sim/results/" + statement_id +
                          "/" + std::to_string(index) + "?sig=simulated";
  link["expiration"] = instant(now_millis + link_millis);
  add_next(link, statement_id, index);
  json chunk = json::object();
  if (index < chunks_.size()) chunk["external_links"] = json::array({std::move(link)});
  return chunk;
}

}  // namespace twinlake::simulator
