-- Schema version 5: a release is stored before it is published: what it is (identity) is told apart from where it is kept.

-- Foreign keys are off while tables are made anew; ids that were given are still never given again.
CREATE TABLE releases_5 (
  id        INTEGER PRIMARY KEY AUTOINCREMENT,
  app       TEXT NOT NULL,
  commit_id TEXT NOT NULL,
  subject   TEXT NOT NULL,
  target    TEXT NOT NULL,
  identity  TEXT NOT NULL, -- as only the target reads it
  artifact  TEXT NOT NULL, -- what the target needs to run it again, likewise; empty until it is published
  created   INTEGER NOT NULL,
  UNIQUE (app, target, identity)
) STRICT;

INSERT INTO releases_5 (id, app, commit_id, subject, target, identity, artifact, created)
  SELECT id, app, commit_id, subject, target, artifact, artifact, created FROM releases;
DELETE FROM sqlite_sequence WHERE name = 'releases_5';
INSERT INTO sqlite_sequence (name, seq) SELECT 'releases_5', seq FROM sqlite_sequence WHERE name = 'releases';
DROP TABLE releases;
ALTER TABLE releases_5 RENAME TO releases;
