-- Drills: copies of jobs that were made on the standby only to be tried, and what became of each.
PRAGMA user_version = 6;

CREATE TABLE drill (
  id           INTEGER PRIMARY KEY,
  label        TEXT NOT NULL,     -- in the names of everything it makes
  side         TEXT NOT NULL CHECK (side IN ('home', 'away')),
  folder       TEXT NOT NULL,     -- in the workspace; nothing of it lies elsewhere in the tree
  phase        TEXT NOT NULL,     -- see failover/drill.h
  started      INTEGER NOT NULL,
  ended        INTEGER,           -- when the last run had ended
  cleaned      INTEGER,           -- when nothing of it was left
  is_passed    INTEGER CHECK (is_passed IN (0, 1)),  -- what the runs gave; NULL: not known yet
  replicated   INTEGER            -- the replication point that was tried
) STRICT;

-- Written down before it is made, so that a clean-up misses nothing.
CREATE TABLE drill_copy (
  drill  INTEGER NOT NULL REFERENCES drill (id),
  kind   TEXT NOT NULL,
  source TEXT NOT NULL,           -- natural key of the original; of objects without a path its id
  name   TEXT NOT NULL,           -- natural key of the copy
  id     TEXT NOT NULL,           -- of the copy; empty: not known to be there
  gone   INTEGER,
  PRIMARY KEY (drill, kind, source)
) STRICT, WITHOUT ROWID;

CREATE TABLE drill_run (
  drill       INTEGER NOT NULL REFERENCES drill (id),
  name        TEXT NOT NULL,      -- of the original
  source      TEXT NOT NULL,      -- id of the original
  run_id      TEXT NOT NULL,      -- empty: not begun
  expectation TEXT NOT NULL,      -- JSON
  result      TEXT NOT NULL,      -- as the service calls it; empty: not ended
  output      TEXT NOT NULL,      -- free of what looks like a secret
  started     INTEGER,
  ended       INTEGER,
  is_passed   INTEGER CHECK (is_passed IN (0, 1)),
  because     TEXT NOT NULL,
  PRIMARY KEY (drill, source)
) STRICT, WITHOUT ROWID;
