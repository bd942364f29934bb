-- What a failover or a drill did, in order and with times: for whoever goes on after it was killed, and for
-- whoever asks afterwards. Free of secrets.
PRAGMA user_version = 5;

CREATE TABLE action (
  id         INTEGER PRIMARY KEY,
  subject    TEXT NOT NULL CHECK (subject IN ('failover', 'drill')),
  subject_id INTEGER NOT NULL,   -- of a failover its id; a drill keeps its own list
  type       TEXT NOT NULL,      -- 'phase', 'object', or what an action of the recovery plan is: 'command', ...
  name       TEXT NOT NULL,      -- of the phase or action; of an object 'hold' or 'release'
  place      TEXT NOT NULL,      -- the group of the recovery plan, or the address of the object; '' for a phase
  started    INTEGER NOT NULL,
  ended      INTEGER,            -- NULL: it is under way, or nobody knows when it ended
  outcome    TEXT CHECK (outcome <> ''),  -- NULL: it was begun, and nothing is known of its end
  detail     TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX action_of_subject ON action (subject, subject_id, id);

-- A machine that goes on from the mirror must not believe that less was done.
CREATE TRIGGER action_begun AFTER INSERT ON action BEGIN
  UPDATE standing SET generation = generation + 1;
END;
CREATE TRIGGER action_ended AFTER UPDATE ON action
WHEN old.outcome IS NOT new.outcome OR old.ended IS NOT new.ended BEGIN
  UPDATE standing SET generation = generation + 1;
END;
