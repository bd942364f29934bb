-- What only running something on a side could tell (mounts), as of the last time that was done. It
-- starts a cluster, so it is not done again in every run. Free of secrets: what stands for one is a
-- reference into a scope.
PRAGMA user_version = 2;

CREATE TABLE observation (
  side  TEXT NOT NULL CHECK (side IN ('home', 'away')),
  kind  TEXT NOT NULL,
  taken INTEGER NOT NULL,
  items TEXT NOT NULL,  -- JSON array
  PRIMARY KEY (side, kind)
) STRICT, WITHOUT ROWID;
