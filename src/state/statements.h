#pragma once
// Every statement that the state runs, named, and compiled once: when it is first used. Inside
// src/state only.
#include "state/database.h"

namespace twinlake::state {

struct Statements {
  explicit Statements(SQLite::Database& on) : database{on, {}} {}
  StatementList database;

  Statement standing{database, "SELECT generation, fencing, replication_point FROM standing"};
  Statement set_replication_point{database, "UPDATE standing SET replication_point = ?"};
  Statement set_counters{database, "UPDATE standing SET generation = ?, fencing = ?"};
  Statement next_fencing{database, "UPDATE standing SET fencing = fencing + 1"};
  Statement key_check{database, "SELECT key_check FROM standing"};
  Statement set_key_check{database, "UPDATE standing SET key_check = ?"};

  Statement identity{
      database,
      "SELECT group_name, home_workspace_id, away_workspace_id, primary_side, home_host, away_host "
      "FROM identity"};
  Statement put_identity{
      database,
      "INSERT INTO identity VALUES (1, ?, ?, ?, ?, ?, ?) ON CONFLICT (one) DO UPDATE SET "
      "group_name = excluded.group_name, home_workspace_id = excluded.home_workspace_id, "
      "away_workspace_id = excluded.away_workspace_id, primary_side = excluded.primary_side, "
      "home_host = excluded.home_host, away_host = excluded.away_host"};
  Statement clear_identity{database, "DELETE FROM identity"};

  Statement bindings{database,
                     "SELECT uuid, kind, natural_key, parent, home_id, away_id, home_origin, "
                     "away_origin FROM binding ORDER BY uuid"};
  Statement put_binding{
      database,
      "INSERT INTO binding VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (uuid) DO UPDATE SET "
      "kind = excluded.kind, natural_key = excluded.natural_key, parent = excluded.parent, "
      "home_id = excluded.home_id, away_id = excluded.away_id, "
      "home_origin = ifnull(excluded.home_origin, home_origin), "
      "away_origin = ifnull(excluded.away_origin, away_origin)"};
  Statement remove_binding{database, "DELETE FROM binding WHERE uuid = ?"};
  Statement clear_bindings{database, "DELETE FROM binding"};
  Statement clear_home_id{database, "UPDATE binding SET home_id = NULL WHERE uuid = ?"};
  Statement clear_away_id{database, "UPDATE binding SET away_id = NULL WHERE uuid = ?"};
  Statement remove_nameless{
      database, "DELETE FROM binding WHERE uuid = ? AND home_id IS NULL AND away_id IS NULL"};

  Statement known{database, "SELECT uuid, home_indicator, away_indicator, fingerprint FROM known"};
  Statement put_known{
      database,
      "INSERT INTO known VALUES (?, ?, ?, ?) ON CONFLICT (uuid) DO UPDATE SET "
      "home_indicator = excluded.home_indicator, away_indicator = excluded.away_indicator, "
      "fingerprint = excluded.fingerprint"};
  Statement forget_known{database, "DELETE FROM known WHERE uuid = ?"};
  Statement clear_known{database, "DELETE FROM known"};

  Statement agreed{database, "SELECT uuid, parent, home, away FROM agreed WHERE uuid = ?"};
  Statement put_agreed{database,
                       "INSERT INTO agreed VALUES (?, ?, ?, ?) ON CONFLICT (uuid) DO "
                       "UPDATE SET parent = excluded.parent, "
                       "home = excluded.home, away = excluded.away WHERE home <> "
                       "excluded.home OR away <> excluded.away"};
  Statement clear_agreed{database, "DELETE FROM agreed"};

  Statement holds{database, "SELECT uuid, place, live, seen FROM hold ORDER BY uuid, place"};
  Statement places_held{database, "SELECT place FROM hold WHERE uuid = ?"};
  // `seen` moves only with the value: what was written before and is the same is left as it is.
  Statement put_hold{database,
                     "INSERT INTO hold VALUES (?, ?, ?, ?) ON CONFLICT (uuid, place) DO UPDATE SET "
                     "live = excluded.live, seen = excluded.seen WHERE live <> excluded.live"};
  Statement remove_hold{database, "DELETE FROM hold WHERE uuid = ? AND place = ?"};
  Statement clear_holds{database, "DELETE FROM hold"};

