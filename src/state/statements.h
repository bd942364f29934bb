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

  SQLite::Statement bindings{
      database,
      "SELECT uuid, kind, natural_key, parent, home_id, away_id, origin, made_on "
      "FROM binding ORDER BY uuid"};
  SQLite::Statement put_binding{
      database,
      // What is adopted on one side stays ours on the other one, where we made it.
      "INSERT INTO binding VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (uuid) DO UPDATE SET "
      "kind = excluded.kind, natural_key = excluded.natural_key, parent = excluded.parent, "
      "home_id = excluded.home_id, away_id = excluded.away_id, "
      "made_on = CASE WHEN excluded.origin = 'adopted' AND origin = 'created' AND "
      "made_on <> excluded.made_on THEN made_on ELSE excluded.made_on END, "
      "origin = CASE WHEN excluded.origin = 'adopted' AND origin = 'created' AND "
      "made_on <> excluded.made_on THEN origin ELSE excluded.origin END"};
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

  SQLite::Statement agreed{database, "SELECT uuid, parent, home, away FROM agreed WHERE uuid = ?"};
  SQLite::Statement put_agreed{database,
                               "INSERT INTO agreed VALUES (?, ?, ?, ?) ON CONFLICT (uuid) DO "
                               "UPDATE SET parent = excluded.parent, "
                               "home = excluded.home, away = excluded.away WHERE home <> "
                               "excluded.home OR away <> excluded.away"};
  SQLite::Statement clear_agreed{database, "DELETE FROM agreed"};

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

  SQLite::Statement originals{database,
                              "SELECT uuid, place, is_name, after, mark, pieces FROM original "
                              "ORDER BY uuid, place, is_name, after, mark, pieces"};
  SQLite::Statement originals_of{
      database,
      "SELECT uuid, place, is_name, after, mark, pieces FROM original WHERE uuid = ? "
      "ORDER BY place, is_name, after, mark, pieces"};
  SQLite::Statement put_original{database,
                                 "INSERT OR IGNORE INTO original VALUES (?, ?, ?, ?, ?, ?)"};
  SQLite::Statement remove_originals{database, "DELETE FROM original WHERE uuid = ?"};
  SQLite::Statement clear_originals{database, "DELETE FROM original"};

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

  SQLite::Statement last_failover{
      database,
      "SELECT id, type, to_side, phase, fence, started, turned, finished, committed, replicated, "
      "program, operator FROM failover ORDER BY id DESC LIMIT 1"};
  SQLite::Statement failover{
      database,
      "SELECT id, type, to_side, phase, fence, started, turned, finished, committed, replicated, "
      "program, operator FROM failover WHERE id = ?"};
  SQLite::Statement put_failover{
      database,
      "INSERT INTO failover VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE "
      "SET phase = excluded.phase, fence = excluded.fence, turned = excluded.turned, "
      "finished = excluded.finished, committed = excluded.committed, "
      "replicated = excluded.replicated"};
  SQLite::Statement clear_failovers{database, "DELETE FROM failover"};
  SQLite::Statement put_turned{database, "INSERT OR IGNORE INTO turned VALUES (?, ?, ?)"};
  SQLite::Statement turned{database, "SELECT uuid FROM turned WHERE failover = ? AND action = ?"};
  SQLite::Statement all_turned{
      database, "SELECT action, uuid FROM turned WHERE failover = ? ORDER BY action, uuid"};
  SQLite::Statement clear_turned{database, "DELETE FROM turned"};

  SQLite::Statement last_drill{
      database,
      "SELECT id, label, side, folder, phase, started, ended, cleaned, is_passed, replicated "
      "FROM drill ORDER BY id DESC LIMIT 1"};
  SQLite::Statement put_drill{
      database,
      "INSERT INTO drill VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
      "phase = excluded.phase, ended = excluded.ended, cleaned = excluded.cleaned, "
      "is_passed = excluded.is_passed"};
  SQLite::Statement drill_copies{
      database,
      "SELECT kind, source, name, id, gone FROM drill_copy WHERE drill = ? ORDER BY kind, source"};
  SQLite::Statement put_drill_copy{
      database,
      "INSERT INTO drill_copy VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (drill, kind, source) "
      "DO UPDATE SET name = excluded.name, id = excluded.id, gone = excluded.gone"};
  SQLite::Statement drill_runs{
      database,
      "SELECT name, source, run_id, expectation, result, output, started, ended, is_passed, "
      "because FROM drill_run WHERE drill = ? ORDER BY name, source"};
  SQLite::Statement put_drill_run{
      database,
      "INSERT INTO drill_run VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (drill, source) "
      "DO UPDATE SET run_id = excluded.run_id, result = excluded.result, "
      "output = excluded.output, started = excluded.started, ended = excluded.ended, "
      "is_passed = excluded.is_passed, because = excluded.because"};
  SQLite::Statement known_host{database, "SELECT host FROM known_host WHERE resource_id = ?"};
  SQLite::Statement put_known_host{database,
                                   "INSERT INTO known_host VALUES (?, ?) ON CONFLICT (resource_id) "
                                   "DO UPDATE SET host = excluded.host"};
  SQLite::Statement provision_step{
      database,
      "SELECT target, name, started, ended, outcome, operation, detail, salt FROM provision_step "
      "WHERE target = ? AND name = ?"};
  SQLite::Statement put_provision_step{
      database,
      "INSERT INTO provision_step VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (target, name) "
      "DO UPDATE SET started = excluded.started, ended = excluded.ended, "
      "outcome = excluded.outcome, operation = excluded.operation, detail = excluded.detail, "
      "salt = excluded.salt"};
  SQLite::Statement begin_action{database,
                                 "INSERT INTO action (subject, subject_id, type, name, place, "
                                 "started, ended, outcome, detail) "
                                 "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"};
  SQLite::Statement finish_action{
      database, "UPDATE action SET ended = ?, outcome = ?, detail = ? WHERE id = ?"};
  SQLite::Statement actions{
      database,
      "SELECT id, type, name, place, started, ended, outcome, detail FROM action "
      "WHERE subject = ? AND subject_id = ? ORDER BY id"};
  SQLite::Statement clear_actions_of_failovers{database,
                                               "DELETE FROM action WHERE subject = 'failover'"};

  SQLite::Statement observations{
      database, "SELECT side, kind, taken, items FROM observation ORDER BY side, kind"};
  SQLite::Statement put_observation{
      database,
      "INSERT INTO observation VALUES (?, ?, ?, ?) ON CONFLICT (side, kind) DO UPDATE SET "
      "taken = excluded.taken, items = excluded.items"};

  SQLite::Statement swept{database,
                          "SELECT uuid, read FROM swept "
                          "WHERE ? = (SELECT rules FROM swept_rules) ORDER BY uuid"};
  SQLite::Statement set_swept_rules{database,
                                    "UPDATE swept_rules SET rules = ?1 WHERE rules <> ?1"};
  SQLite::Statement put_swept{
      database,
      "INSERT INTO swept VALUES (?, ?, ?) ON CONFLICT (uuid) DO UPDATE SET read = excluded.read"};
  SQLite::Statement forget_swept{database, "DELETE FROM swept WHERE uuid = ?"};
  SQLite::Statement forget_swept_before{database, "DELETE FROM swept WHERE kind = ? AND read < ?"};
  SQLite::Statement clear_swept{database, "DELETE FROM swept"};
  SQLite::Statement audit_readings{
      database,
      "SELECT side, asked, read, events, changed, unknown, unnamed, why_not, what_to_do "
      "FROM audit_reading ORDER BY side DESC"};
  SQLite::Statement put_audit_reading{
      database, "INSERT OR REPLACE INTO audit_reading VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"};
  SQLite::Statement swept_kinds{
      database, "SELECT kind, count(*), min(read) FROM swept GROUP BY kind ORDER BY kind"};

  SQLite::Statement verdicts{database, "SELECT state, count FROM verdict"};
  SQLite::Statement put_verdict{database, "INSERT INTO verdict VALUES (?, ?)"};
  SQLite::Statement clear_verdicts{database, "DELETE FROM verdict"};

  SQLite::Statement put_reconciliation{
      database,
      "INSERT INTO reconciliation (source, moment, ended, is_good, unequal) "
      "VALUES (?, ?, ?, ?, ?)"};
  SQLite::Statement put_reconciliation_count{
      database, "INSERT INTO reconciliation_count VALUES (?, ?, ?, ?)"};
  SQLite::Statement put_reconciliation_object{
      database, "INSERT INTO reconciliation_object VALUES (?, ?, ?, ?, ?, ?)"};
  // Kept are the newest one, the last before the role moved or a drill began, and the first one
  // after that was over.
  SQLite::Statement forget_reconciliations{
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
  SQLite::Statement reconciliation_before{
      database,
      "SELECT id, source, moment, ended, is_good, unequal FROM reconciliation "
      "WHERE ended <= ? ORDER BY id DESC LIMIT 1"};
  SQLite::Statement reconciliation_after{
      database,
      "SELECT id, source, moment, ended, is_good, unequal FROM reconciliation "
      "WHERE moment >= ? ORDER BY id LIMIT 1"};
  SQLite::Statement reconciliation_counts{
      database,
      "SELECT kind, state, count FROM reconciliation_count WHERE reconciliation = ? "
      "ORDER BY kind, state"};
  SQLite::Statement reconciliation_objects{
      database,
      "SELECT address, state, because, what_to_do FROM reconciliation_object "
      "WHERE reconciliation = ? ORDER BY position"};
  SQLite::Statement set_verdicts_at{database, "UPDATE standing SET verdicts_at = ?"};
};

}  // namespace twinlake::state
