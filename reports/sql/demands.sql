-- Analyses on demand.

-- name: ask
-- Who asks for what is asked for already waits for the same answer.
INSERT INTO demand (kind, host, officer_id, scope) VALUES ($1, $2, $3, $4::text::jsonb)
ON CONFLICT (kind, host, scope) WHERE ended_at IS NULL DO UPDATE SET kind = excluded.kind
RETURNING demand_id;

-- name: standing
SELECT demand_id, kind, host, scope::text AS scope, asked_at, ended_at, found, failed
FROM demand
WHERE demand_id = $1 AND host = $2;

-- name: unmet
-- Whether an analysis of this kind and scope is waiting or being made.
SELECT EXISTS (SELECT FROM demand WHERE kind = $1 AND host = $2 AND scope = $3::text::jsonb AND ended_at IS NULL);

-- name: anything
-- Whether there is anything to do: a demand that is not ended, or one to forget.
SELECT EXISTS (SELECT FROM demand WHERE ended_at IS NULL OR ended_at < clock_timestamp() - interval '7 days');

-- name: lock
-- One worker at a time; what is not ended is then left by one that died.
SELECT pg_try_advisory_lock(hashtext('demand'));

-- name: give_up
UPDATE demand SET ended_at = clock_timestamp(), failed = true WHERE ended_at IS NULL AND tries >= $1;

-- name: take
UPDATE demand SET tries = tries + 1
WHERE demand_id = (SELECT demand_id FROM demand WHERE ended_at IS NULL ORDER BY demand_id LIMIT 1)
RETURNING demand_id, kind, scope::text AS scope;

-- name: end
UPDATE demand SET ended_at = clock_timestamp(), found = $2, failed = $3 WHERE demand_id = $1;

-- name: forget
DELETE FROM demand WHERE ended_at < clock_timestamp() - interval '7 days';