  Statement originals{database,
                      "SELECT uuid, place, is_name, after, mark, pieces FROM original "
                      "ORDER BY uuid, place, is_name, after, mark, pieces"};
  Statement originals_of{
      database,
      "SELECT uuid, place, is_name, after, mark, pieces FROM original WHERE uuid = ? "
      "ORDER BY place, is_name, after, mark, pieces"};
  Statement put_original{database, "INSERT OR IGNORE INTO original VALUES (?, ?, ?, ?, ?, ?)"};
  Statement remove_originals{database, "DELETE FROM original WHERE uuid = ?"};
  Statement clear_originals{database, "DELETE FROM original"};

  Statement add_intent{
      database,
      "INSERT INTO intent (run, uuid, kind, natural_key, side, action, target_id, started) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?)"};
  Statement settle_intent{
      database,
      "UPDATE intent SET outcome = ?, fault = ?, error = ? WHERE id = ? AND outcome IS NULL"};
  Statement in_doubt{
      database,
      "SELECT id, run, uuid, kind, natural_key, side, action, target_id, started FROM intent "
      "WHERE outcome IS NULL ORDER BY id"};

  Statement begin_run{database, "INSERT INTO run (command, started) VALUES (?, ?)"};
  Statement finish_run{database,
                       "UPDATE run SET finished = ?, outcome = ?, summary = ? WHERE id = ?"};
  Statement last_runs{
      database,
      "SELECT id, command, started, finished, outcome, summary FROM run ORDER BY id DESC LIMIT ?"};

  Statement last_failover{
      database,
      "SELECT id, type, to_side, phase, fence, started, turned, finished, committed, replicated, "
      "program, operator FROM failover ORDER BY id DESC LIMIT 1"};
  Statement failover{
      database,
      "SELECT id, type, to_side, phase, fence, started, turned, finished, committed, replicated, "
      "program, operator FROM failover WHERE id = ?"};
  Statement put_failover{
      database,
      "INSERT INTO failover VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE "
      "SET phase = excluded.phase, fence = excluded.fence, turned = excluded.turned, "
      "finished = excluded.finished, committed = excluded.committed, "
      "replicated = excluded.replicated"};
  Statement clear_failovers{database, "DELETE FROM failover"};
  Statement put_turned{database, "INSERT OR IGNORE INTO turned VALUES (?, ?, ?)"};
  Statement turned{database, "SELECT uuid FROM turned WHERE failover = ? AND action = ?"};
  Statement all_turned{database,
                       "SELECT action, uuid FROM turned WHERE failover = ? ORDER BY action, uuid"};
  Statement clear_turned{database, "DELETE FROM turned"};

  Statement last_drill{
      database,
      "SELECT id, label, side, folder, phase, started, ended, cleaned, is_passed, replicated "
      "FROM drill ORDER BY id DESC LIMIT 1"};
  Statement put_drill{
      database,
      "INSERT INTO drill VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
      "phase = excluded.phase, ended = excluded.ended, cleaned = excluded.cleaned, "
      "is_passed = excluded.is_passed"};
  Statement drill_copies{
      database,
      "SELECT kind, source, name, id, gone FROM drill_copy WHERE drill = ? ORDER BY kind, source"};
  Statement put_drill_copy{
      database,
      "INSERT INTO drill_copy VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (drill, kind, source) "
      "DO UPDATE SET name = excluded.name, id = excluded.id, gone = excluded.gone"};
  Statement drill_runs{
      database,
      "SELECT name, source, run_id, expectation, result, output, started, ended, is_passed, "
      "because FROM drill_run WHERE drill = ? ORDER BY name, source"};
  Statement put_drill_run{
      database,
      "INSERT INTO drill_run VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (drill, source) "
      "DO UPDATE SET run_id = excluded.run_id, result = excluded.result, "
      "output = excluded.output, started = excluded.started, ended = excluded.ended, "
      "is_passed = excluded.is_passed, because = excluded.because"};
  Statement known_host{database, "SELECT host FROM known_host WHERE resource_id = ?"};
  Statement put_known_host{database,
                           "INSERT INTO known_host VALUES (?, ?) ON CONFLICT (resource_id) "
                           "DO UPDATE SET host = excluded.host"};
  Statement provision_step{
      database,
      "SELECT target, name, started, ended, outcome, operation, detail, salt FROM provision_step "
      "WHERE target = ? AND name = ?"};
  Statement put_provision_step{
      database,
      "INSERT INTO provision_step VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (target, name) "
      "DO UPDATE SET started = excluded.started, ended = excluded.ended, "
      "outcome = excluded.outcome, operation = excluded.operation, detail = excluded.detail, "
      "salt = excluded.salt"};
  Statement begin_action{database,
                         "INSERT INTO action (subject, subject_id, type, name, place, "
                         "started, ended, outcome, detail) "
                         "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"};
  Statement finish_action{database,
                          "UPDATE action SET ended = ?, outcome = ?, detail = ? WHERE id = ?"};
  Statement actions{database,
                    "SELECT id, type, name, place, started, ended, outcome, detail FROM action "
                    "WHERE subject = ? AND subject_id = ? ORDER BY id"};
  Statement clear_actions_of_failovers{database, "DELETE FROM action WHERE subject = 'failover'"};

