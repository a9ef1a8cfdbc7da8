-- name: newest_version
-- The newest stored version of one declaration of one operator, with its plates.
SELECT version.*, fleet.plates, fleet.weights
FROM declaration_version AS version
     LEFT JOIN fleet USING (operator_id, fleet_id)
WHERE version.declaration_id = $1
  AND version.operator_id = $2
ORDER BY version.version DESC
LIMIT 1;

-- name: stored
-- How many first versions of a submission are stored: its ids are one range.
SELECT count(*) FROM declaration_version WHERE declaration_id BETWEEN $1 AND $2 AND version = 1;

-- name: stored_of_operator
SELECT count(*)
FROM declaration_version
WHERE declaration_id BETWEEN $1 AND $2 AND version = 1 AND operator_id = $3;

-- name: unpublished
-- Rows of frames whose batch the lake does not have yet; such a frame holds one submission or single ones.
SELECT coalesce(sum(CASE WHEN frame.first_id >= $1 AND frame.last_id <= $2 THEN frame.rows ELSE 1 END), 0)
FROM frame JOIN batch USING (batch_id)
WHERE batch.published_at IS NULL
  AND frame.first_id <= $2
  AND frame.last_id >= $1;

-- name: window_end
-- The id at which a window that begins at $1 ends, $2 versions later.
SELECT declaration_id FROM declaration_version WHERE declaration_id >= $1 ORDER BY declaration_id OFFSET $2 LIMIT 1;

-- name: unsettled_batches
SELECT count(*) FROM batch WHERE published_at IS NULL;
