-- Officers of the authorities, each bound to one Member State.

-- name: create_officer
INSERT INTO officer (officer_id, name, host, role, token_hash, expires_at, authority, language, email)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: authority_of_host
SELECT EXISTS (SELECT FROM authority WHERE code = $1 AND country = $2 AND active);

-- name: officers
SELECT officer_id, name, host, role, authority, issuer, created_at, expires_at, last_used_at, revoked_at
FROM officer
WHERE $1::text IS NULL OR host = $1
ORDER BY created_at, officer_id;

-- name: revoke_officer
UPDATE officer SET revoked_at = now() WHERE officer_id = $1 AND revoked_at IS NULL;

-- name: rotate_token
UPDATE officer
SET token_hash = $2, expires_at = $3, previous_hash = token_hash, previous_until = least($4, expires_at)
WHERE officer_id = $1 AND token_hash IS NOT NULL AND revoked_at IS NULL;

-- name: authority_host
SELECT country FROM authority WHERE code = $1 AND active;

-- name: admit
-- Somebody whom an issuer names: entered at the first visit, brought up to date at each, unless revoked here.
INSERT INTO officer (officer_id, issuer, subject, name, host, role, authority, last_used_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, now())
ON CONFLICT (issuer, subject) DO UPDATE
SET name = excluded.name, host = excluded.host, role = excluded.role, authority = excluded.authority, last_used_at = now()
WHERE officer.revoked_at IS NULL
RETURNING officer_id;