  Statement observations{database,
                         "SELECT side, kind, taken, items FROM observation ORDER BY side, kind"};
  Statement put_observation{
      database,
      "INSERT INTO observation VALUES (?, ?, ?, ?) ON CONFLICT (side, kind) DO UPDATE SET "
      "taken = excluded.taken, items = excluded.items"};

  Statement swept{database,
                  "SELECT uuid, read FROM swept "
                  "WHERE ? = (SELECT rules FROM swept_rules) ORDER BY uuid"};
  Statement set_swept_rules{database, "UPDATE swept_rules SET rules = ?1 WHERE rules <> ?1"};
  Statement put_swept{
      database,
      "INSERT INTO swept VALUES (?, ?, ?) ON CONFLICT (uuid) DO UPDATE SET read = excluded.read"};
  Statement forget_swept{database, "DELETE FROM swept WHERE uuid = ?"};
  Statement forget_swept_before{database, "DELETE FROM swept WHERE kind = ? AND read < ?"};
  Statement clear_swept{database, "DELETE FROM swept"};
  Statement audit_readings{
      database,
      "SELECT side, asked, read, events, changed, unknown, unnamed, why_not, what_to_do "
      "FROM audit_reading ORDER BY side DESC"};
  Statement put_audit_reading{
      database, "INSERT OR REPLACE INTO audit_reading VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"};
  Statement swept_kinds{database,
                        "SELECT kind, count(*), min(read) FROM swept GROUP BY kind ORDER BY kind"};

  Statement verdicts{database, "SELECT state, count FROM verdict"};
  Statement put_verdict{database, "INSERT INTO verdict VALUES (?, ?)"};
  Statement clear_verdicts{database, "DELETE FROM verdict"};

  Statement put_reconciliation{
      database,
      "INSERT INTO reconciliation (source, moment, ended, is_good, unequal) "
      "VALUES (?, ?, ?, ?, ?)"};
  Statement put_reconciliation_count{database,
                                     "INSERT INTO reconciliation_count VALUES (?, ?, ?, ?)"};
  Statement put_reconciliation_object{
      database, "INSERT INTO reconciliation_object VALUES (?, ?, ?, ?, ?, ?)"};
  // Kept are the newest one, the last before the role moved or a drill began, and the first one
  // after that was over.
  Statement forget_reconciliations{
      database,
      "WITH happened (began, ended) AS ("
      "SELECT coalesce(turned, started), finished FROM failover "
      "UNION ALL SELECT started, cleaned FROM drill), "
      "kept (id) AS (SELECT max(id) FROM reconciliation "
      "UNION SELECT (SELECT max(r.id) FROM reconciliation r WHERE r.ended <= h.began) "
      "FROM happened h "
      "UNION SELECT (SELECT min(r.id) FROM reconciliation r WHERE r.moment >= h.ended) "
      "FROM happened h) "
      "DELETE FROM reconciliation WHERE id NOT IN (SELECT id FROM kept WHERE id IS NOT NULL)"};
  Statement reconciliation_before{
      database,
      "SELECT id, source, moment, ended, is_good, unequal FROM reconciliation "
      "WHERE ended <= ? ORDER BY id DESC LIMIT 1"};
  Statement reconciliation_after{
      database,
      "SELECT id, source, moment, ended, is_good, unequal FROM reconciliation "
      "WHERE moment >= ? ORDER BY id LIMIT 1"};
  Statement reconciliation_counts{
      database,
      "SELECT kind, state, count FROM reconciliation_count WHERE reconciliation = ? "
      "ORDER BY kind, state"};
  Statement reconciliation_objects{
      database,
      "SELECT address, state, because, what_to_do FROM reconciliation_object "
      "WHERE reconciliation = ? ORDER BY position"};
  Statement set_verdicts_at{database, "UPDATE standing SET verdicts_at = ?"};
};

}  // namespace twinlake::state
