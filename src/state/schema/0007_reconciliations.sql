-- What was found equal and what was not, around each failover and each drill: what an auditor asks for. Free of
-- secrets.
PRAGMA user_version = 7;

CREATE TABLE reconciliation (
  id         INTEGER PRIMARY KEY,
  source     TEXT NOT NULL,      -- the command that looked: 'sync', 'reconcile'
  moment     INTEGER NOT NULL,   -- when it began to read
  ended      INTEGER NOT NULL,
  is_good    INTEGER NOT NULL CHECK (is_good IN (0, 1)),  -- nothing spoils "everything is in sync"
  unequal    INTEGER NOT NULL    -- objects that were not in sync, and notes; fewer may be kept
) STRICT;

CREATE TABLE reconciliation_count (
  reconciliation INTEGER NOT NULL REFERENCES reconciliation (id) ON DELETE CASCADE,
  kind           TEXT NOT NULL,
  state          TEXT NOT NULL,
  count          INTEGER NOT NULL,
  PRIMARY KEY (reconciliation, kind, state)
) STRICT, WITHOUT ROWID;

CREATE TABLE reconciliation_object (
  reconciliation INTEGER NOT NULL REFERENCES reconciliation (id) ON DELETE CASCADE,
  position       INTEGER NOT NULL,
  address        TEXT NOT NULL,
  state          TEXT NOT NULL,
  because        TEXT NOT NULL,
  what_to_do     TEXT NOT NULL,
  PRIMARY KEY (reconciliation, position)
) STRICT, WITHOUT ROWID;

-- The replication point of the group moves on; that of a failover is what was lost or not. NULL: nobody wrote
-- it down.
ALTER TABLE failover ADD COLUMN replicated INTEGER;
ALTER TABLE failover ADD COLUMN program TEXT NOT NULL DEFAULT '';   -- which began it, with its version
ALTER TABLE failover ADD COLUMN operator TEXT NOT NULL DEFAULT '';  -- as whom, on the new primary
