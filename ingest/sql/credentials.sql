-- name: credential
SELECT credential_id, operator_id, scopes, expires_at, revoked_at
FROM credential
WHERE key_hash = $1;

-- name: operators
-- The operators among $2 for whom the credential may speak: its own, and those that delegated to it, with what they
-- lent and until when.
SELECT operator.operator_id, operator.country,
       CASE WHEN delegation.operator_id IS NULL THEN NULL ELSE delegation.scopes END AS scopes, delegation.expires_at
FROM operator
     LEFT JOIN delegation
     ON delegation.credential_id = $1
        AND delegation.operator_id = operator.operator_id
        AND delegation.revoked_at IS NULL
        AND (delegation.expires_at IS NULL OR delegation.expires_at > now())
WHERE operator.operator_id = ANY ($2::uuid[])
  AND (delegation.operator_id IS NOT NULL
       OR operator.operator_id = (SELECT operator_id FROM credential WHERE credential_id = $1));

-- name: delegated
-- All operators that lent the credential the right to submit with no end, as rows of one length (ingest/delegated.py).
-- It goes into a COPY, so no semicolon ends it.
SELECT delegation.operator_id, operator.country::char(2)
FROM delegation JOIN operator USING (operator_id)
WHERE delegation.credential_id = $1
  AND delegation.revoked_at IS NULL
  AND delegation.expires_at IS NULL
  AND 'submit' = ANY (delegation.scopes)

-- name: used
UPDATE credential SET last_used_at = now() WHERE credential_id = ANY ($1::uuid[]);
