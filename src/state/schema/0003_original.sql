-- What stood in a text before a one-way rewrite replaced it: the only way back to it. Free of secrets:
-- `pieces` holds words of twinlake.yml, and where a text has a secret in it, only a keyed hash tells
-- whether it is still the same.
PRAGMA user_version = 3;

-- There is no foreign key to `binding`: an original is written down before the object that it belongs to
-- exists on the standby, and children have no binding of their own.
CREATE TABLE original (
  uuid    TEXT NOT NULL,
  place   TEXT NOT NULL,     -- in the rewritten definition
  is_name INTEGER NOT NULL,  -- 1: the name of a member of what lies there
  after   TEXT NOT NULL,     -- the rewritten text, '' where it holds a secret
  mark    TEXT NOT NULL,     -- the keyed hash of it, '' where it does not
  pieces  TEXT NOT NULL,     -- JSON: [[position, length, what stood there], ...]
  PRIMARY KEY (uuid, place, is_name, after, mark, pieces)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER original_added AFTER INSERT ON original BEGIN
  UPDATE standing SET generation = generation + 1;
END;
CREATE TRIGGER original_removed AFTER DELETE ON original BEGIN
  UPDATE standing SET generation = generation + 1;
END;
CREATE TRIGGER binding_of_original_removed AFTER DELETE ON binding BEGIN
  DELETE FROM original WHERE uuid = old.uuid;
END;
