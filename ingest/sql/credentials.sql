-- name: credential
SELECT credential_id, operator_id, scopes, expires_at, revoked_at
FROM credential
WHERE key_hash = $1;

-- name: operators
-- The operators among $2 for whom the credential may speak: its own and those that delegated to it.
SELECT operator_id, country
FROM operator
WHERE operator_id = ANY ($2::uuid[])
  AND (operator_id = (SELECT operator_id FROM credential WHERE credential_id = $1)
       OR EXISTS (SELECT FROM delegation
                  WHERE delegation.credential_id = $1
                    AND delegation.operator_id = operator.operator_id
                    AND delegation.revoked_at IS NULL));

-- name: used
UPDATE credential SET last_used_at = now() WHERE credential_id = ANY ($1::uuid[]);
