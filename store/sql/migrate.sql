-- name: lock
-- Held by the session: several processes may start at once, one of them migrates.
SELECT pg_advisory_lock(hashtextextended('openrtpd migrate', 0));

-- name: ledger
CREATE TABLE IF NOT EXISTS migration (
    name       text PRIMARY KEY,
    digest     bytea NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- name: applied
SELECT name, digest FROM migration;

-- name: record
INSERT INTO migration (name, digest) VALUES ($1, $2);

-- name: add_secret
INSERT INTO service_key (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING;
