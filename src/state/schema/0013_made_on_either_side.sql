-- What was made again on the other side is ours on both: each side says by itself what the object is there. NULL: nothing
-- is known, and so nothing is removed.
PRAGMA user_version = 13;

DROP TRIGGER binding_changed;
ALTER TABLE binding ADD COLUMN home_origin TEXT CHECK (home_origin IN ('created', 'adopted'));
ALTER TABLE binding ADD COLUMN away_origin TEXT CHECK (away_origin IN ('created', 'adopted'));
UPDATE binding SET home_origin = origin WHERE made_on = 'home';
UPDATE binding SET away_origin = origin WHERE made_on = 'away';
ALTER TABLE binding DROP COLUMN made_on;
ALTER TABLE binding DROP COLUMN origin;

CREATE TRIGGER binding_changed AFTER UPDATE ON binding
WHEN (old.kind, old.natural_key, old.parent) <> (new.kind, new.natural_key, new.parent)
  OR old.home_origin IS NOT new.home_origin OR old.away_origin IS NOT new.away_origin
  OR old.home_id IS NOT new.home_id OR old.away_id IS NOT new.away_id BEGIN
  UPDATE standing SET generation = generation + 1;
END;
