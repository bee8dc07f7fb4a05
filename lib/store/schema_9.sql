-- Schema version 9: what forges are told of deployments, and what was looked for of deliveries that may have been missed.

-- Deployments whose outcome a forge is to be told and was not told yet.
CREATE TABLE status_reports (
  deployment_id INTEGER PRIMARY KEY REFERENCES deployments (id) ON DELETE CASCADE,
  source        TEXT NOT NULL,
  reported      TEXT NOT NULL DEFAULT '',   -- the state that the forge has of it
  remote_id     TEXT NOT NULL DEFAULT '',   -- of the forge's own deployment, where it has such
  attempts      INTEGER NOT NULL DEFAULT 0, -- in vain
  next_try      INTEGER NOT NULL DEFAULT 0,
  since         INTEGER NOT NULL
) STRICT;

-- The newest deployment of which it was decided whether a forge is to be told. What is older than this table is not told.
CREATE TABLE report_cursor (deployment_id INTEGER NOT NULL) STRICT;
INSERT INTO report_cursor (deployment_id) SELECT coalesce(max(id), 0) FROM deployments;

-- Up to when a source's forge was asked for deliveries that failed.
CREATE TABLE source_checks (
  app    TEXT NOT NULL,
  source TEXT NOT NULL,
  at     INTEGER NOT NULL,
  PRIMARY KEY (app, source)
) STRICT, WITHOUT ROWID;

-- What a source's branches were when they were last looked at; empty: not there.
CREATE TABLE source_refs (
  app       TEXT NOT NULL,
  source    TEXT NOT NULL,
  ref       TEXT NOT NULL,
  commit_id TEXT NOT NULL,
  PRIMARY KEY (app, source, ref)
) STRICT, WITHOUT ROWID;
