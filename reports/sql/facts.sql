-- Facts that Postgres has: authorities and officers, exchanges, alerts; and the facts that are kept.

-- name: books
-- $1, $2: the first instant of the period and the first after it.
SELECT
    (SELECT count(*) FROM authority WHERE active) AS authorities,
    (
        SELECT count(*) FROM officer
        WHERE created_at < $2 AND (revoked_at IS NULL OR revoked_at >= $2) AND (expires_at IS NULL OR expires_at >= $2)
    ) AS officers,
    (SELECT count(*) FROM exchange WHERE sent_at >= $1 AND sent_at < $2) AS exchanges,
    (SELECT count(*) FROM exchange WHERE sent_at < $2) AS exchanges_total,
    (SELECT count(*) FROM alert WHERE kind = 'alert' AND sent_at >= $1 AND sent_at < $2) AS alerts,
    (SELECT count(*) FROM alert WHERE kind = 'notification' AND sent_at >= $1 AND sent_at < $2) AS notifications;

-- name: earlier
-- Whole years that were reckoned after they had ended, one after the other up to the day before the period begins.
SELECT coalesce(sum((document ->> 'declarations')::bigint), 0)::bigint AS declarations, max(until) + 1 AS counted_from
FROM facts
WHERE host = $2
  AND until < $1
  AND until - since >= 364
  AND to_char(since, 'MM-DD') = '01-01'
  AND to_char(until, 'MM-DD') = '12-31'
  AND made_at::date > until;

-- name: keep
INSERT INTO facts (since, until, host, made_at, document) VALUES ($1, $2, $3, $4, $5::text::jsonb)
ON CONFLICT (since, until, host) DO UPDATE SET made_at = excluded.made_at, document = excluded.document;

-- name: kept
SELECT document::text FROM facts WHERE since = $1 AND until = $2 AND host = $3;

-- name: periods
SELECT since, until FROM facts WHERE host = $1 ORDER BY until DESC, since DESC LIMIT 24;
