-- Schema version 12: a deployment that starts anew what its color runs, and more of what a release ran with.

ALTER TABLE deployments ADD COLUMN restarts INTEGER NOT NULL DEFAULT 0 CHECK (restarts IN (0, 1));

ALTER TABLE release_settings ADD COLUMN own_env TEXT NOT NULL DEFAULT ''; -- what `tealhook env` had set
ALTER TABLE release_settings ADD COLUMN procfile TEXT;                    -- of the commit; null: it had none
ALTER TABLE release_settings ADD COLUMN app_json TEXT;                    -- the same
