-- Schema version 6: keys and tokens with what they may, and an audit of what was done and what was refused.

CREATE TABLE principals (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  kind        TEXT NOT NULL CHECK (kind IN ('key', 'token')),
  name        TEXT NOT NULL,
  proof       TEXT NOT NULL, -- of a key: type and base64 as in authorized_keys; of a token: its SHA-256 in hex
  fingerprint TEXT NOT NULL, -- of a key: "SHA256:…"; of a token: empty
  created     INTEGER NOT NULL,
  last_used   INTEGER,
  removed     INTEGER
) STRICT;

CREATE UNIQUE INDEX principals_by_name ON principals (kind, name) WHERE removed IS NULL;
CREATE UNIQUE INDEX principals_by_proof ON principals (kind, proof) WHERE removed IS NULL;

CREATE TABLE grants (
  principal_id INTEGER NOT NULL REFERENCES principals (id) ON DELETE CASCADE,
  app          TEXT NOT NULL, -- or a pattern
  verb         TEXT NOT NULL,
  PRIMARY KEY (principal_id, app, verb)
) STRICT, WITHOUT ROWID;

ALTER TABLE actions ADD COLUMN door TEXT NOT NULL DEFAULT 'cli';
ALTER TABLE actions ADD COLUMN origin TEXT NOT NULL DEFAULT '';
ALTER TABLE actions ADD COLUMN refused INTEGER NOT NULL DEFAULT 0;
ALTER TABLE actions ADD COLUMN deployment_id INTEGER NOT NULL DEFAULT 0; -- that it asked for, or ended

-- What an app's history has of them: deployments are told there by themselves.
CREATE INDEX actions_in_history ON actions (app, id) WHERE refused = 0 AND deployment_id = 0 AND verb <> 'push';
