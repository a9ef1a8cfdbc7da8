-- What the authorities' side asks of Postgres beside the catalog: officers, operators' names, the log of look-ups.

-- name: officer
SELECT officer_id, host, role, token_hash
FROM officer
WHERE token_hash = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now());

-- name: operators
SELECT operator_id, name, country, licence_number FROM operator WHERE operator_id = ANY($1);

-- name: log_lookups
INSERT INTO lookup_log (officer_id, host, kind, sought, purpose, verdict)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[]);

-- name: reach
SELECT 1;
