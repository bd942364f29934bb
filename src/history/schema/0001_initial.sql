-- Recovery points of one failover group: what was in scope, at each moment that was kept. Content lies once,
-- whoever has it; an entry says from which point to which an object was the same, so that a point costs what
-- changed.
PRAGMA application_id = 1414285427;  -- "TLh3"
PRAGMA user_version = 1;

CREATE TABLE fact (
  name  TEXT PRIMARY KEY,  -- 'key': proves the key, absent without one; 'ledger': the sum of all seals of points
  value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Forms of objects as JSON, and bytes of notebooks and files. Packed: compressed, then encrypted.
CREATE TABLE blob (
  id    INTEGER PRIMARY KEY,
  hash  BLOB NOT NULL UNIQUE,  -- of what is packed
  codec INTEGER NOT NULL,      -- 0 as it is, 1 zstd, 2 in pieces
  size  INTEGER NOT NULL,      -- before it was packed
  bytes BLOB NOT NULL
) STRICT;

-- What is too large to stand in memory as a whole.
CREATE TABLE piece (
  whole    INTEGER NOT NULL,
  position INTEGER NOT NULL,
  part     INTEGER NOT NULL,
  PRIMARY KEY (whole, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE point (
  id        INTEGER PRIMARY KEY,
  moment    INTEGER NOT NULL,  -- microseconds since 1970: when the reading began
  run       INTEGER NOT NULL,  -- of the state
  side      TEXT NOT NULL,     -- which was primary
  workspace TEXT NOT NULL,     -- its id
  objects   INTEGER NOT NULL,
  changed   INTEGER NOT NULL,  -- since the point before
  gaps      TEXT NOT NULL,     -- JSON array of clauses: what could not be looked at
  digest    BLOB NOT NULL,     -- the sum of its entries' hashes
  seal      BLOB NOT NULL      -- over this row
) STRICT;

CREATE TABLE entry (
  id          INTEGER PRIMARY KEY,
  uuid        TEXT NOT NULL,
  kind        TEXT NOT NULL,
  parent_kind TEXT NOT NULL,  -- of a child; else empty
  parent      TEXT NOT NULL,  -- uuid
  natural_key TEXT NOT NULL,
  form        INTEGER,        -- blob; NULL: only known by its name
  content     INTEGER,        -- blob; NULL: it has none, or it was left out
  lacks       INTEGER NOT NULL,  -- 1: it has content, which was left out
  first_point INTEGER NOT NULL,
  last_point  INTEGER         -- NULL: still so in the newest
) STRICT;
CREATE UNIQUE INDEX entry_open ON entry (uuid) WHERE last_point IS NULL;
CREATE INDEX entry_closed ON entry (last_point) WHERE last_point IS NOT NULL;

-- How the listing told of an object when the newest entry, or what is staged, was read.
CREATE TABLE seen (
  uuid TEXT PRIMARY KEY,
  mark TEXT NOT NULL,
  seal BLOB NOT NULL  -- over this row
) STRICT, WITHOUT ROWID;

-- Read since the newest point: becomes part of the next one, also when the run that read it died.
CREATE TABLE staged (
  uuid        TEXT PRIMARY KEY,
  kind        TEXT NOT NULL,
  parent_kind TEXT NOT NULL,
  parent      TEXT NOT NULL,
  natural_key TEXT NOT NULL,
  form        INTEGER,
  content     INTEGER,
  lacks       INTEGER NOT NULL,
  mark        TEXT NOT NULL,
  item        TEXT NOT NULL,  -- its id on the primary, while its content is still to come; else empty
  pending     BLOB,           -- its form, packed, until then
  seal        BLOB NOT NULL   -- over this row
) STRICT, WITHOUT ROWID;
CREATE INDEX staged_waiting ON staged (item) WHERE item <> '';
