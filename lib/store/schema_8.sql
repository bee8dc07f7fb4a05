-- Schema version 8: what was built elsewhere is deployed, and what a poll has seen is remembered.

ALTER TABLE events ADD COLUMN artifact TEXT NOT NULL DEFAULT ''; -- in place of a commit, as its target names it

-- What the refs of a source were when it was looked at last: a commit that was refused is not asked for again and again.
CREATE TABLE polled_refs (
  app       TEXT NOT NULL,
  source    TEXT NOT NULL,
  ref       TEXT NOT NULL,
  commit_id TEXT NOT NULL,
  since     INTEGER NOT NULL, -- it was first seen to be that
  asked     INTEGER NOT NULL, -- its deployment was last asked for; 0: never, it was there before all else
  PRIMARY KEY (app, source, ref)
) STRICT, WITHOUT ROWID;
