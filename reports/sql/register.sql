-- What the authorities' side asks of Postgres beside the catalog: officers, operators' names, the log of look-ups.

-- name: officer
-- By the token, or by the one before it for as long as both work.
SELECT officer_id, host, role, CASE WHEN token_hash = $1 THEN token_hash ELSE previous_hash END AS token_hash,
       coalesce(last_used_at < now() - interval '1 minute', true) AS used_anew
FROM officer
WHERE revoked_at IS NULL
  AND (token_hash = $1 AND (expires_at IS NULL OR expires_at > now())
       OR previous_hash = $1 AND previous_until > now());

-- name: used
UPDATE officer SET last_used_at = now() WHERE officer_id = $1;

-- name: officer_by_id
SELECT officer_id, host, role
FROM officer
WHERE officer_id = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now());

-- name: person_by_id
SELECT name, host, role FROM officer WHERE officer_id = $1 AND revoked_at IS NULL;

-- name: operators
SELECT operator_id, name, country, licence_number FROM operator WHERE operator_id = ANY($1);

-- name: log_lookups
INSERT INTO lookup_log (officer_id, host, kind, sought, purpose, verdict)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[]);

-- name: reach
SELECT 1;
