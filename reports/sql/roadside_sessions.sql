-- Sessions of officers' browsers, and the log that auditors read.

-- name: open
INSERT INTO officer_session (session_hash, officer_id, expires_at) VALUES ($1, $2, $3);

-- name: sweep
DELETE FROM officer_session WHERE expires_at < now();

-- name: close
DELETE FROM officer_session WHERE session_hash = $1;

-- name: officer
SELECT officer.officer_id, officer.host, officer.role, officer.name
FROM officer_session JOIN officer USING (officer_id)
WHERE session_hash = $1
  AND officer_session.expires_at > now()
  AND officer.revoked_at IS NULL
  AND (officer.expires_at IS NULL OR officer.expires_at > now());

-- name: log
-- What officers of one host state read, newest first.
SELECT lookup_log.lookup_id, lookup_log.at, lookup_log.kind, lookup_log.sought, lookup_log.purpose,
       lookup_log.verdict, officer.name
FROM lookup_log LEFT JOIN officer USING (officer_id)
WHERE lookup_log.host = $1
  AND ($2::bigint IS NULL OR lookup_id < $2)
  AND ($3::text IS NULL OR lookup_log.sought = $3)
ORDER BY lookup_id DESC
LIMIT $4;
