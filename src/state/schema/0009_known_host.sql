-- Addresses that Azure told of workspaces, for the day on which it cannot be asked.
PRAGMA user_version = 9;

CREATE TABLE known_host (
  resource_id TEXT PRIMARY KEY,  -- of a workspace in Azure, in lower case
  host        TEXT NOT NULL
) STRICT, WITHOUT ROWID;
