#pragma once
// Every statement that the state runs, compiled once and named. Inside src/state only.
#include <SQLiteCpp/SQLiteCpp.h>

namespace twinlake::state {

struct Statements {
  explicit Statements(SQLite::Database& on) : database(on) {}
  SQLite::Database& database;

  SQLite::Statement standing{database,
                             "SELECT generation, fencing, replication_point FROM standing"};
  SQLite::Statement set_replication_point{database, "UPDATE standing SET replication_point = ?"};
  SQLite::Statement set_counters{database, "UPDATE standing SET generation = ?, fencing = ?"};
  SQLite::Statement next_fencing{database, "UPDATE standing SET fencing = fencing + 1"};
  SQLite::Statement key_check{database, "SELECT key_check FROM standing"};
  SQLite::Statement set_key_check{database, "UPDATE standing SET key_check = ?"};

  SQLite::Statement identity{
      database,
      "SELECT group_name, home_workspace_id, away_workspace_id, primary_side, home_host, away_host "
      "FROM identity"};
  SQLite::Statement put_identity{
      database,
      "INSERT INTO identity VALUES (1, ?, ?, ?, ?, ?, ?) ON CONFLICT (one) DO UPDATE SET "
      "group_name = excluded.group_name, home_workspace_id = excluded.home_workspace_id, "
      "away_workspace_id = excluded.away_workspace_id, primary_side = excluded.primary_side, "
      "home_host = excluded.home_host, away_host = excluded.away_host"};
  SQLite::Statement clear_identity{database, "DELETE FROM identity"};

  SQLite::Statement bindings{database,
                             "SELECT uuid, kind, natural_key, parent, home_id, away_id, origin "
                             "FROM binding ORDER BY uuid"};
  SQLite::Statement put_binding{
      database,
      "INSERT INTO binding VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (uuid) DO UPDATE SET "
      "kind = excluded.kind, natural_key = excluded.natural_key, parent = excluded.parent, "
      "home_id = excluded.home_id, away_id = excluded.away_id, origin = excluded.origin"};
  SQLite::Statement remove_binding{database, "DELETE FROM binding WHERE uuid = ?"};
  SQLite::Statement clear_bindings{database, "DELETE FROM binding"};
  SQLite::Statement clear_home_id{database, "UPDATE binding SET home_id = NULL WHERE uuid = ?"};
  SQLite::Statement clear_away_id{database, "UPDATE binding SET away_id = NULL WHERE uuid = ?"};
  SQLite::Statement remove_nameless{
      database, "DELETE FROM binding WHERE uuid = ? AND home_id IS NULL AND away_id IS NULL"};

  SQLite::Statement known{database,
                          "SELECT uuid, home_indicator, away_indicator, fingerprint FROM known"};
  SQLite::Statement put_known{
      database,
      "INSERT INTO known VALUES (?, ?, ?, ?) ON CONFLICT (uuid) DO UPDATE SET "
      "home_indicator = excluded.home_indicator, away_indicator = excluded.away_indicator, "
      "fingerprint = excluded.fingerprint"};
  SQLite::Statement forget_known{database, "DELETE FROM known WHERE uuid = ?"};
  SQLite::Statement clear_known{database, "DELETE FROM known"};

  SQLite::Statement holds{database,
                          "SELECT uuid, place, live, seen FROM hold ORDER BY uuid, place"};
  SQLite::Statement places_held{database, "SELECT place FROM hold WHERE uuid = ?"};
  // `seen` moves only with the value: what was written before and is the same is left as it is.
  SQLite::Statement put_hold{
      database,
      "INSERT INTO hold VALUES (?, ?, ?, ?) ON CONFLICT (uuid, place) DO UPDATE SET "
      "live = excluded.live, seen = excluded.seen WHERE live <> excluded.live"};
  SQLite::Statement remove_hold{database, "DELETE FROM hold WHERE uuid = ? AND place = ?"};
  SQLite::Statement clear_holds{database, "DELETE FROM hold"};

  SQLite::Statement add_intent{
      database,
      "INSERT INTO intent (run, uuid, kind, natural_key, side, action, target_id, started) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?)"};
  SQLite::Statement settle_intent{
      database,
      "UPDATE intent SET outcome = ?, fault = ?, error = ? WHERE id = ? AND outcome IS NULL"};
  SQLite::Statement in_doubt{
      database,
      "SELECT id, run, uuid, kind, natural_key, side, action, target_id, started FROM intent "
      "WHERE outcome IS NULL ORDER BY id"};

  SQLite::Statement begin_run{database, "INSERT INTO run (command, started) VALUES (?, ?)"};
  SQLite::Statement finish_run{
      database, "UPDATE run SET finished = ?, outcome = ?, summary = ? WHERE id = ?"};
  SQLite::Statement last_runs{
      database,
      "SELECT id, command, started, finished, outcome, summary FROM run ORDER BY id DESC LIMIT ?"};

  SQLite::Statement observations{
      database, "SELECT side, kind, taken, items FROM observation ORDER BY side, kind"};
  SQLite::Statement put_observation{
      database,
      "INSERT INTO observation VALUES (?, ?, ?, ?) ON CONFLICT (side, kind) DO UPDATE SET "
      "taken = excluded.taken, items = excluded.items"};

  SQLite::Statement verdicts{database, "SELECT state, count FROM verdict"};
  SQLite::Statement put_verdict{database, "INSERT INTO verdict VALUES (?, ?)"};
  SQLite::Statement clear_verdicts{database, "DELETE FROM verdict"};
  SQLite::Statement set_verdicts_at{database, "UPDATE standing SET verdicts_at = ?"};
};

}  // namespace twinlake::state
