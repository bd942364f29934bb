-- When what no listing tells the changes of (permissions) was last read and found equal on both sides, so that it
-- is read again in its turn and not in every run. No part of the mirror: another machine looks itself.
PRAGMA user_version = 11;

CREATE TABLE swept (
  uuid TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  read INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The rules under which all of these were found equal; under others they say nothing.
CREATE TABLE swept_rules (
  one   INTEGER PRIMARY KEY CHECK (one = 1),
  rules TEXT NOT NULL
) STRICT;
INSERT INTO swept_rules VALUES (1, '');
