-- Webhooks and what became of each sending (schemas/migrations/0032_webhooks.sql).

-- name: add
INSERT INTO webhook (webhook_id, operator_id, url, kinds, secret, created_at, transaction, event_id)
VALUES ($1, $2, $3, $4, $5, $6, pg_snapshot_xmin(pg_current_snapshot()), 0)
RETURNING webhook_id, url, kinds, created_at, paused;

-- name: count
SELECT count(*) FROM webhook WHERE operator_id = $1;

-- name: page
SELECT webhook_id, url, kinds, created_at, paused FROM webhook WHERE operator_id = $1 ORDER BY created_at, webhook_id;

-- name: one
SELECT webhook_id, url, kinds, created_at, paused, secret FROM webhook WHERE operator_id = $1 AND webhook_id = $2;

-- name: change
UPDATE webhook
SET url = $3, kinds = $4, paused = $5
WHERE operator_id = $1 AND webhook_id = $2
RETURNING webhook_id, url, kinds, created_at, paused;

-- name: delete
DELETE FROM webhook WHERE operator_id = $1 AND webhook_id = $2 RETURNING webhook_id;

-- name: any
SELECT EXISTS (SELECT FROM webhook);

-- name: behind
-- Webhooks that have not turned all events into deliveries yet, kept from other workers meanwhile.
SELECT webhook_id, operator_id, kinds, transaction::text::bigint AS transaction, event_id
FROM webhook
WHERE NOT paused
  AND EXISTS (SELECT FROM event
              WHERE event.operator_id = webhook.operator_id
                AND (event.transaction, event.event_id) > (webhook.transaction, webhook.event_id)
                AND event.transaction < pg_snapshot_xmin(pg_current_snapshot()))
LIMIT $1
FOR UPDATE SKIP LOCKED;

-- name: advance
UPDATE webhook SET transaction = $2::bigint::text::xid8, event_id = $3 WHERE webhook_id = $1;

-- name: deliver
INSERT INTO webhook_delivery (delivery_id, webhook_id, kind, body, created_at, due_at)
SELECT delivery_id, $1, kind, body, $5, $5
FROM unnest($2::uuid[], $3::text[], $4::text[]) AS made (delivery_id, kind, body);

-- name: take_due
-- Takes deliveries that are due, oldest first; until $2 no other worker takes them.
UPDATE webhook_delivery AS delivery
SET due_at = $2, attempts = attempts + 1, tried_at = $1
FROM webhook
WHERE webhook.webhook_id = delivery.webhook_id
  AND NOT webhook.paused
  AND delivery.delivery_id IN (
      SELECT due.delivery_id
      FROM webhook_delivery AS due
      JOIN webhook USING (webhook_id)
      WHERE due.due_at <= $1 AND NOT webhook.paused
      ORDER BY due.due_at
      LIMIT $3
      FOR UPDATE OF due SKIP LOCKED
  )
RETURNING delivery.delivery_id, delivery.attempts, delivery.body, webhook.url, webhook.secret;

-- name: tried
UPDATE webhook_delivery
SET status = $2, reason = $3, delivered_at = $4, due_at = $5
WHERE delivery_id = $1;

-- name: tested
-- A test that was sent at once: one attempt, and no more.
INSERT INTO webhook_delivery (
    delivery_id, webhook_id, kind, body, created_at, tried_at, attempts, status, reason, delivered_at
)
VALUES ($1, $2, $3, $4, $5, $5, 1, $6, $7, $8);

-- name: deliveries
SELECT delivery_id, kind, webhook_delivery.created_at, attempts, tried_at, delivered_at, due_at, status, reason
FROM webhook_delivery
     JOIN webhook USING (webhook_id)
WHERE webhook.operator_id = $1 AND webhook_id = $2 AND ($3::uuid IS NULL OR delivery_id < $3)
ORDER BY delivery_id DESC
LIMIT $4;

-- name: replay
UPDATE webhook_delivery
SET due_at = $4, attempts = 0, delivered_at = NULL
FROM webhook
WHERE webhook.webhook_id = webhook_delivery.webhook_id
  AND webhook.operator_id = $1
  AND webhook.webhook_id = $2
  AND delivery_id = $3
RETURNING delivery_id, kind, webhook_delivery.created_at, attempts, tried_at, delivered_at, due_at, status, reason;

-- name: forget
DELETE FROM webhook_delivery WHERE created_at < $1 AND due_at IS NULL;

-- name: fresh_ids
-- Ids in the order of time (UUIDv7).
SELECT array_agg(uuidv7() ORDER BY place) FROM generate_series(1, $1::int) AS place;
