-- Schema version 8: what is queued may have to wait: for others, for a cause of failure to pass, or for a person. And
-- what a delivery said lies beside it: each look at those that wait, and each outcome, passed over all of it.

ALTER TABLE deployments ADD COLUMN due INTEGER;         -- it does not begin before; NULL: at once
ALTER TABLE deployments ADD COLUMN quiet_since INTEGER; -- the first of those came that it took the place of, and it
ALTER TABLE deployments ADD COLUMN retry INTEGER NOT NULL DEFAULT 0; -- so many before it failed, of the same event
ALTER TABLE deployments ADD COLUMN retry_of INTEGER;    -- the last of these

-- What runs in a slot is looked for at each deployment, however many there were.
CREATE INDEX deployments_sound ON deployments (app, color, id) WHERE status IN ('live', 'ready');

CREATE TABLE pauses (
  app TEXT PRIMARY KEY,
  who TEXT NOT NULL,
  at  INTEGER NOT NULL
) STRICT;

CREATE TABLE delivery_bodies (
  delivery_id INTEGER PRIMARY KEY REFERENCES deliveries (id) ON DELETE CASCADE,
  headers     TEXT NOT NULL, -- a line each, without what is secret
  payload     TEXT NOT NULL  -- the same
) STRICT;

INSERT INTO delivery_bodies (delivery_id, headers, payload) SELECT id, headers, payload FROM deliveries;
ALTER TABLE deliveries DROP COLUMN headers;
ALTER TABLE deliveries DROP COLUMN payload;
ALTER TABLE deliveries ADD COLUMN deployment_id INTEGER NOT NULL DEFAULT 0; -- that it came to; 0: none
