-- Schema version 4: what people did beside deploying, and which repositories of their own they deploy from.

-- These outlive their app: who removed it is told to whoever makes it anew.
CREATE TABLE actions (
  id   INTEGER PRIMARY KEY AUTOINCREMENT,
  app  TEXT NOT NULL,
  verb TEXT NOT NULL, -- as the command's: switch, rollback, freeze, …
  who  TEXT NOT NULL, -- empty where nobody can tell
  at   INTEGER NOT NULL,
  text TEXT NOT NULL
) STRICT;

CREATE INDEX actions_by_app ON actions (app, id);

-- Bare repositories outside of the home that got our hooks.
CREATE TABLE repositories (
  path TEXT PRIMARY KEY,
  app  TEXT NOT NULL
) STRICT;

CREATE INDEX repositories_by_app ON repositories (app);
