-- What each object was when both sides were last found or made equal: who changed it since can be told from that.
-- Free of content: keyed hashes, which another key makes worthless. No part of the mirror.
PRAGMA user_version = 10;

-- There is no foreign key to `binding`: children have no binding of their own.
CREATE TABLE agreed (
  uuid   TEXT PRIMARY KEY,
  parent TEXT NOT NULL,  -- uuid of the parent, '' for what has none
  home   TEXT NOT NULL,  -- JSON: {member: hash}, in the words of that side
  away   TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX agreed_of_children ON agreed (parent) WHERE parent <> '';

CREATE TRIGGER binding_of_agreed_removed AFTER DELETE ON binding BEGIN
  DELETE FROM agreed WHERE uuid = old.uuid;
  DELETE FROM agreed WHERE parent = old.uuid AND parent <> '';
END;
