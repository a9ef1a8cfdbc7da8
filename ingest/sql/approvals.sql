-- What waits for a second person (schemas/migrations/0033_approvals.sql).

-- name: ask
INSERT INTO approval (
    approval_id, operator_id, what, method, path, path_params, query, headers, body, asked_by, asked_at
)
VALUES ($1, $2, $3, $4, $5, $6::jsonb, $7, $8::jsonb, $9, $10, $11);

-- name: page
SELECT approval.approval_id, approval.what, approval.method, approval.path, approval.query, approval.state,
       approval.asked_by, person.name AS asked_by_name, approval.asked_at, approval.decided_by, approval.decided_at
FROM approval
     JOIN person ON person.person_id = approval.asked_by
WHERE approval.operator_id = $1
  AND approval.approval_id > $2
  AND ($4::text IS NULL OR approval.state = $4)
ORDER BY approval.approval_id
LIMIT $3;

-- name: one
SELECT *, path_params::text AS named, headers::text AS sent FROM approval WHERE operator_id = $1 AND approval_id = $2;

-- name: decide
-- Decides what waits, once, and forgets what was sent.
UPDATE approval
SET state = $3, decided_by = $4, decided_at = $5, body = NULL, headers = '{}', path_params = '{}'
WHERE operator_id = $1 AND approval_id = $2 AND state = 'waiting'
RETURNING approval_id;

-- name: forget
DELETE FROM approval
WHERE approval_id IN (SELECT approval_id FROM approval WHERE asked_at < $1 ORDER BY asked_at LIMIT $2);
