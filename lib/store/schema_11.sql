-- Schema version 11: what was asked for with a key by which its sender knows it again (Idempotency-Key).

CREATE TABLE idempotency_keys (
  who           TEXT NOT NULL,
  key           TEXT NOT NULL,
  app           TEXT NOT NULL,
  request       TEXT NOT NULL, -- a fingerprint of what was asked for
  deployment_id INTEGER NOT NULL,
  at            INTEGER NOT NULL,
  PRIMARY KEY (who, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX idempotency_keys_by_age ON idempotency_keys (at);
