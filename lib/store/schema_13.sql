-- Schema version 13: a deployment that brings what its color runs to another number of replicas.

ALTER TABLE deployments ADD COLUMN replicas INTEGER NOT NULL DEFAULT 0 CHECK (replicas >= 0); -- 0: it does not
