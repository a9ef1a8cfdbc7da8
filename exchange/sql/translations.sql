-- Machine translations.

-- name: known
SELECT translation_id, state, text, service, ended_at
FROM translation
WHERE digest = $1 AND source = $2 AND target = $3 AND service = $4;

-- name: order
-- Takes the order; nobody else makes it while it is pending, for at most so many seconds, or soon after it failed.
INSERT INTO translation AS known (translation_id, digest, source, target, service, state)
VALUES ($1, $2, $3, $4, $5, 'pending')
ON CONFLICT (digest, source, target, service) DO UPDATE
SET translation_id = excluded.translation_id, state = 'pending', ordered_at = clock_timestamp(), ended_at = NULL
WHERE (known.state = 'failed' AND known.ended_at < clock_timestamp() - make_interval(secs => $6))
   OR (known.state = 'pending' AND known.ordered_at < clock_timestamp() - make_interval(secs => $7))
RETURNING translation_id;

-- name: end
UPDATE translation
SET state = $2, text = $3, ended_at = clock_timestamp()
WHERE translation_id = $1 AND state = 'pending';

-- name: erase
DELETE FROM translation WHERE ordered_at < $1;
