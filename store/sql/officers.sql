-- Officers of the authorities, each bound to one Member State.

-- name: create_officer
INSERT INTO officer (officer_id, name, host, role, token_hash, expires_at, authority, language, email)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: authority_of_host
SELECT EXISTS (SELECT FROM authority WHERE code = $1 AND country = $2 AND active);

-- name: officers
SELECT officer_id, name, host, role, authority, created_at, expires_at, revoked_at
FROM officer
WHERE $1::text IS NULL OR host = $1
ORDER BY created_at, officer_id;

-- name: revoke_officer
UPDATE officer SET revoked_at = now() WHERE officer_id = $1 AND revoked_at IS NULL;
