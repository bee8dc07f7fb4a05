-- Schema version 2: where live traffic goes, what may stand in its way, and what a rollback needs to know.

ALTER TABLE deployments ADD COLUMN to_idle INTEGER NOT NULL DEFAULT 0;      -- its color is chosen when it begins
ALTER TABLE deployments ADD COLUMN follow INTEGER NOT NULL DEFAULT 0;       -- live traffic moves to it
ALTER TABLE deployments ADD COLUMN from_release INTEGER NOT NULL DEFAULT 0; -- it runs a kept release, and builds nothing

-- A row for each time that live traffic was moved; the newest one of an app says where it goes.
CREATE TABLE live (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  app           TEXT NOT NULL,
  color         TEXT NOT NULL CHECK (color IN ('blue', 'green')),
  release_id    INTEGER NOT NULL,
  deployment_id INTEGER NOT NULL,
  commit_id     TEXT NOT NULL,
  who           TEXT NOT NULL,
  at            INTEGER NOT NULL
) STRICT;

CREATE INDEX live_by_app ON live (app, id);

CREATE TABLE freezes (
  app TEXT PRIMARY KEY,
  who TEXT NOT NULL,
  why TEXT NOT NULL,
  at  INTEGER NOT NULL
) STRICT;

-- The settings that a release ran with, as texts; env has the program's variables, and so may be secret.
CREATE TABLE release_settings (
  release_id INTEGER PRIMARY KEY REFERENCES releases (id) ON DELETE CASCADE,
  settings   TEXT NOT NULL,
  pushed     TEXT,
  env        TEXT NOT NULL
) STRICT;
