-- Failovers, so that a killed one goes on where it stood, and who made what on which side.
PRAGMA user_version = 4;

CREATE TABLE failover (
  id        INTEGER PRIMARY KEY,
  type      TEXT NOT NULL CHECK (type IN ('planned', 'forced')),
  to_side   TEXT NOT NULL CHECK (to_side IN ('home', 'away')),  -- who becomes primary
  phase     TEXT NOT NULL,     -- what is under way: see failover/turnover.h
  fence     TEXT NOT NULL CHECK (fence IN ('open', 'done')),    -- open: the old primary may still start things
  started   INTEGER NOT NULL,
  turned    INTEGER,           -- when the role moved
  finished  INTEGER,
  committed INTEGER
) STRICT;

-- What it did, object by object; a trigger paused by us is told from one that a person paused.
CREATE TABLE turned (
  failover INTEGER NOT NULL REFERENCES failover (id),
  action   TEXT NOT NULL CHECK (action IN ('hold', 'release')),
  uuid     TEXT NOT NULL,
  PRIMARY KEY (failover, action, uuid)
) STRICT, WITHOUT ROWID;

-- `created` is said of one side: what we made on the standby is somebody else's on the other side, and
-- stays so when the roles have turned.
ALTER TABLE binding ADD COLUMN made_on TEXT NOT NULL DEFAULT 'away' CHECK (made_on IN ('home', 'away'));

CREATE TRIGGER failover_begun AFTER INSERT ON failover BEGIN
  UPDATE standing SET generation = generation + 1;
END;
CREATE TRIGGER failover_went_on AFTER UPDATE ON failover
WHEN old.phase <> new.phase OR old.fence <> new.fence OR old.committed IS NOT new.committed BEGIN
  UPDATE standing SET generation = generation + 1;
END;
