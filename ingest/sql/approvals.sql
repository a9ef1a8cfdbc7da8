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

-- name: begin
-- Makes what waits one person's to approve; whoever began and had no answer may go on.
UPDATE approval
SET state = 'approving', decided_by = $3, decided_at = $4
WHERE operator_id = $1 AND approval_id = $2 AND (state = 'waiting' OR (state = 'approving' AND decided_by = $3))
RETURNING approval_id;

-- name: wait_on
UPDATE approval
SET state = 'waiting', decided_by = NULL, decided_at = NULL
WHERE operator_id = $1 AND approval_id = $2 AND state = 'approving' AND decided_by = $3;

-- name: approved
-- It is done: what was sent is forgotten.
UPDATE approval
SET state = 'approved', decided_at = $4, body = NULL, headers = '{}', path_params = '{}'
WHERE operator_id = $1 AND approval_id = $2 AND state = 'approving' AND decided_by = $3;

-- name: refuse
-- Nothing that is at work was begun before $5.
UPDATE approval
SET state = 'refused', decided_by = $3, decided_at = $4, body = NULL, headers = '{}', path_params = '{}'
WHERE operator_id = $1 AND approval_id = $2 AND (state = 'waiting' OR (state = 'approving' AND decided_at < $5))
RETURNING what;

-- name: forget
DELETE FROM approval
WHERE approval_id IN (SELECT approval_id FROM approval WHERE asked_at < $1 ORDER BY asked_at LIMIT $2);
