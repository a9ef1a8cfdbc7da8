-- An operator's keys as it administers them, whom it delegated to, and the log of who did what.

-- name: page
SELECT credential_id, name, scopes, created_at, expires_at, last_used_at, revoked_at, replaces
FROM credential
WHERE operator_id = $1 AND person_id IS NULL
ORDER BY created_at, credential_id;

-- name: add
INSERT INTO credential (credential_id, key_hash, operator_id, name, scopes, created_at, expires_at, replaces)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
RETURNING credential_id, name, scopes, created_at, expires_at, last_used_at, revoked_at, replaces;

-- name: inherit
-- The key $1 speaks for all for whom the operator's other keys, or with $3 that one key, speak.
INSERT INTO delegation (credential_id, operator_id, scopes, expires_at)
SELECT DISTINCT ON (delegation.operator_id)
       $1::uuid, delegation.operator_id, delegation.scopes, delegation.expires_at
FROM delegation
     JOIN credential USING (credential_id)
WHERE credential.operator_id = $2
  AND ($3::uuid IS NULL OR credential.credential_id = $3)
  AND credential.revoked_at IS NULL
  AND delegation.revoked_at IS NULL
ORDER BY delegation.operator_id, delegation.granted_at DESC;

-- name: live
SELECT credential_id, name, scopes, expires_at
FROM credential
WHERE credential_id = $2
  AND operator_id = $1
  AND person_id IS NULL
  AND revoked_at IS NULL
  AND (expires_at IS NULL OR expires_at > $3)
FOR UPDATE;

-- name: end_at
UPDATE credential SET expires_at = least(expires_at, $2) WHERE credential_id = $1;

-- name: revoke
UPDATE credential
SET revoked_at = $3
WHERE credential_id = $2 AND operator_id = $1 AND revoked_at IS NULL
RETURNING credential_id;

-- name: administrators
-- How many keys that work may still administer.
SELECT count(*)
FROM credential
WHERE operator_id = $1
  AND 'administer' = ANY (scopes)
  AND person_id IS NULL
  AND revoked_at IS NULL
  AND (expires_at IS NULL OR expires_at > $2);

-- name: delegations
-- Whom the operator lets speak for itself, and for whom its own keys speak.
SELECT delegation.credential_id, credential.name AS credential_name, credential.operator_id AS delegate_id,
       delegate.name AS delegate_name, delegation.operator_id, operator.name AS operator_name,
       delegation.scopes, delegation.granted_at, delegation.expires_at, delegation.revoked_at
FROM delegation
     JOIN credential USING (credential_id)
     JOIN operator ON operator.operator_id = delegation.operator_id
     LEFT JOIN operator AS delegate ON delegate.operator_id = credential.operator_id
WHERE delegation.operator_id = $1 OR credential.operator_id = $1
ORDER BY delegation.granted_at, delegation.credential_id, delegation.operator_id;

-- name: delegate
INSERT INTO delegation (credential_id, operator_id, granted_at, scopes, expires_at)
SELECT credential_id, $1, $3, $4, $5
FROM credential
WHERE credential_id = $2 AND person_id IS NULL AND revoked_at IS NULL AND operator_id IS DISTINCT FROM $1
ON CONFLICT (credential_id, operator_id) DO UPDATE
SET granted_at = CASE WHEN delegation.revoked_at IS NULL THEN delegation.granted_at ELSE excluded.granted_at END,
    scopes = excluded.scopes,
    expires_at = excluded.expires_at,
    revoked_at = NULL
RETURNING credential_id;

-- name: end_delegation
-- Takes back what was delegated to a key and to all that took its place.
WITH RECURSIVE successor AS (
    SELECT $2::uuid AS credential_id
    UNION
    SELECT credential.credential_id FROM credential JOIN successor ON credential.replaces = successor.credential_id
)
UPDATE delegation
SET revoked_at = $3
FROM successor
WHERE delegation.credential_id = successor.credential_id
  AND delegation.operator_id = $1
  AND delegation.revoked_at IS NULL
RETURNING delegation.credential_id;

-- name: note
INSERT INTO action (operator_id, at, credential_id, person_id, what, record_id, details)
SELECT $1, $2, $3, (SELECT person_id FROM credential WHERE credential_id = $3), $4, $5, $6::jsonb;

-- name: actions
SELECT action.action_id, action.at, action.credential_id, credential.name AS credential_name, action.person_id,
       person.name AS person_name, delegate.operator_id AS delegate_id, delegate.name AS delegate_name,
       action.what, action.record_id, action.details::text AS details
FROM action
     LEFT JOIN credential USING (credential_id)
     LEFT JOIN operator AS delegate
     ON delegate.operator_id = credential.operator_id AND delegate.operator_id <> action.operator_id
     LEFT JOIN person ON person.person_id = action.person_id
WHERE action.operator_id = $1
  AND ($2::bigint IS NULL OR action.action_id < $2)
  AND ($3::uuid IS NULL OR action.record_id = $3)
ORDER BY action.action_id DESC
LIMIT $4;
