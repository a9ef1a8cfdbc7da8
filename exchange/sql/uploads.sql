-- Files of exchanges.

-- name: add
INSERT INTO upload (upload_id, exchange_id, party, country, authority, document_type, file_name, size)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: taken
-- How many files an exchange has, and how many bytes they take or will take.
SELECT count(*) AS files, coalesce(sum(size), 0)::bigint AS bytes
FROM upload
WHERE exchange_id = $1 AND state <> 'refused';

-- name: one
SELECT upload_id, exchange_id, party, country, authority, document_type, file_name, size, received, state, media_type,
       digest, created_at, kept_at, sent_in
FROM upload
WHERE upload_id = $1;

-- name: of_exchange
SELECT upload_id, exchange_id, party, country, authority, document_type, file_name, size, received, state, media_type,
       digest, created_at, kept_at, sent_in
FROM upload
WHERE exchange_id = $1
ORDER BY created_at, upload_id;

-- name: assists
SELECT EXISTS (
    SELECT FROM exchange
    WHERE parent_id = $1 AND replying_country = $2 AND sent_at IS NOT NULL AND closed_at IS NULL);

-- name: lock
SELECT received, size, state FROM upload WHERE upload_id = $1 FOR UPDATE;

-- name: add_part
INSERT INTO upload_part (upload_id, start, bytes, path) VALUES ($1, $2, $3, $4);

-- name: advance
UPDATE upload SET received = received + $2 WHERE upload_id = $1;

-- name: parts
SELECT path FROM upload_part WHERE upload_id = $1 ORDER BY start;

-- name: keep
UPDATE upload
SET state = 'kept', media_type = $2, digest = $3, file_name = $4, kept_at = clock_timestamp()
WHERE upload_id = $1;

-- name: refuse
UPDATE upload SET state = 'refused', digest = $2 WHERE upload_id = $1;

-- name: forget_parts
DELETE FROM upload_part WHERE upload_id = $1 RETURNING path;

-- name: remove
DELETE FROM upload WHERE upload_id = $1 AND sent_in IS NULL;

-- name: abandoned
-- Uploads that were never finished or never sent, from before an instant.
SELECT upload_id
FROM upload JOIN exchange USING (exchange_id)
WHERE upload.created_at < $1 AND (upload.state <> 'kept' OR (upload.sent_in IS NULL AND exchange.closed_at IS NOT NULL))
LIMIT 1000;

-- name: of_closed
-- Files of exchanges that were closed before an instant.
SELECT upload_id
FROM upload JOIN exchange USING (exchange_id)
WHERE exchange.closed_at < $1
LIMIT 1000;

-- name: of_drafts
-- Files of drafts that nobody has touched since an instant.
SELECT upload_id
FROM upload JOIN exchange USING (exchange_id)
WHERE exchange.sent_at IS NULL AND exchange.changed_at < $1
LIMIT 1000;

-- name: erase
DELETE FROM upload WHERE upload_id = $1;
