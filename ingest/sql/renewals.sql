-- Standing renewals (schemas/migrations/0004_standing_renewals.sql).

-- name: order
-- Enters an order, or takes one up again.
INSERT INTO standing_renewal (
    operator_id, renewal_id, driver_id, posting_country, lead_days, declaration_id, covered_until, due_at, created_at
)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (operator_id, driver_id, posting_country) DO UPDATE SET
    lead_days = excluded.lead_days,
    declaration_id = excluded.declaration_id,
    covered_until = excluded.covered_until,
    due_at = excluded.due_at,
    reminded = NULL,
    stopped_at = NULL,
    stopped_because = NULL
RETURNING *;

-- name: page
SELECT *
FROM standing_renewal
WHERE operator_id = $1
  AND renewal_id > $2
  AND ($4::uuid IS NULL OR driver_id = $4)
  AND ($5::text IS NULL OR posting_country = $5)
ORDER BY renewal_id
LIMIT $3;

-- name: one
SELECT * FROM standing_renewal WHERE operator_id = $1 AND renewal_id = $2;

-- name: stop
UPDATE standing_renewal
SET stopped_at = $3, stopped_because = $4
WHERE operator_id = $1 AND renewal_id = $2 AND stopped_at IS NULL
RETURNING *;

-- name: stop_of_declaration
-- A declaration was withdrawn: what would have followed it is not wanted.
UPDATE standing_renewal
SET stopped_at = $3, stopped_because = 'withdrawn'
WHERE operator_id = $1 AND declaration_id = $2 AND stopped_at IS NULL
RETURNING *;

-- name: take_due
-- Takes some that are due, for as long as one worker may need: if it dies, another takes them then.
UPDATE standing_renewal AS taken
SET due_at = $1 + interval '10 minutes'
FROM (SELECT operator_id, renewal_id
      FROM standing_renewal
      WHERE stopped_at IS NULL AND due_at <= $1
      ORDER BY due_at
      LIMIT $2
      FOR UPDATE SKIP LOCKED) AS due
     JOIN operator USING (operator_id)
WHERE taken.operator_id = due.operator_id AND taken.renewal_id = due.renewal_id
RETURNING taken.*, operator.country;

-- name: wait
-- What is known of the chain now, and when to look again.
UPDATE standing_renewal
SET declaration_id = $3, covered_until = $4, reminded = $5, due_at = $6
WHERE operator_id = $1 AND renewal_id = $2 AND stopped_at IS NULL;
