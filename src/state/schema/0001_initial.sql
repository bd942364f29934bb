-- The state of one failover group. The number in this file's name is the version of the schema; a
-- later version is a later file that changes what these files made.
--
-- Times are microseconds since 1970 (UTC). Sides are 'home' and 'away'. No secret is kept here:
-- content appears only as a fingerprint, made with a key that lies outside this file.

-- So that `file` and we can tell this database from any other: "TLak".
PRAGMA application_id = 1414291819;
PRAGMA user_version = 1;

-- The one row of facts about the group as a whole.
CREATE TABLE standing (
  one               INTEGER PRIMARY KEY CHECK (one = 1),
  generation        INTEGER NOT NULL DEFAULT 0,  -- grows with each change of bindings, holds or roles
  fencing           INTEGER NOT NULL DEFAULT 0,  -- grows with each run, on whatever machine
  replication_point INTEGER,                     -- the moment of the primary that the standby equals
  key_check         TEXT NOT NULL DEFAULT '',    -- tells whether the fingerprint key is still the same
  verdicts_at       INTEGER                      -- when `verdict` was filled
) STRICT;
INSERT INTO standing (one) VALUES (1);

-- Who the group is, once the first run has seen both workspaces.
CREATE TABLE identity (
  one               INTEGER PRIMARY KEY CHECK (one = 1),
  group_name        TEXT NOT NULL,
  home_workspace_id TEXT NOT NULL,
  away_workspace_id TEXT NOT NULL,
  primary_side      TEXT NOT NULL CHECK (primary_side IN ('home', 'away')),
  home_host         TEXT NOT NULL,
  away_host         TEXT NOT NULL
) STRICT;

-- One object and what each side calls it.
CREATE TABLE binding (
  uuid        TEXT PRIMARY KEY CHECK (uuid <> ''),
  kind        TEXT NOT NULL,
  natural_key TEXT NOT NULL,
  parent      TEXT NOT NULL,  -- uuid of the parent, '' for none; parents may be bound after children
  home_id     TEXT,
  away_id     TEXT,
  origin      TEXT NOT NULL CHECK (origin IN ('created', 'adopted'))
) STRICT, WITHOUT ROWID;

-- What was true of an object when both sides were last found or made equal.
CREATE TABLE known (
  uuid           TEXT PRIMARY KEY REFERENCES binding (uuid) ON DELETE CASCADE,
  home_indicator TEXT NOT NULL,
  away_indicator TEXT NOT NULL,
  fingerprint    TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What a trigger was on the primary before the standby held it. There is no foreign key to
-- `binding`: a hold is written down before the object that it belongs to exists on the standby.
CREATE TABLE hold (
  uuid  TEXT NOT NULL,
  place TEXT NOT NULL,
  live  TEXT NOT NULL,     -- JSON
  seen  INTEGER NOT NULL,  -- when this value was first seen
  PRIMARY KEY (uuid, place)
) STRICT, WITHOUT ROWID;

-- One execution of a command. `outcome` stays '' when the program was killed.
CREATE TABLE run (
  id       INTEGER PRIMARY KEY,
  command  TEXT NOT NULL,
  started  INTEGER NOT NULL,
  finished INTEGER,
  outcome  TEXT NOT NULL DEFAULT '',
  summary  TEXT NOT NULL DEFAULT ''
) STRICT;

-- The journal: a row before each write, its outcome after. A row without an outcome is in doubt.
-- AUTOINCREMENT, because the number of an intent must never be used again.
CREATE TABLE intent (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  run         INTEGER REFERENCES run (id),  -- NULL for a write outside of a run
  uuid        TEXT NOT NULL,
  kind        TEXT NOT NULL,
  natural_key TEXT NOT NULL,
  side        TEXT NOT NULL CHECK (side IN ('home', 'away')),
  action      TEXT NOT NULL,
  target_id   TEXT NOT NULL,
  started     INTEGER NOT NULL,
  outcome     TEXT CHECK (outcome <> ''),
  fault       TEXT,                         -- the class of the error, as the program names it
  error       TEXT                          -- and its sentence
) STRICT;
CREATE INDEX intent_in_doubt ON intent (id) WHERE outcome IS NULL;

-- How many objects had which verdict when last looked at.
CREATE TABLE verdict (
  state TEXT PRIMARY KEY,
  count INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The generation is counted here, so that no way of changing a row can forget it. A row written again
-- with the same content is no change: otherwise each run would make the plans of others stale.
CREATE TRIGGER binding_added AFTER INSERT ON binding BEGIN
  UPDATE standing SET generation = generation + 1;
END;
CREATE TRIGGER binding_changed AFTER UPDATE ON binding
WHEN (old.kind, old.natural_key, old.parent, old.origin)
       <> (new.kind, new.natural_key, new.parent, new.origin)
  OR old.home_id IS NOT new.home_id OR old.away_id IS NOT new.away_id BEGIN
  UPDATE standing SET generation = generation + 1;
END;
CREATE TRIGGER binding_removed AFTER DELETE ON binding BEGIN
  UPDATE standing SET generation = generation + 1;
  DELETE FROM hold WHERE uuid = old.uuid;
END;

CREATE TRIGGER hold_added AFTER INSERT ON hold BEGIN
  UPDATE standing SET generation = generation + 1;
END;
CREATE TRIGGER hold_changed AFTER UPDATE ON hold WHEN old.live <> new.live BEGIN
  UPDATE standing SET generation = generation + 1;
END;
CREATE TRIGGER hold_removed AFTER DELETE ON hold BEGIN
  UPDATE standing SET generation = generation + 1;
END;

CREATE TRIGGER identity_added AFTER INSERT ON identity BEGIN
  UPDATE standing SET generation = generation + 1;
END;
CREATE TRIGGER role_turned AFTER UPDATE ON identity WHEN old.primary_side <> new.primary_side BEGIN
  UPDATE standing SET generation = generation + 1;
END;
