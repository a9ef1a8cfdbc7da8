-- The log of what happened (schemas/migrations/0003_registers.sql).

-- name: note
-- Something happened to one record.
INSERT INTO event (operator_id, kind, happened_at, first_id, last_id, details)
VALUES ($1, $2, $3, $4, $4, $5::jsonb);

-- name: after
-- Events after a cursor. Those of transactions that may still be joined by an earlier one wait until it has ended.
SELECT transaction::text::bigint AS transaction, event_id, kind, happened_at, first_id, last_id, rows, details
FROM event
WHERE operator_id = $1
  AND (transaction, event_id) > ($2::bigint::text::xid8, $3::bigint)
  AND transaction < pg_snapshot_xmin(pg_current_snapshot())
ORDER BY event.transaction, event_id
LIMIT $4;

-- name: latest
-- The cursor after which there is nothing yet.
SELECT transaction::text::bigint AS transaction, event_id
FROM event
WHERE operator_id = $1 AND transaction < pg_snapshot_xmin(pg_current_snapshot())
ORDER BY event.transaction DESC, event_id DESC
LIMIT 1;

-- name: forget
-- Takes out some events that are older than they are kept.
DELETE FROM event
WHERE (operator_id, transaction, event_id) IN (
    SELECT operator_id, transaction, event_id FROM event WHERE happened_at < $1 LIMIT $2
);
