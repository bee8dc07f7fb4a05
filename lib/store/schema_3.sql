-- Schema version 3: where a deployment was asked to go (destination) is told apart from where it went (color), and a
-- release is what its target says it is.

ALTER TABLE deployments ADD COLUMN destination TEXT NOT NULL DEFAULT '';
UPDATE deployments SET destination = CASE WHEN follow <> 0 THEN 'live' WHEN to_idle <> 0 THEN 'idle' ELSE color END;
ALTER TABLE deployments RENAME COLUMN color TO wished_color;
ALTER TABLE deployments ADD COLUMN color TEXT CHECK (color IN ('blue', 'green')); -- NULL until it begins
UPDATE deployments SET color = wished_color WHERE started IS NOT NULL;
ALTER TABLE deployments DROP COLUMN wished_color;
ALTER TABLE deployments DROP COLUMN to_idle;
ALTER TABLE deployments DROP COLUMN follow;

-- The door may be a registry.
ALTER TABLE events RENAME COLUMN door TO former_door;
ALTER TABLE events ADD COLUMN door TEXT NOT NULL DEFAULT 'cli'
  CHECK (door IN ('push', 'webhook', 'registry', 'poll', 'file', 'cli', 'api'));
UPDATE events SET door = former_door;
ALTER TABLE events DROP COLUMN former_door;

-- Foreign keys are off while tables are made anew; ids that were given are still never given again.
CREATE TABLE releases_3 (
  id        INTEGER PRIMARY KEY AUTOINCREMENT,
  app       TEXT NOT NULL,
  commit_id TEXT NOT NULL,
  subject   TEXT NOT NULL,
  target    TEXT NOT NULL,
  artifact  TEXT NOT NULL, -- what the target needs to run it again, as only the target reads it
  created   INTEGER NOT NULL,
  UNIQUE (app, target, artifact)
) STRICT;

INSERT INTO releases_3 (id, app, commit_id, subject, target, artifact, created)
  SELECT id, app, commit_id, subject, 'docker', repository || '@' || digest, created FROM releases;
DELETE FROM sqlite_sequence WHERE name = 'releases_3';
INSERT INTO sqlite_sequence (name, seq) SELECT 'releases_3', seq FROM sqlite_sequence WHERE name = 'releases';
DROP TABLE releases;
ALTER TABLE releases_3 RENAME TO releases;
