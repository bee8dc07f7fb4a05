-- Schema version 1 of state.db. A released version is never edited: what changes later is a migration of its own.
-- Ids are never reused (AUTOINCREMENT), for people and log files quote them. Times are milliseconds since 1970, UTC.

CREATE TABLE events (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  app        TEXT NOT NULL,
  door       TEXT NOT NULL CHECK (door IN ('push', 'webhook', 'poll', 'file', 'cli', 'api')),
  repository TEXT NOT NULL,
  ref        TEXT NOT NULL,
  old_commit TEXT NOT NULL,
  new_commit TEXT NOT NULL,
  subject    TEXT NOT NULL,
  who        TEXT NOT NULL,
  at         INTEGER NOT NULL
) STRICT;

CREATE TABLE releases (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  app        TEXT NOT NULL,
  commit_id  TEXT NOT NULL,
  subject    TEXT NOT NULL,
  repository TEXT NOT NULL,
  digest     TEXT NOT NULL,
  created    INTEGER NOT NULL,
  UNIQUE (app, digest)
) STRICT;

CREATE TABLE deployments (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  event_id   INTEGER NOT NULL REFERENCES events (id),
  app        TEXT NOT NULL,
  color      TEXT NOT NULL CHECK (color IN ('blue', 'green')),
  status     TEXT NOT NULL CHECK (status IN ('queued', 'running', 'live', 'ready', 'failed', 'superseded', 'cancelled')),
  release_id INTEGER REFERENCES releases (id) ON DELETE SET NULL,
  created    INTEGER NOT NULL,
  started    INTEGER,
  finished   INTEGER,
  attempts   INTEGER NOT NULL DEFAULT 0,
  engine_ms  INTEGER NOT NULL DEFAULT 0,
  peak_bytes INTEGER NOT NULL DEFAULT 0,
  outcome    TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE INDEX deployments_by_app ON deployments (app, id);
CREATE INDEX deployments_by_event ON deployments (event_id);
CREATE INDEX deployments_by_release ON deployments (release_id);
CREATE INDEX deployments_to_do ON deployments (app, status) WHERE status IN ('queued', 'running');

CREATE TABLE steps (
  id            INTEGER PRIMARY KEY,
  deployment_id INTEGER NOT NULL REFERENCES deployments (id) ON DELETE CASCADE,
  name          TEXT NOT NULL,
  status        TEXT NOT NULL CHECK (status IN ('running', 'done', 'failed')),
  started       INTEGER NOT NULL,
  duration_ms   INTEGER NOT NULL DEFAULT 0,
  fact          TEXT NOT NULL DEFAULT '',
  UNIQUE (deployment_id, name)
) STRICT;

CREATE INDEX steps_at_work ON steps (deployment_id) WHERE status = 'running';
