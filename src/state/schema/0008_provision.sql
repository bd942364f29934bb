-- Provisioning: the steps that make the secondary's resources in Azure, each written down before it is asked for.
PRAGMA user_version = 8;

CREATE TABLE provision_step (
  target    TEXT NOT NULL,     -- ARM id of the resource, in lower case
  name      TEXT NOT NULL,     -- see azure/provision.h
  started   INTEGER NOT NULL,
  ended     INTEGER,
  outcome   TEXT NOT NULL,     -- done | failed | refused; '': under way, or its end is not known
  operation TEXT NOT NULL,     -- JSON of a long-running operation to follow; '': none is known
  detail    TEXT NOT NULL,     -- for people, without secrets
  salt      INTEGER NOT NULL,  -- of the names that were made for it
  PRIMARY KEY (target, name)
) STRICT, WITHOUT ROWID;
