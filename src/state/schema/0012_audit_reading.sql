-- When the audit log of a side was last asked what changed there, and what came of it. No part of the mirror: another
-- machine reads everything itself.
PRAGMA user_version = 12;

CREATE TABLE audit_reading (
  side       TEXT PRIMARY KEY CHECK (side IN ('home', 'away')),
  asked      INTEGER,           -- when a warehouse last had to answer: its time-out begins anew
  read       INTEGER,           -- up to when the log is known; NULL: never
  events     INTEGER NOT NULL,  -- of that reading, like the following
  changed    INTEGER NOT NULL,  -- objects that are read again because of it
  unknown    INTEGER NOT NULL,  -- objects that are named and not replicated
  unnamed    INTEGER NOT NULL,  -- events that do not say which object
  why_not    TEXT NOT NULL,     -- why the last run did not read it; '': it did
  what_to_do TEXT NOT NULL
) STRICT, WITHOUT ROWID;
