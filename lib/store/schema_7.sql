-- Schema version 7: what senders deliver (webhooks), kept before it is answered, and what became of it.

CREATE TABLE deliveries (
  id       INTEGER PRIMARY KEY AUTOINCREMENT,
  app      TEXT NOT NULL,
  source   TEXT NOT NULL,
  sender   TEXT NOT NULL, -- the sender's own id of it; empty where it has none
  refs     TEXT NOT NULL, -- what it asks for: "REF COMMIT" a line, the commit empty where the sender said none
  at       INTEGER NOT NULL,
  status   TEXT NOT NULL DEFAULT 'waiting' CHECK (status IN ('done', 'refused', 'failed', 'waiting')),
  attempts INTEGER NOT NULL DEFAULT 0,
  next_try INTEGER NOT NULL DEFAULT 0,
  outcome  TEXT NOT NULL DEFAULT '',
  headers  TEXT NOT NULL, -- a line each, without what is secret; last, with the payload: seldom read, and large
  payload  TEXT NOT NULL  -- the same
) STRICT;

CREATE UNIQUE INDEX deliveries_once ON deliveries (app, source, sender) WHERE sender <> '';
CREATE INDEX deliveries_to_do ON deliveries (app, id) WHERE status = 'waiting';

-- What a source asked for last is looked up with each delivery; a push to our own remotes costs nothing more by it.
CREATE INDEX events_by_source ON events (app, who, ref, id) WHERE door IN ('webhook', 'registry', 'poll', 'file');
